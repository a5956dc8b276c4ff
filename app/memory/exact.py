"""Exact: search that compares a vector with every passage, in this process's memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_FIRST_ROWS = 1024


class ExactIndex:
    """Passage ids and vectors in one matrix; safe to use from many threads.

    Float32: 1.5 KB a passage, 154 MB for 100,000. Half of that in float16 would make every search
    several times slower, since processors multiply no float16 (docs/benchmarks.md, “Memory”).
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._ids = np.empty(0, np.int64)
        self._vectors = np.empty((0, 0), np.float32)
        self._rows: dict[int, int] = {}

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._rows)

    def add(
        self, ids: NDArray[np.int64], vectors: NDArray[np.float16] | NDArray[np.float32]
    ) -> None:
        """Add passages (n,) with vectors (n, width) of length 1, or replace their vectors."""
        with self._guard:
            self._make_room(len(self._rows) + len(ids), vectors.shape[1])
            rows = [self._rows.setdefault(id_, len(self._rows)) for id_ in ids.tolist()]
            self._ids[rows] = ids
            self._vectors[rows] = vectors

    def remove(self, ids: NDArray[np.int64] | Sequence[int]) -> None:
        """Take passages out; unknown ones are no error."""
        with self._guard:
            for id_ in map(int, ids):
                row = self._rows.pop(id_, None)
                last = len(self._rows)
                if row is not None and row != last:  # the last row fills the gap
                    self._ids[row], self._vectors[row] = self._ids[last], self._vectors[last]
                    self._rows[int(self._ids[row])] = row

    def search(
        self, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The `k` passages with the highest cosines, the best first; of `within` only, if given."""
        with self._guard:
            if within is None:
                ids, cosines = self._ids[: len(self._rows)], self._vectors[: len(self._rows)]
            else:
                rows = self._known(within.tolist())
                ids, cosines = self._ids[rows], self._vectors[rows]
            if k <= 0 or not len(ids):
                return []
            cosines = cosines @ vector.astype(np.float32)
            best = np.argpartition(-cosines, k)[:k] if k < len(cosines) else np.arange(len(ids))
            # Equal cosines in the order of their ids, so that equal searches give equal answers.
            best = best[np.lexsort((ids[best], -cosines[best]))]
            return list(zip(ids[best].tolist(), cosines[best].tolist(), strict=True))

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """The cosine of each of `ids`, in their order; 0 for one that is not there."""
        with self._guard:
            found = dict.fromkeys(ids, 0.0)
            if rows := self._known(ids):
                there = (self._vectors[rows] @ vector.astype(np.float32)).tolist()
                found.update(zip(self._ids[rows].tolist(), there, strict=True))
            return [found[id_] for id_ in ids]

    def _known(self, ids: Sequence[int]) -> list[int]:
        return [row for row in map(self._rows.get, dict.fromkeys(ids)) if row is not None]

    def _make_room(self, count: int, width: int) -> None:
        if count <= len(self._ids) and self._vectors.shape[1] == width:
            return
        rows = max(count, _FIRST_ROWS, len(self._ids) * 3 // 2)
        ids, vectors = np.empty(rows, np.int64), np.empty((rows, width), np.float32)
        used = len(self._rows)
        if used:
            ids[:used], vectors[:used] = self._ids[:used], self._vectors[:used]
        self._ids, self._vectors = ids, vectors
