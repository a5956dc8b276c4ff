"""Lesson words: a lesson's title and where it stands, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.protocol import LessonRecord
from ui.words import shortened, whole_day

TITLE = 200
"""Characters of a title; the whole text is in the lesson's details."""

REPLACED = 80
"""Characters told of what took a fact's place."""


@dataclass(frozen=True)
class Standing:
    """A state in a word, the stylesheet role of its chip, and what it means in a sentence."""

    word: str
    role: str
    told: str


def title_of(lesson: LessonRecord) -> str:
    """What was taught: the person's own rule, or else what they had asked."""
    return shortened(lesson.note or lesson.prompt, TITLE)


def standing(lesson: LessonRecord) -> Standing:
    """Where a lesson stands."""
    if lesson.state == "learned":
        where = f"in version {lesson.adapter}" if lesson.adapter else ""
        return Standing("Learned", "chip-learned", where)
    if lesson.kind == "fact" and lesson.state != "forgotten":
        return _of_fact(lesson, date.today().isoformat())
    if lesson.state == "in_context":
        return _in_context(lesson)
    if lesson.state == "superseded":
        return Standing("Superseded", "chip", lesson.reason or "A newer correction replaced it.")
    if lesson.state == "forgotten":
        return Standing("Forgotten", "chip", "")
    told = "Shown to the model until studied."
    return Standing("New", "chip-new", f"{lesson.reason} {told}" if lesson.reason else told)


def _of_fact(lesson: LessonRecord, today: str) -> Standing:
    """A fact's own dates decide; those are told beside it."""
    ended = lesson.valid_to is not None and lesson.valid_to <= today
    if lesson.state == "superseded" and (ended or lesson.valid_to is None):
        return Standing("Superseded", "chip", "" if lesson.superseded_by else lesson.reason)
    if ended:
        return Standing("Ended", "chip", "It is no longer shown to the model.")
    if lesson.valid_from is not None and lesson.valid_from > today:
        return Standing("To come", "chip-new", "It is shown to the model from its day on.")
    if lesson.state == "in_context":
        return _in_context(lesson)
    return Standing("New", "chip-new", "Shown to the model when it matters.")


def _in_context(lesson: LessonRecord) -> Standing:
    told = lesson.reason or "It is shown to the model when it matters."
    return Standing("Kept in context", "chip-context", told)


def dates(lesson: LessonRecord, newer: LessonRecord | None) -> str:
    """From when until when a fact holds, and what took its place; "" for other lessons."""
    if lesson.valid_from is None:
        return ""
    told = f"Since {whole_day(lesson.valid_from)}"
    if lesson.valid_to is None:
        return told
    told = f"{told}, until {whole_day(lesson.valid_to)}"
    if newer is None:
        return told
    return f"{told}, replaced by “{shortened(newer.corrected, REPLACED)}”"


def matches(lesson: LessonRecord, words: str) -> bool:
    """Whether every one of the `words` stands somewhere in the lesson."""
    texts = (lesson.note, lesson.prompt, lesson.corrected, lesson.rejected, lesson.kind)
    everything = "\n".join(texts).casefold()
    return all(word in everything for word in words.casefold().split())


def to_study(lessons: Iterable[LessonRecord]) -> list[LessonRecord]:
    """Those that a study session would practise: facts are not, nor is what no longer counts."""
    left_out = ("superseded", "forgotten")
    return [x for x in lessons if x.kind != "fact" and x.state not in left_out]
