"""Counted: so many of so many, and how sure one can be of a share or of a mean over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import mean, stdev

import msgspec

_T_95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t, two-sided 95 %, for 1 to 9 degrees of freedom."""


class Counted(msgspec.Struct, frozen=True):
    """So many of so many."""

    passed: int = 0
    asked: int = 0

    @classmethod
    def of(cls, found: Iterable[bool]) -> Counted:
        """How many of these are true."""
        every = tuple(found)
        return cls(sum(every), len(every))

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.passed + other.passed, self.asked + other.asked)

    def __str__(self) -> str:
        return f"{self.passed}/{self.asked}"

    @property
    def share(self) -> float:
        """The part that passed, 0 for nothing asked."""
        return self.passed / self.asked if self.asked else 0.0

    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the share (Wilson)."""
        if not self.asked:
            return 0.0, 1.0
        z, n, p = 1.96, self.asked, self.share
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return middle - half, middle + half


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and 95 % interval over seeds (Student's t); one value has no interval but itself."""
    middle = mean(values)
    if len(values) < 2:
        return middle, middle, middle
    t = _T_95[min(len(values) - 1, len(_T_95)) - 1]
    half = t * stdev(values) / math.sqrt(len(values))
    return middle, middle - half, middle + half
