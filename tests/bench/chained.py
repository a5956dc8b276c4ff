"""Chained: one adapter trained on one night's examples after the other, in plain torch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from learner import base_model, export, lora, train
from learner.base_model import TorchModel
from learner.batches import Batch, make_batches
from learner.head import loss_and_gradient
from learner.wire import Recipe
from tests.bench.sequential import Order


def chain(order: Order) -> tuple[tuple[bytes, ...], tuple[float, ...]]:
    """The adapter after each night, and the mean loss of each night's last round.

    The same pairs are trained on; only the optimizer and its schedule begin anew, as they do for
    whoever loads yesterday's adapter file and goes on.
    """
    model = base_model.load(order.model)
    torch.manual_seed(order.recipe.seed)
    pairs = lora.add_adapter(model, order.recipe)
    adapters, losses = [], []
    for examples in order.nights:
        batches = make_batches(examples, order.recipe.batch_tokens, model.device)
        losses.append(_night(model, lora.trainable(pairs), batches, order.recipe))
        adapters.append(export.adapter_gguf(pairs, model.shape, order.recipe.alpha))
    return tuple(adapters), tuple(losses)


def _night(
    model: TorchModel, weights: list[Tensor], batches: Sequence[Batch], recipe: Recipe
) -> float:
    """One night's rounds over its batches; the mean loss of the last round in nats a token."""
    optimizer = torch.optim.AdamW(weights, lr=recipe.lr, weight_decay=0.0)
    plan = train.plan(len(batches), recipe)
    losses = []
    for step, index in enumerate(plan):
        for group in optimizer.param_groups:
            group["lr"] = train.learning_rate(step, len(plan), recipe)
        losses.append(_step(model, batches[index]))
        nn.utils.clip_grad_norm_(weights, recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    last = losses[-len(batches) :]
    return sum(last) / max(1, len(last))


def _step(model: TorchModel, batch: Batch) -> float:
    """Forward and backward of one batch through every block; its loss in nats a token."""
    hidden, rotation = model.embed(batch.ids), model.rotation(batch.layout)
    for number, block in enumerate(model.blocks, start=1):
        wanted = batch.places if number == len(model.blocks) else None
        hidden = block(hidden, batch.layout, rotation, wanted)
    states = model.normed(hidden)
    loss, gradient = loss_and_gradient(model.head, states.detach(), batch)
    torch.autograd.backward(states, gradient)
    return loss
