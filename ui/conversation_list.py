"""Conversation list: every conversation by day, with search, rename and delete."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from ui.controls import label
from ui.session import Session
from ui.theme import Theme
from ui.words import day

ID = Qt.ItemDataRole.UserRole


class ConversationList(QWidget):
    """Emits `chosen` with a conversation's id."""

    chosen = Signal(int)
    rename_wanted = Signal(int)
    delete_wanted = Signal(int)

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._selected: int | None = None
        self._search = QLineEdit()
        self._search.setProperty("role", "search")
        self._search.setPlaceholderText("Search conversations")
        self._search.setAccessibleName("Search conversations")
        self._search.setClearButtonEnabled(False)
        self._search.setAcceptDrops(False)  # files are the window's to take
        self._search.textChanged.connect(self._fill)
        self._search.hide()
        self._list = QListWidget()
        self._list.setAccessibleName("Conversations")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.setUniformItemSizes(False)
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._menu)
        self._list.itemClicked.connect(self._choose)
        self._list.itemActivated.connect(self._choose)
        self._none = label("Your conversations will be listed here.", "caption", wrap=True)
        self._none.setContentsMargins(12, 8, 12, 8)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._add_shortcuts()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._search)
        layout.addWidget(self._none)
        layout.addWidget(self._list, 1)
        session.conversations_changed.connect(self._fill)
        theme.changed.connect(self._fill)
        self._fill()

    def _add_shortcuts(self) -> None:
        for text, key, signal in (
            ("Rename", QKeySequence(Qt.Key.Key_F2), self.rename_wanted),
            ("Delete", QKeySequence(Qt.Key.Key_Delete), self.delete_wanted),
        ):
            action = QAction(text, self._list, shortcut=key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, out=signal: self._emit(out.emit))
            self._list.addAction(action)

    def select(self, conversation: int | None) -> None:
        """Mark a conversation, or none."""
        self._selected = conversation
        self._list.setCurrentRow(-1)
        for number in range(self._list.count()):
            item = self._list.item(number)
            if conversation is not None and item.data(ID) == conversation:
                self._list.setCurrentItem(item)

    def focus_search(self) -> None:
        """Begin typing a search."""
        self._search.show()
        self._search.setFocus()
        self._search.selectAll()

    def _fill(self) -> None:
        wanted = self._search.text().casefold()
        everything = self._session.conversations
        self._search.setVisible(len(everything) > 5 or bool(wanted))
        self._none.setVisible(not everything)
        self._list.setVisible(bool(everything))
        self._list.clear()
        heading = ""
        for found in everything:
            if wanted and wanted not in found.title.casefold():
                continue
            if (now := day(found.updated)) != heading:
                heading = now
                self._list.addItem(self._heading(heading))
            item = QListWidgetItem(" ".join(found.title.split()) or "Untitled")
            item.setData(ID, found.id)
            item.setToolTip(found.title[:300])
            self._list.addItem(item)
        self.select(self._selected)

    def _heading(self, text: str) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setForeground(self._theme.colour("text_faint"))
        item.setFont(self._theme.font(self._theme.look.type.caption))
        return item

    def _choose(self, item: QListWidgetItem) -> None:
        if (found := item.data(ID)) is not None:
            self._selected = found
            self.chosen.emit(found)

    def _emit(self, out: Callable[[int], None]) -> None:
        item = self._list.currentItem()
        if item is not None and item.data(ID) is not None:
            out(item.data(ID))

    def _menu(self, at: QPoint) -> None:
        item = self._list.itemAt(at)
        if item is None or item.data(ID) is None:
            return
        found = item.data(ID)
        menu = QMenu(self)
        menu.addAction("&Rename…").triggered.connect(lambda: self.rename_wanted.emit(found))
        menu.addAction("&Delete…").triggered.connect(lambda: self.delete_wanted.emit(found))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._list.viewport().mapToGlobal(at))
