"""Products: the digits do not depend on the number of threads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from learner.products import add_product, product


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def _transposed(rows: int, columns: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(columns, rows, generator=generator).T


@pytest.mark.parametrize("sizes", [(8, 896, 341), (16, 576, 48), (1, 64, 300), (31, 32, 31)])
def test_thin_products_are_the_same_on_one_thread_and_on_two(sizes: tuple[int, int, int]) -> None:
    n, k, m = sizes
    generator = torch.Generator().manual_seed(0)
    right = _transposed(k, m, generator)
    left, target = torch.randn(n, k, generator=generator), torch.randn(n, m, generator=generator)
    made, added = [], []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        made.append(product(left, right))
        added.append(target.clone())
        add_product(added[-1], left, right)
        assert torch.get_num_threads() == threads
    assert torch.equal(*made)
    assert torch.equal(*added)
    torch.testing.assert_close(made[0], left @ right)
    torch.testing.assert_close(added[0], target + left @ right)


@pytest.mark.parametrize("rows", [32, 201])
def test_bfloat16_products_are_the_same_on_one_thread_and_on_two(rows: int) -> None:
    generator = torch.Generator().manual_seed(0)
    left, weight = (torch.randn(n, 896, generator=generator).bfloat16() for n in (rows, 128))
    made = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        made.append(left @ weight.T)
    assert torch.equal(*made)
