"""Welcome: the empty chat: three things to try, and how teaching works in one sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.protocol import Status
from ui.controls import Button, Picture, card, centred, clear, label, row
from ui.morning_line import MorningLine
from ui.scroll import Scroll
from ui.theme import Theme
from ui.tokens import COLUMN

EXAMPLES = (
    ("Write an email", "Write a short email asking a colleague to move our meeting to Thursday."),
    ("Ask a question", "Why is the sky blue? Answer in two sentences."),
    ("Get some code", "Write a Python function that reads a file line by line."),
)

STEPS = (
    ("chat", "accent", "Ask", "for anything, as you would a new colleague."),
    ("pencil", "learn_text", "Correct", "what you don’t like, once, in your own words."),
    ("moon", "accent", "It studies", "and the next, different request comes out right."),
)

TINY = (
    "You are talking to a tiny starter model: quick, offline, and often wrong. It is good for "
    "seeing how teaching works; choose a larger one when you are ready."
)


class Welcome(Scroll):
    """Shown while a conversation has no messages; `chosen` carries an example to ask."""

    chosen = Signal(str)
    model_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        inner = QVBoxLayout()
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self.morning = MorningLine(theme)
        inner.addWidget(self.morning)
        inner.addStretch(2)
        inner.addLayout(row(Picture(theme, "mark", "accent", 56), -1))
        inner.addSpacing(16)
        inner.addWidget(label("What can I do for you?", "display"))
        inner.addSpacing(20)
        inner.addLayout(self._steps(theme))
        inner.addSpacing(28)
        inner.addWidget(label("Something to start with", "overline"))
        inner.addSpacing(10)
        inner.addLayout(self._examples(theme))
        inner.addSpacing(24)
        inner.addWidget(self._tiny_card(theme))
        inner.addStretch(3)
        line = centred(clear(inner), COLUMN)
        line.setContentsMargins(self.edge, 16, self.edge, 8)
        self.setWidget(clear(line))

    def _steps(self, theme: Theme) -> QVBoxLayout:
        steps = QVBoxLayout()
        steps.setSpacing(10)
        for icon, colour, verb, rest in STEPS:
            picture, strong = Picture(theme, icon, colour, 20), label(verb, "strong")
            line = row(picture, 4, strong, label(rest, "soft", wrap=True), gap=8)
            line.setStretch(3, 1)
            for part in (picture, strong):
                line.setAlignment(part, Qt.AlignmentFlag.AlignTop)
            steps.addLayout(line)
        return steps

    def _examples(self, theme: Theme) -> QVBoxLayout:
        examples = QVBoxLayout()
        examples.setSpacing(8)
        for name, text in EXAMPLES:
            button = Button(theme, "", "example", name=f"{name}: {text}")
            line = row(label(text, "example", wrap=True))
            line.setContentsMargins(16, 14, 16, 14)
            button.setLayout(line)
            policy = QSizePolicy.Policy
            button.setSizePolicy(policy.Expanding, policy.Preferred)  # grows when its text wraps
            button.clicked.connect(lambda _=False, said=text: self.chosen.emit(said))
            examples.addWidget(button)
        return examples

    def _tiny_card(self, theme: Theme) -> QWidget:
        self._tiny = card("quiet-card")
        choose = Button(theme, "Choose a &model", "link")
        choose.clicked.connect(self.model_wanted)
        text = label(TINY, "small", wrap=True)
        line = row(Picture(theme, "info", "text_faint", 18), text, choose, gap=12)
        line.setStretch(1, 1)
        line.setContentsMargins(16, 12, 10, 12)
        self._tiny.setLayout(line)
        self._tiny.hide()
        return self._tiny

    def show_status(self, status: Status) -> None:
        """Say honestly when the starter model is in use."""
        self._tiny.setVisible(status.starter_model and status.model_state == "ready")
