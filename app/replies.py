"""Asking: a question is stored, the prompt built, the reply streamed and kept with what made it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from app import facts, prompt, protocol
from app.errors import BadRequestError, NightschoolError
from app.ledger import Ledger
from app.library import Library
from app.matching import closest, content_words, matching, subject
from app.memory.attribution import used
from app.mind import Learned, Mind
from app.protocol import (
    Answer,
    Ask,
    ChatMessage,
    LessonRecord,
    Passage,
    Provenance,
    Source,
    Timings,
)
from app.text import clean

logger = logging.getLogger("replies")

REPLY_TOKENS = 768
"""Longest reply; small models that lose the thread should not ramble for minutes."""

AGAIN_TEMPERATURE = 0.7
"""For answering the same question again. A first answer takes the likeliest words, as the exam
does: what passed there then comes out right here."""

TOP_P = 0.9

MOST_PASSAGES = 5
"""Passages shown with a question; more would make small models lose the thread."""

RELATED = 0.35
"""Cosine below which a passage has nothing to do with a question that is not about documents."""

BARELY_RELATED = 0.15
"""The same for a person who says that the answer is in the documents."""

WORDS_HELD = 0.66
"""Share of a question's telling words that makes a passage related whatever its cosine: a table's
row or a short note is far from every question in meaning (docs/benchmarks.md, Citations)."""

SAVE_SECONDS = 1.0
"""How often a growing reply is put into the ledger, so that a crash loses little of it."""

Send = Callable[[protocol.Event], None]


@dataclass(frozen=True)
class _Place:
    """Where a question stands: its conversation, the turns before it, and its own text."""

    conversation: int | None
    history: list[ChatMessage]
    question: str
    question_id: int | None


class Replies:
    """The use case `ask`; several may run at once, the engine takes them in turn."""

    def __init__(self, ledger: Ledger, mind: Mind, library: Library) -> None:
        self._ledger = ledger
        self._mind = mind
        self._library = library

    def ask(self, request: Ask, send: Send, stop: threading.Event) -> Answer:
        """Answer a question. Raises BadRequestError, ModelError, EngineDiedError, LedgerError.

        The question and an unfinished reply are in the ledger before the first token, so neither
        is lost whatever dies.
        """
        place = self._place(request)
        engine = self._mind.engine()
        learned = None if request.without_learning else self._mind.learned()
        bare = request.without_learning or request.no_context_lessons
        lessons = [] if bare else self._lessons(place, learned)
        asks_documents = request.documents != "none" and not self._library.empty
        built = prompt.build(
            place.history,
            place.question,
            lessons,
            engine.count_tokens,
            self._mind.window(REPLY_TOKENS),
            self._passages(request, place) if asks_documents else (),
            only_documents=request.documents == "only",
            since=self._since(place, lessons),
        )
        provenance = Provenance(
            model=self._mind.name,
            adapter=learned.version if learned else 0,
            lessons_in_context=tuple(lesson.id for lesson in built.lessons),
            lessons_in_weights=learned.lesson_ids if learned else (),
            sources=tuple(
                _source(passage, number) for number, passage in enumerate(built.passages, start=1)
            ),
            documents_asked=request.documents != "none",
        )
        place, draft = self._begin(request, place, provenance)
        send(
            protocol.Started(
                id=request.id, conversation_id=place.conversation, question_id=place.question_id
            )
        )
        saver = _Saver(self._ledger, draft, provenance)

        def on_token(text: str) -> None:
            saver.add(text)
            send(protocol.Token(id=request.id, text=text))

        if request.documents == "only" and not built.passages:
            # Nothing that could answer it was found; the model would only make something up.
            return self._said(prompt.NOT_THERE, place, draft, provenance, on_token)
        reply = engine.chat(
            built.turns,
            max_tokens=REPLY_TOKENS,
            temperature=AGAIN_TEMPERATURE if _is_again(request) else 0.0,
            top_p=TOP_P,
            seed=int(time.time()),
            adapter=learned.ref if learned else None,
            on_token=on_token,
            on_reading=lambda done, total: send(
                protocol.Reading(id=request.id, done=done, total=total)
            ),
            stop=stop,
        )
        answer = Answer(
            text=reply.text,
            message_id=draft,
            conversation_id=place.conversation,
            state="stopped" if reply.stopped else "complete",
            provenance=_cited(provenance, reply.text, place.question),
            timings=reply.timings,
        )
        self._finish(answer)
        return answer

    def _place(self, request: Ask) -> _Place:
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
            return _Place(None, [], text, None)
        history = self._ledger.messages(request.conversation_id)
        return _Place(request.conversation_id, history, text, None)

    def _before(self, message_id: int, keep: str | None) -> _Place:
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
        return _Place(conversation, messages[:index], keep or question.text, question.id)

    def _lessons(self, place: _Place, learned: Learned | None) -> list[LessonRecord]:
        recent = subject(m.text for m in reversed(place.history) if m.role == "user")
        return matching(self._mind.lessons_for_context(learned), place.question, recent)

    def _since(self, place: _Place, lessons: list[LessonRecord]) -> dict[str, str]:
        """Since when the fact asked about holds; small models mix up the dates of several."""
        known = [lesson for lesson in lessons if lesson.kind == "fact"]
        if not known:
            return {}
        recent = subject(m.text for m in reversed(place.history) if m.role == "user")
        told = facts.since(self._ledger.lessons())
        asked = closest(known, place.question, recent)
        return {lesson.id: told[lesson.id] for lesson in asked if lesson.id in told}

    def _passages(self, request: Ask, place: _Place) -> list[Passage]:
        """What the documents have on the question, best first; a follow-up brings its own words."""
        recent = next((m.text for m in reversed(place.history) if m.role == "user"), "")
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

    def _said(
        self,
        text: str,
        place: _Place,
        draft: int | None,
        provenance: Provenance,
        on_token: Callable[[str], None],
    ) -> Answer:
        """An answer that needs no model."""
        on_token(text)
        answer = Answer(
            text=text,
            message_id=draft,
            conversation_id=place.conversation,
            state="complete",
            provenance=provenance,
            timings=Timings(
                first_token_s=0.0,
                tokens_per_s=0.0,
                prompt_tokens=0,
                cached_tokens=0,
                reply_tokens=0,
            ),
        )
        self._finish(answer)
        return answer

    def _begin(
        self, request: Ask, place: _Place, provenance: Provenance
    ) -> tuple[_Place, int | None]:
        """Write the question and an unfinished reply; gives the place as written and its reply."""
        if not request.save:
            return place, None
        conversation = place.conversation
        question_id = place.question_id
        if conversation is None:
            conversation = self._ledger.new_conversation(_title(place.question))
        if request.replace_from is not None and question_id is not None:
            self._ledger.truncate_from(conversation, question_id)
            question_id = None
        if question_id is None:
            question_id = self._ledger.add_message(conversation, "user", place.question).id
        draft = self._ledger.add_message(
            conversation, "assistant", "", state="broken", provenance=provenance
        )
        self._mind.announce(("conversations",))
        return _Place(conversation, place.history, place.question, question_id), draft.id

    def _finish(self, answer: Answer) -> None:
        if answer.message_id is not None:
            self._ledger.update_message(
                answer.message_id,
                text=answer.text,
                state=answer.state,
                provenance=answer.provenance,
                timings=answer.timings,
            )
            self._mind.announce(("conversations",))


class _Saver:
    """Keeps a growing reply in the ledger, at most once every `SAVE_SECONDS`."""

    def __init__(self, ledger: Ledger, message_id: int | None, provenance: Provenance) -> None:
        self._ledger = ledger
        self._provenance = provenance
        self._message_id = message_id
        self._parts: list[str] = []
        self._saved = time.monotonic()
        self._failed = False

    def add(self, text: str) -> None:
        """Another piece of the reply."""
        self._parts.append(text)
        now = time.monotonic()
        if self._message_id is None or self._failed or now - self._saved < SAVE_SECONDS:
            return
        self._saved = now
        try:
            self._ledger.update_message(
                self._message_id,
                text="".join(self._parts),
                state="broken",
                provenance=self._provenance,
                timings=None,
            )
        except NightschoolError as error:
            # The reply itself goes on; the save at its end reports what is wrong.
            self._failed = True
            logger.warning("a growing reply could not be saved: %s", error.code)


def _words_held(question: str, passage: Passage) -> float:
    """The share of a question's telling words that a passage or its title has."""
    asked = content_words(question)
    held = content_words(f"{passage.title} {passage.heading} {passage.text}")
    return len(asked & held) / max(1, len(asked))


def _source(passage: Passage, number: int) -> Source:
    return Source(
        number=number,
        document_id=passage.document_id,
        passage_id=passage.id,
        title=passage.title,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        heading=passage.heading,
        page=passage.page,
    )


def _cited(provenance: Provenance, reply: str, question: str) -> Provenance:
    """The same, telling which sources the reply really took something from."""
    marks = used(reply, question, [source.text for source in provenance.sources])
    sources = tuple(
        msgspec.structs.replace(source, used=mark)
        for source, mark in zip(provenance.sources, marks, strict=True)
    )
    return msgspec.structs.replace(provenance, sources=sources)


def _title(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= 60 else line[:59].rsplit(" ", 1)[0] + "…"


def _is_again(request: Ask) -> bool:
    """Whether the person wants another answer to the question they have one for."""
    return request.replace_from is not None and not request.text.strip()
