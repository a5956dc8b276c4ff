"""How to load a model file on this machine: checked header, context, threads, layers, memory."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModelError
from learner.errors import DamagedModelError
from learner.gguf_file import GgufFile

DEFAULT_CONTEXT = 4096
"""Tokens a conversation may span unless the caller asks for another size."""

_CHOOSE = "Fetch the model again, or choose another one."
_SCRATCH = 300 * 2**20  # Python, llama.cpp's graph and token buffers; measured 180-260 MB
_KV_BYTES = 2  # keys and values are kept in f16


@dataclass(frozen=True)
class ModelHeader:
    """What the file says about itself; `kv_token_bytes` is the cache's size a token."""

    path: Path
    size: int
    architecture: str
    template: str
    n_ctx_train: int
    kv_token_bytes: int


@dataclass(frozen=True)
class Plan:
    """How to load: `gpu_layers` -1 means all."""

    n_ctx: int
    gpu_layers: int
    threads: int


def read_header(path: Path) -> ModelHeader:
    """What a model file says about itself, before llama.cpp sees a byte of it.

    Raises ModelError: not there, not a regular file, not a whole GGUF, no chat template.
    """
    size = _regular_size(path)
    try:
        file = GgufFile(path)
        architecture = file.architecture
        template = file.text("tokenizer.chat_template")
        n_ctx_train = int(file.number(f"{architecture}.context_length", DEFAULT_CONTEXT))
        kv = _kv_token_bytes(file, architecture)
    except DamagedModelError as error:
        raise ModelError(error.title, error.message, error.next_step) from error
    if not template.strip():
        raise ModelError(
            "This is not a chat model",
            f"{path.name} has no chat template, so nobody can know how to talk to it.",
            "Choose a model made for chat (its name usually says “instruct” or “chat”).",
        )
    return ModelHeader(path, size, architecture, template, n_ctx_train, kv)


def plan(header: ModelHeader, *, n_ctx: int | None, gpu: bool, cores: int | None) -> Plan:
    """The context (never longer than the model was trained for), GPU layers and threads."""
    wanted = DEFAULT_CONTEXT if n_ctx is None else n_ctx
    return Plan(
        n_ctx=max(256, min(wanted, header.n_ctx_train)),
        gpu_layers=-1 if gpu else 0,
        threads=max(1, cores or 1),
    )


def memory_needed(header: ModelHeader, n_ctx: int) -> int:
    """Bytes to serve this model: weights, the caches of chat and study, and scratch space."""
    return header.size + 2 * n_ctx * header.kv_token_bytes + _SCRATCH


def check_memory(header: ModelHeader, n_ctx: int, available: int) -> None:
    """Raises ModelError when the model cannot fit into `available` bytes."""
    needed = memory_needed(header, n_ctx)
    if needed > available:
        raise ModelError(
            "Not enough memory for this model",
            f"{header.path.name} needs about {_gigabytes(needed)} of memory, "
            f"and {_gigabytes(available)} are free.",
            "Close other programs, or choose a smaller model.",
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _regular_size(path: Path) -> int:
    try:
        found = path.stat()
    except OSError as error:
        raise ModelError(
            "The model file is not there",
            f"{path} could not be opened ({error.strerror}).",
            _CHOOSE,
        ) from error
    except ValueError as error:  # a NUL in the name
        raise ModelError("The model file is not there", "Its name is no name.", _CHOOSE) from error
    if not stat.S_ISREG(found.st_mode):
        raise ModelError(
            "The model is not a file", f"{path} is a folder or a device, not a model.", _CHOOSE
        )
    return found.st_size


def _kv_token_bytes(file: GgufFile, architecture: str) -> int:
    """Keys and values of one token over all layers (heads may differ from layer to layer)."""
    layers = int(file.number(f"{architecture}.block_count"))
    width = file.number(f"{architecture}.embedding_length")
    heads = _per_layer(file, f"{architecture}.attention.head_count", layers, [1])
    kv_heads = _per_layer(file, f"{architecture}.attention.head_count_kv", layers, heads)
    each = width / max(1, max(heads))
    key = file.number(f"{architecture}.attention.key_length", each)
    value = file.number(f"{architecture}.attention.value_length", each)
    return int(sum(kv_heads) * (key + value) * _KV_BYTES)


def _per_layer(file: GgufFile, key: str, layers: int, default: list[int]) -> list[int]:
    found = file.metadata.get(key)
    if found is None:
        return default if len(default) == layers else default[:1] * layers
    if isinstance(found, bool | int | float | str):
        return [int(file.number(key))] * layers
    return [int(item) for item in file.array(key)]
