"""Stored card: the home's parts with what they are, their size, and whether they are encrypted."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import Storage, StoredPart
from ui.controls import Button, Picture, column, empty, label, row, rule
from ui.document_words import short_path
from ui.theme import Theme
from ui.words import breakable, file_size

OUTSIDE = (
    "Nothing of yours is kept outside this folder. Outside it there is only what is listed above "
    "for your file manager."
)


class StoredCard(QFrame):
    """Hidden until it is known what is there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._home = ""
        self.setProperty("role", "card")
        self._where = label("", "small-strong", wrap=True, select=True)
        self.folder = Button(theme, "Open folder", icon="folder")
        self.folder.clicked.connect(self._open_folder)
        top = Qt.AlignmentFlag.AlignTop
        head = row(gap=14)
        head.addWidget(Picture(theme, "lock", "text_faint", 20), 0, top)
        self._whole = label("", "caption", wrap=True)
        head.addLayout(column(self._where, self._whole, gap=2), 1)
        head.addWidget(self.folder, 0, top)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        layout = column(head, self._list, label(OUTSIDE, "caption", wrap=True), gap=12)
        layout.setContentsMargins(18, 14, 14, 14)
        self.setLayout(layout)
        self.hide()

    def show_storage(self, stored: Storage) -> None:
        """Show every part that has files."""
        self._home = stored.home
        self._where.setText(breakable(short_path(stored.home)))
        whole = file_size(sum(part.size for part in stored.parts))
        self._whole.setText(f"{whole} in all; {file_size(stored.free)} are free on this disk.")
        empty(self._list)
        for part in stored.parts:
            self._list.addWidget(rule())
            self._list.addLayout(_line(part))
        self._list.addWidget(rule())
        self.show()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._home))


def _line(part: StoredPart) -> QVBoxLayout:
    chip = label("Encrypted", "chip-learned") if part.encrypted else label("Not encrypted", "chip")
    head = row(label(part.title, "small-strong"), chip, -1, label(file_size(part.size), "small"))
    names = label(breakable(", ".join(part.names)), "caption", wrap=True)
    made = column(head, label(part.told, "small", wrap=True), names, gap=3)
    made.setContentsMargins(0, 10, 0, 10)
    return made
