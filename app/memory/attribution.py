"""Attribution: which of the passages shown to the model its reply really used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from app.matching import STEM, is_common

SUPPORTED = 0.5
"""A sentence rests on a passage that has this share of what the sentence adds to the question."""

NAMED = 0.25
"""As much is enough where the reply names the passage by its number."""

RESTATED = 0.8
"""A sentence that adds nothing to the question must be found in a passage almost whole."""

_WORD = re.compile(r"\w+(?:[.,:'’]\w+)*", re.UNICODE)
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
_MARKER = re.compile(r"\[(\d{1,3})\]")


def used(reply: str, question: str, passages: Sequence[str]) -> list[bool]:
    """For each passage whether the reply took something from it.

    Models of this size put numbers behind their sentences when they please, so the words decide:
    what a sentence adds to the question (names, figures, words) must stand in the passage. A word
    counts the less the more passages have it.
    """
    words = [set(_stems(passage)) for passage in passages]
    spread = Counter(word for found in words for word in found)
    asked = set(_stems(question))
    taken = [False] * len(passages)
    for sentence in _SENTENCE.split(reply):
        named = {int(number) - 1 for number in _MARKER.findall(sentence)}
        stems = set(_stems(_MARKER.sub(" ", sentence)))
        for index in _rests_on(stems, asked, words, spread, named):
            taken[index] = True
    return taken


def _rests_on(
    stems: set[str],
    asked: set[str],
    words: Sequence[set[str]],
    spread: Counter[str],
    named: set[int],
) -> list[int]:
    added = stems - asked
    telling = added or stems
    least = SUPPORTED if added else RESTATED
    weight = {word: 1.0 / max(1, spread[word]) for word in telling}
    total = sum(weight.values())
    if not total or (not added and len(stems) < 3):
        return []
    shares = [sum(weight[word] for word in telling & found) / total for found in words]
    best = max(shares, default=0.0)
    return [
        index
        for index, share in enumerate(shares)
        if (share >= least and share >= 0.9 * best) or (index in named and share >= NAMED)
    ]


def _stems(text: str) -> list[str]:
    """Telling words, cut to their stems; figures are kept whole."""
    found = (word.casefold() for word in _WORD.findall(text))
    return [
        word if any(c.isdigit() for c in word) else word[:STEM]
        for word in found
        if not is_common(word) and (len(word) > 1 or word.isdigit())
    ]
