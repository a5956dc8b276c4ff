"""Search results: what is found in the texts of all documents while words are being typed."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import ErrorInfo, Passage, Search
from ui.calls import Call
from ui.controls import column, empty, label, row
from ui.passage_row import PassageRow
from ui.session import Session
from ui.theme import Theme
from ui.thinking import Dots
from ui.trouble import Trouble

PAUSE_MS = 220
"""Typing goes on faster than this; searching begins when it rests."""

MOST = 20


class SearchResults(QWidget):
    """Emits `chosen` with a `Place`; only the answer to the newest words is ever shown."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._words = ""
        self._call: Call[list[Passage]] | None = None
        self.rows: list[PassageRow] = []
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._search)
        self._dots = Dots(theme)
        self._none = label("Nothing in the texts fits.", "small")
        self.trouble = Trouble(theme)
        self.trouble.again_wanted.connect(self._search)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        head = row(label("In the texts", "overline"), self._dots, -1, gap=10)
        layout = column(head, self._none, self.trouble, self._list, gap=8)
        self.setLayout(layout)
        self.setProperty("role", "clear")
        self._dots.hide()
        self._none.hide()
        self.hide()

    @property
    def searching(self) -> bool:
        """Whether the newest words still wait for their answer."""
        return self._pause.isActive() or self._call is not None

    def search(self, words: str) -> None:
        """Look for words as soon as typing rests; none put the results away."""
        self._words = words.strip()
        self.setVisible(bool(self._words))
        if self._words:
            self._pause.start()
            self._dots.show()
        else:
            self._pause.stop()
            self._call = None
            self._show([])
            self._none.hide()

    def _search(self) -> None:
        self.trouble.show_error(None)
        self._dots.show()
        words = self._words
        request = Search(id="", text=words, limit=MOST)
        call = self._session.backend.send(request, list[Passage])
        self._call = call
        call.then(lambda found: self._found(call, found), lambda error: self._failed(call, error))

    def _found(self, call: Call[list[Passage]], found: list[Passage]) -> None:
        if call is self._call:
            self._call = None
            self._show(found)

    def _failed(self, call: Call[list[Passage]], error: ErrorInfo) -> None:
        if call is self._call:
            self._call = None
            self._show([])
            self._none.hide()
            self.trouble.show_error(error)

    def _show(self, found: list[Passage]) -> None:
        self._dots.setVisible(self._pause.isActive())
        self._none.setVisible(not found)
        empty(self._list)
        self.rows = []
        for passage in found:
            made = PassageRow(self._theme, passage, self._words)
            made.chosen.connect(self.chosen)
            self._list.addWidget(made)
            self.rows.append(made)
