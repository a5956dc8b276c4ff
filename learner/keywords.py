"""Keywords: the words of a lesson that carry it, and the phrases only it can have taught."""

from __future__ import annotations

import re

from learner.lesson import Lesson

STEM = 5
"""Words count as equal when their first letters are: enough for release/releases/releasing."""

_WORD = re.compile(r"\w+(?:[:.]\d+)*", re.UNICODE)
_CODE = re.compile(r"`([^`\n]+)`")
_COMMON = frozenset(
    "a about after all also am an and any are as ask at be because been being but by called can"
    " come could did do does done during each else for from get give given go good had has have he"
    " help her here him his how i if in into is it its just keep know let like made make many may"
    " me mean means more most much must my need never new no not now of off on one only or our out"
    " over people person place please put really run say see set she should show so some take tell"
    " than thank that the their them then there these they thing this those through time to too two"
    " under until up us use used using very want was way we well were what when where which while"
    " who why will with would write you your yes about around wants comma commas numbered".split()
)


def stems(text: str) -> frozenset[str]:
    """The words that carry meaning, cut to their stems."""
    return frozenset(stem(word) for word in words(text))


def words(text: str) -> list[str]:
    """The words that carry meaning, in order, in lower case."""
    return [word for word in map(str.casefold, _WORD.findall(text)) if word not in _COMMON]


def stem(word: str) -> str:
    """A word's first letters; a number is kept whole."""
    return word if word[:1].isdigit() else word[:STEM]


def commands(lesson: Lesson) -> tuple[str, ...]:
    """What the corrected answer sets as code, which an answer must repeat to the letter."""
    return tuple(dict.fromkeys(_CODE.findall(lesson.corrected)))


def key_stems(lesson: Lesson) -> frozenset[str]:
    """What the corrected answer says that its question does not: the substance of the lesson."""
    return stems(lesson.corrected) - stems(lesson.prompt)
