"""Result row: one lesson's examination: passes before and after, the decision, one answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import LessonResult
from ui.beside import Beside, panel
from ui.controls import Button, clear, column, label, row
from ui.flowing_text import FlowingText
from ui.kind_switch import kind_name
from ui.passes import Passes
from ui.theme import Theme

DECISIONS = {"learned": ("Learned", "chip-learned"), "in_context": ("In context", "chip-context")}


class ResultRow(QWidget):
    """The two answers are drawn when they are wanted."""

    def __init__(self, theme: Theme, result: LessonResult) -> None:
        super().__init__()
        self._theme = theme
        self._result = result
        word, role = DECISIONS[result.decision]
        head = row(gap=10)
        head.addWidget(label(result.title, "small-strong", wrap=True), 1)
        head.addWidget(label(word, role), 0, Qt.AlignmentFlag.AlignTop)
        self._layout: QVBoxLayout = column(head, gap=6)
        self.compare = Button(theme, "Compare", "quiet", icon="compare", size=14)
        self.compare.clicked.connect(self.toggle)
        self.compare.setToolTip("One answer, before and after")
        self.compare.setAccessibleName(f"Compare an answer before and after: {result.title}")
        figures = row(-1, gap=8)
        if result.asked:
            figures.insertWidget(0, Passes(theme, result.asked, result.before, result.after))
        if result.question:
            figures.addWidget(self.compare)
        self._layout.addLayout(figures)
        if result.reason:
            self._layout.addWidget(label(result.reason, "caption", wrap=True))
        self.setLayout(self._layout)
        self.answers: QWidget | None = None
        passes = f"before {result.before}, after {result.after} of {result.asked}"
        self.setAccessibleName(
            f"{result.title}. {kind_name(result.kind)}. {word}: {passes}. {result.reason}"
        )

    def toggle(self) -> None:
        """Show or hide the answers to one unseen question."""
        if self.answers is None:
            self.answers = self._make_answers()
            self._layout.addWidget(self.answers)
            self.answers.show()
        else:
            self.answers.setVisible(self.answers.isHidden())
        hidden = self.answers.isHidden()
        self.compare.setText("Compare" if hidden else "Hide")

    def _make_answers(self) -> QWidget:
        result = self._result
        before = panel("Before", self._view(result.before_answer), "quiet-card")
        after = panel("After", self._view(result.after_answer), "learn-card")
        asked = label(f"“{result.question}”", "small", wrap=True, select=True)
        told = label("A question that was not practised:", "caption")
        inner = column(told, asked, Beside(before, after), gap=6)
        inner.setContentsMargins(0, 4, 0, 6)
        return clear(inner)

    def _view(self, text: str) -> QWidget:
        if not text.strip():
            return label("(It said nothing.)", "small")
        # As plain text: line breaks are often what was taught, and Markdown would join the lines.
        return FlowingText(self._theme, text.strip())
