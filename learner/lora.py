"""LoRA: the small trainable matrices beside a frozen model's linear layers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from learner.base_model import PROJECTIONS, TorchModel
from learner.packed_linear import PackedLinear, PackedWeight
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
