"""Reading through: every part of one document is read for one question, and noted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from app.document_records import DocumentRecord, Passage, Source
from app.engine_client import EngineClient
from app.errors import DocumentError, StoppedError
from app.ledger import Ledger
from app.memory.attribution import used
from app.parts import (
    Note,
    ask_notes,
    ask_part,
    ask_together,
    budget,
    cut,
    groups,
    says_nothing,
)
from app.prompt import with_passages
from app.protocol import Timings
from app.sources import cited, numbered
from learner.card import SYSTEM
from learner.engine import Turn

NOTE_TOKENS = 160
"""Longest note on a part; in a small window a sixth of it, so that some notes go together."""

MOST_SOURCES = 60
"""Passages that are kept with a reply; a book's notes may rest on thousands."""

LOOK_SECONDS = 0.5
"""How often is looked whether the document is still as it was when the reading began."""

Tell = Callable[[int, bool, float | None], None]
"""Hears which part is begun, or (true) that notes are brought together, and the seconds left."""


class ReadingThrough:
    """One document being read for one question; it is a stop signal for its own replies.

    That is set when the person stopped, and when the document was forgotten or read anew.
    Raises BadRequestError (no such document, the question is too long), DocumentError.
    """

    def __init__(
        self,
        ledger: Ledger,
        engine: EngineClient,
        document_id: int,
        question: str,
        window: int,
        stop: threading.Event,
    ) -> None:
        self._ledger = ledger
        self._engine = engine
        self._question = question
        self._stop = stop
        self._document = ledger.document(document_id)
        self._ids = ledger.passages_of(document_id)
        if not self._ids:
            raise _unread(self._document)
        self._note_tokens = min(NOTE_TOKENS, window // 6)
        self._size = budget(window, question, self._measure)
        self.parts = cut(ledger.passages(self._ids), self._measure, self._size)
        self._looked = 0.0
        self._same = True
        self._started = time.monotonic()
        self._prompt_tokens = 0
        self._cached_tokens = 0

    # ------------------------------------------------------------------------- its stop signal

    def is_set(self) -> bool:
        """Whether to stop: it was asked for, or the document is no longer what is being read."""
        return self._stop.is_set() or not self._unchanged()

    def check(self) -> None:
        """Raises DocumentError when the document was forgotten, or changed, since the start."""
        self._looked = 0.0
        if self._unchanged():
            return
        if not self._ledger.is_document(self._document.id):
            raise DocumentError(
                "The document was forgotten",
                "That happened while it was being read through; no notes of it were kept.",
                "Ask about another document.",
            )
        raise DocumentError(
            "The document has changed",
            "It was read anew while it was being read through, so the answer would mix the two.",
            "Read it through once more.",
        )

    def _unchanged(self) -> bool:
        now = time.monotonic()
        if self._same and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._same = self._ledger.passages_of(self._document.id) == self._ids
        return self._same

    # -------------------------------------------------------------------------------- reading

    def notes(self, tell: Tell) -> list[Note]:
        """What each part has for the question; those that have nothing are left out.

        Brought together, in as many rounds as it takes, until they can be answered from at once.
        A document of one part needs no notes: its one note has no text. Raises DocumentError,
        EngineDiedError, and StoppedError when the person stopped.
        """
        if len(self.parts) == 1:
            return [Note((1,), "")]
        parts, started = len(self.parts), time.monotonic()
        found: list[Note] = []
        pace: float | None = None
        for number, passages in enumerate(self.parts, start=1):
            tell(number, False, pace and pace * (parts - number + 2))
            text = self._said(ask_part(self._document.title, passages, self._question))
            if not says_nothing(text):
                found.append(Note((number,), text))
            pace = (time.monotonic() - started) / number
        while len(runs := groups(found, self._measure, self._size)) > 1:
            tell(parts, True, pace and pace * (len(runs) + 1))
            found = [self._together(run) for run in runs]
        if found:
            tell(parts, True, pace)
        return found

    def asked(self, notes: Sequence[Note]) -> str:
        """The last question: over the notes, or over the whole document where it is one part."""
        if len(self.parts) == 1:
            return with_passages(self._question, self.parts[0], only_documents=True)
        return ask_notes(self._document.title, notes, self._question)

    def sources(self, notes: Sequence[Note], reply: str) -> tuple[Source, ...]:
        """The passages that the notes rest on, or the reply itself; `used` are the latter."""
        if len(self.parts) == 1:
            return cited(numbered(self.parts[0]), reply, self._question)
        found = [(passage, noted) for note in notes for passage, noted in self._under(note)]
        marks = used(reply, self._question, [passage.text for passage, _ in found])
        behind = [
            passage
            for (passage, noted), mark in sorted(
                zip(found, marks, strict=True), key=lambda each: not each[1]
            )
            if noted or mark
        ]
        kept = sorted(behind[:MOST_SOURCES], key=lambda passage: (passage.start, passage.id))
        return cited(numbered(kept), reply, self._question)

    def _under(self, note: Note) -> list[tuple[Passage, bool]]:
        """The passages of a note's parts, and whether the note rests on them."""
        passages = [passage for part in note.parts for passage in self.parts[part - 1]]
        marks = used(note.text, self._question, [passage.text for passage in passages])
        return list(zip(passages, marks, strict=True))

    def _together(self, notes: Sequence[Note]) -> Note:
        if len(notes) == 1:
            return notes[0]
        text = self._said(ask_together(self._document.title, notes, self._question))
        return Note(tuple(part for note in notes for part in note.parts), text)

    def _said(self, asked: str) -> str:
        """What the untouched model says, whole."""
        reply = self._engine.chat(
            [Turn("system", SYSTEM), Turn("user", asked)],
            max_tokens=self._note_tokens,
            temperature=0.0,
            top_p=1.0,
            seed=0,
            stop=self,
        )
        self._prompt_tokens += reply.timings.prompt_tokens
        self._cached_tokens += reply.timings.cached_tokens
        self.check()
        if reply.stopped or self._stop.is_set():
            raise StoppedError(
                "The reading was stopped", "No notes were kept.", "Read it through once more."
            )
        return reply.text

    @property
    def seconds(self) -> float:
        """Since the reading began."""
        return time.monotonic() - self._started

    def timings(self, last: Timings, before: float) -> Timings:
        """What the whole answer cost: its `last` reply's, begun `before` seconds after the start.

        All that was read for the notes is counted in.
        """
        return msgspec.structs.replace(
            last,
            first_token_s=before + last.first_token_s,
            prompt_tokens=self._prompt_tokens + last.prompt_tokens,
            cached_tokens=self._cached_tokens + last.cached_tokens,
        )

    def _measure(self, text: str) -> int:
        return len(self._engine.text_tokens(text))


def _unread(document: DocumentRecord) -> DocumentError:
    if document.state in ("waiting", "reading"):
        return DocumentError(
            "The document is not read yet",
            "It waits to be taken in.",
            "Try again in a moment.",
        )
    return DocumentError(
        "There is no text in this document",
        document.reason or "Nothing could be read of it.",
        "Choose another document.",
    )
