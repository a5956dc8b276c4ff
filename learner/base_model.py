"""Base model: a GGUF file as a torch network whose weights stay packed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from learner.errors import UnsupportedModelError
from learner.gguf_file import GgufFile
from learner.head import all_logits
from learner.layout import Layout
from learner.network import Block, Heads, Rotation, rms_norm
from learner.packed_linear import PackedLinear, PackedWeight

PROJECTIONS = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "o": "attn_output",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}
"""Each kind of linear layer and its name in a GGUF block."""

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class _Family:
    """A GGUF architecture: whether llama.cpp permutes q and k, and what else its blocks have."""

    permuted: bool
    biases: bool = False
    head_norms: bool = False


# Mistral files carry the architecture string `llama` and have its layers.
_FAMILIES = {
    "llama": _Family(permuted=True),
    "qwen2": _Family(permuted=False, biases=True),
    "qwen3": _Family(permuted=False, head_norms=True),
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
    """A loaded base model: its shape, its blocks and what stands before and after them."""

    shape: Shape
    blocks: tuple[Block, ...]
    embedding: PackedWeight
    head: PackedWeight
    norm: Tensor
    theta: float

    @property
    def device(self) -> torch.device:
        return self.norm.device

    @property
    def width(self) -> int:
        return self.norm.shape[0]

    def embed(self, ids: Tensor) -> Tensor:
        """Token ids (positions) as the first block's input (positions, width)."""
        return self.embedding.look_up(ids)

    def rotation(self, layout: Layout) -> Rotation:
        """What the blocks need to know of the positions in `layout`."""
        width = self.blocks[0].heads.width
        return Rotation.at(layout.positions(self.device), width, self.theta)

    def holding(self, first: int, n_bytes: int) -> TorchModel:
        """The same model with blocks from `first` on unpacked, the last ones, as far as they fit.

        They are frozen and without adapters. Unpacked or not, a block computes the same.
        """
        blocks = list(self.blocks)
        for n in reversed(range(first, len(blocks))):
            n_bytes -= blocks[n].unpacked_bytes
            if n_bytes < 0:
                break
            blocks[n] = blocks[n].unpacked()
        return replace(self, blocks=tuple(blocks))

    def run_blocks(self, hidden: Tensor, layout: Layout, start: int, end: int) -> Tensor:
        """Blocks `start` to `end` (exclusive) on (positions, width).

        Sequences are padded on the right: under causal attention what stands to the right changes
        nothing on the left.
        """
        rotation = self.rotation(layout)
        for block in self.blocks[start:end]:
            hidden = block(hidden, layout, rotation)
        return hidden

    def normed(self, hidden: Tensor) -> Tensor:
        """The last block's output (positions, width) as the head's input."""
        return rms_norm(hidden, self.norm, self.blocks[0].heads.epsilon)

    def logits(self, hidden: Tensor) -> Tensor:
        """The last block's output (positions, width) as logits (positions, n_vocab)."""
        return all_logits(self.head, self.normed(hidden))


def choose_device(*, cuda: bool, mps: bool) -> str:
    """The device to train on, of those torch says are there.

    Only "cpu" is tested by us; the other two run the same code.
    """
    if cuda:
        return "cuda"
    return "mps" if mps else "cpu"


def choose_precision(device: str, *, avx512_bf16: bool, amx: bool, cuda_bf16: bool) -> torch.dtype:
    """The type to multiply the frozen weights in: bfloat16 where the machine is fast at it.

    A CPU without these instructions emulates bfloat16, many times as slow as float32. Only the
    CPU's two are tested by us.
    """
    fast = {"cpu": avx512_bf16 or amx, "cuda": cuda_bf16}.get(device, False)
    return torch.bfloat16 if fast else torch.float32


def best_device() -> torch.device:
    """The best device of this machine."""
    return torch.device(
        choose_device(cuda=torch.cuda.is_available(), mps=torch.backends.mps.is_available())
    )


def best_precision(device: torch.device) -> torch.dtype:
    """The best precision on this machine's `device`."""
    return choose_precision(
        device.type,
        avx512_bf16=torch.cpu._is_avx512_bf16_supported(),
        amx=torch.cpu._is_amx_tile_supported(),
        cuda_bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
    )


def load(
    path: str | Path, device: torch.device = _CPU, precision: torch.dtype = torch.float32
) -> TorchModel:
    """The model of a GGUF file, frozen, on `device`; its products are computed in `precision`.

    Its matrices are the mapped file's bytes: they come into memory when they are first used.
    Raises DamagedModelError and UnsupportedModelError.
    """
    file = GgufFile(path)
    shape = read_shape(file)
    _check_complete(file, shape)
    parts = _Parts(file, shape, device, precision)
    embedding = parts.matrix("token_embd.weight")
    tied = "output.weight" not in file.tensors
    return TorchModel(
        shape=shape,
        blocks=tuple(parts.block(n) for n in range(shape.n_layers)),
        embedding=embedding,
        head=embedding if tied else parts.matrix("output.weight"),
        norm=parts.vector("output_norm.weight"),
        theta=file.number(f"{shape.architecture}.rope.freq_base", 10000.0),
    )


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


class _Parts:
    """Takes a file's tensors out as the network wants them."""

    def __init__(
        self, file: GgufFile, shape: Shape, device: torch.device, precision: torch.dtype
    ) -> None:
        self._file, self._shape = file, shape
        self._device, self._precision = device, precision
        self._heads = Heads(
            queries=shape.n_heads,
            keys=shape.n_kv_heads,
            width=_head_width(file, shape),
            epsilon=file.number(f"{shape.architecture}.attention.layer_norm_rms_epsilon"),
        )

    def block(self, n: int) -> Block:
        return Block(
            heads=self._heads,
            linear={kind: self._linear(n, kind) for kind in PROJECTIONS},
            attn_norm=self.vector(f"blk.{n}.attn_norm.weight"),
            ffn_norm=self.vector(f"blk.{n}.ffn_norm.weight"),
            q_norm=self._optional(f"blk.{n}.attn_q_norm.weight"),
            k_norm=self._optional(f"blk.{n}.attn_k_norm.weight"),
        )

    def matrix(self, name: str) -> PackedWeight:
        tensor = self._file.tensors[name]
        return PackedWeight(self._packed(name), tensor.type, tensor.shape[1], self._precision)

    def vector(self, name: str) -> Tensor:
        tensor = self._file.tensors[name]
        return PackedWeight(self._packed(name), tensor.type, tensor.shape[0]).values()[0]

    def _linear(self, n: int, kind: str) -> PackedLinear:
        name = f"blk.{n}.{PROJECTIONS[kind]}"
        weight, bias = self.matrix(f"{name}.weight"), self._optional(f"{name}.bias")
        if self._shape.permuted and kind in ("q", "k"):
            # Rows are packed one by one, so their bytes can be put in order without unpacking.
            heads = self._shape.n_heads if kind == "q" else self._shape.n_kv_heads
            weight = replace(weight, packed=unpermute_rows(weight.packed, heads))
        return PackedLinear(weight, bias)

    def _optional(self, name: str) -> Tensor | None:
        return self.vector(name) if name in self._file.tensors else None

    def _packed(self, name: str) -> Tensor:
        return torch.from_numpy(self._file.rows(self._file.tensors[name])).to(self._device)


def _head_width(file: GgufFile, shape: Shape) -> int:
    width = file.number(f"{shape.architecture}.embedding_length")
    return int(file.number(f"{shape.architecture}.attention.key_length", width // shape.n_heads))


def _check_complete(file: GgufFile, shape: Shape) -> None:
    """Refuse a file whose parts are not exactly those of its family (a bias more, a norm less)."""
    wanted = _wanted(file, shape)
    given = {name: tensor.shape for name, tensor in file.tensors.items()}
    if "output.weight" in given:  # absent where the embeddings serve for both
        wanted["output.weight"] = wanted["token_embd.weight"]
    wrong = sorted(
        name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name)
    )
    if wrong:
        raise _unsupported(file, f"its parts are not those of its family ({wrong[0]})")


def _wanted(file: GgufFile, shape: Shape) -> dict[str, tuple[int, ...]]:
    """The parts a file of this family has, by name, with their shapes."""
    family, head = _FAMILIES[shape.architecture], _head_width(file, shape)
    width = int(file.number(f"{shape.architecture}.embedding_length"))
    inner = int(file.number(f"{shape.architecture}.feed_forward_length"))
    q, kv = shape.n_heads * head, shape.n_kv_heads * head
    block: dict[str, tuple[int, ...]] = {"attn_norm.weight": (width,), "ffn_norm.weight": (width,)}
    block |= {"attn_q.weight": (q, width), "attn_output.weight": (width, q)}
    block |= {"attn_k.weight": (kv, width), "attn_v.weight": (kv, width)}
    block |= {"ffn_gate.weight": (inner, width), "ffn_up.weight": (inner, width)}
    block |= {"ffn_down.weight": (width, inner)}
    if family.biases:
        block |= {"attn_q.bias": (q,), "attn_k.bias": (kv,), "attn_v.bias": (kv,)}
    if family.head_norms:
        block |= {"attn_q_norm.weight": (head,), "attn_k_norm.weight": (head,)}
    parts = {f"blk.{n}.{name}": size for n in range(shape.n_layers) for name, size in block.items()}
    return parts | {"token_embd.weight": (shape.n_vocab, width), "output_norm.weight": (width,)}


def _unsupported(file: GgufFile, why: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        "This model cannot be trained",
        f"{file.path.name}: {why}.",
        "Lessons stay in context with this model; choose another model to learn in the weights.",
    )
