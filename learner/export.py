"""Export: a trained adapter as the bytes of a GGUF adapter file that llama.cpp loads."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

from learner.base_model import Shape, permute_rows
from learner.lora import Pair


def adapter_gguf(pairs: Sequence[Pair], shape: Shape, alpha: float) -> bytes:
    """The adapter as a GGUF file in memory; the same matrices give the same bytes.

    The layout is that of llama.cpp's convert_lora_to_gguf.py: `lora_a` (rank, in), `lora_b`
    (out, rank), float32, with q and k in llama.cpp's row order where the base's are.
    """
    with _nameless_file() as path:
        writer = GGUFWriter(path, shape.architecture)
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", alpha)
        for pair in pairs:
            a, b = matrices(pair, shape)
            writer.add_tensor(f"{pair.name}.lora_a", a)
            writer.add_tensor(f"{pair.name}.lora_b", b)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def matrices(pair: Pair, shape: Shape) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A pair's two matrices as they stand in the file."""
    a, b = pair.a.detach().float().cpu(), pair.b.detach().float().cpu()
    if shape.permuted and pair.kind in ("q", "k"):
        b = permute_rows(b, shape.n_heads if pair.kind == "q" else shape.n_kv_heads)
    return a.contiguous().numpy(), b.contiguous().numpy()


@contextlib.contextmanager
def _nameless_file() -> Iterator[Path]:
    """A path to write to that leaves nothing on disk: memory on Linux, elsewhere a 0600 file.

    GGUFWriter wants a path, and an adapter in the clear holds what a person taught.
    """
    if hasattr(os, "memfd_create"):
        memory = os.memfd_create("adapter", os.MFD_CLOEXEC)
        try:
            yield Path(f"/proc/self/fd/{memory}")
        finally:
            os.close(memory)
        return
    handle, name = tempfile.mkstemp(suffix=".gguf")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink()
