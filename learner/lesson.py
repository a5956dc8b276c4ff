"""Lesson: one correction, the input format of the learner."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a lesson is about, which decides how it is taught."""

    MANNER = "manner"
    TERM = "term"
    PROCEDURE = "procedure"
    FACT = "fact"


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as the learner sees it (one JSON object a line in a lesson file).

    `prompt` is what was asked, `corrected` what should have been answered, `rejected` what was
    answered instead, `note` the person's own rule in words.
    """

    id: str
    kind: Kind
    prompt: str
    corrected: str
    rejected: str = ""
    note: str = ""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """A measuring question with regular expressions for its answer; never trained on.

    A probe passes when every `must` pattern is found in the answer and no `must_not` is.
    """

    prompt: str
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


class ProbedLesson(Lesson, frozen=True, kw_only=True):
    """A lesson of a measuring file: the lesson plus its probes and near-misses."""

    probes: tuple[Probe, ...] = ()
    near: tuple[Probe, ...] = ()
