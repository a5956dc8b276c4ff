"""Vector index: approximate search in one generation of files that can be thrown away."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.erase import shred_all
from app.errors import BadRequestError, IndexDiedError
from app.memory import memory_wire as wire
from app.memory.memory_client import MemoryClient
from app.paths import disk_errors

_BUILD_AT_ONCE = 1000
"""Passages a message while an index is built."""

_ADD_AT_ONCE = 25
"""Passages a message beside searches, which may have to wait for one such."""

Batch = tuple[NDArray[np.int64], NDArray[np.float16]]
"""Passage ids (n,) and their vectors (n, width), each of length 1."""


class VectorIndex:
    """Passage ids and vectors, no text; safe to use from many threads.

    The ledger holds every vector as well, so an index in doubt is built anew, never repaired.
    Whatever goes wrong in the child raises IndexDiedError at once; then the index is not open any
    more, the caller searches exactly, and opens or builds it again. A change waits for another;
    a search waits for nothing but a part of a change. While one is being built, none is open.
    """

    def __init__(self, folder: Path, client: MemoryClient) -> None:
        """`folder` is the index's own: each generation has a folder in it."""
        self._folder = folder
        self._client = client
        self._changing = threading.RLock()
        self._life: int | None = None
        self._holder: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether searches can be tried."""
        return self._life is not None

    def open(self, generation: str, count: int) -> bool:
        """Open what is there; False if that must be built: missing, damaged, or not `count` ids.

        Other generations are shredded. Raises BadRequestError, LedgerError, StorageFullError.
        """
        with self._changing:
            place = self._place(generation)
            self._let_go(keep=True)
            self._shred(but=place)
            if not place.is_dir():
                return False
            with suppress(IndexDiedError):  # files that end the child are as good as none
                life = self._holder = self._client.life
                held = self._counted(lambda id_: wire.Open(id=id_, folder=str(place)), life)
                if held == count:
                    self._life = life
                    return True
            self._let_go(keep=False)
            return False

    def build(self, generation: str, batches: Iterable[Batch]) -> int:
        """Make the index anew; gives how many passages it holds.

        It counts as made only at the end: what `batches` raises, and IndexDiedError, leave nothing
        that `open` would take. Everything older is shredded first.
        """
        with self._changing:
            place = self._place(generation)
            self._let_go(keep=False)
            self._shred()
            with disk_errors(self._folder):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            life = self._holder = self._client.life
            self._counted(lambda id_: wire.Begin(id=id_, folder=str(place)), life)
            for ids, vectors in batches:
                self._send(ids, vectors, life, _BUILD_AT_ONCE)
            held = self._counted(lambda id_: wire.Save(id=id_), life)
            self._life = life
            return held

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float16]) -> None:
        """Add passages; one that is there already gets the new vector."""
        with self._changing:
            self._send(ids, vectors, self._opened(), _ADD_AT_ONCE)

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Take passages out of searches; their vectors stay in the files until the next `build`."""
        with self._changing:
            life = self._opened()
            for start in range(0, len(ids), _ADD_AT_ONCE):
                data = ids[start : start + _ADD_AT_ONCE].astype(np.int64).tobytes()
                self._counted(partial(_remove, data), life)

    def save(self) -> None:
        """Make what was added and removed outlive a crash, at the price of reading all files.

        Without it, and without `close`, an index that was changed has to be built again.
        """
        with self._changing:
            self._counted(lambda id_: wire.Save(id=id_), self._opened())

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Up to `k` passages with their cosines, the nearest first; now and then one is missed."""
        life = self._opened()
        if k <= 0:
            return []
        data = vector.astype(np.float32).tobytes()
        answer = self._asked(lambda id_: wire.Search(id=id_, vector=data, k=k), life)
        if not isinstance(answer, wire.Found):
            raise _not_open()
        ids = np.frombuffer(answer.ids, np.int64).tolist()
        return list(zip(ids, np.frombuffer(answer.cosines, np.float32).tolist(), strict=True))

    def erase(self) -> None:
        """Shred every generation; none is open afterwards."""
        with self._changing:
            self._let_go(keep=False)
            self._shred()

    def close(self) -> None:
        """Let go of the files in good order; the client, which is shared, stays."""
        with self._changing:
            self._let_go(keep=True)

    def _place(self, generation: str) -> Path:
        if not generation or generation.startswith(".") or Path(generation).name != generation:
            raise BadRequestError(
                "No such index", f"“{generation}” cannot name a folder.", "Use letters and digits."
            )
        return self._folder / generation

    def _opened(self) -> int:
        life = self._life
        if life is None:
            raise _not_open()
        return life

    def _let_go(self, keep: bool) -> None:
        """Have the child close its files, if it is still the one that opened them."""
        holder, self._holder, self._life = self._holder, None, None
        if holder is not None:
            with suppress(IndexDiedError):
                self._counted(lambda id_: wire.Close(id=id_, keep=keep), holder)

    def _shred(self, but: Path | None = None) -> None:
        """Remove every generation, or all others; a folder without a mark is one, too."""
        with disk_errors(self._folder):
            for path in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
                if path != but:
                    shred_all(path)
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path)

    def _send(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16], life: int, at_once: int
    ) -> None:
        for start in range(0, len(ids), at_once):
            part = slice(start, start + at_once)
            numbers = ids[part].astype(np.int64).tobytes()
            data = vectors[part].astype(np.float16).tobytes()
            self._counted(partial(_add, numbers, data), life)

    def _counted(self, order: Callable[[int], wire.Order], life: int) -> int:
        answer = self._asked(order, life)
        if not isinstance(answer, wire.Count):
            raise _not_open()
        return answer.held

    def _asked(self, order: Callable[[int], wire.Order], life: int) -> wire.AnyAnswer:
        """The child's answer; when there is none, the index is not open any more."""
        try:
            return self._client.call(order, life)
        except IndexDiedError:
            if self._life == life:
                self._life = None
            raise


def _add(ids: bytes, vectors: bytes, id_: int) -> wire.Order:
    return wire.Add(id=id_, ids=ids, vectors=vectors)


def _remove(ids: bytes, id_: int) -> wire.Order:
    return wire.Remove(id=id_, ids=ids)


def _not_open() -> IndexDiedError:
    return IndexDiedError(
        "The memory's index is not open",
        "Its process has ended, or it is being built.",
        "Nothing is lost: search goes on without it. Wait until it is made again.",
    )
