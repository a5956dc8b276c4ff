"""Dequantise: ggml's packed weights as plain tensors, computed by torch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from learner.errors import UnsupportedModelError
from learner.gguf_file import BLOCKS, TensorType

# The block layouts are those of ggml-quants.c; gguf.quants has the same in numpy, and the tests
# hold the two equal. Products and sums are separate operations, as there, so that they round alike.

_VALUES_AT_ONCE = 1 << 18
"""Values unpacked together: the steps between stay in the processor's cache."""


def dequantise(rows: Tensor, kind: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Stored bytes (rows, bytes a row) of a ggml tensor type as (rows, values a row) of `dtype`.

    Computed in float32 and rounded at the end.
    Raises UnsupportedModelError for types other than those of `_BLOCK_VALUES` and plain floats.
    """
    if kind == TensorType.F32:
        return rows.view(torch.float32).to(dtype)
    if kind == TensorType.F16:
        return rows.view(torch.float16).to(dtype)
    if kind == TensorType.BF16:
        return rows.view(torch.bfloat16).to(dtype)
    if kind not in _BLOCK_VALUES:
        raise UnsupportedModelError(
            "This model cannot be trained",
            f"Its weights are stored as type {kind}, which the trainer cannot unpack.",
            "Choose another quantisation of the model, such as Q4_K_M or Q8_0.",
        )
    block_type = TensorType(kind)
    n_values, size = BLOCKS[block_type]
    blocks = rows.reshape(-1, size)
    values = torch.empty(blocks.shape[0], n_values, dtype=dtype, device=rows.device)
    at_once = _VALUES_AT_ONCE // n_values
    for some, result in zip(
        torch.split(blocks, at_once), torch.split(values, at_once), strict=True
    ):
        result.copy_(_BLOCK_VALUES[block_type](some))
    return values.reshape(rows.shape[0], -1)


def _half(blocks: Tensor, start: int) -> Tensor:
    return blocks[:, start : start + 2].contiguous().view(torch.float16).float()


def _nibbles(packed: Tensor) -> Tensor:
    """Low halves of the bytes, then the high ones."""
    return torch.cat((packed & 15, packed >> 4), dim=1)


def _bits(packed: Tensor) -> Tensor:
    """Each byte's bits, lowest first: (n, bytes) to (n, 8 * bytes)."""
    shifts = torch.arange(8, dtype=torch.uint8, device=packed.device)
    return ((packed[:, :, None] >> shifts) & 1).flatten(1)


def _q4_0(blocks: Tensor) -> Tensor:
    return _nibbles(blocks[:, 2:]).float().sub_(8).mul_(_half(blocks, 0))


def _q4_1(blocks: Tensor) -> Tensor:
    return _nibbles(blocks[:, 4:]).float().mul_(_half(blocks, 0)).add_(_half(blocks, 2))


def _q5_0(blocks: Tensor) -> Tensor:
    values = _nibbles(blocks[:, 6:]) | (_bits(blocks[:, 2:6]) << 4)
    return values.float().sub_(16).mul_(_half(blocks, 0))


def _q5_1(blocks: Tensor) -> Tensor:
    values = _nibbles(blocks[:, 8:]) | (_bits(blocks[:, 4:8]) << 4)
    return values.float().mul_(_half(blocks, 0)).add_(_half(blocks, 2))


def _q8_0(blocks: Tensor) -> Tensor:
    return blocks[:, 2:].contiguous().view(torch.int8).float().mul_(_half(blocks, 0))


def _k_scales(packed: Tensor) -> tuple[Tensor, Tensor]:
    """The eight 6-bit scales and minima of a Q4_K or Q5_K block from their 12 bytes."""
    low, high, mixed = packed[:, 0:4], packed[:, 4:8], packed[:, 8:12]
    scales = torch.cat((low & 63, (mixed & 15) | ((low >> 2) & 48)), dim=1)
    minima = torch.cat((high & 63, (mixed >> 4) | ((high >> 2) & 48)), dim=1)
    return scales.float(), minima.float()


def _k_blocks(blocks: Tensor, values: Tensor) -> Tensor:
    """Scale eight groups of 32 values: (n, 8, 32) uint8 to (n, 256) float32."""
    scales, minima = _k_scales(blocks[:, 4:16])
    factor = (_half(blocks, 0) * scales)[:, :, None]
    offset = (_half(blocks, 2) * minima)[:, :, None]
    return values.float().mul_(factor).sub_(offset).flatten(1)


def _k_nibbles(packed: Tensor) -> Tensor:
    """128 bytes as eight groups of 32: the low halves of 32 bytes, then their high halves."""
    chunks = packed.reshape(-1, 4, 32)
    return torch.stack((chunks & 15, chunks >> 4), dim=2).reshape(-1, 8, 32)


def _q4_k(blocks: Tensor) -> Tensor:
    return _k_blocks(blocks, _k_nibbles(blocks[:, 16:]))


def _q5_k(blocks: Tensor) -> Tensor:
    shifts = torch.arange(8, dtype=torch.uint8, device=blocks.device)[None, :, None]
    high = (blocks[:, None, 16:48] >> shifts) & 1
    return _k_blocks(blocks, _k_nibbles(blocks[:, 48:]) | (high << 4))


def _q6_k(blocks: Tensor) -> Tensor:
    low = blocks[:, :128].reshape(-1, 2, 64)
    low = torch.stack((low & 15, low >> 4), dim=2).reshape(-1, 8, 32)
    shifts = torch.tensor([0, 2, 4, 6], dtype=torch.uint8, device=blocks.device)[:, None]
    high = blocks[:, 128:192].reshape(-1, 2, 1, 32)
    high = ((high >> shifts) & 3).reshape(-1, 8, 32)
    scales = blocks[:, 192:208].contiguous().view(torch.int8).float() * _half(blocks, 208)
    values = (low | (high << 4)).float().sub_(32)
    return values.reshape(-1, 16, 16).mul_(scales[:, :, None]).flatten(1)


_BLOCK_VALUES: dict[TensorType, Callable[[Tensor], Tensor]] = {
    TensorType.Q4_0: _q4_0,
    TensorType.Q4_1: _q4_1,
    TensorType.Q5_0: _q5_0,
    TensorType.Q5_1: _q5_1,
    TensorType.Q8_0: _q8_0,
    TensorType.Q4_K: _q4_k,
    TensorType.Q5_K: _q5_k,
    TensorType.Q6_K: _q6_k,
}
