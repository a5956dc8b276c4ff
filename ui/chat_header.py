"""Chat header: the conversation's title, with Rename and Delete tucked away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu

from ui.controls import Button, label
from ui.session import Session
from ui.theme import Theme


class ChatHeader(QFrame):
    """A quiet bar; its menu acts on the conversation in sight."""

    rename_wanted = Signal(int)
    delete_wanted = Signal(int)

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._session = session
        self._conversation: int | None = None
        self.setProperty("role", "edge")
        self.setFixedHeight(52)
        self._title = label("New chat", "strong")
        self._title.setMinimumWidth(1)
        self._more = Button(theme, "", "quiet", icon="more", tip="Rename or delete", size=18)
        menu = QMenu(self._more)
        self.rename = menu.addAction("&Rename…")
        self.rename.triggered.connect(lambda: self._emit(self.rename_wanted))
        self.delete = menu.addAction("&Delete…")
        self.delete.triggered.connect(lambda: self._emit(self.delete_wanted))
        self._more.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 0, 16, 0)
        layout.addWidget(self._title, 1)
        layout.addWidget(self._more)
        session.conversations_changed.connect(self._show)
        self._show()

    def show_conversation(self, conversation: int | None) -> None:
        """Name another conversation."""
        self._conversation = conversation
        self._show()

    def _show(self) -> None:
        found = [c for c in self._session.conversations if c.id == self._conversation]
        title = found[0].title if found else "New chat"
        self._more.setVisible(self._conversation is not None)
        room = self.width() - 24 - 16 - 60
        metrics = self._title.fontMetrics()
        line = " ".join(title.split())
        self._title.setText(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def _emit(self, signal: SignalInstance) -> None:
        if self._conversation is not None:
            signal.emit(self._conversation)
