"""Parity: what the trainer's network predicts, for comparison with the serving engine."""

from __future__ import annotations

import torch

from learner import export, lora
from learner.base_model import TorchModel
from learner.layout import Layout
from learner.wire import ParityJob, ParityRows, Recipe

_SHARE = 0.05
"""The random adapter's size against each weight's: it moves predictions without scrambling them."""


def rows(model: TorchModel, job: ParityJob) -> ParityRows:
    """The next token's log-probabilities without and with a small random adapter, and that."""
    recipe = Recipe(seed=job.seed)
    base = _next_tokens(model, job)
    torch.manual_seed(job.seed)
    pairs = lora.add_adapter(model, recipe)
    for pair in pairs:
        _randomise(pair, recipe)
    return ParityRows(
        adapter_gguf=export.adapter_gguf(pairs, model.shape, recipe.alpha),
        base=base,
        adapted=_next_tokens(model, job),
    )


@torch.no_grad()
def _randomise(pair: lora.Pair, recipe: Recipe) -> None:
    torch.nn.init.normal_(pair.b)
    change = recipe.alpha / recipe.rank * (pair.b @ pair.a)
    pair.b.mul_(_SHARE * pair.base.values().norm() / change.norm())


@torch.no_grad()
def _next_tokens(model: TorchModel, job: ParityJob) -> tuple[bytes, ...]:
    found = []
    for sequence in job.sequences:
        ids = torch.tensor(sequence, device=model.device)
        layout = Layout(count=1, shared=0, own=len(sequence))
        hidden = model.run_blocks(model.embed(ids), layout, 0, model.shape.n_layers)
        logprobs = torch.log_softmax(model.logits(hidden[-1:])[0], dim=-1)
        found.append(logprobs.cpu().numpy().astype("<f4").tobytes())
    return tuple(found)
