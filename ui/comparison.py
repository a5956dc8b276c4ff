"""Comparison: the same question answered without what was learned, beside the answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import Answer, Ask, ErrorInfo
from ui.backend import Backend
from ui.controls import Button, label, row
from ui.markdown_view import MarkdownView
from ui.theme import Theme
from ui.thinking import Thinking


class Comparison(QFrame):
    """A panel that asks the bare model and streams what it says; nothing of it is kept."""

    closed = Signal()
    failed = Signal(object)
    grew = Signal()

    def __init__(self, theme: Theme, backend: Backend, message_id: int) -> None:
        super().__init__()
        self._backend = backend
        self.over = False
        self.setProperty("role", "quiet-card")
        self._view = MarkdownView(theme)
        self._view.grew.connect(self.grew)
        self._thinking = Thinking(theme)
        self._foot = label("The untouched model. Not saved.", "caption", wrap=True)
        away = Button(theme, "", "quiet", icon="close", tip="Close this comparison", size=14)
        away.clicked.connect(self.close_panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 10, 10, 16)
        layout.setSpacing(10)
        layout.addLayout(row(label("Without what you taught", "small-strong"), -1, away))
        layout.addWidget(self._thinking)
        layout.addWidget(self._view)
        layout.addStretch(1)
        layout.addWidget(self._foot)
        request = Ask(id="", text="", beside=message_id, without_learning=True, save=False)
        self._call = backend.send(request, Answer).then(self._done, self._failed)
        self._call.token.connect(self._token)
        self._call.reading.connect(self._thinking.show_reading)
        self._call.part.connect(self._thinking.show_part)

    def stop(self) -> None:
        """Stop the answer."""
        if not self.over:
            self._backend.stop(self._call)

    def text(self) -> str:
        """What the untouched model said so far."""
        return self._view.text()

    def close_panel(self) -> None:
        """Stop and go away."""
        self.stop()
        self.closed.emit()

    def _token(self, text: str) -> None:
        self._thinking.hide()
        self._view.append(text)

    def _done(self, answer: Answer) -> None:
        self.over = True
        self._thinking.hide()
        self._view.finish()
        if not self._view.text():
            self._view.set_text(answer.text)

    def _failed(self, error: ErrorInfo) -> None:
        self.over = True
        self._thinking.hide()
        self._view.finish()
        self._foot.setText(f"{error.title}. {error.next_step}")
        if error.code != "stopped":
            self.failed.emit(error)
