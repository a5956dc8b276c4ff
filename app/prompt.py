"""What the model is shown: system text, lessons that are not in the weights, history that fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.errors import BadRequestError
from app.ledger_lessons import as_lesson
from app.protocol import ChatMessage, LessonRecord
from learner.card import system_text
from learner.engine import Turn

LESSON_SHARE = 0.25
"""At most this part of the window is given to lessons; the newest are kept."""

DROP_STEP = 8
"""Old turns leave the prompt this many at a time; even, so that questions keep their answers."""

CHARACTERS_A_TOKEN = 12
"""Text longer than this many characters a token of the window is refused without counting it."""


@dataclass(frozen=True)
class Prompt:
    """The turns for the engine, the lessons among them, and how many old turns were left out."""

    turns: tuple[Turn, ...]
    lessons: tuple[LessonRecord, ...]
    dropped: int


def build(
    history: Sequence[ChatMessage],
    question: str,
    lessons: Sequence[LessonRecord],
    count: Callable[[Sequence[Turn]], int],
    window: int,
) -> Prompt:
    """Assemble the prompt for `question` within `window` tokens (reply not included).

    `lessons` come newest first; the oldest are dropped beyond their share. The oldest turns of
    `history` are dropped from the front in steps of `DROP_STEP`, so that the start of a long
    conversation, which the engine has cached, stays the same for several questions.
    `count` gives the tokens of some turns. Raises BadRequestError when the question alone is too
    long.
    """
    shown = _lessons_that_fit(lessons, count, int(window * LESSON_SHARE))
    system = Turn("system", system_text([as_lesson(record) for record in shown]))
    asked = Turn("user", question)
    if len(question) > window * CHARACTERS_A_TOKEN or count([system, asked]) > window:
        raise BadRequestError(
            "This question is too long",
            f"It has {len(question):,} characters, more than the model can read at once"
            f" ({window:,} tokens).",
            "Shorten it, or ask about one part at a time.",
        )
    turns = [
        Turn(message.role, message.text)
        for message in history
        if message.text and message.state != "broken"
    ]
    start = 0
    while start < len(turns) and count([system, *turns[start:], asked]) > window:
        start += DROP_STEP
    kept = turns[start:]
    return Prompt((system, *kept, asked), shown, len(turns) - len(kept))


def _lessons_that_fit(
    lessons: Sequence[LessonRecord], count: Callable[[Sequence[Turn]], int], budget: int
) -> tuple[LessonRecord, ...]:
    kept = list(lessons)
    while kept:
        text = system_text([as_lesson(record) for record in kept])
        if len(text) <= budget * CHARACTERS_A_TOKEN and count([Turn("system", text)]) <= budget:
            break
        kept.pop()
    return tuple(kept)
