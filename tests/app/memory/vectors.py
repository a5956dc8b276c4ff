"""Vectors for the index's tests: made from a seed, in clusters as those of real passages lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH = 384


def clustered(count: int, seed: int = 0) -> NDArray[np.float16]:
    """`count` vectors of length 1 around a centre for every twenty of them."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(1, count // 20), WIDTH))
    near = centres[random.integers(0, len(centres), count)]
    return unit(near + 0.7 * random.standard_normal((count, WIDTH))).astype(np.float16)


def near(vectors: NDArray[np.float16], count: int) -> NDArray[np.float32]:
    """`count` vectors about as far from some of `vectors` as a question from its passage."""
    random = np.random.default_rng(1)
    chosen = vectors[random.integers(0, len(vectors), count)].astype(np.float64)
    noise = random.standard_normal(chosen.shape) / np.sqrt(WIDTH)
    return unit(chosen + noise).astype(np.float32)


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same directions at length 1."""
    long: NDArray[np.float64] = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, long)
