"""Pages: the stack of pages beside the sidebar; all but the chat are made when first wanted."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.document_desk import DocumentDesk
from ui.habits import Habits
from ui.page import Page
from ui.session import Session
from ui.theme import Theme


class Pages(QStackedWidget):
    """Knows which page is which, and tells elsewhere how a study session ended."""

    sheet_wanted = Signal(object)
    note = Signal(str, str)
    page_wanted = Signal(str)
    checkable = Signal(str, str, object)
    emptied = Signal()
    model_wanted = Signal()
    conversation_wanted = Signal(int)

    def __init__(
        self, theme: Theme, session: Session, chat: QWidget, desk: DocumentDesk, habits: Habits
    ) -> None:
        super().__init__()
        self._habits = habits
        self._theme = theme
        self._session = session
        self._desk = desk
        self._pages: dict[str, QWidget] = {"chat": chat}
        self._name = "chat"
        self.addWidget(chat)
        session.study_ended.connect(self._tell_end)

    def current(self) -> str:
        """The name of the page in sight."""
        return self._name

    def page(self, name: str) -> QWidget:
        """A page by its name, made now if it was never wanted before."""
        if name not in self._pages:
            self._pages[name] = self._make(name)
            self.addWidget(self._pages[name])
        return self._pages[name]

    def show_page(self, name: str) -> None:
        """Bring a page into sight; the focus never stays behind on the page that goes."""
        focused = self.window().focusWidget()
        behind = focused is not None and self.isAncestorOf(focused) and name != self._name
        self._name = name
        page = self.page(name)
        self.setCurrentWidget(page)
        # What changed on it out of sight is laid out before it is drawn, not a moment after.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        if behind and isinstance(page, Page):
            page.take_focus()

    def _make(self, name: str) -> QWidget:
        made = self._made(name)
        made.sheet_wanted.connect(self.sheet_wanted)
        made.note.connect(self.note)
        made.page_wanted.connect(self.page_wanted)
        made.checkable.connect(self.checkable)
        return made

    def _made(self, name: str) -> Page:
        # Imported when wanted: the window is there before the pages behind it are read.
        if name == "documents":
            from ui.documents_page import DocumentsPage

            return DocumentsPage(self._theme, self._session, self._desk)
        if name == "lessons":
            from ui.lessons_page import LessonsPage

            lessons = LessonsPage(self._theme, self._session)
            lessons.conversation_wanted.connect(self.conversation_wanted)
            return lessons
        if name == "study":
            from ui.study_page import StudyPage

            return StudyPage(self._theme, self._session)
        if name == "history":
            from ui.history_page import HistoryPage

            return HistoryPage(self._theme, self._session)
        if name == "learned":
            from ui.learned_page import LearnedPage

            page = LearnedPage(self._theme, self._session)
            page.emptied.connect(self.emptied)
            return page
        if name == "settings":
            from ui.settings_page import SettingsPage

            settings = SettingsPage(self._theme, self._session, self._habits)
            settings.model_wanted.connect(self.model_wanted)
            return settings
        from ui.checkup_page import CheckupPage

        return CheckupPage(self._theme, self._session)

    def _tell_end(self) -> None:
        """The study page shows the end of a session itself; elsewhere it is told in a line."""
        if self._name == "study":
            return
        error, report = self._session.study_error, self._session.report
        if error is not None:
            self._session.failed(error)
        elif report is not None:
            self.note.emit("The study session is over", report.decision)
