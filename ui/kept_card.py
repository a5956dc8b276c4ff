"""Kept card: how many of the last versions are kept, and what that means."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QFrame, QSpinBox

from app.protocol import ErrorInfo, KeepVersions, Status
from ui.controls import Picture, clear, column, label, row
from ui.session import Session
from ui.theme import Theme
from ui.words import count

TOLD = (
    "Besides them stay: the version in use, the one before it, those you pinned, and the newest "
    "for another model. The others are destroyed after the next study; your lessons stay."
)


class KeptCard(QFrame):
    """The number is kept as soon as it is set."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("role", "quiet-card")
        self.last = QSpinBox()
        self.last.setRange(0, 100)
        self.last.setAccessibleName("How many of the last versions are kept")
        self.last.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.last.setMinimumWidth(76)
        self.last.editingFinished.connect(self._change)
        self._going = label("", "caption", wrap=True)
        asked = row(label("Last versions kept", "small-strong"), self.last, -1, gap=10)
        words = column(asked, label(TOLD, "small", wrap=True), self._going, gap=4)
        line = row(Picture(theme, "learned", "text_soft", 22), clear(words), gap=14)
        line.setStretch(1, 1)
        line.setContentsMargins(18, 14, 14, 14)
        self.setLayout(line)

    def refresh(self) -> None:
        """Show what is set, and how many versions go after the next study."""
        status = self._session.status
        if status is not None and not self.last.hasFocus():
            blocked = QSignalBlocker(self.last)
            self.last.setValue(status.versions_kept)
            del blocked
        going = sum(not one.kept for one in self._session.adapters)
        goes = "goes" if going == 1 else "go"
        self._going.setText(f"{count(going, 'version')} {goes} after the next study.")
        self._going.setVisible(going > 0)

    def _change(self) -> None:
        status = self._session.status
        if status is not None and self.last.value() != status.versions_kept:
            request = KeepVersions(id="", last=self.last.value())
            call = self._session.backend.send(request, Status)
            call.then(self._session.take_status, self._failed)

    def _failed(self, error: ErrorInfo) -> None:
        self._session.failed(error)
        self._session.refresh_status()
