"""What the model is shown: system text, lessons not in the weights, summary, history, passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.errors import BadRequestError
from app.ledger_lessons import as_lesson
from app.ledger_summaries import SummaryPart
from app.protocol import ChatMessage, EarlierSummary, LessonRecord, Passage
from learner.card import NO_MORE, system_text
from learner.engine import Turn

LESSON_SHARE = 0.25
"""At most this part of the window is given to lessons; the newest are kept."""

PASSAGE_SHARE = 0.5
"""At most this part of the window is given to passages; the best are kept."""

SUMMARY_SHARE = 0.15
"""At most this part of the window is given to the summary of messages that no longer fit."""

SUMMARISED = "What was said earlier in this conversation, in short:"

NOT_THERE = "This is not in your documents."
"""What is answered where the documents do not hold it."""

DROP_STEP = 8
"""Old turns leave the prompt this many at a time; even, so that questions keep their answers."""

CHARACTERS_A_TOKEN = 12
"""Text longer than this many characters a token of the window is refused without counting it."""


@dataclass(frozen=True)
class Prompt:
    """The turns for the engine, what stands in them, and how many old turns were left out.

    `earlier` is the summary that stands for those, if there is one.
    """

    turns: tuple[Turn, ...]
    lessons: tuple[LessonRecord, ...]
    dropped: int
    passages: tuple[Passage, ...] = ()
    earlier: EarlierSummary | None = None


def build(
    history: Sequence[ChatMessage],
    question: str,
    lessons: Sequence[LessonRecord],
    count: Callable[[Sequence[Turn]], int],
    window: int,
    passages: Sequence[Passage] = (),
    *,
    only_documents: bool = False,
    since: Mapping[str, str] = NO_MORE,
    summary: Sequence[SummaryPart] = (),
) -> Prompt:
    """Assemble the prompt for `question` within `window` tokens (reply not included).

    `lessons` come newest first, `passages` best first; the last are dropped beyond their share.
    `since` says of some facts since when they hold (`facts.since`).
    Passages stand with the question, numbered from 1 and quoted; with `only_documents` nothing
    else may be answered from. The oldest turns of
    `history` are dropped from the front in steps of `DROP_STEP`, so that the start of a long
    conversation, which the engine has cached, stays the same for several questions. What `summary`
    (oldest part first) has of turns that were dropped stands before the others.
    `count` gives the tokens of some turns. Raises BadRequestError when the question alone is too
    long.
    """
    shown = _lessons_that_fit(lessons, since, count, int(window * LESSON_SHARE))
    system = Turn("system", system_text([as_lesson(record) for record in shown], since))
    bare = Turn("user", question)
    if len(question) > window * CHARACTERS_A_TOKEN or count([system, bare]) > window:
        raise BadRequestError(
            "This question is too long",
            f"It has {len(question):,} characters, more than the model can read at once"
            f" ({window:,} tokens).",
            "Shorten it, or ask about one part at a time.",
        )
    budget = min(int(window * PASSAGE_SHARE), window - count([system, bare]))
    quoted = _passages_that_fit(passages, question, only_documents, count, budget)
    asked = Turn("user", with_passages(question, quoted, only_documents)) if quoted else bare
    told = readable(history)
    start = first_that_fits(told, system, asked, count, window)
    earlier = None
    if start and (parts := _of_dropped(summary, told, start)):
        room = min(int(window * SUMMARY_SHARE), window - count([system, asked]))
        earlier, system = _with_summary(system, parts, told, count, room)
        start = first_that_fits(told, system, asked, count, window, start)
    turns = (system, *_turns(told[start:]), asked)
    return Prompt(turns, shown, min(start, len(told)), quoted, earlier)


def readable(history: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages that a model is shown, where they fit."""
    return [message for message in history if message.text and message.state != "broken"]


def first_that_fits(
    told: Sequence[ChatMessage],
    system: Turn,
    asked: Turn,
    count: Callable[[Sequence[Turn]], int],
    window: int,
    start: int = 0,
) -> int:
    """How many messages are dropped from the front so that the rest fits; at least `start`."""
    turns = _turns(told)
    while start < len(turns) and count([system, *turns[start:], asked]) > window:
        start += DROP_STEP
    return start


def with_summary(system: Turn, text: str) -> Turn:
    """The system text, and a summary of what was said before the turns that follow it."""
    return Turn("system", f"{system.content}\n\n{SUMMARISED}\n{text}")


def _turns(told: Sequence[ChatMessage]) -> list[Turn]:
    return [Turn(message.role, message.text) for message in told]


def _of_dropped(
    summary: Sequence[SummaryPart], told: Sequence[ChatMessage], start: int
) -> list[SummaryPart]:
    """The parts that tell of turns before `start`, and of none after the last."""
    dropped = told[:start][-1].id
    last = told[-1].id
    return [part for part in summary if part.shown and part.first <= dropped and part.last <= last]


def _with_summary(
    system: Turn,
    parts: list[SummaryPart],
    told: Sequence[ChatMessage],
    count: Callable[[Sequence[Turn]], int],
    room: int,
) -> tuple[EarlierSummary | None, Turn]:
    """The newest parts that fit into `room` tokens, and the system text with them."""
    alone = count([system])
    for first in range(len(parts)):
        text = "\n".join(part.text for part in parts[first:])
        whole = with_summary(system, text)
        if count([whole]) - alone <= room:
            last = parts[-1].last
            messages = sum(message.id <= last for message in told)
            return EarlierSummary(text=text, messages=messages, last=last), whole
    return None, system


def place(passage: Passage) -> str:
    """Where a passage stands, as a person would say it: title, section, page."""
    heading = f" › {passage.heading}" if passage.heading else ""
    page = f", page {passage.page}" if passage.page is not None else ""
    return f"{passage.title}{heading}{page}"


def with_passages(question: str, passages: Sequence[Passage], only_documents: bool) -> str:
    """The passages, and then the question, so that small models still have it in mind.

    They are not asked to name their sources: models of this size lose themselves in numbers, and
    `app.memory.attribution` finds what was used by itself.
    """
    quoted = "\n\n".join(
        f"Passage {number}, from {place(passage)}:\n{passage.text.strip()}"
        for number, passage in enumerate(passages, start=1)
    )
    how = (
        f"Answer from these passages alone; if they do not hold the answer, say: {NOT_THERE}"
        if only_documents
        else "Where these passages hold the answer, take it from them."
    )
    return f"Passages from my documents:\n\n{quoted}\n\n{how}\n\n{question}"


def _passages_that_fit(
    passages: Sequence[Passage],
    question: str,
    only_documents: bool,
    count: Callable[[Sequence[Turn]], int],
    budget: int,
) -> tuple[Passage, ...]:
    kept = list(passages)
    alone = count([Turn("user", question)])
    while kept:
        text = with_passages(question, kept, only_documents)
        fits = len(text) <= (budget + alone) * CHARACTERS_A_TOKEN
        if fits and count([Turn("user", text)]) - alone <= budget:
            break
        kept.pop()
    return tuple(kept)


def _lessons_that_fit(
    lessons: Sequence[LessonRecord],
    since: Mapping[str, str],
    count: Callable[[Sequence[Turn]], int],
    budget: int,
) -> tuple[LessonRecord, ...]:
    kept = list(lessons)
    while kept:
        text = system_text([as_lesson(record) for record in kept], since)
        if len(text) <= budget * CHARACTERS_A_TOKEN and count([Turn("system", text)]) <= budget:
            break
        kept.pop()
    return tuple(kept)
