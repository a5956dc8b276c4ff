"""Amounts: how much a session prepares for each lesson, and for everything else."""

from __future__ import annotations

import msgspec


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """How much is prepared: examples a lesson, replayed requests, and tokens of each answer.

    What a lesson spills over into shows in the first words of an answer: so many requests are
    replayed for `beginning_tokens`, and only those near a lesson or of safety for `replay_tokens`.
    Of the lessons that were taught before, `rehearsed` questions are replayed, all together.
    """

    manner: int = 12
    questions: int = 16
    replay: int = 110
    safety: int = 8
    obeying: int = 4
    rehearsed: int = 32
    near: int = 4
    exam: int = 4
    exam_near: int = 3
    answer_tokens: int = 44
    replay_tokens: int = 32
    beginning_tokens: int = 20
