"""GGUF file: a quick reader of a model file's metadata and tensors, without loading either."""

from __future__ import annotations

import mmap
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from learner.errors import DamagedModelError, UnsupportedModelError

_MAGIC = b"GGUF"
_MAX_STRING = 1 << 24
_MAX_DIMENSIONS = 4

Scalar = bool | int | float | str


class TensorType(IntEnum):
    """ggml's tensor types that are stored in model files (ggml.h, `enum ggml_type`)."""

    F32 = 0
    F16 = 1
    Q4_0 = 2
    Q4_1 = 3
    Q5_0 = 6
    Q5_1 = 7
    Q8_0 = 8
    Q2_K = 10
    Q3_K = 11
    Q4_K = 12
    Q5_K = 13
    Q6_K = 14
    IQ4_NL = 20
    IQ4_XS = 23
    BF16 = 30


# values in a block, bytes in a block
BLOCKS: Mapping[TensorType, tuple[int, int]] = {
    TensorType.F32: (1, 4),
    TensorType.F16: (1, 2),
    TensorType.BF16: (1, 2),
    TensorType.Q4_0: (32, 18),
    TensorType.Q4_1: (32, 20),
    TensorType.Q5_0: (32, 22),
    TensorType.Q5_1: (32, 24),
    TensorType.Q8_0: (32, 34),
    TensorType.Q2_K: (256, 84),
    TensorType.Q3_K: (256, 110),
    TensorType.Q4_K: (256, 144),
    TensorType.Q5_K: (256, 176),
    TensorType.Q6_K: (256, 210),
    TensorType.IQ4_NL: (32, 18),
    TensorType.IQ4_XS: (256, 136),
}

# GGUF value types: the struct format of each scalar; 8 is a string, 9 an array.
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY = 8, 9


@dataclass(frozen=True)
class Tensor:
    """A tensor's place in the file; `shape` is rows first (numpy order), `type` ggml's number."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int


@dataclass(frozen=True)
class LazyArray:
    """An array of the metadata that is read only when somebody asks (token lists are long)."""

    item_type: int
    count: int
    offset: int


class GgufFile:
    """A model file opened for reading: `metadata` (arrays as `LazyArray`) and `tensors` by name.

    Only the header is read; tensor bytes are views of the mapped file. The format is described at
    https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
    """

    def __init__(self, path: str | Path, data: bytes | None = None) -> None:
        """With `data` nothing is opened: `path` is what these bytes are called in errors.

        Raises DamagedModelError for anything that is not a whole GGUF file.
        """
        self.path = Path(path)
        self._bytes = _mapped(self.path) if data is None else np.frombuffer(data, np.uint8)
        self._view = memoryview(self._bytes.data)
        try:
            self._read_header()
        except (struct.error, UnicodeDecodeError, IndexError, OverflowError) as error:
            raise _damaged(self.path, "its header breaks off or makes no sense") from error

    @property
    def architecture(self) -> str:
        """The model family's name as llama.cpp knows it, e.g. `llama`."""
        return self.text("general.architecture")

    def text(self, key: str, default: str = "") -> str:
        """A string of the metadata."""
        value = self.metadata.get(key, default)
        if not isinstance(value, str):
            raise _damaged(self.path, f"{key} is not a text")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number of the metadata; without a default its absence is damage."""
        value = self.metadata.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _damaged(self.path, f"{key} is missing or not a number")
        return value

    def array(self, key: str) -> list[Any]:
        """The items of an array of the metadata (strings, numbers or booleans)."""
        value = self.metadata.get(key)
        if not isinstance(value, LazyArray):
            raise _damaged(self.path, f"{key} is missing or not an array")
        if value.item_type == _STRING:
            return list(self._strings(value))
        item = np.dtype(_SCALARS[value.item_type])
        items: list[Any] = np.frombuffer(self._view, item, value.count, value.offset).tolist()
        return items

    def rows(self, tensor: Tensor) -> NDArray[np.uint8]:
        """A tensor's stored bytes, one row of blocks a row of values: (rows, bytes a row)."""
        rows, row_bytes = self._row_layout(tensor)
        start = tensor.offset
        return self._bytes[start : start + rows * row_bytes].reshape(rows, row_bytes)

    def release(self) -> None:
        """Give back the memory that pages read so far take; read again, they come from the file."""
        pages: object = self._bytes.base
        if sys.platform == "linux" and isinstance(pages, mmap.mmap):
            pages.madvise(mmap.MADV_DONTNEED)

    def _row_layout(self, tensor: Tensor) -> tuple[int, int]:
        if tensor.type not in BLOCKS:
            raise UnsupportedModelError(
                "This model cannot be trained",
                f"{self.path.name} stores weights in a format this version cannot read "
                f"(type {tensor.type}).",
                "Choose another quantisation of the model, such as Q4_K_M or Q8_0.",
            )
        values, size = BLOCKS[TensorType(tensor.type)]
        width = tensor.shape[-1] if tensor.shape else 1
        if width % values:
            raise _damaged(self.path, f"{tensor.name} has a row length its format cannot have")
        rows = int(np.prod(tensor.shape[:-1], dtype=np.int64)) if len(tensor.shape) > 1 else 1
        return rows, width // values * size

    def _read_header(self) -> None:
        if bytes(self._view[:4]) != _MAGIC:
            raise _damaged(self.path, "it does not begin like one")
        version, n_tensors, n_values = struct.unpack_from("<IQQ", self._view, 4)
        if version not in (2, 3):
            raise _damaged(self.path, f"version {version} of the format is not known")
        if max(n_tensors, n_values) > len(self._view):
            raise _damaged(self.path, "its header makes no sense")
        self.metadata: dict[str, Scalar | LazyArray] = {}
        position = 24
        for _ in range(n_values):
            key, position = self._string(position)
            value_type, position = self._unpack("<I", position)
            self.metadata[key], position = self._value(value_type, position)
        self.tensors = self._read_tensors(n_tensors, position)

    def _read_tensors(self, count: int, position: int) -> dict[str, Tensor]:
        found = []
        for _ in range(count):
            name, position = self._string(position)
            n_dims, position = self._unpack("<I", position)
            if n_dims > _MAX_DIMENSIONS:
                raise _damaged(self.path, f"{name} has {n_dims} dimensions")
            shape = struct.unpack_from(f"<{n_dims}Q", self._view, position)[::-1]
            tensor_type, offset = struct.unpack_from("<IQ", self._view, position + 8 * n_dims)
            position += 8 * n_dims + 12
            found.append((name, shape, tensor_type, offset))
        alignment = int(self.number("general.alignment", 32))
        if alignment < 1:
            raise _damaged(self.path, "its alignment makes no sense")
        start = -(-position // alignment) * alignment
        tensors = {
            name: Tensor(name, shape, type_, start + offset) for name, shape, type_, offset in found
        }
        for tensor in tensors.values():
            self._check_inside(tensor)
        return tensors

    def _check_inside(self, tensor: Tensor) -> None:
        if tensor.type not in BLOCKS:
            return  # whoever wants this tensor is told so; the rest of the file is readable
        rows, row_bytes = self._row_layout(tensor)
        if tensor.offset + rows * row_bytes > len(self._view):
            raise _damaged(self.path, "it ends too early")

    def _value(self, value_type: int, position: int) -> tuple[Scalar | LazyArray, int]:
        if value_type == _STRING:
            return self._string(position)
        if value_type == _ARRAY:
            return self._skip_array(position)
        if value_type not in _SCALARS:
            raise _damaged(self.path, f"it holds a value of unknown type {value_type}")
        return self._unpack(_SCALARS[value_type], position)

    def _skip_array(self, position: int) -> tuple[LazyArray, int]:
        item_type, count = struct.unpack_from("<IQ", self._view, position)
        position += 12
        found = LazyArray(item_type, count, position)
        if item_type == _STRING:
            # Strings have no common length, so skipping means walking; nothing else is decoded.
            unpack, view = struct.Struct("<Q").unpack_from, self._view
            for _ in range(count):
                position += 8 + unpack(view, position)[0]
        elif item_type in _SCALARS:
            position += count * struct.calcsize(_SCALARS[item_type])
        else:
            raise _damaged(self.path, f"it holds an array of unknown type {item_type}")
        if position > len(self._view):
            raise _damaged(self.path, "it ends too early")
        return found, position

    def _strings(self, array: LazyArray) -> Iterator[str]:
        position = array.offset
        for _ in range(array.count):
            (length,) = struct.unpack_from("<Q", self._view, position)
            start = position + 8
            position = start + length
            # A token can be half of a character: such bytes must not stop the reading.
            yield str(self._view[start:position], "utf-8", "replace")

    def _string(self, position: int) -> tuple[str, int]:
        length, start = self._unpack("<Q", position)
        if length > _MAX_STRING or start + length > len(self._view):
            raise _damaged(self.path, "it holds a text longer than the file")
        return str(self._view[start : start + length], "utf-8", "replace"), start + length

    def _unpack(self, form: str, position: int) -> tuple[Any, int]:
        (value,) = struct.unpack_from(form, self._view, position)
        return value, position + struct.calcsize(form)


def _mapped(path: Path) -> NDArray[np.uint8]:
    try:
        try:
            # "c", not "r": torch takes only writable memory. Nothing writes, so the file is shared.
            return np.memmap(path, np.uint8, mode="c")
        except OSError:  # larger than memory: its header can still be read
            return np.memmap(path, np.uint8, mode="r")
    except FileNotFoundError as error:
        raise DamagedModelError(
            "The model file is not there",
            f"{path} does not exist.",
            "Fetch the model again, or choose another one.",
        ) from error
    except (OSError, ValueError) as error:  # a directory, no permission; numpy: an empty file
        raise _damaged(path, "it cannot be read or is empty") from error


def _damaged(path: Path, why: str) -> DamagedModelError:
    return DamagedModelError(
        "The model file is damaged",
        f"{path.name} is not a whole GGUF file: {why}.",
        "Fetch the model again, or choose another one.",
    )
