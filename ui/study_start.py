"""Study start: what waits to be studied, how long it may take, and Study now."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import LessonRecord
from ui.controls import Button, Picture, column, empty, label, row, rule
from ui.lesson_words import title_of, to_study
from ui.segments import Segments
from ui.theme import Theme
from ui.words import count

BUDGETS = (
    ("10 min", 10.0, "Stops practising after ten minutes"),
    ("30 min", 30.0, "Stops practising after half an hour"),
    ("2 h", 120.0, "Stops practising after two hours"),
)
USUAL = 1
SHOWN = 4


class StudyStart(QFrame):
    """Emits `start_wanted` with the minutes the session may take."""

    start_wanted = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "card")
        self._title = label("", "title", wrap=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self._told = label("", "small", wrap=True)
        options = [(words, tip) for words, _, tip in BUDGETS]
        self.budget = Segments(theme, "At most", options)
        self.budget.take(USUAL)
        self.go = Button(theme, "&Study now", "primary")
        self.go.clicked.connect(self._start)
        foot = row(label("At most", "small"), self.budget, -1, self.go, gap=10)
        layout = column(self._title, self._lines, self._told, 2, rule(), 2, foot, gap=10)
        layout.setContentsMargins(22, 20, 22, 16)
        self.setLayout(layout)

    def show_lessons(self, lessons: list[LessonRecord], *, able: bool, elsewhere: bool) -> None:
        """What would be studied; `elsewhere` is a session this window did not start."""
        fit = to_study(lessons)
        new = [x for x in fit if x.state == "new"]
        facts = sum(x.kind == "fact" and x.state != "superseded" for x in lessons)
        self._title.setText(self._headline(len(fit), len(new)))
        empty(self._lines)
        for lesson in new[:SHOWN]:
            line = row(gap=10)
            dot = Picture(self._theme, "dot", "learn", 14)
            line.addWidget(dot, 0, Qt.AlignmentFlag.AlignVCenter)
            line.addWidget(label(title_of(lesson), "small", wrap=True), 1)
            self._lines.addLayout(line)
        self._told.setText(" ".join(self._sentences(len(fit), len(new), facts)))
        self._told.setVisible(bool(self._told.text()))
        if elsewhere:
            self._told.setText("A session is running already. Its report will appear here.")
            self._told.show()
        self.go.setEnabled(able and bool(fit) and not elsewhere)
        self.budget.setEnabled(bool(fit))

    def _headline(self, fit: int, new: int) -> str:
        if not fit:
            return "There is nothing to study yet"
        if not new:
            return "Nothing new waits"
        return f"{count(new, 'lesson')} {'waits' if new == 1 else 'wait'} to be studied"

    def _sentences(self, fit: int, new: int, facts: int) -> list[str]:
        told = []
        if new > SHOWN:
            told.append(f"And {count(new - SHOWN, 'more', 'more')}.")
        if not fit:
            told.append("Correct an answer in the chat first: each correction becomes a lesson.")
        elif not new:
            told.append(
                f"{count(fit, 'lesson')} can be studied again, which gives the same result."
            )
        elif fit > new:
            others = count(fit - new, "earlier lesson")
            told.append(
                f"{others} {'is' if fit - new == 1 else 'are'} studied along, so that none is lost."
            )
        if facts:
            told.append("Facts are not studied: they stay in memory, where they can change.")
        return told

    def _start(self) -> None:
        self.start_wanted.emit(BUDGETS[self.budget.taken()][1])
