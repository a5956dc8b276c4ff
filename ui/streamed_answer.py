"""Streamed answer: what the model says to a question asked by the way; nothing of it is kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import Answer, Ask, ErrorInfo
from ui.backend import Backend
from ui.markdown_view import MarkdownView
from ui.theme import Theme
from ui.thinking import Thinking


class StreamedAnswer(QWidget):
    """Asks at once. Emits `failed` (ErrorInfo, a stop too) before `ended`, which always comes."""

    ended = Signal()
    failed = Signal(object)
    grew = Signal()

    def __init__(self, theme: Theme, backend: Backend, request: Ask) -> None:
        super().__init__()
        self._backend = backend
        self.over = False
        self._view = MarkdownView(theme)
        self._view.grew.connect(self.grew)
        self._thinking = Thinking(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._thinking)
        layout.addWidget(self._view)
        self._call = backend.send(request, Answer).then(self._done, self._failed)
        self._call.token.connect(self._token)
        self._call.reading.connect(self._thinking.show_reading)
        self._call.part.connect(self._thinking.show_part)

    def stop(self) -> None:
        """Stop the answer."""
        if not self.over:
            self._backend.stop(self._call)

    def text(self) -> str:
        """What was said so far."""
        return self._view.text()

    def _token(self, text: str) -> None:
        self._thinking.hide()
        self._view.append(text)

    def _done(self, answer: Answer) -> None:
        self._end()
        if not self._view.text():
            self._view.set_text(answer.text or "(It said nothing.)")
        self.ended.emit()

    def _failed(self, error: ErrorInfo) -> None:
        self._end()
        self.failed.emit(error)
        self.ended.emit()

    def _end(self) -> None:
        self.over = True
        self._thinking.hide()
        self._view.finish()
