"""Fusion: what meaning says of a passage and what its words say become one score."""

from __future__ import annotations

from collections.abc import Mapping

MEANING = 0.7
"""The share of meaning in a score (docs/benchmarks.md, Memory); 0.5 to 0.7 do about as well."""


def fused(
    cosines: Mapping[int, float], words: Mapping[int, float], meaning: float = MEANING
) -> list[tuple[int, float]]:
    """Passages with their scores, the best first: a convex combination of two scores.

    `cosines` has every passage that either search found; `words` what BM25 gives those that have
    words of the question, taken as shares of the best. Bruch, Gai and Ingber 2023
    (https://doi.org/10.1145/3596512) found such a sum better than reciprocal ranks, and so did we.
    """
    most = max(words.values(), default=0.0) or 1.0
    scores = {
        id_: meaning * cosine + (1 - meaning) * words.get(id_, 0.0) / most
        for id_, cosine in cosines.items()
    }
    return sorted(scores.items(), key=lambda found: (-found[1], found[0]))
