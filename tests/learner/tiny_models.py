"""Tiny random models as GGUF files, of each architecture the trainer knows."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

WIDTH, INNER, HEADS, KV_HEADS, LAYERS, VOCAB = 32, 64, 4, 2, 3, 96
HEAD = WIDTH // HEADS


def write(
    path: Path,
    architecture: str = "llama",
    *,
    without: str = "",
    extra: str = "",
    blank: int = 0,
    settings: dict[str, int | float | str] | None = None,
) -> Path:
    """A whole model file; `without` leaves a tensor out, `extra` adds one, `settings` metadata.

    `blank` adds a tensor of noughts, so many bytes long.
    """
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(LAYERS)
    writer.add_context_length(256)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_token_list([f"token{i}" for i in range(VOCAB)])
    for key, value in (settings or {}).items():
        add = {int: writer.add_uint32, float: writer.add_float32, str: writer.add_string}
        add[type(value)](f"{architecture}.{key}", value)
    random = np.random.default_rng(0)
    for name, shape in _shapes(architecture).items():
        if name != without:
            centre = 1.0 if "norm" in name else 0.0
            values = centre + 0.3 * random.standard_normal(shape)
            writer.add_tensor(name, values.astype(np.float32))
    if extra:
        writer.add_tensor(extra, np.ones(WIDTH, np.float32))
    if blank:
        writer.add_tensor("blank", np.zeros(blank // 4, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (VOCAB, WIDTH)}
    for n in range(LAYERS):
        parts = {
            "attn_norm.weight": (WIDTH,),
            "attn_q.weight": (HEADS * HEAD, WIDTH),
            "attn_k.weight": (KV_HEADS * HEAD, WIDTH),
            "attn_v.weight": (KV_HEADS * HEAD, WIDTH),
            "attn_output.weight": (WIDTH, HEADS * HEAD),
            "ffn_norm.weight": (WIDTH,),
            "ffn_gate.weight": (INNER, WIDTH),
            "ffn_up.weight": (INNER, WIDTH),
            "ffn_down.weight": (WIDTH, INNER),
        }
        if architecture == "qwen2":
            heads = {"q": HEADS, "k": KV_HEADS, "v": KV_HEADS}
            parts |= {f"attn_{kind}.bias": (count * HEAD,) for kind, count in heads.items()}
        if architecture == "qwen3":
            parts |= {"attn_q_norm.weight": (HEAD,), "attn_k_norm.weight": (HEAD,)}
        shapes |= {f"blk.{n}.{name}": shape for name, shape in parts.items()}
    return shapes | {"output_norm.weight": (WIDTH,)}
