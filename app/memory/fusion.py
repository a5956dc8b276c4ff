"""Fusion: several rankings of the same passages become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

DAMPING = 60
"""Cormack, Clarke and Büttcher 2009 (https://doi.org/10.1145/1571941.1572114); what they used."""


def fused(rankings: Sequence[Sequence[int]], weights: Sequence[float]) -> list[tuple[int, float]]:
    """Reciprocal rank fusion: ids with their scores, the best first.

    Each ranking gives an id `weight / (DAMPING + rank)`, rank from 1. Ranks are used because a
    cosine and a BM25 score cannot be compared. Ties keep the order of the first ranking.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, id_ in enumerate(ranking, start=1):
            scores[id_] += weight / (DAMPING + rank)
    return sorted(scores.items(), key=lambda found: -found[1])
