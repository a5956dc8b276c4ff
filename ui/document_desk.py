"""Document desk: everything that can be done with a document, from wherever in the window."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from app.protocol import ErrorInfo, FolderRecord, PauseFolder, ReadAgain, WatchFolder
from ui.clipboard import paths_in
from ui.document_check_sheet import DocumentCheckSheet
from ui.document_view import DocumentView
from ui.document_words import short_path
from ui.forget_document_sheet import ForgetDocumentSheet
from ui.place import Place
from ui.read_through_sheet import ReadThroughSheet
from ui.scope import Limit
from ui.session import Session
from ui.sheet import Sheet
from ui.teaching import Teaching
from ui.theme import Theme
from ui.unwatch_sheet import UnwatchSheet

NOTHING_COPIED = ErrorInfo(
    code="nothing_copied",
    title="There is nothing to paste",
    message="Neither a text nor a file was copied.",
    next_step="Copy one, then paste again.",
)


class DocumentDesk(QObject):
    """Opens sheets over `window`; `ask_wanted` carries a `Limit` and what was selected.

    `through_wanted` carries the `Limit` of a document to be read through, and the question.
    """

    sheet_wanted = Signal(object)
    ask_wanted = Signal(object, str)
    through_wanted = Signal(object, str)
    note = Signal(str, str)
    checkable = Signal(str, str, object)

    def __init__(self, theme: Theme, window: QWidget, session: Session, teaching: Teaching) -> None:
        super().__init__(window)
        self._theme = theme
        self._window = window
        self._session = session
        self.teaching = teaching

    # ------------------------------------------------------------------ documents

    def act(self, name: str, document_id: int) -> None:
        """Do what was chosen in a document's menu (see `ui.document_menu`)."""
        if name == "open":
            self.open(Place(document_id))
        elif name == "ask":
            self.ask(document_id)
        elif name == "through":
            self.read_through(document_id)
        elif name == "again":
            self._read_again(document_id)
        elif name == "folder":
            self._show_in_folder(document_id)
        elif name == "forget":
            self._forget(document_id)
        elif name == "check" and (document := self._session.document(document_id)) is not None:
            self.check(document.path)

    def open(self, place: Place) -> None:
        """Show a document's text at a place."""
        view = DocumentView(self._theme, self._window, self._session, place)
        view.ask_wanted.connect(self.ask)
        view.through_wanted.connect(self.read_through)
        view.other_wanted.connect(self.open)
        view.teach_wanted.connect(self.teaching.teach_text)
        self._show(view, view.text)

    def ask(self, document_id: int, selected: str = "") -> None:
        """Begin a question about a document."""
        if (document := self._session.document(document_id)) is not None:
            self.ask_wanted.emit(Limit("document", document.id, document.title), selected)

    def read_through(self, document_id: int) -> None:
        """Ask what should be answered by reading every part of a document."""
        if (document := self._session.document(document_id)) is not None:
            sheet = ReadThroughSheet(self._theme, self._window, self._session, document)
            limit = Limit("document", document.id, document.title)
            sheet.asked.connect(lambda text: self.through_wanted.emit(limit, text))
            self._show(sheet, sheet.field)

    def _read_again(self, document_id: int) -> None:
        request = ReadAgain(id="", document_id=document_id)
        call = self._session.backend.send(request, type(None))
        call.then(lambda _: None, self._session.failed)

    def _show_in_folder(self, document_id: int) -> None:
        document = self._session.document(document_id)
        if document is not None and document.path:
            folder = Path(document.path).parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _forget(self, document_id: int) -> None:
        if (document := self._session.document(document_id)) is not None:
            sheet = ForgetDocumentSheet(self._theme, self._window, self._session, document)
            sheet.forgotten.connect(partial(self._forgotten, document.path))
            self._show(sheet, sheet.confirm)

    def _forgotten(self, path: str, told: str) -> None:
        """Whether anything is left can be checked with the words of its file, if that is there."""
        if path and Path(path).is_file():
            self.checkable.emit("Forgotten", told, partial(self.check, path))
        else:
            self.note.emit("Forgotten", told)

    def check(self, path: str) -> None:
        """Look whether anything of a file is left."""
        sheet = DocumentCheckSheet(self._theme, self._window, self._session, path)
        self._show(sheet, sheet)

    def check_file(self) -> None:
        """Choose a file, of a document that was forgotten, and look for it."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Check that nothing is left of a file")
        if path:
            self.check(path)

    def _show(self, sheet: Sheet, focus: QWidget) -> None:
        self.sheet_wanted.emit(sheet)
        sheet.open(focus)

    # ------------------------------------------------------------------ new ones

    def add_files(self) -> None:
        """Choose files to teach."""
        paths, _ = QFileDialog.getOpenFileNames(self._window, "Add files")
        self.teaching.teach(paths)

    def paste(self) -> None:
        """Teach the files, or else the text, that was copied."""
        copied = QGuiApplication.clipboard()
        if paths := paths_in(copied.mimeData()):
            self.teaching.teach(paths)
        elif (text := copied.text()).strip():
            self.teaching.teach_text(text)
        else:
            self._session.failed(NOTHING_COPIED)

    # ------------------------------------------------------------------ folders

    def watch(self) -> None:
        """Choose a folder to watch."""
        path = QFileDialog.getExistingDirectory(self._window, "Watch a folder")
        if path:
            call = self._session.backend.send(WatchFolder(id="", path=path), FolderRecord)
            call.then(self._watched, self._session.failed)

    def _watched(self, folder: FolderRecord) -> None:
        told = "What is in it is read in the background, and its changes are followed."
        self.note.emit(f"{short_path(folder.path)} is watched", told)

    def pause(self, folder_id: int, paused: bool) -> None:
        """Stop following a folder for now, or go on."""
        request = PauseFolder(id="", folder_id=folder_id, paused=paused)
        call = self._session.backend.send(request, FolderRecord)
        call.then(lambda _: None, self._session.failed)

    def unwatch(self, folder_id: int) -> None:
        """Ask whether to stop watching a folder, and what becomes of its documents."""
        if (folder := self._session.folder(folder_id)) is not None:
            sheet = UnwatchSheet(self._theme, self._window, self._session, folder)
            sheet.done.connect(lambda told: self.note.emit("No longer watched", told))
            self._show(sheet, sheet.keep)

    def ask_folder(self, folder_id: int) -> None:
        """Begin a question about a watched folder."""
        if (folder := self._session.folder(folder_id)) is not None:
            name = Path(folder.path).name or folder.path
            self.ask_wanted.emit(Limit("folder", folder.id, name), "")
