"""Amounts: how much a session prepares for each lesson, and for everything else."""

from __future__ import annotations

import msgspec


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """How much is prepared: examples a lesson, replayed requests, and tokens of each answer.

    Most requests are replayed for `beginning_tokens`, which must reach the second sentence: else an
    answer is learned to end with the first. Those near a lesson or of safety go on for
    `replay_tokens`. Of all earlier lessons together, `rehearsed` questions are replayed.
    """

    manner: int = 16
    questions: int = 16
    replay: int = 140
    safety: int = 16
    obeying: int = 4
    rehearsed: int = 48
    near: int = 4
    exam: int = 4
    exam_near: int = 3
    answer_tokens: int = 44
    replay_tokens: int = 36
    beginning_tokens: int = 24
