"""Turns: several lists mixed into one, the first of each, then the second."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import TypeVar

T = TypeVar("T")


def in_turns(*lists: Iterable[T]) -> list[T]:
    """One of each list in turn; where one is over, the others go on. Empty things are left out."""
    return [one for turn in zip_longest(*lists) for one in turn if one]
