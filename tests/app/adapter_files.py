"""Random adapters for the starter model, as bytes that llama.cpp loads."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import gguf
import numpy as np

LAYERS, WIDTH, INNER = 30, 576, 1536
RANK = 4


def adapter(
    seed: int, *, size: float = 0.01, width: int = WIDTH, architecture: str = "llama"
) -> bytes:
    """A LoRA adapter on every feed-forward output; `width` other than the model's is foreign."""
    random = np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "adapter.gguf"
        writer = gguf.GGUFWriter(path, architecture)
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", float(RANK))
        for layer in range(LAYERS):
            name = f"blk.{layer}.ffn_down.weight"
            a = random.standard_normal((RANK, INNER)) * size
            b = random.standard_normal((width, RANK)) * size
            writer.add_tensor(f"{name}.lora_a", a.astype(np.float32))
            writer.add_tensor(f"{name}.lora_b", b.astype(np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()
