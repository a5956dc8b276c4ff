"""Memo: what the base model answered in a session, so that nothing need be asked of it twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from learner.engine import Completion, Scored

Tokens = Sequence[int]


class Memo(msgspec.Struct):
    """Replies and scores of the untouched model by a hash of what was asked.

    Whole groups of questions are remembered, not single ones: what comes of a memo is then what
    the engine would say, whether or not its replies depend on the company they are made in.
    """

    replies: dict[bytes, list[Completion]] = msgspec.field(default_factory=dict)
    scores: dict[bytes, list[Scored]] = msgspec.field(default_factory=dict)


def key(asked: Sequence[Tokens] | Sequence[tuple[Tokens, Tokens]], amount: int) -> bytes:
    """A short name for a group of questions and how much was wanted of the answers."""
    return hashlib.sha256(msgspec.msgpack.encode((asked, amount))).digest()
