"""Exact search: the nearest come first, whatever came and went."""

import numpy as np
from numpy.typing import NDArray

from app.memory.exact import ExactIndex

WIDTH = 16


def some(count: int, seed: int = 0) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def ids(first: int, count: int) -> NDArray[np.int64]:
    return np.arange(first, first + count, dtype=np.int64)


def test_the_nearest_come_first_as_a_plain_sort_has_it() -> None:
    vectors, index = some(3000), ExactIndex()
    index.add(ids(1, 1500), vectors[:1500])
    index.add(ids(1501, 1500), vectors[1500:])
    asked = some(1, seed=9)[0]
    plain = np.argsort(-(vectors @ asked))[:10] + 1
    found = index.search(asked, 10)
    assert [id_ for id_, _ in found] == plain.tolist()
    assert found[0][1] == max(cosine for _, cosine in found)
    assert len(index) == 3000


def test_what_was_removed_is_not_found_and_the_rest_is() -> None:
    vectors, index = some(50), ExactIndex()
    index.add(ids(1, 50), vectors)
    index.remove([*range(1, 50, 2), 999])
    assert len(index) == 25
    for place in range(50):
        nearest = index.search(vectors[place], 1)[0][0]
        assert (nearest == place + 1) is ((place + 1) % 2 == 0)
    index.remove(ids(1, 50))
    assert index.search(vectors[0], 5) == []


def test_a_known_id_gets_the_new_vector() -> None:
    vectors, index = some(2), ExactIndex()
    index.add(ids(7, 1), vectors[:1])
    index.add(ids(7, 1), vectors[1:])
    assert len(index) == 1
    assert np.isclose(index.cosines(vectors[1], [7])[0], 1, atol=1e-5)
    assert index.cosines(vectors[1], [8]) == [0.0]


def test_a_search_within_finds_nothing_else() -> None:
    vectors, index = some(20), ExactIndex()
    index.add(ids(1, 20), vectors)
    allowed = np.array([3, 5, 99], dtype=np.int64)
    assert {id_ for id_, _ in index.search(vectors[0], 10, allowed)} == {3, 5}
    assert index.search(vectors[0], 10, np.empty(0, dtype=np.int64)) == []


def test_an_empty_index_finds_nothing() -> None:
    assert ExactIndex().search(some(1)[0], 5) == []
