"""Packed linear: frozen weights that stay in their GGUF quantisation, with an adapter on top."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from learner.dequantise import dequantise
from learner.gguf_file import TensorType
from learner.products import add_product, product


@dataclass(frozen=True)
class PackedWeight:
    """A matrix (rows, width) as stored: `packed` bytes (rows, bytes a row) of ggml type `type`.

    The bytes are usually the mapped file itself. `width` is the number of values in a row.
    `precision` is the type its products are computed in, float32 or bfloat16.
    """

    packed: Tensor
    type: int
    width: int
    precision: torch.dtype = torch.float32

    @property
    def n_rows(self) -> int:
        return self.packed.shape[0]

    def values(self, rows: slice = slice(None)) -> Tensor:
        """Some rows, unpacked: (rows, width) float32, made anew at every call."""
        return dequantise(self.packed[rows], self.type)

    def factor(self) -> Tensor:
        """The whole matrix as it enters a product: (rows, width) of `precision`.

        Made anew at every call, except for a matrix that is `unpacked`.
        """
        return dequantise(self.packed, self.type, self.precision)

    def unpacked(self) -> PackedWeight:
        """The same products from a matrix held in memory, for somebody who needs many of them."""
        kind = TensorType.BF16 if self.precision == torch.bfloat16 else TensorType.F32
        return replace(self, packed=self.factor().view(torch.uint8), type=kind)

    @property
    def unpacked_bytes(self) -> int:
        """The memory it takes when unpacked."""
        return self.n_rows * self.width * self.precision.itemsize

    def look_up(self, indices: Tensor) -> Tensor:
        """The rows of any shape of indices, unpacked: (..., width) float32."""
        found = dequantise(self.packed[indices.reshape(-1)], self.type)
        return found.reshape(*indices.shape, self.width)


Beneath = tuple[Tensor, Tensor]
"""A frozen low-rank change to a weight: `a` (rank, in) and `b` (out, rank), b @ a being added."""


class PackedLinear:
    """A frozen linear layer and, once `adapt` was called, the low-rank change being trained.

    `beneath` is an earlier adapter's change, as frozen as the weight.
    """

    def __init__(
        self, weight: PackedWeight, bias: Tensor | None = None, beneath: Beneath | None = None
    ) -> None:
        self.weight = weight
        self._bias = bias
        self._beneath = beneath
        self._adapter: tuple[nn.Parameter, nn.Parameter, float] | None = None

    def unpacked(self) -> PackedLinear:
        """The frozen layer alone, with its weight unpacked."""
        return PackedLinear(self.weight.unpacked(), self._bias, self._beneath)

    def on_top_of(self, beneath: Beneath) -> PackedLinear:
        """The frozen layer alone, with an earlier adapter's change."""
        return PackedLinear(self.weight, self._bias, beneath)

    def adapt(self, a: nn.Parameter, b: nn.Parameter, scale: float) -> None:
        """From now on add `scale * b @ a` to the weight: `a` (rank, in), `b` (out, rank)."""
        self._adapter = (a, b, scale)

    def __call__(self, inputs: Tensor) -> Tensor:
        """(n, in) to (n, out); the gradient goes to the inputs and to `a` and `b`."""
        a, b, scale = self._adapter or (None, None, 0.0)
        outputs: Tensor = _Multiply.apply(  # type: ignore[no-untyped-call]
            inputs, self.weight, self._bias, self._beneath, a, b, scale
        )
        return outputs


class _Multiply(torch.autograd.Function):
    """The weight is unpacked in both directions, unless it is already.

    What goes in and what comes out is float32, and so is all about the adapter: only the frozen
    weight's product may be less precise. The adapter's matrices are so thin that their products
    take a quarter of a step in the obvious order of factors, and a twentieth in this one.
    """

    @staticmethod
    def forward(
        ctx: Any,
        inputs: Tensor,
        weight: PackedWeight,
        bias: Tensor | None,
        beneath: Beneath | None,
        a: Tensor | None,
        b: Tensor | None,
        scale: float,
    ) -> Tensor:
        ctx.weight, ctx.beneath, ctx.scale = weight, beneath, scale
        outputs = _product(inputs, weight.factor().T)
        if bias is not None:
            outputs.add_(bias)
        if beneath is not None:
            frozen_a, frozen_b = beneath
            add_product(outputs, product(frozen_a, inputs.T).T, frozen_b.T)
        if a is not None and b is not None:
            inner = product(a, inputs.T).mul_(scale)
            add_product(outputs, inner.T, b.T)
            ctx.save_for_backward(inputs, inner, a, b)
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = gradients
        by_inputs = _product(gradient, ctx.weight.factor())
        if ctx.beneath is not None:
            frozen_a, frozen_b = ctx.beneath
            inner = product(frozen_b.T.contiguous(), gradient.T)
            add_product(by_inputs, inner.T, frozen_a)
        saved = ctx.saved_tensors
        if not saved:
            return by_inputs, None, None, None, None, None, None
        inputs, inner, a, b = saved
        by_inner = product(b.T.contiguous(), gradient.T).mul_(ctx.scale)
        add_product(by_inputs, by_inner.T, a)
        by_a, by_b = product(by_inner, inputs), product(inner, gradient).T
        return by_inputs, None, None, None, by_a, by_b, None


def _product(left: Tensor, right: Tensor) -> Tensor:
    return product(left.to(right.dtype), right).float()
