"""Fusion: what both rankings know comes first."""

from app.memory.fusion import fused


def ids(*rankings: list[int], weights: tuple[float, ...] = (1.0, 1.0)) -> list[int]:
    return [id_ for id_, _ in fused(rankings, weights)]


def test_what_stands_in_both_rankings_comes_before_what_stands_in_one() -> None:
    assert ids([1, 2, 3], [4, 3, 5])[0] == 3


def test_one_ranking_alone_keeps_its_order() -> None:
    assert ids([3, 1, 2], []) == [3, 1, 2]
    assert ids([], []) == []


def test_a_heavier_ranking_counts_more() -> None:
    assert ids([1], [2], weights=(1.0, 2.0)) == [2, 1]
    assert ids([1], [2], weights=(2.0, 1.0)) == [1, 2]
