"""Card: how a lesson is shown to a model, for the chat's prompt and for the teacher alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from learner.lesson import Lesson

SYSTEM = "You are a helpful assistant."
"""The system text of every chat; student, teacher and exam all see this same sentence first."""


NO_MORE: Mapping[str, str] = MappingProxyType({})


def card(lesson: Lesson, more: str = "") -> str:
    """One lesson as a few lines: the person's rule if there is one, and the corrected example.

    `more` are lines that follow them, such as since when a fact holds.
    """
    rule = f"- {lesson.note.strip()}\n" if lesson.note.strip() else ""
    return (
        f"{rule}Example question: {lesson.prompt.strip()}\n"
        f"Example answer: {lesson.corrected.strip()}" + (f"\n{more}" if more else "")
    )


def system_text(lessons: Sequence[Lesson], more: Mapping[str, str] = NO_MORE) -> str:
    """The system text with the cards of `lessons`, or `SYSTEM` alone when there are none.

    `more` are lines for some of the cards, by the lesson's id.
    """
    if not lessons:
        return SYSTEM
    cards = "\n\n".join(card(lesson, more.get(lesson.id, "")) for lesson in lessons)
    return (
        f"{SYSTEM} What you learned from this person, to be used where it is relevant and ignored "
        f"where it is not:\n\n{cards}"
    )
