"""Matching: what texts share in words and figures, and which lessons a question wants to see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.protocol import LessonRecord

STEM = 5
"""Words count as equal when their first five letters are: enough for deploy/deploys/deploying."""

FIGURE = re.compile(r"\d+(?:[.,:/-]\d+)*")
"""A number, a date or a time."""

_word = re.compile(r"\w+", re.UNICODE)
_common = frozenset(
    "a about all also am an and any are as at be because been but by can could did do does for from"
    " get give go had has have he help her here him his how i if in into is it its just know let"
    " like make many may me more most much my need no not now of on one or our out please say see"
    " she should show so some tell than thank that the their them then there these they this those"
    " to up us use was way we well were what when where which who why will with would write you"
    " your".split()
)

_when = frozenset(word[:STEM] for word in "since before until after ago earlier".split())


def is_common(word: str) -> bool:
    """Whether a word is so common that it tells nothing of what a text is about."""
    return word.casefold() in _common


def content_words(text: str) -> frozenset[str]:
    """The words that carry meaning, cut to their stems."""
    words = (word.casefold() for word in _word.findall(text) if not is_common(word))
    return frozenset(word[:STEM] for word in words)


def figures(text: str) -> frozenset[str]:
    """Its numbers, dates and times, as they are written."""
    return frozenset(FIGURE.findall(text))


def holds(text: str, sentence: str, share: float, beside: str = "") -> bool:
    """Whether a text has what a sentence adds to another beside it.

    That is all of its figures, and at least this share of its telling words.
    """
    if not figures(sentence) <= figures(f"{beside} {text}"):
        return False
    added = content_words(sentence) - content_words(beside)
    return len(added & content_words(text)) >= share * len(added)


def subject(asked: Iterable[str]) -> str:
    """Of questions that come last first, the first that says what it is about; "" for none.

    Not “Since when?” or “And before?”, which are about what was asked before them.
    """
    return next((text for text in asked if content_words(text) - _when), "")


def closest(lessons: Sequence[LessonRecord], question: str, recent: str = "") -> list[LessonRecord]:
    """Those whose own questions share most with what is asked, several where they share as much.

    A question about the time alone asks about `recent`, the `subject` of the turns before.
    """
    asked = content_words(question) - _when or content_words(recent)

    def shared(lesson: LessonRecord) -> float:
        words = content_words(lesson.prompt)
        return len(asked & words) / max(1, len(asked | words))

    most = max(map(shared, lessons), default=0.0)
    return [lesson for lesson in lessons if shared(lesson) == most]


def matching(
    lessons: Sequence[LessonRecord], question: str, recent: str = ""
) -> list[LessonRecord]:
    """The lessons to show with `question`: every rule of manner, others when they share a word.

    A manner lesson may apply to any request, so it is always shown. `recent` is the `subject` of
    the turns before, so that "and who owns it?" still finds its lesson. Order is kept.
    """
    asked = content_words(question) | content_words(recent)
    return [
        lesson
        for lesson in lessons
        if lesson.kind == "manner" or asked & content_words(f"{lesson.prompt} {lesson.note}")
    ]
