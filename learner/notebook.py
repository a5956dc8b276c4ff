"""Notebook: a session's half-done work and what it was told, for the one that comes after it."""

from __future__ import annotations

import time
from typing import Protocol

import msgspec

from learner.memo import Memo
from learner.shards import TrainedShard

_EVERY = 5.0
"""Seconds between two savings at least."""

_COSTS = 20.0
"""How many times as long as saving took nothing is saved after it."""


class Notebook(Protocol):
    """Keeps sessions' bytes, as private as the lessons they come from."""

    def load(self) -> bytes | None:
        """What was saved last, or None."""
        ...

    def save(self, data: bytes) -> None:
        """Keep these bytes instead of what was kept, whole or not at all."""
        ...

    def clear(self) -> None:
        """Keep nothing."""
        ...


class NoNotebook:
    """For sessions that need not survive."""

    def load(self) -> bytes | None:
        return None

    def save(self, data: bytes) -> None:
        pass

    def clear(self) -> None:
        pass


class _Page(msgspec.Struct):
    """All that is kept: the base model's answers, finished shards, and the one in training."""

    stamp: str
    memo: Memo
    shards: list[TrainedShard]
    digest: str = ""
    checkpoint: bytes = b""


class Notes:
    """What a session has so far; taken up again where `stamp` (see `Ground`) is the same."""

    def __init__(self, notebook: Notebook, stamp: str) -> None:
        self._notebook = notebook
        self._page = _read(notebook.load(), stamp) or _Page(stamp, Memo(), [])
        self._saved = time.monotonic()
        self._cost = 0.0

    @property
    def memo(self) -> Memo:
        """The base model's answers; what is added to it is kept at the next `tick`."""
        return self._page.memo

    @property
    def shards(self) -> tuple[TrainedShard, ...]:
        """Shards whose training is finished."""
        return tuple(self._page.shards)

    def checkpoint(self, digest: str) -> bytes:
        """Where the training of the shard with this digest was, b"" for its beginning."""
        return self._page.checkpoint if digest == self._page.digest else b""

    def training(self, digest: str, checkpoint: bytes) -> None:
        """The training of a shard has come this far."""
        self._page.digest, self._page.checkpoint = digest, checkpoint
        self.tick()

    def finished(self, shard: TrainedShard) -> None:
        """A shard's training is done."""
        self._page.shards.append(shard)
        self._page.digest, self._page.checkpoint = "", b""
        self.save()

    def tick(self) -> None:
        """Save, when the last saving is long enough ago."""
        if time.monotonic() - self._saved > max(_EVERY, _COSTS * self._cost):
            self.save()

    def save(self) -> None:
        """Save now."""
        began = time.monotonic()
        self._notebook.save(msgspec.msgpack.encode(self._page))
        self._saved = time.monotonic()
        self._cost = self._saved - began


def close(notebook: Notebook) -> None:
    """The session's result is put away: of its notes the base model's answers alone are kept.

    The next session asks most of them again: of the lessons that it examines anew, and for the
    examples of those that share a shard with a new one.
    """
    data = notebook.load()
    page = _decoded(data) if data is not None else None
    if page is None:
        notebook.clear()
    else:
        left = _Page(page.stamp, page.memo.for_the_next(), [])
        notebook.save(msgspec.msgpack.encode(left))


def _read(data: bytes | None, stamp: str) -> _Page | None:
    page = _decoded(data) if data is not None else None
    return page if page and page.stamp == stamp else None


def _decoded(data: bytes) -> _Page | None:
    try:
        return msgspec.msgpack.decode(data, type=_Page)
    except msgspec.DecodeError:  # written by another version
        return None
