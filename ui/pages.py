"""Pages: the stack of pages beside the sidebar; all but the chat are made when first wanted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.session import Session
from ui.theme import Theme


class Pages(QStackedWidget):
    """Knows which page is which."""

    sheet_wanted = Signal(object)
    note = Signal(str, str)
    page_wanted = Signal(str)

    def __init__(self, theme: Theme, session: Session, chat: QWidget) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._pages: dict[str, QWidget] = {"chat": chat}
        self._name = "chat"
        self.addWidget(chat)

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
        """Bring a page into sight."""
        self._name = name
        self.setCurrentWidget(self.page(name))

    def _make(self, name: str) -> QWidget:
        raise KeyError(name)
