"""Packed weights: every packing multiplies, looks up and differentiates as its unpacked values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import gguf
import numpy as np
import pytest
import torch

from learner.gguf_file import TensorType
from learner.packed_linear import PackedLinear, PackedWeight

# The format's package can pack these; Q4_K to Q6_K it only unpacks, so their blocks are made here.
_SIMPLE = (
    TensorType.F32,
    TensorType.F16,
    TensorType.Q4_0,
    TensorType.Q4_1,
    TensorType.Q5_0,
    TensorType.Q5_1,
    TensorType.Q8_0,
)
_HALVES = {TensorType.Q4_K: ((0, 2), 144), TensorType.Q5_K: ((0, 2), 176)} | {
    TensorType.Q6_K: ((208,), 210)
}
_KINDS = (*_SIMPLE, *_HALVES)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # plain products, to compare with, have other digits on two
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def _packed(kind: TensorType, n_rows: int = 24) -> PackedWeight:
    random = np.random.default_rng(int(kind))
    if kind in _SIMPLE:
        values = random.standard_normal((n_rows, 256)).astype(np.float32)
        rows = gguf.quants.quantize(values, gguf.GGMLQuantizationType(int(kind)))
        rows = rows.view(np.uint8).reshape(n_rows, -1)
    else:
        halves, size = _HALVES[kind]
        rows = random.integers(0, 256, (n_rows, size), dtype=np.uint8)
        for start in halves:
            scales = (0.01 * random.standard_normal((n_rows, 1))).astype(np.float16)
            rows[:, start : start + 2] = scales.view(np.uint8)
    return PackedWeight(torch.from_numpy(rows.copy()), kind, 256)


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind.name)
def test_a_product_and_its_gradient_equal_the_unpacked_maths(kind: TensorType) -> None:
    weight = _packed(kind)
    theirs = gguf.quants.dequantize(weight.packed.numpy(), gguf.GGMLQuantizationType(int(kind)))
    values = torch.from_numpy(np.array(theirs, np.float32)).reshape(24, 256)
    inputs = torch.randn(5, 256, generator=torch.Generator().manual_seed(0), requires_grad=True)
    pull = torch.randn(5, 24, generator=torch.Generator().manual_seed(1))
    ours = PackedLinear(weight)(inputs)
    plain = inputs @ values.T
    assert torch.equal(ours, plain)
    (gradient,) = torch.autograd.grad(ours, inputs, pull)
    (expected,) = torch.autograd.grad(plain, inputs, pull)
    assert torch.equal(gradient, expected)
    indices = torch.tensor([[3, 0], [3, 23]])
    assert torch.equal(weight.look_up(indices), values[indices])
    assert torch.equal(weight.unpacked().values(), values)
    assert torch.equal(weight.values(slice(4, 9)), values[4:9])


def test_an_adapter_adds_its_product_and_gets_gradients() -> None:
    layer = PackedLinear(_packed(TensorType.Q5_0), torch.arange(24.0))
    a, b = (torch.nn.Parameter(torch.randn(size)) for size in ((4, 256), (24, 4)))
    inputs = torch.randn(6, 256)
    frozen = layer(inputs)
    layer.adapt(a, b, 0.5)
    torch.testing.assert_close(layer(inputs), frozen + 0.5 * inputs @ (b @ a).T)
    assert torch.equal(layer.unpacked()(inputs), frozen)
    inputs.requires_grad_(True)
    plain = inputs @ (layer.weight.values() + 0.5 * b @ a).T
    pull = torch.randn(6, 24)
    ours = torch.autograd.grad(layer(inputs), (inputs, a, b), pull)
    for one, other in zip(ours, torch.autograd.grad(plain, (inputs, a, b), pull), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_bfloat16_products_are_close_and_leave_everything_else_in_float32() -> None:
    exact = PackedLinear(_packed(TensorType.Q5_0), torch.arange(24.0))
    rough = PackedLinear(
        replace(exact.weight, precision=torch.bfloat16), torch.arange(24.0)
    ).unpacked()
    inputs = torch.randn(6, 256, requires_grad=True)
    a, b = (torch.nn.Parameter(torch.randn(size)) for size in ((4, 256), (24, 4)))
    exact.adapt(a, b, 0.5)
    rough.adapt(a, b, 0.5)
    assert rough.weight.packed.dtype == torch.uint8
    assert rough.weight.packed.numel() == rough.weight.unpacked_bytes == 24 * 256 * 2
    error = (rough(inputs) - exact(inputs)).norm() / exact(inputs).norm()
    assert 0 < error < 0.005
    one, other = (torch.autograd.grad(f(inputs).sum(), (inputs, a, b)) for f in (rough, exact))
    assert (one[0] - other[0]).norm() / other[0].norm() < 0.005
    assert torch.equal(one[1], other[1]) and torch.equal(one[2], other[2])


def test_what_is_beneath_adds_its_product_and_stays_as_it_is() -> None:
    a, b = torch.randn(4, 256), torch.randn(24, 4)
    layer = PackedLinear(_packed(TensorType.Q5_0), torch.arange(24.0))
    inputs = torch.randn(6, 256, requires_grad=True)
    plain = layer(inputs)
    layer = layer.on_top_of((a, b)).unpacked()
    torch.testing.assert_close(layer(inputs), plain + inputs @ (b @ a).T, rtol=1e-4, atol=1e-4)
    pull = torch.randn(6, 24)
    (before,) = torch.autograd.grad(plain, inputs, pull)
    (after,) = torch.autograd.grad(layer(inputs), inputs, pull)
    torch.testing.assert_close(after, before + pull @ b @ a, rtol=1e-4, atol=1e-4)
    own = [torch.nn.Parameter(torch.randn(size)) for size in ((2, 256), (24, 2))]
    beneath = layer(inputs).detach()
    layer.adapt(own[0], own[1], 0.5)
    expected = beneath + 0.5 * inputs @ (own[1] @ own[0]).T
    torch.testing.assert_close(layer(inputs), expected, rtol=1e-4, atol=1e-4)
