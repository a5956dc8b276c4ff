"""The plain way to the same model: transformers' own network with every weight in float32."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from learner.base_model import Shape, read_shape, unpermute_rows
from learner.dequantise import dequantise
from learner.gguf_file import GgufFile

PATHS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}


def load(path: Path) -> Any:
    """The file's model as transformers' `…ForCausalLM`, frozen."""
    file = GgufFile(path)
    shape = read_shape(file)
    prefix = {"llama": "Llama", "qwen2": "Qwen2", "qwen3": "Qwen3"}[shape.architecture]
    package = importlib.import_module(f"transformers.models.{shape.architecture}")
    config = getattr(package, f"{prefix}Config")(**_settings(file, shape))
    with torch.device("meta"):
        network = getattr(package, f"{prefix}ForCausalLM")(config)
    network.model.rotary_emb = type(network.model.rotary_emb)(config)
    state = {_path(name): _weight(file, shape, name) for name in file.tensors}
    state.setdefault("lm_head.weight", state["model.embed_tokens.weight"])
    network.load_state_dict(state, strict=True, assign=True)
    network.requires_grad_(False)
    return network


def _path(name: str) -> str:
    part, _, suffix = name.rpartition(".")
    block = re.fullmatch(r"blk\.(\d+)\.(\w+)", part)
    if block:
        return f"model.layers.{block[1]}.{PATHS[block[2]]}.{suffix}"
    return f"{PATHS[part]}.{suffix}"


def _weight(file: GgufFile, shape: Shape, name: str) -> nn.Parameter:
    tensor = file.tensors[name]
    packed = torch.from_numpy(np.array(file.rows(tensor)))
    values = dequantise(packed, tensor.type).reshape(tensor.shape)
    if shape.permuted and name.endswith(("attn_q.weight", "attn_k.weight")):
        heads = shape.n_heads if "attn_q" in name else shape.n_kv_heads
        values = unpermute_rows(values, heads)
    return nn.Parameter(values, requires_grad=False)


def _settings(file: GgufFile, shape: Shape) -> dict[str, Any]:
    name = shape.architecture
    width = int(file.number(f"{name}.embedding_length"))
    theta = file.number(f"{name}.rope.freq_base", 10000.0)
    return {
        "vocab_size": shape.n_vocab,
        "hidden_size": width,
        "intermediate_size": int(file.number(f"{name}.feed_forward_length")),
        "num_hidden_layers": shape.n_layers,
        "num_attention_heads": shape.n_heads,
        "num_key_value_heads": shape.n_kv_heads,
        "head_dim": int(file.number(f"{name}.attention.key_length", width // shape.n_heads)),
        "max_position_embeddings": int(file.number(f"{name}.context_length")),
        "rms_norm_eps": file.number(f"{name}.attention.layer_norm_rms_epsilon"),
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
        "tie_word_embeddings": False,
        "use_cache": False,
        "pad_token_id": None,
    }
