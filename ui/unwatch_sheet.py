"""Unwatch sheet: stops watching a folder, and keeps or forgets what was read of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QRadioButton, QWidget

from app.protocol import ErrorInfo, FolderRecord, UnwatchFolder
from ui.controls import Button, clear, column, label, row
from ui.document_words import short_path
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.trouble import Trouble
from ui.words import breakable, count


class UnwatchSheet(Sheet):
    """Emits `done` with a sentence about what stayed or went."""

    done = Signal(str)

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, folder: FolderRecord
    ) -> None:
        super().__init__(theme, window, "Stop watching this folder?", width=500)
        self._session = session
        self._folder = folder
        read = count(folder.read, "document")
        self.keep = QRadioButton(f"Keep what was read: {read}")
        self.forget = QRadioButton(f"Forget what was read: {read}")
        self.keep.setChecked(True)
        self.forget.toggled.connect(self._show)
        self.body.addWidget(label(breakable(short_path(folder.path)), "soft", wrap=True))
        self.body.addSpacing(2)
        for radio, told in (
            (self.keep, "They can be found and asked about as before; changes are not followed."),
            (self.forget, "Their texts, passages, and all that search and notes know are erased."),
        ):
            radio.setAccessibleDescription(told)
            line = row(label(told, "caption", wrap=True), gap=0)
            line.setContentsMargins(30, 0, 0, 0)
            self.body.addWidget(clear(column(radio, line, gap=0)))
        self.body.addWidget(label("The files themselves stay as they are.", "small", wrap=True))
        self.trouble = Trouble(theme)
        self.trouble.again.hide()
        self.body.addWidget(self.trouble)
        self.confirm = Button(theme, "&Stop watching", "primary")
        self.confirm.clicked.connect(self._stop)
        self.strong = Button(theme, "Stop and &forget", "danger")
        self.strong.clicked.connect(self._stop)
        self.strong.hide()
        self.add_buttons(self.confirm, self.strong)

    def _show(self, forget: bool) -> None:
        self.confirm.setVisible(not forget)
        self.strong.setVisible(forget)

    def _stop(self) -> None:
        self._set_able(False)
        self.trouble.show_error(None)
        forget = self.forget.isChecked()
        request = UnwatchFolder(id="", folder_id=self._folder.id, forget=forget)
        self._session.backend.send(request, type(None)).then(self._stopped, self._failed)

    def _set_able(self, able: bool) -> None:
        for widget in (self.confirm, self.strong, self.keep, self.forget):
            widget.setEnabled(able)

    def _stopped(self, _: None) -> None:
        read = count(self._folder.read, "document")
        kept = f"{read} forgotten." if self.forget.isChecked() else f"{read} kept."
        self.close_sheet()
        self.done.emit(f"{short_path(self._folder.path)}: {kept}")

    def _failed(self, error: ErrorInfo) -> None:
        self._set_able(True)
        self.trouble.show_error(error)
