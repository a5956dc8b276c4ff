"""LoRA: the small trainable matrices beside a frozen model's linear layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from learner import adapter_file
from learner.base_model import PROJECTIONS, TorchModel, unpermute_rows
from learner.errors import BadJobError
from learner.packed_linear import Beneath, PackedLinear, PackedWeight
from learner.wire import Recipe


@dataclass(frozen=True)
class Pair:
    """One adapted layer: the GGUF name of its weight, `a` (rank, in), `b` (out, rank).

    `base` is the frozen weight they are added to.
    """

    name: str
    block: int
    kind: str
    a: nn.Parameter
    b: nn.Parameter
    base: PackedWeight


def on_top_of(model: TorchModel, beneath: bytes) -> TorchModel:
    """The model with the GGUF adapter `beneath` in it, as frozen as the rest.

    Raises DamagedModelError, and BadJobError for an adapter of another model.
    """
    file = adapter_file.read(beneath)
    blocks = list(model.blocks)
    known = 0
    for number, block in enumerate(blocks):
        layers = dict(block.linear)
        for kind, layer in block.linear.items():
            pair = file.pairs.get(f"blk.{number}.{PROJECTIONS[kind]}.weight")
            if pair is not None:
                layers[kind] = layer.on_top_of(_frozen(pair, file.alpha, kind, layer, model))
                known += 1
        blocks[number] = replace(block, linear=layers)
    if known != len(file.pairs) or file.architecture != model.shape.architecture:
        raise _foreign()
    return replace(model, blocks=tuple(blocks))


def _frozen(
    pair: adapter_file.Pair, alpha: float, kind: str, layer: PackedLinear, model: TorchModel
) -> Beneath:
    """A pair in the order of this network's rows, its factor in `b`."""
    a, b = torch.from_numpy(pair.a), torch.from_numpy(pair.b) * (alpha / len(pair.a))
    if (a.shape[1], b.shape[0]) != (layer.weight.width, layer.weight.n_rows):
        raise _foreign()
    shape = model.shape
    if shape.permuted and kind in ("q", "k"):
        b = unpermute_rows(b, shape.n_heads if kind == "q" else shape.n_kv_heads)
    return a.to(model.device), b.to(model.device)


def _foreign() -> BadJobError:
    return BadJobError(
        "What was learned does not fit this model",
        "The adapter to be trained on top of was made for another model.",
        "Study again; it is then made anew.",
    )


def add_adapter(model: TorchModel, recipe: Recipe) -> tuple[Pair, ...]:
    """Put a fresh adapter into the network; its pairs, block by block.

    `a` is drawn from torch's global generator, `b` is zero: the adapter changes nothing yet
    (Hu et al. 2021, https://arxiv.org/abs/2106.09685).
    """
    return tuple(
        _adapted(model.blocks[block].linear[kind], block, kind, recipe)
        for block in range(first_block(model, recipe), model.shape.n_layers)
        for kind in PROJECTIONS
        if kind in recipe.targets
    )


def _adapted(layer: PackedLinear, block: int, kind: str, recipe: Recipe) -> Pair:
    weight = layer.weight
    # PEFT's distribution for `a`; drawn on the CPU, so that every device starts alike.
    drawn = torch.empty(recipe.rank, weight.width).uniform_(-1.0, 1.0) / weight.width**0.5
    device = weight.packed.device
    a = nn.Parameter(drawn.to(device))
    b = nn.Parameter(torch.zeros(weight.n_rows, recipe.rank, device=device))
    layer.adapt(a, b, recipe.alpha / recipe.rank)
    return Pair(f"blk.{block}.{PROJECTIONS[kind]}.weight", block, kind, a, b, weight)


def first_block(model: TorchModel, recipe: Recipe) -> int:
    """The lowest block that is adapted; everything below it stays what it is."""
    n_layers = model.shape.n_layers
    return 0 if recipe.layers is None else max(0, n_layers - recipe.layers)


def trainable(pairs: tuple[Pair, ...]) -> list[Tensor]:
    """The matrices to train, in a fixed order."""
    return [matrix for pair in pairs for matrix in (pair.a, pair.b)]
