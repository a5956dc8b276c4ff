"""Fusion: meaning and words together decide, each alone where the other says nothing."""

from app.memory.fusion import fused


def ids(cosines: dict[int, float], words: dict[int, float], meaning: float = 0.5) -> list[int]:
    return [id_ for id_, _ in fused(cosines, words, meaning)]


def test_what_is_good_in_both_comes_before_what_is_best_in_one() -> None:
    assert ids({1: 0.9, 2: 0.8, 3: 0.1}, {2: 9.0, 3: 10.0}) == [2, 3, 1]


def test_one_alone_keeps_its_order() -> None:
    assert ids({3: 0.9, 1: 0.5, 2: 0.4}, {}) == [3, 1, 2]
    assert ids({1: 0.0, 2: 0.0}, {1: 1.0, 2: 4.0}) == [2, 1]
    assert ids({}, {}) == []


def test_the_share_of_meaning_decides_between_them() -> None:
    assert ids({1: 1.0, 2: 0.0}, {2: 5.0}, meaning=0.7) == [1, 2]
    assert ids({1: 1.0, 2: 0.0}, {2: 5.0}, meaning=0.3) == [2, 1]


def test_how_large_the_scores_of_words_are_does_not_matter() -> None:
    cosines = {1: 0.3, 2: 0.5, 3: 0.2}
    assert fused(cosines, {1: 2.0, 3: 1.0}) == fused(cosines, {1: 200.0, 3: 100.0})
