"""Products: float32 matrix products with the same digits whatever the number of threads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor

# oneMKL cuts a sum into as many parts as there are threads when the result is too thin to be cut
# otherwise, in its strict mode of reproducibility (MKL_CBWR) too. That was seen for results of up
# to 16 rows or columns. oneDNN's bfloat16 products never differed.

_THIN = 32
"""A result with fewer rows or columns than this is computed on one thread."""


def product(left: Tensor, right: Tensor) -> Tensor:
    """(n, k) times (k, m)."""
    with _one_thread_if_thin(left, right):
        return left @ right


def add_product(target: Tensor, left: Tensor, right: Tensor) -> None:
    """Add (n, k) times (k, m) to `target`, in place."""
    with _one_thread_if_thin(left, right):
        target.addmm_(left, right)


@contextlib.contextmanager
def _one_thread_if_thin(left: Tensor, right: Tensor) -> Iterator[None]:
    threads = torch.get_num_threads()
    if threads == 1 or min(left.shape[0], right.shape[1]) >= _THIN:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
