"""Exact search against plain numpy, while passages come and go, and from many threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from app.memory.exact import ExactIndex
from tests.app.memory.vectors import WIDTH, clustered

COUNT = 2500
IDS = np.arange(COUNT, dtype=np.int64) * 3 + 7
VECTORS = clustered(COUNT)


@pytest.fixture
def index() -> ExactIndex:
    """All of VECTORS, in two parts."""
    index = ExactIndex()
    index.add(IDS[:100], VECTORS[:100])
    index.add(IDS[100:], VECTORS[100:])
    return index


def nearest(vector: NDArray[np.float32], k: int, places: NDArray[np.int64]) -> list[int]:
    cosines = VECTORS[places].astype(np.float32) @ vector
    return [int(id_) for id_ in IDS[places[np.argsort(-cosines, kind="stable")[:k]]]]


def test_it_finds_what_numpy_finds(index: ExactIndex) -> None:
    every = np.arange(COUNT)
    for vector in clustered(5, seed=1).astype(np.float32):
        found = index.search(vector, 10)
        assert [id_ for id_, _ in found] == nearest(vector, 10, every)
        assert [cosine for _, cosine in found] == pytest.approx(
            index.cosines(vector, [id_ for id_, _ in found]), abs=1e-5
        )
    assert len(index.search(vector, COUNT + 5)) == COUNT
    assert index.search(vector, 0) == []


def test_a_filter_leaves_only_its_own(index: ExactIndex) -> None:
    vector = VECTORS[3].astype(np.float32)
    places = np.arange(0, COUNT, 50)
    within = np.concatenate([IDS[places], [1, -4]])  # unknown ids are left out
    assert [id_ for id_, _ in index.search(vector, 10, within)] == nearest(vector, 10, places)
    assert index.search(vector, 10, np.empty(0, np.int64)) == []
    assert index.search(vector, 10, IDS[[5, 5, 6]]) == index.search(vector, 10, IDS[[5, 6]])


def test_passages_come_and_go(index: ExactIndex) -> None:
    vector = VECTORS[3].astype(np.float32)
    assert len(index) == COUNT
    gone = np.concatenate([np.arange(0, 20), np.arange(COUNT - 20, COUNT)])
    index.remove(IDS[gone])
    index.remove([1])
    left = np.setdiff1d(np.arange(COUNT), gone)
    assert len(index) == len(left)
    assert [id_ for id_, _ in index.search(vector, 20)] == nearest(vector, 20, left)
    assert index.cosines(vector, [int(IDS[3]), int(IDS[30])])[0] == 0.0
    index.add(IDS[3:4], VECTORS[3:4])
    assert index.search(vector, 1)[0][0] == IDS[3]
    index.add(IDS[3:4], -VECTORS[3:4])  # a new vector for the same passage
    assert len(index) == len(left) + 1
    assert index.cosines(vector, [int(IDS[3])]) == pytest.approx([-1.0], abs=1e-2)


def test_an_empty_index_finds_nothing() -> None:
    index = ExactIndex()
    vector = np.ones(WIDTH, np.float32)
    assert len(index) == 0
    assert index.search(vector, 5) == []
    assert index.search(vector, 5, IDS) == []
    assert index.cosines(vector, [1, 2]) == [0.0, 0.0]
    index.add(IDS[:0], VECTORS[:0])
    index.remove(IDS)
    assert index.search(vector, 5) == []


def test_equal_cosines_come_in_the_order_of_their_ids() -> None:
    index = ExactIndex()
    index.add(np.array([9, 4, 6]), np.repeat(VECTORS[:1], 3, axis=0))
    assert [id_ for id_, _ in index.search(VECTORS[0].astype(np.float32), 3)] == [4, 6, 9]


def test_searching_while_others_change_it(index: ExactIndex) -> None:
    vector = VECTORS[3].astype(np.float32)
    expected = [id_ for id_, _ in index.search(vector, 5)]
    others = np.setdiff1d(np.arange(COUNT), (np.array(expected) - 7) // 3)
    done = threading.Event()

    def change() -> None:
        for start in range(0, len(others), 100):
            part = others[start : start + 100]
            index.remove(IDS[part])
            index.add(IDS[part] + 1_000_000, -VECTORS[part])
        done.set()

    thread = threading.Thread(target=change)
    thread.start()
    seen = 0
    while not done.is_set() or seen == 0:
        assert index.search(vector, 5)[0][0] == expected[0]
        seen += 1
    thread.join()
    assert [id_ for id_, _ in index.search(vector, 5)] == expected
