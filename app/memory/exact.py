"""Exact search: every vector in memory, compared with the question's; the oracle and fallback."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ROOM = 1024


class ExactIndex:
    """Passage ids and their vectors of length 1, in single precision; safe for many threads.

    100,000 vectors of 384 take 154 MB. Half precision would take half of it, but numpy converts
    it for every search.
    """

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._ids: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._vectors: NDArray[np.float32] = np.empty((0, 0), dtype=np.float32)
        self._places: dict[int, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.floating]) -> None:
        """Take in vectors (n, width); an id that is known gets the new one."""
        with self._guard:
            if not len(ids):
                return
            self._make_room(self._count + len(ids), vectors.shape[1])
            for id_, vector in zip(ids.tolist(), vectors, strict=True):
                place = self._places.setdefault(id_, self._count)
                if place == self._count:
                    self._count += 1
                self._ids[place] = id_
                self._vectors[place] = vector

    def remove(self, ids: Sequence[int] | NDArray[np.int64]) -> None:
        """Drop vectors; the last ones take their places, so that there are no gaps."""
        with self._guard:
            for id_ in map(int, ids):
                place = self._places.pop(id_, None)
                if place is None:
                    continue
                last = self._count - 1
                if place != last:
                    self._ids[place] = self._ids[last]
                    self._vectors[place] = self._vectors[last]
                    self._places[int(self._ids[place])] = place
                self._vectors[last] = 0.0
                self._count = last

    def search(
        self, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The `k` nearest passages with their cosines, the nearest first; only those `within`."""
        with self._guard:
            if within is None:
                ids, vectors = self._ids[: self._count], self._vectors[: self._count]
            else:
                places = [self._places[id_] for id_ in within.tolist() if id_ in self._places]
                ids, vectors = self._ids[places], self._vectors[places]
            if not len(ids) or k < 1:
                return []
            cosines = vectors @ vector
            k = min(k, len(ids))
            best = np.argpartition(-cosines, k - 1)[:k]
            best = best[np.lexsort((ids[best], -cosines[best]))]
            return [(int(ids[place]), float(cosines[place])) for place in best]

    def cosines(self, vector: NDArray[np.float32], ids: Sequence[int]) -> list[float]:
        """How near each of these passages is; 0 for one that is not there."""
        with self._guard:
            return [
                float(self._vectors[self._places[id_]] @ vector) if id_ in self._places else 0.0
                for id_ in ids
            ]

    def _make_room(self, count: int, width: int) -> None:
        if count <= len(self._ids) and self._vectors.shape[1] == width:
            return
        room = max(_ROOM, count + count // 4)
        ids = np.zeros(room, dtype=np.int64)
        vectors = np.zeros((room, width), dtype=np.float32)
        ids[: self._count] = self._ids[: self._count]
        if self._count:
            vectors[: self._count] = self._vectors[: self._count]
        self._ids, self._vectors = ids, vectors
