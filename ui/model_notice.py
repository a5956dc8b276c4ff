"""Model notice: says above the input that the model loads or cannot be used, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.protocol import Status
from ui.controls import Button, Picture, clear, column, label, row, set_role
from ui.theme import Theme
from ui.thinking import Dots


class ModelNotice(QFrame):
    """Hidden while the model is ready."""

    model_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "quiet-card")
        self._picture = Picture(theme, "alert", "bad", 18)
        self._dots = Dots(theme)
        self._title = label("", "small-strong")
        self._text = label("", "small", wrap=True)
        self._choose = Button(theme, "Choose a &model")
        self._choose.clicked.connect(self.model_wanted)
        words = clear(column(self._title, self._text, gap=2))
        line = row(self._picture, self._dots, words, self._choose, gap=12)
        line.setStretch(2, 1)
        line.setContentsMargins(16, 10, 12, 10)
        self.setLayout(line)
        self.hide()

    def show_status(self, status: Status) -> None:
        """Say what stands in the way of an answer."""
        loading = status.model_state == "loading"
        wrong = status.model_state in ("missing", "broken")
        self.setVisible(status.key == "open" and (loading or wrong))
        self._dots.setVisible(loading)
        self._picture.setVisible(wrong)
        self._choose.setVisible(wrong)
        set_role(self, "bad-card" if wrong else "quiet-card")
        if loading:
            self._title.setText("Loading the model")
            self._text.setText(f"{status.model} is being read. You can type already.")
        elif wrong:
            problem = status.problem
            self._title.setText(problem.title if problem else "The model cannot be used")
            told = f"{problem.message} {problem.next_step}" if problem else "Choose another model."
            self._text.setText(told)
