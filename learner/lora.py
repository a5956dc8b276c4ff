"""LoRA: the small trainable matrices beside a frozen model's linear layers, kept by PEFT."""

from __future__ import annotations

from dataclasses import dataclass

from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from learner.base_model import PROJECTIONS, TorchModel
from learner.wire import Recipe

_NAME = "default"


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
    base: Tensor


def add_adapter(model: TorchModel, recipe: Recipe) -> tuple[Pair, ...]:
    """Put a fresh adapter into the network; its pairs, block by block.

    `a` is drawn from torch's global generator, `b` is zero: the adapter changes nothing yet
    (Hu et al. 2021, https://arxiv.org/abs/2106.09685).
    """
    first = first_block(model, recipe)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=0.0,
        bias="none",
        target_modules=[PROJECTIONS[kind][1].rpartition(".")[2] for kind in recipe.targets],
        layers_to_transform=list(range(first, model.shape.n_layers)),
        layers_pattern="layers",
    )
    inject_adapter_in_model(config, model.network)
    return tuple(_pairs(model, recipe, first))


def first_block(model: TorchModel, recipe: Recipe) -> int:
    """The lowest block that is adapted; everything below it stays what it is."""
    n_layers = model.shape.n_layers
    return 0 if recipe.layers is None else max(0, n_layers - recipe.layers)


def _pairs(model: TorchModel, recipe: Recipe, first: int) -> list[Pair]:
    found = []
    for block in range(first, model.shape.n_layers):
        for kind in PROJECTIONS:
            if kind in recipe.targets:
                gguf_name, path = PROJECTIONS[kind]
                layer = model.network.model.layers[block].get_submodule(path)
                a, b = layer.lora_A[_NAME].weight, layer.lora_B[_NAME].weight
                found.append(
                    Pair(
                        f"blk.{block}.{gguf_name}.weight",
                        block,
                        kind,
                        a,
                        b,
                        layer.base_layer.weight,
                    )
                )
    return found


def trainable(pairs: tuple[Pair, ...]) -> list[Tensor]:
    """The matrices to train, in a fixed order."""
    return [matrix for pair in pairs for matrix in (pair.a, pair.b)]
