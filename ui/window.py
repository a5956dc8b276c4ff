"""Window: the main window: sidebar, pages, banner, sheets and every keyboard shortcut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.protocol import ErrorInfo, Status
from ui import geometry
from ui.banner import Banner
from ui.chat_page import ChatPage
from ui.controls import Button, centred
from ui.conversation_sheets import DeleteSheet, RenameSheet
from ui.document_desk import DocumentDesk
from ui.drafts import QuestionDraft
from ui.drop_target import DropTarget
from ui.gate_page import GatePage
from ui.habits import Habits
from ui.outcome import Outcome
from ui.pages import Pages
from ui.scope import Limit
from ui.session import Session
from ui.sheet import Sheet
from ui.sidebar import PAGES, Sidebar
from ui.teaching import Teaching, Told
from ui.theme import Theme
from ui.tokens import WIDE_COLUMN

BANNER = (16, 10, 16, 10)
NO_ROOM = (0, 0, 0, 0)
"""Margins of the banner's row while there is one, and while there is none."""


class MainWindow(QMainWindow):
    """One window; before the record is open only the gate is shown."""

    closing = Signal()
    hidden = Signal()

    def __init__(self, theme: Theme, session: Session, home: Path, habits: Habits) -> None:
        super().__init__()
        self._habits = habits
        self._leaving = False
        self._theme = theme
        self._session = session
        self._home = home
        self.sheet: Sheet | None = None
        self._set_aside: ErrorInfo | None = None
        self._damaged: ErrorInfo | None = None
        self.setWindowTitle("Nightschool")
        self.setMinimumSize(QSize(760, 540))
        self.gate = GatePage(theme, session.backend)
        self.sidebar = Sidebar(theme, session)
        self.chat = ChatPage(theme, session)
        self.banner = Banner(theme)
        self.teaching = Teaching(session)
        self.desk = DocumentDesk(theme, self, session, self.teaching)
        self.pages = Pages(theme, session, self.chat, self.desk, habits)
        self._lay_out()
        self.drop = DropTarget(theme, self, self._can_take)
        self._connect()
        self._add_shortcuts()
        if not geometry.restore(self, home):
            self.resize(1180, 780)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.pages, 1)
        main = QWidget()
        line = QHBoxLayout(main)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.sidebar)
        line.addLayout(right, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.gate)
        self._stack.addWidget(main)
        # In a layout of its own, without a holder: a hidden banner then takes no room at all.
        top = centred(self.banner, WIDE_COLUMN)
        right.insertLayout(0, top)
        self.banner.shown.connect(lambda on: top.setContentsMargins(*(BANNER if on else NO_ROOM)))
        self.setCentralWidget(self._stack)

    def _connect(self) -> None:
        session, backend, chat = self._session, self._session.backend, self.chat
        session.status_changed.connect(self._show_status)
        session.error.connect(self.banner.show_error)
        backend.lost.connect(self.banner.show_lost)
        backend.gave_up.connect(self._gave_up)
        backend.greeted.connect(lambda _: self.banner.show_back())
        self.banner.again_wanted.connect(backend.start)
        self.gate.unlocked.connect(session.take_status)
        self.gate.again_wanted.connect(session.refresh_status)
        self.sidebar.page_wanted.connect(self.show_page)
        self.sidebar.new_wanted.connect(self.new_chat)
        self.sidebar.model_wanted.connect(self.choose_model)
        self.sidebar.conversations.chosen.connect(self._open)
        chat.conversation_changed.connect(self.sidebar.conversations.select)
        chat.model_wanted.connect(self.choose_model)
        chat.page_wanted.connect(self.show_page)
        for source in (chat.header, self.sidebar.conversations):
            source.rename_wanted.connect(self._rename)
            source.delete_wanted.connect(self._delete)
        self.pages.sheet_wanted.connect(self._show_sheet)
        self.pages.note.connect(self.banner.show_note)
        self.pages.checkable.connect(self._tell_checkable)
        self.pages.model_wanted.connect(self.choose_model)
        self.pages.page_wanted.connect(self.show_page)
        self.pages.conversation_wanted.connect(self._open)
        self.pages.emptied.connect(self._empty)
        self._connect_documents()

    def _connect_documents(self) -> None:
        desk, chat = self.desk, self.chat
        self.drop.dropped.connect(self.teaching.teach)
        self.teaching.told.connect(self._tell)
        desk.sheet_wanted.connect(self._show_sheet)
        desk.note.connect(self.banner.show_note)
        desk.checkable.connect(self._tell_checkable)
        desk.ask_wanted.connect(self._ask_about)
        desk.through_wanted.connect(self._read_through)
        chat.place_wanted.connect(desk.open)
        chat.teach_wanted.connect(self.teaching.teach_text)
        chat.files_wanted.connect(self.teaching.teach)

    def _add_shortcuts(self) -> None:
        keys: list[tuple[str, Callable[[], object]]] = [
            ("Ctrl+N", self.new_chat),
            ("Ctrl+L", self._focus_input),
            ("Ctrl+K", self.sidebar.conversations.focus_search),
            ("Ctrl+E", lambda: self._in_chat(self.chat.correct)),
            ("Ctrl+R", lambda: self._in_chat(self.chat.regenerate)),
            ("Esc", self._escape),
            ("F1", self.show_keys),
            ("Ctrl+Q", self.leave),
            ("Ctrl+1", partial(self.show_page, "chat")),
        ]
        for number, (page, _, _) in enumerate(PAGES, start=2):
            keys.append((f"Ctrl+{number}", partial(self.show_page, page)))
        for key, action in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(partial(self._act, action))

    def _act(self, action: Callable[[], object]) -> None:
        """Shortcuts rest while a sheet asks something or the record is locked."""
        if self.sheet is None and self._stack.currentIndex() == 1:
            action()

    # ------------------------------------------------------------------ pages

    def show_page(self, page: str) -> None:
        """Show `chat`, one of the sidebar's pages, or `history`."""
        self.pages.show_page(page)
        self.sidebar.show_page(page)
        if page == "chat":
            self.sidebar.conversations.select(self.chat.conversation)
            self.chat.composer.setFocus()

    def new_chat(self) -> None:
        """Begin a conversation."""
        self.chat.open(None)
        self.show_page("chat")

    def _open(self, conversation: int) -> None:
        self.chat.open(conversation)
        self.show_page("chat")

    def _focus_input(self) -> None:
        self.show_page("chat")

    def _in_chat(self, action: Callable[[], object]) -> None:
        if self.pages.current() == "chat":
            action()

    def _escape(self) -> None:
        self.chat.stop()

    # ------------------------------------------------------------------ documents

    def _can_take(self) -> bool:
        """Files can be dropped while the record is open and nothing is being asked."""
        return self.sheet is None and self._stack.currentIndex() == 1

    def _tell(self, told: Told) -> None:
        undo = partial(self.teaching.undo, told.undo) if told.undo else None
        self.banner.show_note(told.title, told.text, undo)

    def _tell_checkable(self, title: str, text: str, check: Callable[[], None]) -> None:
        """Something was forgotten, and whether anything is left can be checked."""
        self.banner.show_note(title, text, check=check)

    def _ask_about(self, limit: Limit, selected: str) -> None:
        """From the chat it goes on there; from the documents a new one begins."""
        self._go_to_chat()
        self.chat.ask_about(limit, selected)

    def _read_through(self, limit: Limit, text: str) -> None:
        self._go_to_chat()
        self.chat.read_through(limit, text)

    def _go_to_chat(self) -> None:
        if self.pages.current() != "chat":
            self.chat.open(None)
        self.show_page("chat")

    def teach(self, paths: Sequence[str]) -> None:
        """Teach files that another process handed over, and show that it is done."""
        self.teaching.teach(paths)
        self.come_forward()

    # ------------------------------------------------------------------ sheets

    def _show_sheet(self, sheet: Sheet) -> None:
        self.sheet = sheet
        sheet.closed.connect(self._sheet_closed)

    def _sheet_closed(self) -> None:
        self.sheet = None

    def show_keys(self) -> None:
        """The sheet of shortcuts."""
        from ui.keys_sheet import KeysSheet

        sheet = KeysSheet(self._theme, self)
        self._show_sheet(sheet)
        sheet.open()

    def choose_model(self) -> None:
        """The sheet of models."""
        from ui.model_sheet import ModelSheet

        sheet = ModelSheet(self._theme, self, self._session)
        self._show_sheet(sheet)
        sheet.open()

    def _rename(self, conversation: int) -> None:
        sheet = RenameSheet(self._theme, self, self._session, conversation)
        self._show_sheet(sheet)
        sheet.open(sheet.field)

    def _delete(self, conversation: int) -> None:
        sheet = DeleteSheet(self._theme, self, self._session, conversation)
        sheet.deleted.connect(self._deleted)
        self._show_sheet(sheet)
        sheet.open(sheet.confirm)

    def _deleted(self, conversation: int) -> None:
        if self.chat.conversation == conversation:
            self.new_chat()

    # ------------------------------------------------------------------ letters for Alt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() == Qt.Key.Key_Alt:
            self._underline(True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if event.key() == Qt.Key.Key_Alt:
            self._underline(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._underline(False)

    def _underline(self, on: bool) -> None:
        for button in self.findChildren(Button):
            button.underline(on)

    def _empty(self) -> None:
        """The whole record was erased: nothing of it may stay in sight or be given back."""
        self.chat.drafts.questions.clear()
        self.chat.drafts.corrections.clear()
        self.chat.composer.put(QuestionDraft())
        self.chat.open(None)

    # ------------------------------------------------------------------ life

    def _show_status(self, status: Status) -> None:
        locked = status.key != "open"
        self.gate.show_status(status)
        if not locked and self._stack.currentIndex() == 0:
            self._stack.setCurrentIndex(1)
            self.show_page(self.pages.current())
            if status.recovered:
                self.banner.show_note("Everything is in order again", status.recovered)
        if status.set_aside is not None and status.set_aside != self._set_aside:
            self.banner.show_error(status.set_aside)
        self._set_aside = status.set_aside
        if status.damaged is not None and status.damaged != self._damaged:
            self.banner.show_error(status.damaged)
        self._damaged = status.damaged
        if locked:
            self._stack.setCurrentIndex(0)

    def _gave_up(self, outcome: Outcome) -> None:
        """Also before the record was open: the banner has the words and the button."""
        self._stack.setCurrentIndex(1)
        self.banner.show_gave_up(outcome)

    def come_forward(self) -> None:
        """Another window was started: show this one."""
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def ask(self) -> None:
        """Show the window, ready for a question."""
        self.come_forward()
        self._act(self._focus_input)

    def show_in_front(self, page: str) -> None:
        """Show the window with a page, unless it is locked or something is being asked."""
        self.come_forward()
        self._act(partial(self.show_page, page))

    def leave_with_the_session(self) -> None:
        """From now on closing is for good: the person logs out, or ends it by the system's menu."""
        self._leaving = True

    def leave(self) -> None:
        """Close for good, whatever closing means otherwise."""
        self._leaving = True
        if not self.close():
            self._leaving = False

    def closeEvent(self, event: QCloseEvent) -> None:
        geometry.keep(self, self._home)
        if self._habits.stays and not self._leaving:
            event.ignore()
            self.hide()
            self.hidden.emit()
            return
        self.hide()  # the service may take a moment to end; nobody needs to watch
        self.closing.emit()
        super().closeEvent(event)
