"""Random adapters for the starter model, as bytes that llama.cpp loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import gguf
import numpy as np

LAYERS, WIDTH, INNER = 30, 576, 1536
SHAPES = {"ffn_down": (WIDTH, INNER), "ffn_up": (INNER, WIDTH), "ffn_gate": (INNER, WIDTH)}


def adapter(
    seed: int,
    *,
    size: float = 0.01,
    rank: int = 4,
    parts: Sequence[str] = ("ffn_down",),
    wider: int = 0,
    architecture: str = "llama",
) -> bytes:
    """A LoRA adapter on the named parts of every layer; `wider` than the model it is foreign."""
    random = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "adapter.gguf"
        writer = gguf.GGUFWriter(path, architecture)
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", float(rank))
        for name, (rows, columns) in (
            (f"blk.{layer}.{part}.weight", SHAPES[part])
            for layer in range(LAYERS)
            for part in parts
        ):
            a = random.standard_normal((rank, columns)) * size
            b = random.standard_normal((rows + wider, rank)) * size
            writer.add_tensor(f"{name}.lora_a", a.astype(np.float32))
            writer.add_tensor(f"{name}.lora_b", b.astype(np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()
