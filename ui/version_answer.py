"""Version answer: what one version says to a question, in a card of its own."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import Ask, ErrorInfo
from ui.backend import Backend
from ui.controls import label
from ui.streamed_answer import StreamedAnswer
from ui.theme import Theme
from ui.version_picker import name_of


class VersionAnswer(QFrame):
    """Asked of the weights alone: no lesson and no document is shown to the model."""

    ended = Signal()

    def __init__(self, theme: Theme, backend: Backend, question: str, version: int) -> None:
        super().__init__()
        self.setProperty("role", "learn-card" if version else "quiet-card")
        self.setAccessibleName(f"Answer of {name_of(version)}")
        request = Ask(
            id="",
            text=question,
            version=version,
            save=False,
            no_context_lessons=True,
            documents="none",
        )
        self._said = StreamedAnswer(theme, backend, request)
        self._said.failed.connect(self._failed)
        self._said.ended.connect(self.ended)
        self._foot = label("", "bad", wrap=True)
        self._foot.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        for part in (label(name_of(version), "small-strong"), self._said, self._foot):
            layout.addWidget(part)
        layout.addStretch(1)

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self._said.over

    def stop(self) -> None:
        """Stop the answer."""
        self._said.stop()

    def text(self) -> str:
        """What was said so far."""
        return self._said.text()

    def trouble(self) -> str:
        """Why there is no answer, "" when there is."""
        return self._foot.text()

    def _failed(self, error: ErrorInfo) -> None:
        self._foot.setText(f"{error.title}. {error.message} {error.next_step}")
        self._foot.setVisible(error.code != "stopped")
