"""Notes panel: what a model noted of a document, and the button that has it noted now."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QVBoxLayout

from app.protocol import DocumentNotes, ErrorInfo, GetNotes, MakeNotes, Progress
from ui.calls import Call
from ui.controls import Button, clear, column, empty, label, row
from ui.noted_row import NotedRow
from ui.place import Place
from ui.session import Session
from ui.theme import Theme
from ui.thinking import Dots
from ui.trouble import Trouble
from ui.words import breakable, whole_day

NONE_YET = (
    "There are no notes of this document yet. They are made by night, where Settings let it study"
    " by itself, or now."
)
NO_SUMMARY = "No summary came out that rests on the text."
NO_QUESTIONS = (
    "No question was kept: none found its passage again, with an answer that rests on it."
)
NOT_ITS_WORDS = "A model's words, not the document's."


class NotesPanel(QScrollArea):
    """Emits `chosen` with the `Place` of a passage, in this document or another."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, session: Session, document_id: int) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._document_id = document_id
        self._call: Call[int] | None = None
        self.notes: DocumentNotes | None = None
        self.rows: list[NotedRow] = []
        self.loaded = False
        self.make = Button(theme, "&Make notes now", icon="pencil")
        self.make.clicked.connect(self._make)
        self.stop = Button(theme, "&Stop", tip="What is made so far is kept")
        self.stop.clicked.connect(self.leave)
        self._made = label("", "caption", wrap=True)
        self._doing = label("", "small", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the notes")
        self.trouble = Trouble(theme)
        self.trouble.again_wanted.connect(self.read)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._lay_out()
        session.status_changed.connect(self._show_ability)
        self._show_ability()

    def _lay_out(self) -> None:
        doing = row(Dots(self._theme), self._doing, self.stop, gap=12)
        doing.setStretch(1, 1)
        self._working = clear(column(doing, self._bar, gap=10))
        self._working.hide()
        head = row(self._made, self.make, gap=12)
        head.setStretch(0, 1)
        inner = column(head, self._working, self.trouble, self._list, -1, gap=12)
        inner.setContentsMargins(0, 4, 14, 4)
        self.setWidget(clear(inner))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Notes on the document")

    # ------------------------------------------------------------------ what is shown

    def read(self) -> None:
        """Read the notes there are."""
        self.trouble.show_error(None)
        request = GetNotes(id="", document_id=self._document_id)
        wanted: Any = DocumentNotes | None
        call = self._session.backend.send(request, wanted)
        call.then(self._show, self.trouble.show_error)

    def _show(self, notes: DocumentNotes | None) -> None:
        self.loaded = True
        self.notes = notes
        empty(self._list)
        self.rows = []
        self.make.setText("&Make notes now" if notes is None else "&Make them anew")
        if notes is None:
            self._made.setText(NONE_YET)
            return
        made = f"Made by {notes.model} on {whole_day(notes.made[:10])}."
        self._made.setText(f"{made} {NOT_ITS_WORDS}")
        self._head("Summary")
        self._list.addWidget(label(breakable(notes.summary or NO_SUMMARY), wrap=True, select=True))
        if notes.parts_read < notes.parts:
            told = f"Of the first {notes.parts_read} of its {notes.parts} parts only."
            self._list.addWidget(label(told, "caption"))
        self._show_contradictions(notes)
        self._head("Questions it answers")
        for one in notes.questions:
            place = Place(self._document_id, one.start, one.end)
            page = "" if one.page is None else f"  ·  p. {one.page}"
            self._row(one.question, (f"{one.answer}{page}",), place)
        if not notes.questions:
            self._list.addWidget(label(NO_QUESTIONS, "small", wrap=True))

    def _show_contradictions(self, notes: DocumentNotes) -> None:
        if notes.contradictions:
            self._head("Other documents")
        for one in notes.contradictions:
            title = " ".join(one.title.split())
            against = f"This may contradict: {title}, “{one.other}”"
            answers = (f"Here: “{one.answer}”", against)
            self._row(one.question, answers, Place(one.document_id, one.start, one.end))

    def _head(self, words: str) -> None:
        self._list.addSpacing(6)
        self._list.addWidget(label(words, "overline"))

    def _row(self, question: str, answers: tuple[str, ...], place: Place) -> None:
        made = NotedRow(question, answers, place)
        made.chosen.connect(self.chosen)
        self.rows.append(made)
        self._list.addWidget(made)

    def _show_ability(self) -> None:
        self.make.setEnabled(self._session.able and self._call is None)

    # ------------------------------------------------------------------ making them

    def _make(self) -> None:
        self.trouble.show_error(None)
        self._doing.setText("Starting…")
        self._bar.setRange(0, 0)
        self._working.show()
        self.stop.setEnabled(True)
        request = MakeNotes(id="", document_ids=(self._document_id,))
        self._call = self._session.backend.send(request, int)
        self._call.progress.connect(self._show_progress)
        self._call.then(self._over, self._failed)
        self._show_ability()
        self.stop.setFocus()

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setRange(0, progress.steps)
        self._bar.setValue(progress.step - 1)
        if self.stop.isEnabled():
            self._doing.setText(breakable(progress.detail))

    def leave(self) -> None:
        """Stop what is being made; the rest waits until it is asked for."""
        if self._call is not None:
            self.stop.setEnabled(False)
            self._doing.setText("Stopping…")
            self._session.backend.stop(self._call)

    def _over(self, _count: int = 0) -> None:
        self._call = None
        self._working.hide()
        self._show_ability()
        self.read()

    def _failed(self, error: ErrorInfo) -> None:
        self._over()
        self.trouble.show_error(error)
