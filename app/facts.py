"""Facts: which of them hold today, since when, and what was so before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.protocol import LessonRecord
from learner.lesson import shortened

BEFORE = 120
"""Characters shown of what was so before; the prompt stays small."""


def holding(lessons: Sequence[LessonRecord], today: date) -> list[LessonRecord]:
    """The lessons that count on a day, in the order given; for facts their own dates decide.

    A fact whose successor begins only later still holds, and that successor does not yet.
    """
    return [lesson for lesson in lessons if _holds(lesson, today.isoformat())]


def since(lessons: Sequence[LessonRecord]) -> dict[str, str]:
    """By the id of a fact, lines that say since when it holds, and what was so before.

    Only for facts whose date says something: the person gave it, or an earlier fact ended with it.
    `lessons` are all there are.
    """
    before = {
        (lesson.superseded_by, lesson.valid_to): lesson
        for lesson in sorted(lessons, key=lambda each: each.valid_from or "")
        if lesson.kind == "fact"
    }
    lines = {}
    for lesson in lessons:
        earlier = before.get((lesson.id, lesson.valid_from))
        if lesson.valid_from and (lesson.from_given or earlier):
            lines[lesson.id] = _line(lesson.valid_from, earlier)
    return lines


def dates_of(lesson: LessonRecord) -> str:
    """From when until when a fact holds, for a list; "" for other lessons."""
    if lesson.valid_from is None:
        return ""
    told = f"since {in_words(lesson.valid_from)}"
    if lesson.valid_to is None:
        return told
    by = f", replaced by {lesson.superseded_by}" if lesson.superseded_by else ""
    return f"{told}, until {in_words(lesson.valid_to)}{by}"


def in_words(day: str) -> str:
    """An ISO date as a person writes it: 3 March 2025."""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B} {found.year}"


def _holds(lesson: LessonRecord, today: str) -> bool:
    if lesson.kind != "fact" or lesson.valid_from is None:
        return lesson.state not in ("superseded", "forgotten")
    ended = lesson.valid_to is not None and lesson.valid_to <= today
    return lesson.valid_from <= today and not ended


def _line(begins: str, before: LessonRecord | None) -> str:
    """As an example, like the rest of the card: what else small models are told, they repeat."""
    line = f"Example question: Since when?\nExample answer: Since {in_words(begins)}."
    if before is None:
        return line
    return f"{line}\nBefore {in_words(begins)}: {shortened(before.corrected, BEFORE)}"
