"""Comparison: the same question answered without what was learned, beside the answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import Ask, ErrorInfo
from ui.backend import Backend
from ui.controls import Button, label, row
from ui.streamed_answer import StreamedAnswer
from ui.theme import Theme


class Comparison(QFrame):
    """A panel that asks the bare model and streams what it says."""

    closed = Signal()
    failed = Signal(object)
    grew = Signal()

    def __init__(self, theme: Theme, backend: Backend, message_id: int) -> None:
        super().__init__()
        self.setProperty("role", "quiet-card")
        request = Ask(id="", text="", beside=message_id, without_learning=True, save=False)
        self._said = StreamedAnswer(theme, backend, request)
        self._said.grew.connect(self.grew)
        self._said.failed.connect(self._failed)
        self._foot = label("The untouched model. Not saved.", "caption", wrap=True)
        away = Button(theme, "", "quiet", icon="close", tip="Close this comparison", size=14)
        away.clicked.connect(self.close_panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 10, 10, 16)
        layout.setSpacing(10)
        layout.addLayout(row(label("Without what you taught", "small-strong"), -1, away))
        layout.addWidget(self._said)
        layout.addStretch(1)
        layout.addWidget(self._foot)

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self._said.over

    def stop(self) -> None:
        """Stop the answer."""
        self._said.stop()

    def text(self) -> str:
        """What the untouched model said so far."""
        return self._said.text()

    def close_panel(self) -> None:
        """Stop and go away."""
        self.stop()
        self.closed.emit()

    def _failed(self, error: ErrorInfo) -> None:
        self._foot.setText(f"{error.title}. {error.next_step}")
        if error.code != "stopped":
            self.failed.emit(error)
