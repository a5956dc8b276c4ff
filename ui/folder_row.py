"""Folder row: one watched folder, how far it is and what failed, with pause and stop."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout

from app.protocol import DocumentRecord, FolderRecord
from ui.controls import Button, Picture, clear, column, empty, label, row, set_role
from ui.document_words import FOLDER_STATES, reason_of, short_path, told_of
from ui.elided import Elided
from ui.flow import Flow
from ui.theme import Theme
from ui.words import breakable

MOST = 8
"""Failed files named here; the list of documents has them all."""


class FolderRow(QFrame):
    """Emits `pause_wanted` (id, whether to pause), and `stop_wanted` and `ask_wanted` (id)."""

    pause_wanted = Signal(int, bool)
    stop_wanted = Signal(int)
    ask_wanted = Signal(int)

    def __init__(self, theme: Theme, folder: FolderRecord) -> None:
        super().__init__()
        self._theme = theme
        self.folder = folder
        self._failed: list[DocumentRecord] = []
        self.setProperty("role", "card")
        self._path = Elided("", "small-strong", middle=True)
        self._chip = label("")
        self._told = label("", "caption")
        self.failed = Button(theme, "", "link-small", tip="Show what could not be read, and why")
        self.failed.setCheckable(True)
        self.failed.toggled.connect(self._show_failed)
        self._reason = label("", "caption", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self.ask = Button(theme, "", "quiet", icon="chat", tip="Ask about this folder", size=16)
        self.pause = Button(theme, "", "quiet", icon="pause", size=16)
        self.stop = Button(theme, "", "quiet", icon="close", tip="Stop watching…", size=16)
        self.ask.clicked.connect(lambda: self.ask_wanted.emit(self.folder.id))
        self.pause.clicked.connect(
            lambda: self.pause_wanted.emit(self.folder.id, self.folder.state != "paused")
        )
        self.stop.clicked.connect(lambda: self.stop_wanted.emit(self.folder.id))
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 4, 0, 0)
        self._list.setSpacing(6)
        self._holder = clear(self._list)
        self._holder.hide()
        self._lay_out()
        self.show_folder(folder, ())

    def _lay_out(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        state = Flow(8)
        for part in (self._chip, self._told, self.failed):
            state.addWidget(part)
        head = row(gap=0)
        head.addWidget(self._path, 1)
        for button in (self.ask, self.pause, self.stop):
            head.addWidget(button)
        below = column(state, self._reason, self._bar, self._holder, gap=6)
        below.setContentsMargins(0, 0, 8, 0)
        picture = Picture(self._theme, "folder", "text_faint", 18)
        line = row(gap=12)
        line.addLayout(column(4, picture, -1, gap=0), 0)
        line.addLayout(column(head, below, gap=1), 1)
        line.setAlignment(picture, top)
        line.setContentsMargins(14, 6, 6, 11)
        self.setLayout(line)

    def show_folder(self, folder: FolderRecord, failed: Sequence[DocumentRecord]) -> None:
        """Show the folder as it is now, with its documents that could not be read."""
        self.folder = folder
        path = short_path(folder.path)
        word, role = FOLDER_STATES[folder.state]
        self._path.setText(path)
        self._path.setToolTip(folder.path)
        self._chip.setText(word)
        set_role(self._chip, role)
        self._told.setText(told_of(folder))
        self.failed.setText(f"{folder.failed:,} failed")
        self.failed.setVisible(folder.failed > 0)
        self._reason.setText(breakable(reason_of(folder)))
        self._reason.setVisible(bool(self._reason.text()))
        self._bar.setVisible(folder.left > 0 and folder.state != "missing")
        self._bar.setRange(0, max(1, folder.found))
        self._bar.setValue(folder.found - folder.left)
        paused = folder.state == "paused"
        self.pause.set_icon("play" if paused else "pause")
        self.pause.setToolTip("Go on watching" if paused else "Pause")
        self.pause.setEnabled(folder.state != "missing")
        self.pause.setAccessibleName(f"{'Go on watching' if paused else 'Pause'}: {path}")
        self.stop.setAccessibleName(f"Stop watching: {path}")
        self.ask.setAccessibleName(f"Ask about: {path}")
        self._bar.setAccessibleName(f"Read of {path}")
        self.setAccessibleName(f"{path}. {word}. {told_of(folder)}, {folder.failed:,} failed")
        if list(failed) != self._failed:
            self._failed = list(failed)
            self._fill()
        if not folder.failed:
            self.failed.setChecked(False)

    def _show_failed(self, on: bool) -> None:
        self._holder.setVisible(on)

    def _fill(self) -> None:
        empty(self._list)
        for document in self._failed[:MOST]:
            name = Elided(" ".join(document.title.split()), "caption-strong")
            name.setToolTip(document.path)
            told = label(breakable(document.reason), "caption", wrap=True)
            self._list.addLayout(column(name, told, gap=1))
        rest = max(self.folder.failed, len(self._failed)) - MOST
        if rest > 0:
            self._list.addWidget(label(f"And {rest:,} more, in the list below.", "caption"))
