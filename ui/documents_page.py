"""Documents page: watched folders, every document with its state, and search across all texts."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.protocol import DocumentRecord
from ui.controls import Button, clear, column, label, row
from ui.document_desk import DocumentDesk
from ui.document_row import DocumentRow
from ui.document_words import matches
from ui.empty_state import EmptyState
from ui.folder_row import FolderRow
from ui.page import Page
from ui.search_results import SearchResults
from ui.segments import Segments
from ui.session import Session
from ui.theme import Theme
from ui.words import count

TOLD = "What you gave to read. Answers quote it and say where. Newest first."
STEPS = (
    ("file", "text_soft", "Drop files or folders anywhere in this window, or add them here."),
    ("folder", "text_soft", "Watch a folder, and what changes in it is read by itself."),
    ("chat", "text_soft", "Then ask. Answers show the passages they come from."),
    ("lock", "text_soft", "Nothing leaves this computer; the files stay where they are."),
)
FILTERS = (
    ("All", "Every document"),
    ("Being read", "Documents that wait or are being read"),
    ("Problems", "Documents with something to know: not read, file gone, no text"),
)
MANY = 5
"""From this many documents on, there is something to choose from."""

AT_ONCE = 40
FEW = 4
"""Rows made at a time, so that a list of thousands opens at once; beside found passages fewer."""


class DocumentsPage(Page):
    """Rows are kept while their document is in the list, so that the focus stays where it was."""

    def __init__(self, theme: Theme, session: Session, desk: DocumentDesk) -> None:
        tip = "Check that nothing is left of a file you had it forget"
        self.check = Button(theme, "Check…", "quiet", icon="shield", tip=tip, name=tip)
        self.check.clicked.connect(desk.check_file)
        super().__init__(theme, session, "Documents", TOLD, self.check)
        self.desk = desk
        self.rows: dict[int, DocumentRow] = {}
        self.folders: dict[int, FolderRow] = {}
        self._limit = AT_ONCE
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search titles and texts")
        self.search.setAccessibleName("Search titles and texts")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.search.textChanged.connect(self._search_again)
        self.results = SearchResults(theme, session)
        self.results.chosen.connect(desk.open)
        self.filter = Segments(theme, "Show", FILTERS)
        self.filter.chosen.connect(self._from_start)
        self.add, self.watch, self.paste = self._buttons()
        self.empty = self._empty_state()
        self._lay_out()
        self._connect()
        self.refresh()

    def _buttons(self) -> tuple[Button, Button, Button]:
        add = Button(self.theme, "&Add files…", icon="plus", tip="Choose files to read")
        watch = Button(self.theme, "&Watch a folder…", icon="folder", tip="Read a folder, and on")
        tip = "Teach the text or the files you copied (Ctrl+V)"
        paste = Button(self.theme, "&Paste", icon="paste", tip=tip)
        add.clicked.connect(self.desk.add_files)
        watch.clicked.connect(self.desk.watch)
        paste.clicked.connect(self.desk.paste)
        return add, watch, paste

    def _empty_state(self) -> EmptyState:
        add = Button(self.theme, "Add files…", "primary")
        watch = Button(self.theme, "Watch a folder…", icon="folder")
        paste = Button(self.theme, "Paste", icon="paste")
        add.clicked.connect(self.desk.add_files)
        watch.clicked.connect(self.desk.watch)
        paste.clicked.connect(self.desk.paste)
        title = "Nothing to read yet"
        return EmptyState(self.theme, "documents", title, add, watch, paste, steps=STEPS)

    def _lay_out(self) -> None:
        self._actions = clear(row(self.add, self.watch, self.paste, -1, gap=8))
        self._folder_list = QVBoxLayout()
        self._folder_list.setSpacing(8)
        heading = label("Watched folders", "overline")
        self._folder_part = clear(column(heading, self._folder_list, gap=8))
        self._heading = label("", "overline")
        head = row(self._heading, -1, self.filter, gap=8)
        self._head = clear(head)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._none = label("", "small")
        self.more = Button(self.theme, "", "link")
        self.more.clicked.connect(self._show_more)
        self.body.addWidget(self.empty)
        self.body.addWidget(self._actions)
        self.body.addWidget(self.search)
        self.body.addWidget(self._folder_part)
        self.body.addWidget(self._head)
        self.body.addWidget(self._none)
        self.body.addLayout(self._list)
        self.body.addLayout(row(self.more, -1))
        self.body.addWidget(self.results)

    def _connect(self) -> None:
        session = self.session
        for signal in (session.documents_changed, session.folders_changed, session.trouble_changed):
            signal.connect(self._refresh_if_seen)
        self.trouble.again_wanted.connect(self._read_again)
        for key, act in (
            (QKeySequence(QKeySequence.StandardKey.Paste), self.desk.paste),
            (QKeySequence(QKeySequence.StandardKey.Find), self.search.setFocus),
        ):
            shortcut = QShortcut(key, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _read_again(self) -> None:
        self.session.read("documents")
        self.session.read("folders")

    # ------------------------------------------------------------------ what is shown

    def _refresh_if_seen(self) -> None:
        """Documents change often while a folder is read: out of sight nothing is drawn."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show folders and documents as they are now."""
        known = self.show_state("documents", "folders")
        documents, folders = self.session.documents, self.session.folders
        words = self.search.text().strip()
        anything = bool(documents or folders)
        self.empty.setVisible(known and not anything)
        self._actions.setVisible(anything)
        self.search.setVisible(bool(documents) or bool(words))
        self._folder_part.setVisible(bool(folders) and not words)
        self._show_folders()
        found = self._found(words)
        self.filter.setVisible(len(documents) > MANY and not words)
        self._head.setVisible(bool(documents))
        self._heading.setText("By title" if words else count(len(documents), "document"))
        self._none.setText("No title fits." if words else "None at the moment.")
        self._none.setVisible(bool(documents) and not found)
        self._show(found[: self._limit])
        rest = len(found) - self._limit
        self.more.setVisible(rest > 0)
        self.more.setText(f"Show {min(rest, AT_ONCE):,} more of {rest:,}")

    def _found(self, words: str) -> list[DocumentRecord]:
        everything = self.session.documents
        if words:
            return [x for x in everything if matches(x, words)]
        taken = self.filter.taken() if len(everything) > MANY else 0
        if taken == 1:
            return [x for x in everything if x.state in ("waiting", "reading")]
        if taken == 2:
            return [x for x in everything if x.state in ("failed", "missing") or x.reason]
        return everything

    def _show(self, documents: list[DocumentRecord]) -> None:
        wanted = {document.id for document in documents}
        for gone in [key for key in self.rows if key not in wanted]:
            self._drop(self._list, self.rows.pop(gone))
        for place, document in enumerate(documents):
            made = self.rows.get(document.id) or self._make(document)
            if made.document != document:
                made.show_document(document)
            if self._list.indexOf(made) != place:
                self._list.insertWidget(place, made)

    def _make(self, document: DocumentRecord) -> DocumentRow:
        made = DocumentRow(self.theme, document)
        made.wanted.connect(self.desk.act)
        self.rows[document.id] = made
        return made

    def _show_folders(self) -> None:
        wanted = {folder.id for folder in self.session.folders}
        for gone in [key for key in self.folders if key not in wanted]:
            self._drop(self._folder_list, self.folders.pop(gone))
        failed = [x for x in self.session.documents if x.state == "failed" and x.folder_id]
        for folder in self.session.folders:
            if folder.id not in self.folders:
                made = FolderRow(self.theme, folder)
                made.pause_wanted.connect(self.desk.pause)
                made.stop_wanted.connect(self.desk.unwatch)
                made.ask_wanted.connect(self.desk.ask_folder)
                self.folders[folder.id] = made
                self._folder_list.addWidget(made)
            inside = [x for x in failed if x.folder_id == folder.id]
            self.folders[folder.id].show_folder(folder, inside)

    def _drop(self, layout: QVBoxLayout, gone: QWidget) -> None:
        layout.removeWidget(gone)
        gone.hide()
        gone.deleteLater()

    # ------------------------------------------------------------------ acts

    def _search_again(self) -> None:
        self.results.search(self.search.text())
        self._from_start()

    def _from_start(self) -> None:
        self._limit = FEW if self.search.text().strip() else AT_ONCE
        self.refresh()

    def _show_more(self) -> None:
        first = len(self.rows)
        self._limit += AT_ONCE
        self.refresh()
        if self.more.isHidden() and len(self.rows) > first:
            shown = list(self.rows.values())[first]
            QTimer.singleShot(0, shown, shown.setFocus)
