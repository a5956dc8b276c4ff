"""Packed linear: frozen weights that stay in their GGUF quantisation, with an adapter on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from learner.dequantise import dequantise
from learner.gguf_file import TensorType


@dataclass(frozen=True)
class PackedWeight:
    """A matrix (rows, width) as stored: `packed` bytes (rows, bytes a row) of ggml type `type`.

    The bytes are usually the mapped file itself. `width` is the number of values in a row.
    """

    packed: Tensor
    type: int
    width: int

    @property
    def n_rows(self) -> int:
        return self.packed.shape[0]

    def values(self, rows: slice = slice(None)) -> Tensor:
        """Some rows, unpacked: (rows, width) float32, made anew at every call."""
        return dequantise(self.packed[rows], self.type)

    def unpacked(self) -> PackedWeight:
        """The same matrix held as float32, for somebody who uses it many times in a row."""
        return PackedWeight(self.values().view(torch.uint8), TensorType.F32, self.width)

    def look_up(self, indices: Tensor) -> Tensor:
        """The rows of any shape of indices, unpacked: (..., width) float32."""
        found = dequantise(self.packed[indices.reshape(-1)], self.type)
        return found.reshape(*indices.shape, self.width)


class PackedLinear:
    """A frozen linear layer and, once `adapt` was called, the low-rank change being trained."""

    def __init__(self, weight: PackedWeight, bias: Tensor | None = None) -> None:
        self.weight = weight
        self._bias = bias
        self._adapter: tuple[nn.Parameter, nn.Parameter, float] | None = None

    def unpacked(self) -> PackedLinear:
        """The frozen layer alone, with its weight unpacked."""
        return PackedLinear(self.weight.unpacked(), self._bias)

    def adapt(self, a: nn.Parameter, b: nn.Parameter, scale: float) -> None:
        """From now on add `scale * b @ a` to the weight: `a` (rank, in), `b` (out, rank)."""
        self._adapter = (a, b, scale)

    def __call__(self, inputs: Tensor) -> Tensor:
        """(n, in) to (n, out)."""
        outputs = multiply(inputs, self.weight)
        if self._bias is not None:
            outputs = outputs + self._bias
        if self._adapter is None:
            return outputs
        a, b, scale = self._adapter
        return outputs + (inputs @ a.T) @ (b.T * scale)


def multiply(inputs: Tensor, weight: PackedWeight) -> Tensor:
    """(n, width) times the transposed matrix: (n, rows); the gradient goes to the inputs alone."""
    product: Tensor = _Multiply.apply(inputs, weight)  # type: ignore[no-untyped-call]
    return product


class _Multiply(torch.autograd.Function):
    """The weight is unpacked in both directions: the float32 matrix never outlives a product.

    Nothing is kept for the way back but the packed bytes that are there anyway.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: PackedWeight) -> Tensor:
        ctx.weight = weight
        return inputs @ weight.values().T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] @ ctx.weight.values(), None
