"""Chained: one adapter trained on one night's examples after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from learner import base_model, export, lora, train
from learner.base_model import TorchModel
from learner.batches import make_batches
from learner.train import Prepared
from learner.wire import Recipe
from tests.bench.sequential import Order


def chain(order: Order) -> tuple[tuple[bytes, ...], tuple[float, ...]]:
    """The adapter after each night, and the mean loss of each night's last round.

    The same pairs are trained on; only the optimizer and its schedule begin anew, as they do for
    whoever loads yesterday's adapter file and goes on.
    """
    jobs = _prepared(base_model.load(order.model), order)
    model = jobs[0].model
    torch.manual_seed(order.recipe.seed)
    pairs = lora.add_adapter(model, order.recipe)
    adapters, losses = [], []
    for job in jobs:
        losses.append(_night(replace(job, model=model), lora.trainable(pairs), order.recipe))
        adapters.append(export.adapter_gguf(pairs, model.shape, order.recipe.alpha))
    return tuple(adapters), tuple(losses)


def _prepared(model: TorchModel, order: Order) -> list[Prepared]:
    """Each night's batches, passed through the untouched model; all share the first one's."""
    start = lora.first_block(model, order.recipe)
    jobs: list[Prepared] = []
    for examples in order.nights:
        batches = make_batches(examples, order.recipe.batch_tokens, model.device)
        job = train.prepare(model, start, dict(enumerate(batches)))
        jobs.append(replace(job, model=jobs[0].model) if jobs else job)
    return jobs


def _night(job: Prepared, weights: Sequence[Tensor], recipe: Recipe) -> float:
    """One night's rounds over its batches; the mean loss of the last round in nats a token."""
    optimizer = torch.optim.AdamW(weights, lr=recipe.lr, weight_decay=0.0)
    plan = train.plan(len(job.batches), recipe)
    losses = []
    for step, index in enumerate(plan):
        for group in optimizer.param_groups:
            group["lr"] = train.learning_rate(step, len(plan), recipe)
        losses.append(job.step(index))
        train.clip(weights, recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    last = losses[-len(job.batches) :]
    return sum(last) / max(1, len(last))
