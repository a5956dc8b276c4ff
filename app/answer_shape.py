"""Answer shape: in which manner one answer differs from another, beyond other words for it."""

from __future__ import annotations

import re
from typing import Literal

Manner = Literal["as a list", "without a list", "shorter", "longer"]

MUCH = 0.6
"""Share of the longer answer's words below which the other is shorter, not only put otherwise."""

LEAST_WORDS = 30
"""Of the longer one; between a few words and fewer nothing can be told."""

_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\S", re.M)


def difference(first: str, second: str) -> Manner | None:
    """How `second` differs from `first`, or None where that would be a guess."""
    before, after = _is_list(first), _is_list(second)
    if before != after:
        return "as a list" if after else "without a list"
    words = len(first.split()), len(second.split())
    if max(words) < LEAST_WORDS or min(words) > MUCH * max(words):
        return None
    return "shorter" if words[1] < words[0] else "longer"


def _is_list(text: str) -> bool:
    return len(_ITEM.findall(text)) >= 2
