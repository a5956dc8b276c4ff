"""Train: the loop that fits an adapter to examples, the same bytes every time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.utils.deterministic
from torch import Tensor, nn

from learner import lora
from learner.base_model import TorchModel
from learner.batches import Batch, check_examples, make_batches
from learner.errors import TrainerDiedError
from learner.wire import Example, Recipe

_HEAD_ROWS = 128
"""Target positions whose logits exist at once: 128 of 150,000 tokens are 77 MB, thrice over."""

OnStep = Callable[[int, int, float, float | None], None]
"""Called with (step, steps, loss in nats a token, seconds left or None)."""


@dataclass(frozen=True)
class Outcome:
    """A trained adapter and how it went; see `learner.wire.Trained`."""

    pairs: tuple[lora.Pair, ...]
    steps: int
    planned: int
    first_loss: float
    last_loss: float
    tokens_per_s: float


def set_up(n_threads: int) -> None:
    """Make torch repeatable: a fixed number of threads (0: every core), deterministic kernels."""
    if n_threads > 0:
        torch.set_num_threads(n_threads)
    torch.set_num_interop_threads(1)
    torch.use_deterministic_algorithms(True)
    # That would also fill every new tensor, in case somebody reads one before writing it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def train(
    model: TorchModel, examples: Sequence[Example], recipe: Recipe, on_step: OnStep
) -> Outcome:
    """Fit a fresh adapter of `model` to `examples`. Raises BadJobError, TrainerDiedError.

    AdamW with warm-up and cosine decay; the gradient is clipped by its norm.
    """
    check_examples(examples, model.shape.n_vocab)
    torch.manual_seed(recipe.seed)
    pairs = lora.add_adapter(model, recipe)
    weights = lora.trainable(pairs)
    optimizer = torch.optim.AdamW(weights, lr=recipe.lr, weight_decay=0.0)
    batches = make_batches(examples, recipe.batch_tokens, model.device)
    order = plan(len(batches), recipe)
    trunk = _Trunk(model, lora.first_block(model, recipe))
    losses: list[float] = []
    work = work_left = sum(batches[index].ids.numel() for index in order)
    n_tokens, started = 0, time.monotonic()
    on_step(0, len(order), 0.0, None)
    for step, index in enumerate(order):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, len(order), recipe)
        losses.append(_step(model, batches[index], trunk.output(index, batches[index]), trunk.end))
        nn.utils.clip_grad_norm_(weights, recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        n_tokens += batches[index].n_tokens
        work_left -= batches[index].ids.numel()
        spent = time.monotonic() - started
        on_step(step + 1, len(order), losses[-1], spent * work_left / (work - work_left))
        if 0 < recipe.max_seconds <= spent:
            break
    per_round = min(len(batches), len(losses))
    return Outcome(
        pairs=pairs,
        steps=len(losses),
        planned=len(order),
        first_loss=sum(losses[:per_round]) / per_round,
        last_loss=sum(losses[-per_round:]) / per_round,
        tokens_per_s=n_tokens / (time.monotonic() - started),
    )


def plan(n_batches: int, recipe: Recipe) -> list[int]:
    """Which batch each step takes: every round has all of them, newly shuffled by the seed."""
    generator = torch.Generator().manual_seed(recipe.seed)
    steps = recipe.steps or recipe.epochs * n_batches
    order: list[int] = []
    while len(order) < steps:
        order += torch.randperm(n_batches, generator=generator).tolist()
    return order[:steps]


def learning_rate(step: int, steps: int, recipe: Recipe) -> float:
    """Linear warm-up over the first `warmup` share of the steps, then a cosine down to zero."""
    warmup = max(1, round(recipe.warmup * steps))
    if step < warmup:
        return recipe.lr * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return recipe.lr * 0.5 * (1.0 + math.cos(math.pi * done))


def loss_sum(logits: Tensor, batch: Batch, part: slice) -> Tensor:
    """The weighted loss of some target tokens, summed: logits (t, n_vocab) for `batch[part]`.

    mix * cross-entropy + (1 - mix) * KL(teacher || student), the KL over the teacher's top
    tokens and one bucket for all the others.
    """
    normaliser = torch.logsumexp(logits, dim=-1)
    labels = batch.labels[part, None]
    loss = normaliser - logits.gather(1, labels)[:, 0]
    if batch.top_ids.shape[1]:
        mix = batch.mix[part]
        student = logits.gather(1, batch.top_ids[part]) - normaliser[:, None]
        loss = mix * loss + (1.0 - mix) * bucketed_kl(batch.top_probs[part], student)
    return (loss * batch.weights[part]).sum()


def bucketed_kl(teacher: Tensor, student: Tensor) -> Tensor:
    """KL(teacher || student) in nats, one a row: probabilities and log-probabilities (t, k).

    What is missing from one is a last bucket. Entries of probability 0 (padding) count nothing.
    """
    known = teacher > 0
    tiny = torch.finfo(teacher.dtype).tiny
    inside = torch.where(known, teacher * (teacher.clamp_min(tiny).log() - student), 0.0).sum(-1)
    # Below this the remaining mass is rounding noise, and its logarithm would explode.
    floor = 1e-6
    rest = (1.0 - teacher.sum(-1)).clamp_min(floor)
    student_rest = (1.0 - torch.where(known, student.exp(), 0.0).sum(-1)).clamp_min(floor)
    return inside + rest * (rest.log() - student_rest.log())


class _Trunk:
    """The blocks below the lowest adapted one: frozen, so each batch passes them only once."""

    def __init__(self, model: TorchModel, end: int) -> None:
        self.end = end
        self._model = model
        self._outputs: dict[int, Tensor] = {}

    def output(self, index: int, batch: Batch) -> Tensor:
        if index in self._outputs:
            return self._outputs[index]
        with torch.no_grad():
            hidden = self._model.run_blocks(self._model.embed(batch.ids), 0, self.end)
        if self.end:  # a look-up of embeddings alone is not worth the memory
            self._outputs[index] = hidden
        return hidden


def _step(model: TorchModel, batch: Batch, hidden: Tensor, start: int) -> float:
    """Forward and backward of one batch; its mean loss in nats a target token.

    The head is frozen and wide, so its gradient is taken at once, a few rows at a time, and the
    blocks then get theirs in one pass: logits exist only at target positions, never all at once.
    """
    output = model.run_blocks(hidden, start, model.shape.n_layers)
    predicted = output[batch.rows, batch.columns]
    total = batch.weights.sum()
    gradient = torch.empty_like(predicted)
    loss = 0.0
    for begin in range(0, predicted.shape[0], _HEAD_ROWS):
        part = slice(begin, begin + _HEAD_ROWS)
        rows = predicted[part].detach().requires_grad_(True)
        some = loss_sum(model.logits(rows), batch, part) / total
        (gradient[part],) = torch.autograd.grad(some, rows)
        loss += some.item()
    if not math.isfinite(loss):
        raise TrainerDiedError(
            "The training went astray",
            "Its error became infinite, so nothing of it can be used.",
            "Study again; if it happens again, choose another model.",
        )
    torch.autograd.backward(predicted, gradient)
    return loss
