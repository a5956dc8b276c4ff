"""Lesson words: a lesson's title and where it stands, as a person reads them."""

from __future__ import annotations

from dataclasses import dataclass

from app.protocol import LessonRecord

TITLE = 200
"""Characters of a title; the whole text is in the lesson's details."""


@dataclass(frozen=True)
class Standing:
    """A state in a word, the stylesheet role of its chip, and what it means in a sentence."""

    word: str
    role: str
    told: str


def title_of(lesson: LessonRecord) -> str:
    """What was taught: the person's own rule, or else what they had asked."""
    words = " ".join((lesson.note or lesson.prompt).split())
    return words if len(words) <= TITLE else words[: TITLE - 1].rstrip() + "…"


def standing(lesson: LessonRecord) -> Standing:
    """Where a lesson stands."""
    if lesson.state == "learned":
        where = f"in version {lesson.adapter}" if lesson.adapter else ""
        return Standing("Learned", "chip-learned", where)
    if lesson.state == "in_context":
        told = lesson.reason or "It is shown to the model when it matters."
        return Standing("Kept in context", "chip-context", told)
    if lesson.state == "superseded":
        return Standing("Superseded", "chip", lesson.reason or "A newer correction replaced it.")
    if lesson.state == "forgotten":
        return Standing("Forgotten", "chip", "")
    if lesson.kind == "fact":
        return Standing("New", "chip-new", "Shown to the model when it matters.")
    told = "Shown to the model until studied."
    return Standing("New", "chip-new", f"{lesson.reason} {told}" if lesson.reason else told)


def matches(lesson: LessonRecord, words: str) -> bool:
    """Whether every one of the `words` stands somewhere in the lesson."""
    texts = (lesson.note, lesson.prompt, lesson.corrected, lesson.rejected, lesson.kind)
    everything = "\n".join(texts).casefold()
    return all(word in everything for word in words.casefold().split())
