"""Answer actions: the quiet row under a reply: Correct, Copy, Regenerate, rate, compare, more."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.controls import Button
from ui.theme import Theme


class AnswerActions(QWidget):
    """Keeps its room when it is not seen, so that nothing moves under the pointer."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.correct = Button(
            theme,
            "Correct…",
            "quiet-learn",
            icon="pencil",
            colour="learn_text",
            tip="Show how it should have been (Ctrl+E)",
            size=15,
        )
        self.copy = self._quiet(theme, "copy", "Copy this answer")
        self.regenerate = self._quiet(theme, "redo", "Answer again (Ctrl+R)")
        self.unhelpful = self._quiet(theme, "unhelpful", "Not helpful")
        self.unhelpful.setCheckable(True)
        self.unhelpful.toggled.connect(
            lambda on: self.unhelpful.set_icon("unhelpful", "accent" if on else "text_faint")
        )
        self.compare = self._quiet(theme, "compare", "Answer without what you learned")
        self.behind = self._quiet(theme, "info", "What stood behind this answer")
        self.behind.setCheckable(True)
        self._buttons = (
            self.correct,
            self.copy,
            self.regenerate,
            self.unhelpful,
            self.compare,
            self.behind,
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for button in self._buttons:
            layout.addWidget(button)
        layout.addStretch(1)
        self.setFixedHeight(30)
        self.hide()

    def _quiet(self, theme: Theme, icon: str, tip: str) -> Button:
        return Button(theme, "", "quiet", icon=icon, colour="text_faint", tip=tip, size=16)

    def show_if(self, ready: bool, *, seen: bool) -> None:
        """Offer the actions when the reply is ready; show them when they are looked for."""
        self.setVisible(ready)
        seen = seen or self.behind.isChecked()
        for button in self._buttons:
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
            button.setVisible(seen or button.isChecked())

    def say_copied(self) -> None:
        """Show for a moment that it worked."""
        self.copy.set_icon("check", "good")
        QTimer.singleShot(1200, self.copy, lambda: self.copy.set_icon("copy", "text_faint"))
