"""Memo: what the base model answered, so that nothing need be asked of it twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from learner.engine import Completion, Scored

Tokens = Sequence[int]
T = TypeVar("T")


class Memo(msgspec.Struct):
    """Replies and scores of the untouched model by a hash of what was asked.

    Whole groups of questions are remembered, not single ones: what comes of a memo is then what
    the engine would say, whether or not its replies depend on the company they are made in. What
    the session before was told is `earlier`; what nothing asks for any more does not outlive this
    one.
    """

    replies: dict[bytes, list[Completion]] = msgspec.field(default_factory=dict)
    scores: dict[bytes, list[Scored]] = msgspec.field(default_factory=dict)
    earlier: Memo | None = None

    def reply(self, name: bytes) -> list[Completion] | None:
        """What was answered to the group of this name; None if it was never asked."""
        return _recalled(name, self.replies, self.earlier.replies if self.earlier else {})

    def score(self, name: bytes) -> list[Scored] | None:
        """The same of scores."""
        return _recalled(name, self.scores, self.earlier.scores if self.earlier else {})

    def for_the_next(self) -> Memo:
        """What a session to come begins with."""
        return Memo(earlier=Memo(self.replies, self.scores))


def key(asked: Sequence[Tokens] | Sequence[tuple[Tokens, Tokens]], *wanted: float) -> bytes:
    """A short name for a group of questions and what was wanted of the answers."""
    return hashlib.sha256(msgspec.msgpack.encode((asked, wanted))).digest()


def _recalled(name: bytes, now: dict[bytes, T], earlier: dict[bytes, T]) -> T | None:
    """What is known by a name; what only the session before knew is known to this one from now."""
    if name not in now and name in earlier:
        now[name] = earlier[name]
    return now.get(name)
