"""Document view: the sheet that shows a document's text, opened at a passage."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from app.protocol import DocumentText, ErrorInfo, GetDocument
from ui.controls import Button, clear, column, label, row, set_role
from ui.document_words import about, standing
from ui.elided import Elided
from ui.laid_text import lay_out
from ui.notes_panel import NotesPanel
from ui.page_text import PageText
from ui.place import Place
from ui.segments import Segments
from ui.session import Session
from ui.sheet import Sheet
from ui.snippet import marks_in
from ui.theme import Theme
from ui.thinking import Dots
from ui.trouble import Trouble
from ui.words import breakable

WIDEST = 840
ROUND = (40, 48)
"""Room left of the window around the sheet: at the sides, above and below."""

ROOMY = 700
"""Below this width the title needs the room of what the menu offers, too."""

SIDES = (("Text", "What the document says"), ("Notes", "What a model noted of it"))

EMPTY = "No text was found in this document."


class DocumentView(Sheet):
    """Emits `ask_wanted` (document id, selected text), `through_wanted` and `teach_wanted`.

    `other_wanted` carries a `Place` in another document.
    """

    ask_wanted = Signal(int, str)
    through_wanted = Signal(int)
    teach_wanted = Signal(str, str)
    other_wanted = Signal(object)

    def __init__(self, theme: Theme, window: QWidget, session: Session, place: Place) -> None:
        super().__init__(theme, window, "", width=WIDEST)
        self._session = session
        self.place = place
        self.setAccessibleName("Preview of a document")
        known = session.document(place.document_id)
        self._title = Elided(known.title if known else "", "title")
        self._about = Elided(about(known) if known else "", "caption", middle=True)
        self.finder = QLineEdit()
        self.finder.setProperty("role", "search")
        self.finder.setPlaceholderText("Find in this text")
        self.finder.setAccessibleName("Find in this text")
        self.finder.setAcceptDrops(False)
        self.finder.setFixedWidth(190)
        self.finder.textEdited.connect(lambda _: self._find(again=False))
        self.finder.returnPressed.connect(lambda: self._find(again=True))
        self.ask = Button(theme, "&Ask about this", icon="chat")
        self.ask.clicked.connect(self._ask)
        self.through = Button(theme, "&Read it through…")
        self.through.setToolTip("Answer from every part of it, however long it is")
        self.through.clicked.connect(self._read_through)
        self.text = PageText(theme)
        self.text.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.text.customContextMenuRequested.connect(self._menu)
        self.side = Segments(theme, "Show", SIDES)
        self.side.chosen.connect(self._turn)
        self.notes = NotesPanel(theme, session, place.document_id)
        self.notes.chosen.connect(self._go)
        self.notes.hide()
        self.trouble = Trouble(theme)
        self.trouble.again_wanted.connect(self._read)
        self._loading = clear(row(Dots(theme), label("Reading…", "small"), -1, gap=10))
        self._note = label("", "small", wrap=True)
        self._note.hide()
        self.loaded = False
        self._lay_out(theme)
        self._read()

    def _lay_out(self, theme: Theme) -> None:
        away = Button(theme, "", "quiet", icon="close", tip="Close (Esc)", size=16)
        away.clicked.connect(self.close_sheet)
        words = column(self._title, self._about, gap=2)
        head = row(gap=10)
        head.addLayout(words, 1)
        for tool in (self.finder, self.ask, self.through, away):
            head.addWidget(tool, 0, Qt.AlignmentFlag.AlignTop)
        self.body.setContentsMargins(28, 20, 14, 18)
        self.body.addLayout(head)
        self.body.addLayout(row(self.side, -1))
        for part in (self._note, self.trouble, self._loading):
            self.body.addWidget(part)
        self.body.addWidget(self.text, 1)
        self.body.addWidget(self.notes, 1)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, self)
        shortcut.activated.connect(self.finder.setFocus)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As large as the window lets it be: a text wants to be read."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        side, above = ROUND
        self.card.setFixedWidth(max(400, min(WIDEST, self.width() - 2 * side)))
        self.card.setFixedHeight(max(300, self.height() - 2 * above))
        wide = self.card.width() > ROOMY
        self.finder.setFixedWidth(150 if wide else 140)
        self.through.setVisible(wide)

    # ------------------------------------------------------------------ the text

    def _read(self) -> None:
        self.trouble.show_error(None)
        self._loading.show()
        request = GetDocument(id="", document_id=self.place.document_id)
        self._session.backend.send(request, DocumentText).then(self._show, self._failed)

    def _show(self, found: DocumentText) -> None:
        self.loaded = True
        self._loading.hide()
        self._title.setText(" ".join(found.document.title.split()))
        self._about.setText(about(found.document))
        self.setAccessibleName(f"Preview of {found.document.title}")
        now = standing(found.document)
        told = " ".join(filter(None, (now.told if now else "", "" if found.text else EMPTY)))
        self._note.setText(breakable(told))
        self._note.setVisible(bool(told))
        self.text.show_text(lay_out(found.text, found.page_starts))
        place = self.place
        marks = marks_in(found.text[place.start : place.end], place.words)
        self.text.show_passage(place.start, place.end, marks)

    def _failed(self, error: ErrorInfo) -> None:
        self._loading.hide()
        self.trouble.show_error(error)

    def _find(self, *, again: bool) -> None:
        """The next place of the words, going round; while they are typed, from where it was."""
        words = self.finder.text()
        cursor = self.text.textCursor()
        if not again:
            cursor.setPosition(cursor.selectionStart())
            self.text.setTextCursor(cursor)
        found = not words or self.text.find(words)
        if not found:
            cursor.setPosition(0)
            self.text.setTextCursor(cursor)
            found = self.text.find(words)
        set_role(self.finder, "search" if found else "search-none")

    # ------------------------------------------------------------------ its notes

    def _turn(self, side: int) -> None:
        """Show the text or the notes."""
        self.text.setVisible(not side)
        self.notes.setVisible(bool(side))
        self.finder.setEnabled(not side)
        if side:
            self.notes.read()

    def _go(self, place: Place) -> None:
        """To a passage of this document, or of another in a preview of its own."""
        if place.document_id != self.place.document_id:
            self.close_sheet()
            self.other_wanted.emit(place)
            return
        self.side.take(0)
        self.text.show_passage(place.start, place.end)
        self.text.setFocus()

    def close_sheet(self) -> None:
        self.notes.leave()
        super().close_sheet()

    # ------------------------------------------------------------------ what can be done with it

    def _ask(self) -> None:
        selected = self.text.selection()
        self.close_sheet()
        self.ask_wanted.emit(self.place.document_id, selected)

    def _read_through(self) -> None:
        self.close_sheet()
        self.through_wanted.emit(self.place.document_id)

    def _teach(self) -> None:
        self.teach_wanted.emit(self.text.selection(), f"From {self._title.text()}")

    def make_menu(self) -> QMenu:
        """Copy and the like, and what can be done with a selection."""
        menu = self.text.createStandardContextMenu()
        selected = bool(self.text.selection().strip())
        menu.addSeparator()
        teach = menu.addAction("&Teach this")
        teach.triggered.connect(self._teach)
        teach.setEnabled(selected)
        menu.addAction("A&sk about this").triggered.connect(self._ask)
        menu.addAction("&Read it through…").triggered.connect(self._read_through)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    def _menu(self, at: QPoint) -> None:
        self.make_menu().popup(self.text.viewport().mapToGlobal(at))
