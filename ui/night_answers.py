"""Night answers: before and after side by side, on the person's own example and on a new one."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import LessonResult
from ui.beside import Beside, panel
from ui.controls import clear, column, label, row
from ui.flowing_text import FlowingText
from ui.segments import Segments
from ui.theme import Theme
from ui.words import shortened

OPTIONS = (
    ("A new request", "One that was not practised"),
    ("Your own example", "The request that you corrected"),
)
NEW, OWN = 0, 1
QUESTION = 200


class NightAnswers(QWidget):
    """Both pairs of answers are there from the start; one of them is shown."""

    def __init__(self, theme: Theme, result: LessonResult, own_question: str) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "clear")
        self.choice = Segments(theme, "Compare on", OPTIONS)
        self.pairs = (
            self._pair(result.question, result.before_answer, result.after_answer),
            self._pair(own_question, result.own_before, result.own_after),
        )
        has_own = bool(result.own_after.strip())
        self.choice.setVisible(has_own and bool(result.question))
        self.choice.chosen.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row(self.choice, -1))
        for pair in self.pairs:
            layout.addWidget(pair)
        self._show(NEW if result.question else OWN)

    def _show(self, number: int) -> None:
        for at, pair in enumerate(self.pairs):
            pair.setVisible(at == number)

    def _pair(self, question: str, before: str, after: str) -> QWidget:
        both = Beside(
            panel("Before", self._view(before), "quiet-card"),
            panel("Now", self._view(after), "learn-card"),
        )
        asked = label(f"“{shortened(question, QUESTION)}”", "small", wrap=True, select=True)
        return clear(column(asked, both, gap=6))

    def _view(self, text: str) -> QWidget:
        if not text.strip():
            return label("(It said nothing.)", "small")
        return FlowingText(self._theme, text.strip())


def shows(result: LessonResult) -> bool:
    """Whether there is a pair of answers to show."""
    return bool(result.question or result.own_after.strip())
