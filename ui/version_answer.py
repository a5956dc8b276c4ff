"""Version answer: what one version says to a question, streamed; nothing of it is kept."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import Answer, Ask, ErrorInfo
from ui.backend import Backend
from ui.controls import label
from ui.markdown_view import MarkdownView
from ui.theme import Theme
from ui.thinking import Thinking
from ui.version_picker import name_of


class VersionAnswer(QFrame):
    """Asked of the weights alone: no lesson and no document is shown to the model."""

    ended = Signal()

    def __init__(self, theme: Theme, backend: Backend, question: str, version: int) -> None:
        super().__init__()
        self._backend = backend
        self.over = False
        self.setProperty("role", "learn-card" if version else "quiet-card")
        self.setAccessibleName(f"Answer of {name_of(version)}")
        self._view = MarkdownView(theme)
        self._thinking = Thinking(theme)
        self._foot = label("", "bad", wrap=True)
        self._foot.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        for part in (label(name_of(version), "small-strong"), self._thinking, self._view):
            layout.addWidget(part)
        layout.addWidget(self._foot)
        layout.addStretch(1)
        request = Ask(
            id="",
            text=question,
            version=version,
            save=False,
            no_context_lessons=True,
            documents="none",
        )
        self._call = backend.send(request, Answer).then(self._done, self._failed)
        self._call.token.connect(self._token)
        self._call.reading.connect(self._thinking.show_reading)

    def stop(self) -> None:
        """Stop the answer."""
        if not self.over:
            self._backend.stop(self._call)

    def text(self) -> str:
        """What was said so far."""
        return self._view.text()

    def trouble(self) -> str:
        """Why there is no answer, "" when there is."""
        return self._foot.text()

    def _token(self, text: str) -> None:
        self._thinking.hide()
        self._view.append(text)

    def _done(self, answer: Answer) -> None:
        self._end()
        if not self._view.text():
            self._view.set_text(answer.text or "(It said nothing.)")

    def _failed(self, error: ErrorInfo) -> None:
        self._end()
        self._foot.setText(f"{error.title}. {error.message} {error.next_step}")
        self._foot.setVisible(error.code != "stopped")

    def _end(self) -> None:
        self.over = True
        self._thinking.hide()
        self._view.finish()
        self.ended.emit()
