"""Base model: a GGUF file as a torch network with frozen float32 weights."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from learner.dequantise import dequantise
from learner.errors import UnsupportedModelError
from learner.gguf_file import GgufFile

PROJECTIONS = {
    "q": ("attn_q", "self_attn.q_proj"),
    "k": ("attn_k", "self_attn.k_proj"),
    "v": ("attn_v", "self_attn.v_proj"),
    "o": ("attn_output", "self_attn.o_proj"),
    "gate": ("ffn_gate", "mlp.gate_proj"),
    "up": ("ffn_up", "mlp.up_proj"),
    "down": ("ffn_down", "mlp.down_proj"),
}
"""Each kind of linear layer: its name in a GGUF block and its path in a Hugging Face block."""

_BLOCK_PARTS = dict(PROJECTIONS.values()) | {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
}
_OUTER_PARTS = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}


@dataclass(frozen=True)
class _Family:
    """A GGUF architecture: where transformers keeps it, and whether llama.cpp permutes q and k."""

    package: str
    prefix: str
    permuted: bool


# Mistral files carry the architecture string `llama` and have its layers.
_FAMILIES = {
    "llama": _Family("llama", "Llama", True),
    "qwen2": _Family("qwen2", "Qwen2", False),
    "qwen3": _Family("qwen3", "Qwen3", False),
}


@dataclass(frozen=True)
class Shape:
    """The sizes of a model that the trainer needs, read from the file's metadata."""

    architecture: str
    permuted: bool
    n_layers: int
    n_heads: int
    n_kv_heads: int
    n_vocab: int


@dataclass(frozen=True)
class TorchModel:
    """A loaded base model: a Hugging Face causal language model and its shape."""

    network: Any
    shape: Shape

    @property
    def device(self) -> torch.device:
        device: torch.device = self.network.lm_head.weight.device
        return device

    def embed(self, ids: Tensor) -> Tensor:
        """Token ids (batch, length) as the first block's input (batch, length, width)."""
        hidden: Tensor = self.network.model.embed_tokens(ids)
        return hidden

    def run_blocks(self, hidden: Tensor, start: int, end: int) -> Tensor:
        """Blocks `start` to `end` (exclusive) on (batch, length, width).

        No attention mask: sequences are padded on the right, and under causal attention what
        stands to the right changes nothing on the left.
        """
        body = self.network.model
        positions = torch.arange(hidden.shape[1], device=hidden.device)[None]
        rotary = body.rotary_emb(hidden, position_ids=positions)
        for block in body.layers[start:end]:
            hidden = block(hidden, attention_mask=None, position_embeddings=rotary)
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """The last block's output (any shape, width) as logits (same shape, n_vocab)."""
        logits: Tensor = self.network.lm_head(self.network.model.norm(hidden))
        return logits


def choose_device(*, cuda: bool, mps: bool) -> str:
    """The device to train on, of those torch says are there.

    Only "cpu" is tested by us; the other two run the same code.
    """
    if cuda:
        return "cuda"
    return "mps" if mps else "cpu"


def load(path: str | Path) -> TorchModel:
    """The model of a GGUF file, frozen, in float32, on the best device there is.

    Raises DamagedModelError and UnsupportedModelError.
    """
    file = GgufFile(path)
    shape = read_shape(file)
    network = _empty_network(file, shape)
    state = dict(_weights(file, shape))
    if "lm_head.weight" not in state:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    _check_complete(file, state, network)
    network.load_state_dict(state, strict=True, assign=True)
    network.requires_grad_(False)
    network.train()  # no dropout anywhere; only tells the layers that gradients are wanted
    device = choose_device(cuda=torch.cuda.is_available(), mps=torch.backends.mps.is_available())
    return TorchModel(network.to(device), shape)


def read_shape(file: GgufFile) -> Shape:
    """The shape of a file's model. Raises UnsupportedModelError for what cannot be trained."""
    architecture = file.architecture
    if architecture not in _FAMILIES:
        raise _unsupported(file, f"models of the family “{architecture}” cannot be trained yet")
    _refuse_variants(file, architecture)
    heads = int(file.number(f"{architecture}.attention.head_count"))
    embedding = file.tensors.get("token_embd.weight")
    if embedding is None or len(embedding.shape) != 2:
        raise _unsupported(file, "it has no table of token embeddings")
    return Shape(
        architecture=architecture,
        permuted=_FAMILIES[architecture].permuted,
        n_layers=int(file.number(f"{architecture}.block_count")),
        n_heads=heads,
        n_kv_heads=int(file.number(f"{architecture}.attention.head_count_kv", heads)),
        n_vocab=embedding.shape[0],
    )


def permute_rows(rows: Tensor, heads: int) -> Tensor:
    """Rows of a q or k matrix from Hugging Face's rotary order to llama.cpp's."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, 2, half, -1).swapaxes(1, 2).reshape(rows.shape)


def unpermute_rows(rows: Tensor, heads: int) -> Tensor:
    """The inverse of `permute_rows`."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def _refuse_variants(file: GgufFile, architecture: str) -> None:
    """Refuse what the network would silently compute differently from llama.cpp."""
    scaling = file.text(f"{architecture}.rope.scaling.type", "none")
    if "rope_freqs.weight" in file.tensors or scaling != "none":
        raise _unsupported(file, "it stretches its positions (RoPE scaling)")
    if file.number(f"{architecture}.expert_count", 0):
        raise _unsupported(file, "it is a mixture of experts")
    width = file.number(f"{architecture}.embedding_length")
    head = width // file.number(f"{architecture}.attention.head_count")
    head = file.number(f"{architecture}.attention.key_length", head)
    if file.number(f"{architecture}.rope.dimension_count", head) != head:
        raise _unsupported(file, "it rotates only a part of each attention head")


def _empty_network(file: GgufFile, shape: Shape) -> Any:
    """The network without memory for its weights; they are assigned afterwards."""
    family = _FAMILIES[shape.architecture]
    # The family's own module: `transformers.AutoModel…` would import far more.
    package = f"transformers.models.{family.package}"
    modeling = importlib.import_module(f"{package}.modeling_{family.package}")
    configuration = importlib.import_module(f"{package}.configuration_{family.package}")
    config = getattr(configuration, f"{family.prefix}Config")(**_settings(file, shape))
    config._attn_implementation = "sdpa"
    with torch.device("meta"):
        network = getattr(modeling, f"{family.prefix}ForCausalLM")(config)
    # Its table of frequencies is computed, not stored: the one on "meta" has no values.
    network.model.rotary_emb = type(network.model.rotary_emb)(config)
    return network


def _settings(file: GgufFile, shape: Shape) -> dict[str, Any]:
    name = shape.architecture
    width = int(file.number(f"{name}.embedding_length"))
    head_dim = int(file.number(f"{name}.attention.key_length", width // shape.n_heads))
    theta = file.number(f"{name}.rope.freq_base", 10000.0)
    return {
        "vocab_size": shape.n_vocab,
        "hidden_size": width,
        "intermediate_size": int(file.number(f"{name}.feed_forward_length")),
        "num_hidden_layers": shape.n_layers,
        "num_attention_heads": shape.n_heads,
        "num_key_value_heads": shape.n_kv_heads,
        "head_dim": head_dim,
        "max_position_embeddings": int(file.number(f"{name}.context_length")),
        "rms_norm_eps": file.number(f"{name}.attention.layer_norm_rms_epsilon"),
        "rope_parameters": {"rope_type": "default", "rope_theta": theta},
        "tie_word_embeddings": False,
        "use_cache": False,
        "pad_token_id": None,
    }


def _weights(file: GgufFile, shape: Shape) -> Iterator[tuple[str, nn.Parameter]]:
    """Every tensor of the file under its Hugging Face name, one at a time."""
    for name, tensor in file.tensors.items():
        # A copy of the packed bytes: torch wants writable memory, and they are few.
        packed = torch.from_numpy(np.array(file.rows(tensor)))
        values = dequantise(packed, tensor.type).reshape(tensor.shape)
        if shape.permuted and name.endswith(("attn_q.weight", "attn_k.weight")):
            heads = shape.n_heads if "attn_q" in name else shape.n_kv_heads
            values = unpermute_rows(values, heads)
        yield _hugging_face_name(file, name), nn.Parameter(values, requires_grad=False)


def _hugging_face_name(file: GgufFile, name: str) -> str:
    part, _, suffix = name.rpartition(".")
    block = re.fullmatch(r"blk\.(\d+)\.(\w+)", part)
    if block and block[2] in _BLOCK_PARTS:
        return f"model.layers.{block[1]}.{_BLOCK_PARTS[block[2]]}.{suffix}"
    if part in _OUTER_PARTS:
        return f"{_OUTER_PARTS[part]}.{suffix}"
    raise _unsupported(file, f"it has a part the trainer does not know ({name})")


def _check_complete(file: GgufFile, state: dict[str, nn.Parameter], network: Any) -> None:
    """Refuse a file whose parts are not exactly those of its family (a bias more, a norm less)."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    given = {name: tuple(value.shape) for name, value in state.items()}
    wrong = sorted(
        name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name)
    )
    if wrong:
        raise _unsupported(file, f"its parts are not those of its family ({wrong[0]})")


def _unsupported(file: GgufFile, why: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        "This model cannot be trained",
        f"{file.path.name}: {why}.",
        "Lessons stay in context with this model; choose another model to learn in the weights.",
    )
