"""Asking: a question is stored, the prompt built, the reply streamed and kept with what made it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Literal

import msgspec

from app import facts, prompt
from app.errors import BadRequestError, DocumentError, StoppedError
from app.ledger import Ledger
from app.ledger_summaries import SummaryPart
from app.library import Library
from app.matching import closest, content_words, matching, subject
from app.mind import Learned, Mind
from app.parts import Note
from app.protocol import (
    Answer,
    Ask,
    ChatMessage,
    LessonRecord,
    PartReading,
    Passage,
    Provenance,
    ReadThrough,
)
from app.reading_through import ReadingThrough
from app.reply_draft import NO_TIME, REPLY_TOKENS, Place, ReplyDraft
from app.sources import cited, numbered
from app.telling import Send
from app.text import clean

MOST_PASSAGES = 5
"""Passages shown with a question; more would make small models lose the thread."""

RELATED = 0.35
"""Cosine below which a passage has nothing to do with a question that is not about documents."""

BARELY_RELATED = 0.15
"""The same for a person who says that the answer is in the documents."""

WORDS_HELD = 0.66
"""Share of a question's telling words that makes a passage related whatever its cosine: a table's
row or a short note is far from every question in meaning (docs/benchmarks.md, Citations)."""

NOT_IN_IT = "There is nothing about this in the document."
"""What is answered where a document was read through and no part of it helped."""


class Replies:
    """The use case `ask`; several may run at once, the engine takes them in turn."""

    def __init__(self, ledger: Ledger, mind: Mind, library: Library) -> None:
        self._ledger = ledger
        self._mind = mind
        self._library = library

    def ask(self, request: Ask, send: Send, stop: threading.Event) -> Answer:
        """Answer a question. Raises BadRequestError, ModelError, EngineDiedError, LedgerError.

        The question and an unfinished reply are in the ledger before the first token, so neither
        is lost whatever dies. Where a document is read through, also DocumentError.
        """
        place = self._place(request)
        through = place.through if request.read_through is None else request.read_through
        engine = self._mind.engine()
        learned = self._learned(request)
        if through is not None:
            return self._read_through(request, place, through, learned, send, stop)
        asks_documents = request.documents != "none" and not self._library.empty
        lessons = self._lessons(request, place, learned)
        built = prompt.build(
            place.history,
            place.question,
            lessons,
            engine.count_tokens,
            self._mind.window(REPLY_TOKENS),
            self._passages(request, place) if asks_documents else (),
            only_documents=request.documents == "only",
            since=self._since(place, lessons),
            summary=self._summary(place),
        )
        provenance = msgspec.structs.replace(
            self._provenance(learned),
            lessons_in_context=tuple(lesson.id for lesson in built.lessons),
            sources=numbered(built.passages),
            documents_asked=asks_documents,
            earlier=built.earlier,
        )
        draft = ReplyDraft(self._ledger, self._mind, request, place, provenance, send)
        if request.documents == "only" and not built.passages:
            # Nothing that could answer it was found; the model would only make something up.
            return draft.say(prompt.NOT_THERE)
        reply = draft.stream(built.turns, learned, stop)
        draft.provenance = msgspec.structs.replace(
            provenance, sources=cited(provenance.sources, reply.text, place.question)
        )
        return draft.end(reply.text, "stopped" if reply.stopped else "complete", reply.timings)

    def _learned(self, request: Ask) -> Learned | None:
        """What to answer with."""
        if request.without_learning:
            return None
        if request.version is None:
            return self._mind.learned()
        if request.save:
            raise BadRequestError(
                "An answer of another version is not kept",
                "A conversation goes on with what is in use.",
                "Ask without saving, or put the version to use first.",
            )
        return self._mind.learned_in(request.version)

    def _provenance(self, learned: Learned | None) -> Provenance:
        return Provenance(
            model=self._mind.name,
            adapter=learned.version if learned else 0,
            lessons_in_weights=learned.lesson_ids if learned else (),
        )

    # ------------------------------------------------------------------------ reading through

    def _read_through(
        self,
        request: Ask,
        place: Place,
        document_id: int,
        learned: Learned | None,
        send: Send,
        stop: threading.Event,
    ) -> Answer:
        """Answer from every part of one document; the conversation before it is left out."""
        window, engine = self._mind.window(REPLY_TOKENS), self._mind.engine()
        reading = ReadingThrough(self._ledger, engine, document_id, place.question, window, stop)
        through = ReadThrough(document_id=document_id, parts=len(reading.parts))
        provenance = msgspec.structs.replace(self._provenance(learned), through=through)
        draft = ReplyDraft(self._ledger, self._mind, request, place, provenance, send)

        def tell(part: int, combining: bool, left: float | None) -> None:
            parts = through.parts
            send(
                PartReading(
                    id=request.id, part=part, parts=parts, combining=combining, seconds_left=left
                )
            )

        try:
            notes = reading.notes(tell)
        except StoppedError:
            return draft.end("", "stopped", NO_TIME)
        draft.provenance = msgspec.structs.replace(
            provenance,
            through=msgspec.structs.replace(
                through,
                read=through.parts,
                helped=tuple(part for note in notes for part in note.parts),
            ),
        )
        if not notes:
            return draft.say(NOT_IN_IT)
        lessons = self._lessons(request, place, learned)
        return self._from_notes(draft, reading, notes, lessons, learned)

    def _from_notes(
        self,
        draft: ReplyDraft,
        reading: ReadingThrough,
        notes: Sequence[Note],
        lessons: Sequence[LessonRecord],
        learned: Learned | None,
    ) -> Answer:
        window, engine = self._mind.window(REPLY_TOKENS), self._mind.engine()
        built = prompt.build((), reading.asked(notes), lessons, engine.count_tokens, window)
        before = reading.seconds
        reply = draft.stream(built.turns, learned, reading)
        try:
            reading.check()
        except DocumentError:
            draft.empty()
            raise
        draft.provenance = msgspec.structs.replace(
            draft.provenance,
            lessons_in_context=tuple(lesson.id for lesson in built.lessons),
            sources=reading.sources(notes, reply.text),
        )
        state: Literal["complete", "stopped"] = "stopped" if reply.stopped else "complete"
        return draft.end(reply.text, state, reading.timings(reply.timings, before))

    # ---------------------------------------------------------------------- what is to be shown

    def _place(self, request: Ask) -> Place:
        """Find the question and the turns before it; nothing is written yet."""
        if request.beside is not None:
            return self._before(request.beside, keep=None)
        text = clean(request.text)
        if request.replace_from is not None:
            return self._before(request.replace_from, keep=text if text.strip() else None)
        if not text.strip():
            raise BadRequestError(
                "There is no question", "The text is empty.", "Write something, then send it."
            )
        if request.conversation_id is None:
            return Place(None, [], text, None)
        history = self._ledger.messages(request.conversation_id)
        return Place(request.conversation_id, history, text, None)

    def _before(self, message_id: int, keep: str | None) -> Place:
        """The place of an existing message; `keep` is the new question text, None for the old."""
        conversation = self._ledger.conversation_of(message_id)
        messages = self._ledger.messages(conversation)
        index = next(i for i, message in enumerate(messages) if message.id == message_id)
        if messages[index].role == "assistant" and keep is None:
            index = max((i for i in range(index) if messages[i].role == "user"), default=-1)
        if index < 0:
            raise BadRequestError(
                "There is no question to answer again",
                "No question stands before this reply.",
                "Ask it anew.",
            )
        question = messages[index]
        through = _through(messages[index + 1 : index + 2])
        text = keep or question.text
        return Place(conversation, messages[:index], text, question.id, through)

    def _summary(self, place: Place) -> list[SummaryPart]:
        """What was written by night of the conversation's older messages."""
        if place.conversation is None:
            return []
        return self._ledger.summary_parts(place.conversation)

    def _lessons(self, request: Ask, place: Place, learned: Learned | None) -> list[LessonRecord]:
        if request.without_learning or request.no_context_lessons or request.version == 0:
            return []
        return matching(
            self._mind.lessons_for_context(learned), place.question, subject(place.asked_before)
        )

    def _since(self, place: Place, lessons: list[LessonRecord]) -> dict[str, str]:
        """Since when the fact asked about holds; small models mix up the dates of several."""
        known = [lesson for lesson in lessons if lesson.kind == "fact"]
        if not known:
            return {}
        told = facts.since(self._ledger.lessons())
        asked = closest(known, place.question, subject(place.asked_before))
        return {lesson.id: told[lesson.id] for lesson in asked if lesson.id in told}

    def _passages(self, request: Ask, place: Place) -> list[Passage]:
        """What the documents have on the question, best first; a follow-up brings its own words."""
        recent = next(iter(place.asked_before), "")
        limited = bool(request.document_ids or request.folder_ids)
        asked = place.question if len(place.question.split()) > 3 else f"{recent} {place.question}"
        found = self._library.related(
            asked.strip(), MOST_PASSAGES, request.document_ids, request.folder_ids
        )
        near = RELATED if request.documents == "auto" and not limited else BARELY_RELATED
        return [
            one.passage
            for one in found
            if one.cosine >= near or _words_held(asked, one.passage) >= WORDS_HELD
        ]


def _words_held(question: str, passage: Passage) -> float:
    """The share of a question's telling words that a passage or its title has."""
    asked = content_words(question)
    held = content_words(f"{passage.title} {passage.heading} {passage.text}")
    return len(asked & held) / max(1, len(asked))


def _through(reply: list[ChatMessage]) -> int | None:
    """The document that was read through for this reply, 0 for one that was forgotten."""
    for message in reply:
        if message.provenance is not None and message.provenance.through is not None:
            return message.provenance.through.document_id
    return None
