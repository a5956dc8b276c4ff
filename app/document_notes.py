"""Document notes: a model's summary of a document, and questions that its passages answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app import protocol
from app.document_records import DocumentRecord, Passage
from app.errors import DocumentError, StoppedError
from app.ledger import Ledger
from app.ledger_notes import NotesDraft
from app.library import Library
from app.matching import content_words, holds
from app.memory.attribution import used
from app.mind import Mind
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
from app.telling import Send, Tell, teller
from learner.card import SYSTEM
from learner.engine import StopSignal, Turn

MOST_PARTS = 12
"""Of a longer document only the first parts are summarised, and the notes say so."""

MOST_QUESTIONS = 20
"""Passages of a document that are asked for a question; of more, evenly spread ones."""

AMONG = 5
"""A question is kept only where a search for it brings its passage among the first."""

SENTENCES = 3
SUMMARY_TOKENS = 120
NOTE_TOKENS = 80
QUESTION_TOKENS = 40
ANSWER_TOKENS = 60

SUMMARISE = "What is this document about? Summarise it in two or three sentences."

ASK = "Write one question that this text answers."
ANSWER = "Answer it from the text, in one sentence."

ENOUGH = 0.75
"""The share of a sentence's telling words that the text must have, besides all of its figures."""

_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
_LEADING = re.compile(r"^\s*(?:[-*•]|\d+[.)]|(?:question|q)\s*\d*\s*:)\s*", re.I)


def _shown(text: str, question: str, answer: str) -> tuple[Turn, ...]:
    return (
        Turn("user", f"{ASK}\n\n{text}"),
        Turn("assistant", question),
        Turn("user", ANSWER),
        Turn("assistant", answer),
    )


SHOWN = (
    Turn("system", SYSTEM),
    *_shown(
        "The library opens at nine. Books are lent for four weeks; Mrs Okoro renews them by"
        " telephone.",
        "For how long are books lent?",
        "Books are lent for four weeks.",
    ),
    *_shown(
        "Before winter, drain the pump: close the red tap, then open the valve below it.",
        "How is the pump drained?",
        "Close the red tap, then open the valve below it.",
    ),
)
"""Two examples; told only in words what to do, a 135M model repeats the words."""


class NoteMaker:
    """Makes one document's notes at a time; what is done is in the ledger after every step.

    The untouched model answers at temperature 0, behind every chat: a kill or a stop loses the
    step at hand, and the next call goes on after it.
    """

    def __init__(self, ledger: Ledger, mind: Mind, library: Library) -> None:
        self._ledger = ledger
        self._mind = mind
        self._library = library
        self._one_at_a_time = threading.Lock()

    def make_all(
        self,
        request: protocol.MakeNotes,
        send: Send,
        stop: StopSignal,
    ) -> int:
        """Make notes of the documents named, or of all that have none, the smallest first.

        Gives of how many. Raises what `make` does, and DocumentError where nothing could be noted
        of any that was named.
        """
        for document_id in request.document_ids:
            self._ledger.document(document_id)

        tell = teller(send, request.id, "notes")
        wanted = request.document_ids or self._ledger.without_notes()
        # Another may be forgotten while one is in the making.
        there = (each for each in wanted if self._ledger.is_document(each))
        made = sum(self.make(document_id, stop, tell) for document_id in there)
        if request.document_ids and not made:
            raise DocumentError(
                "There is nothing to note",
                "No text was read of it yet, or it was read anew or forgotten meanwhile.",
                "Look into the list of documents, and try again when it was read.",
            )
        return made

    def make(self, document_id: int, stop: StopSignal, tell: Tell) -> bool:
        """Make a document's notes, anew where it has some; False where its text went meanwhile.

        Raises StoppedError, EngineDiedError, ModelError, IndexDiedError.
        """
        with self._one_at_a_time:
            work = _Work(self._ledger, self._mind, self._library, document_id, stop, tell)
            return work.done()


class _Work:
    """One document's notes in the making."""

    def __init__(
        self,
        ledger: Ledger,
        mind: Mind,
        library: Library,
        document_id: int,
        stop: StopSignal,
        tell: Tell,
    ) -> None:
        self._ledger = ledger
        self._mind = mind
        self._library = library
        self._stop = stop
        self._document: DocumentRecord = ledger.document(document_id)
        self._passages = ledger.passages(ledger.passages_of(document_id))
        self._asked = _spread(self._passages, MOST_QUESTIONS)
        self._size = budget(mind.window(SUMMARY_TOKENS), SUMMARISE, self._measure)
        self._parts = cut(self._passages, self._measure, self._size)
        self._read = self._parts[:MOST_PARTS]
        self._noted = len(self._read) if len(self._parts) > 1 else 0
        self._steps = self._noted + 1 + len(self._asked)
        self._tell = tell

    def done(self) -> bool:
        """Take every step that is not done yet."""
        id_ = self._document.id
        if not self._passages:
            return False
        draft = self._ledger.begin_notes(id_, self._mind.name, len(self._parts), len(self._read))
        if draft is None:
            return False
        return (
            (draft.summary is not None or self._summarise(draft))
            and all(
                self._question(draft, passage, number)
                for number, passage in enumerate(self._asked, start=1)
                if passage.id not in draft.tried
            )
            and self._ledger.finish_notes(id_, draft.sha256)
        )

    # ---------------------------------------------------------------------------- the summary

    def _summarise(self, draft: NotesDraft) -> bool:
        id_, title = self._document.id, self._document.title
        if not self._noted:
            self._told(1, "Summarising")
            asked = f"{_quoted(title, self._parts[0])}\n\n{SUMMARISE}"
        else:
            notes = self._part_notes(draft)
            if notes is None:
                return False
            asked = ask_notes(title, notes, SUMMARISE)
        text = " ".join(self._said(asked, SUMMARY_TOKENS).split())
        whole = "\n".join(passage.text for part in self._read for passage in part)
        kept = [
            one
            for one in _SENTENCE.split(text)
            if one[-1:] in ".!?…。！？" and rests_on(one, "", whole)
        ]
        return self._ledger.keep_summary(id_, draft.sha256, " ".join(kept[:SENTENCES]))

    def _part_notes(self, draft: NotesDraft) -> list[Note] | None:
        """What each part says, brought together until it can be summarised at once."""
        found = []
        for number, passages in enumerate(self._read, start=1):
            note = draft.part_notes.get(number)
            if note is None:
                self._told(number, f"Reading part {number} of {len(self._read)}")
                note = self._said(ask_part(self._document.title, passages, SUMMARISE), NOTE_TOKENS)
                if not self._ledger.keep_part_note(self._document.id, draft.sha256, number, note):
                    return None
            if not says_nothing(note):
                found.append(Note((number,), note))
        self._told(self._noted + 1, "Summarising")
        while len(runs := groups(found, self._measure, self._size)) > 1:
            found = [self._together(run) for run in runs]
        return found

    def _together(self, notes: Sequence[Note]) -> Note:
        if len(notes) == 1:
            return notes[0]
        text = self._said(ask_together(self._document.title, notes, SUMMARISE), NOTE_TOKENS)
        return Note(tuple(part for note in notes for part in note.parts), text)

    # --------------------------------------------------------------------------- the questions

    def _question(self, draft: NotesDraft, passage: Passage, number: int) -> bool:
        """Ask for a question and its answer, and keep them where they stand the tests."""
        id_ = self._document.id
        self._told(self._noted + 1 + number, f"Question {number} of {len(self._asked)}")
        turns = (*SHOWN, Turn("user", _question_of(passage)))
        question = _one_question(self._replied(turns, QUESTION_TOKENS))
        if content_words(question) & content_words(passage.text):
            turns = (*turns, Turn("assistant", question), Turn("user", ANSWER))
            answer = _first_sentence(self._replied(turns, ANSWER_TOKENS))
            if "?" not in answer and rests_on(answer, question, passage.text):
                vector = self._library.found_by(question, passage.id, AMONG)
                if vector is not None:
                    return self._keep(draft, passage.id, question, answer, vector)
        return self._ledger.keep_question(id_, draft.sha256, passage.id)

    def _keep(
        self,
        draft: NotesDraft,
        passage_id: int,
        question: str,
        answer: str,
        vector: NDArray[np.float32],
    ) -> bool:
        half = vector.astype("<f2").tobytes()
        id_, sha256 = self._document.id, draft.sha256
        return self._ledger.keep_question(id_, sha256, passage_id, question, answer, half)

    # ------------------------------------------------------------------------------- the model

    def _said(self, asked: str, tokens: int) -> str:
        return self._replied((Turn("system", SYSTEM), Turn("user", asked)), tokens)

    def _replied(self, turns: Sequence[Turn], tokens: int) -> str:
        engine = self._mind.engine()
        prompt = engine.chat_tokens(turns)
        (reply,) = engine.complete([prompt], max_tokens=tokens, stop=self._stop)
        self._check()
        return reply.text.strip()

    def _measure(self, text: str) -> int:
        self._check()
        return len(self._mind.engine().text_tokens(text))

    def _told(self, step: int, detail: str) -> None:
        self._check()
        self._tell(step, self._steps, f"{detail}: {' '.join(self._document.title.split())[:60]}")

    def _check(self) -> None:
        if self._stop.is_set():
            raise StoppedError(
                "The notes were stopped", "What was made is kept.", "They go on from there."
            )


def _spread(passages: Sequence[Passage], most: int) -> list[Passage]:
    """At most so many of the passages, evenly over them."""
    count = min(most, len(passages))
    return [passages[number * len(passages) // count] for number in range(count)]


def _question_of(passage: Passage) -> str:
    return f"{ASK}\n\n{passage.text.strip()}"


def _quoted(title: str, passages: Sequence[Passage]) -> str:
    text = "\n\n".join(passage.text.strip() for passage in passages)
    return f"Text from my document “{title}”:\n\n{text}"


def _one_question(said: str) -> str:
    """The first line that is a question, without what models write before it; "" for none."""
    for line in said.splitlines():
        text = _LEADING.sub("", line).strip(' \t"“”*`')
        if "?" in text:
            return text[: text.index("?") + 1]
    return ""


def _first_sentence(said: str) -> str:
    return _SENTENCE.split(" ".join(said.split()))[0]


def rests_on(sentence: str, question: str, text: str) -> bool:
    """Whether a text has what a sentence adds to a question: all its figures, most of its words."""
    return holds(text, sentence, ENOUGH, question) and used(sentence, question, [text])[0]
