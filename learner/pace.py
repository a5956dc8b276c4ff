"""Pace: how long a study session still takes, from what it has done so far."""

from __future__ import annotations

import time

from learner.amounts import Amounts
from learner.exam import NEUTRAL
from learner.general import QUESTIONS
from learner.refusals import MANNERS

_TRAIN_SHARE = 2.0
"""Seconds of training for one of writing examples, until the trainer says better."""


class Pace:
    """Counts answers given in each phase and foretells the rest of the session."""

    def __init__(self) -> None:
        self.step = 0
        self.steps = 1
        self._phase = ""
        self._began = time.monotonic()
        self._an_answer: float | None = None
        self._train_left: float | None = None
        self._exam_steps = 0

    def examples(self, lessons: int, amounts: Amounts, examined: int = 0) -> int:
        """About how many answers and scores the examples and the baseline need.

        `examined` is how many lessons the exam will be about, where there are more.
        """
        self._exam_steps = self.exam(max(lessons, examined), amounts)
        each = 2 * amounts.manner + 2 * amounts.exam + amounts.exam_near
        replay = 2 * (amounts.replay + amounts.safety + lessons * amounts.near) + amounts.obeying
        return lessons * each + replay + 2 * NEUTRAL + MANNERS + len(QUESTIONS)

    def exam(self, lessons: int, amounts: Amounts) -> int:
        """About how many answers and scores one examination needs."""
        return lessons * (amounts.exam + amounts.exam_near) + NEUTRAL + MANNERS + len(QUESTIONS)

    def exam_seconds(self, lessons: int, amounts: Amounts) -> float:
        """Seconds one examination will take at the speed seen so far."""
        return 1.5 * self.exam(lessons, amounts) * (self._an_answer or 1.0)

    def enter(self, phase: str, steps: int) -> None:
        """A phase begins."""
        self._phase, self.step, self.steps = phase, 0, max(1, steps)
        self._began = time.monotonic()

    def done(self, n: int) -> None:
        """`n` more answers are there."""
        self.step += n
        self.steps = max(self.steps, self.step)
        if self._phase in ("examples", "exam"):
            self._an_answer = (time.monotonic() - self._began) / self.step

    def trained(self, seconds_left: float | None) -> None:
        """What the trainer says it still needs."""
        self._train_left = seconds_left

    def seconds_left(self) -> float | None:
        """Seconds to the session's end, None while nothing was measured."""
        if self._an_answer is None:
            return None
        exam = self._exam_steps * self._an_answer
        here = (self.steps - self.step) * self._an_answer
        if self._phase == "examples":
            return here + _TRAIN_SHARE * self.steps * self._an_answer + exam
        if self._phase == "train":
            return None if self._train_left is None else self._train_left + exam
        return here
