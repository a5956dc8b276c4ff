"""Vector index: the disposable Chroma index over the ledger, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.erase import shred_all
from app.errors import IndexDiedError
from app.memory import index_wire as wire
from app.paths import disk_errors, write_atomic

_COMPLETE = "complete"
"""A file written last: a generation without it was not built to its end."""


class VectorIndex:
    """Generations below one folder, one of them open; safe to use from many threads.

    Every method may raise IndexDiedError when the process ended or Chroma failed: the caller does
    without the index and builds another generation. Chroma holds ids and vectors, no text.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is ours alone; nothing is started before the first call."""
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        self._guard = threading.RLock()
        self._closed = False

    def open(self, generation: str, count: int) -> bool:
        """Serve from a generation of `count` vectors; others are erased.

        False when it is not there, was not built to its end, or holds another number.
        """
        folder = self._folder / generation
        if not (folder / _COMPLETE).is_file():
            return False
        found = self._call(wire.Open(str(folder))).count
        if found != count:
            return False
        self._erase(but=folder)
        return True

    def build(
        self,
        generation: str,
        batches: Iterable[tuple[NDArray[np.int64], NDArray[np.floating]]],
    ) -> int:
        """Build a generation in a process of its own while another serves; gives how many it holds.

        Raises StorageFullError, LedgerError as well.
        """
        folder = self._folder / generation
        with disk_errors(folder):
            folder.mkdir(parents=True, mode=0o700)
        builder = _start()
        held = 0
        try:
            _ask(builder, wire.Open(str(folder), create=True))
            for ids, vectors in batches:
                if self._closed:
                    raise _died("Nightschool is closing.")
                _ask(builder, _add(ids, vectors))
                held += len(ids)
        finally:
            _end(builder)
        write_atomic(folder / _COMPLETE, str(held).encode())
        return held

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.floating]) -> None:
        """Take in vectors (n, width); an id that is known gets the new one."""
        self._call(_add(ids, vectors))

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Drop vectors; they stay in Chroma's files until another generation is built."""
        self._call(wire.Remove(np.asarray(ids, dtype="<i8").tobytes()))

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """The `k` nearest ids with their cosines, the nearest first."""
        reply = self._call(wire.Search(np.asarray(vector, dtype="<f4").tobytes(), k))
        return list(zip(reply.ids, reply.cosines, strict=True))

    def erase(self) -> None:
        """Erase every generation; nothing of any vector stays in these files."""
        with self._guard:
            self._stop()
            self._erase(but=None)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        with self._guard:
            self._stop()

    def _erase(self, but: Path | None) -> None:
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            if folder != but:
                shred_all(folder)
                for inside in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
                    inside.rmdir()
                folder.rmdir()

    def _call(self, call: wire.AnyCall) -> wire.Reply:
        with self._guard:
            if self._closed:
                raise _died("Nightschool is closing.")
            if self._child is None:
                self._child = _start()
            try:
                return _ask(self._child, call)
            except IndexDiedError:
                self._stop()
                raise

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            _end(child)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "app.memory.index_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _ask(child: subprocess.Popen[bytes], call: wire.AnyCall) -> wire.Reply:
    """Ask and wait. Raises IndexDiedError when the process ended or Chroma failed."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        wire.send(child.stdin, call)  # type: ignore[arg-type]
        data = wire.receive(child.stdout)  # type: ignore[arg-type]
    except (OSError, ValueError) as error:
        raise _died("Its process ended.") from error
    if data is None:
        raise _died("Its process ended.")
    reply = msgspec.msgpack.decode(data, type=wire.Reply)
    if reply.error:
        raise _died(f"Chroma says: {reply.error}.")
    return reply


def _end(child: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends it; kill it when it does not."""
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(OSError):
        child.stdin.close()
    try:
        child.wait(3.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()


def _add(ids: NDArray[np.int64], vectors: NDArray[np.floating]) -> wire.Add:
    rows = np.asarray(vectors, dtype="<f4")
    return wire.Add(np.asarray(ids, dtype="<i8").tobytes(), rows.tobytes(), rows.shape[1])


def _died(why: str) -> IndexDiedError:
    return IndexDiedError(
        "The index does not answer",
        why,
        "Nothing is lost: it is built anew, and searching goes on without it.",
    )
