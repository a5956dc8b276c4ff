"""Adapter file: the matrices of a GGUF adapter, read from its bytes and written as bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learner.errors import DamagedModelError
from learner.gguf_file import GgufFile, TensorType

Matrix = NDArray[np.float32]

_ALIGNMENT = 32
_STRING, _FLOAT32 = 8, 6


@dataclass(frozen=True)
class Pair:
    """What is added to one weight: `a` (rank, in) and `b` (out, rank) as they stand in the file."""

    a: Matrix
    b: Matrix


@dataclass(frozen=True)
class AdapterFile:
    """An adapter's base architecture, alpha, and pairs by the name of the weight they change.

    llama.cpp adds `alpha / rank * b @ a` to each weight, rank being the rows of `a`.
    """

    architecture: str
    alpha: float
    pairs: Mapping[str, Pair]


def read(data: bytes) -> AdapterFile:
    """The adapter in a GGUF file's bytes. Raises DamagedModelError."""
    file = GgufFile("adapter", data)
    pairs = {
        name.removesuffix(".lora_a"): Pair(
            _matrix(file, name), _matrix(file, f"{name.removesuffix('.lora_a')}.lora_b")
        )
        for name in file.tensors
        if name.endswith(".lora_a")
    }
    if 2 * len(pairs) != len(file.tensors):
        raise _damaged()
    return AdapterFile(file.architecture, float(file.number("adapter.lora.alpha")), pairs)


def write(adapter: AdapterFile, *, half: bool = False) -> bytes:
    """The adapter as a GGUF file, tensors in the order of their names; nothing touches the disk.

    Values are float32, or float16 when `half`. The format:
    https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    """
    kind = TensorType.F16 if half else TensorType.F32
    tensors = {
        f"{name}.{which}": np.ascontiguousarray(matrix, "<f2" if half else "<f4")
        for name, pair in sorted(adapter.pairs.items())
        for which, matrix in (("lora_a", pair.a), ("lora_b", pair.b))
    }
    values = [
        _text("general.architecture") + _typed_text(adapter.architecture),
        _text("general.type") + _typed_text("adapter"),
        _text("adapter.type") + _typed_text("lora"),
        _text("adapter.lora.alpha") + struct.pack("<If", _FLOAT32, adapter.alpha),
    ]
    head = [struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(values)), *values]
    offset = 0
    for name, matrix in tensors.items():
        rows, columns = matrix.shape
        head.append(_text(name) + struct.pack("<IQQIQ", 2, columns, rows, kind, offset))
        offset += _padded(matrix.nbytes)
    header = b"".join(head)
    body = [matrix.tobytes().ljust(_padded(matrix.nbytes), b"\0") for matrix in tensors.values()]
    return header.ljust(_padded(len(header)), b"\0") + b"".join(body)


def _matrix(file: GgufFile, name: str) -> Matrix:
    tensor = file.tensors.get(name)
    kinds = {TensorType.F32: "<f4", TensorType.F16: "<f2"}
    if tensor is None or tensor.type not in kinds or len(tensor.shape) != 2:
        raise _damaged()
    values = file.rows(tensor).view(kinds[TensorType(tensor.type)])
    return values.reshape(tensor.shape).astype(np.float32)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _typed_text(text: str) -> bytes:
    return struct.pack("<I", _STRING) + _text(text)


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _damaged() -> DamagedModelError:
    return DamagedModelError(
        "What was learned is damaged",
        "A trained adapter is not one that Nightschool makes.",
        "Study again.",
    )
