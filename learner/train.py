"""Train: the loop that fits an adapter to examples, the same bytes every time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.utils.deterministic
from torch import Tensor
from torch.utils.checkpoint import checkpoint as computed_again

from learner import checkpoint, lora
from learner.base_model import TorchModel
from learner.batches import Batch, check_examples, make_batches
from learner.errors import TrainerDiedError
from learner.head import NarrowHead, Passed, narrowed, unheard
from learner.wire import Example, Recipe

_KEPT_BYTES = 640 << 20
"""What blocks may keep for the way back; beyond that they compute it twice."""

_HELD_BYTES = 1 << 30
"""What adapted blocks' unpacked weights may take; the others are unpacked for each product."""

OnStep = Callable[[int, int, float, float | None], None]
"""Called with (step, steps, loss in nats a token, seconds left or None).

Before the first step, while every batch passes the untouched model, again and again with step 0:
that takes minutes for a large model, and whoever hears nothing takes the training for dead.
"""


@dataclass(frozen=True)
class Outcome:
    """A trained adapter and how it went; see `learner.wire.Trained`."""

    pairs: tuple[lora.Pair, ...]
    steps: int
    planned: int
    first_loss: float
    last_loss: float
    tokens_per_s: float
    resumed: int


def _forget(state: bytes) -> None:
    """Nobody keeps checkpoints."""


@dataclass(frozen=True)
class Keeper:
    """Where a training goes on from, and who keeps it while it runs.

    `job` is its `checkpoint.fingerprint`; `keep` is called with a checkpoint after a step, at
    most once in `every` seconds.
    """

    job: bytes = b""
    resume: bytes = b""
    every: float = math.inf
    keep: Callable[[bytes], None] = _forget


def set_up(n_threads: int) -> None:
    """Make torch repeatable: a fixed number of threads (0: every core), deterministic kernels."""
    if n_threads > 0:
        torch.set_num_threads(n_threads)
    torch.set_num_interop_threads(1)
    torch.use_deterministic_algorithms(True)
    # That would also fill every new tensor, in case somebody reads one before writing it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def train(
    model: TorchModel,
    examples: Sequence[Example],
    recipe: Recipe,
    on_step: OnStep,
    keeper: Keeper = Keeper(),
) -> Outcome:
    """Fit a fresh adapter of `model` to `examples`. Raises BadJobError, TrainerDiedError.

    AdamW with warm-up and cosine decay; the gradient is clipped by its norm. When checkpoints are
    taken, and whether it began from one, changes nothing about the adapter.
    """
    check_examples(examples, model.shape.n_vocab)
    batches = make_batches(examples, recipe.batch_tokens, model.device)
    order = plan(len(batches), recipe)
    started = time.monotonic()

    def alive() -> None:
        on_step(0, len(order), 0.0, None)

    alive()
    prepared = prepare(
        model, lora.first_block(model, recipe), {index: batches[index] for index in order}, alive
    )
    torch.manual_seed(recipe.seed)
    pairs = lora.add_adapter(prepared.model, recipe)
    weights = lora.trainable(pairs)
    ratio = width_ratio(model.width, recipe)
    groups = [
        {"params": [pair.a for pair in pairs], "ratio": ratio},
        {"params": [pair.b for pair in pairs], "ratio": ratio * recipe.b_lr_ratio},
    ]
    optimizer = torch.optim.AdamW(groups, lr=recipe.lr, weight_decay=0.0)
    losses = checkpoint.restore(keeper.resume, keeper.job, weights, optimizer)
    resumed = len(losses)
    clock = _Clock([batches[index].ids.numel() for index in order[resumed:]])
    kept = time.monotonic()
    for step, index in list(enumerate(order))[resumed:]:
        for group in optimizer.param_groups:
            group["lr"] = group["ratio"] * learning_rate(step, len(order), recipe)
        losses.append(prepared.step(index))
        clip(weights, recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        on_step(step + 1, len(order), losses[-1], clock.seconds_left())
        if 0 < recipe.max_seconds <= time.monotonic() - started:
            break
        if time.monotonic() - kept >= keeper.every:
            keeper.keep(checkpoint.save(keeper.job, losses, weights, optimizer))
            kept = time.monotonic()
    per_round = min(len(batches), len(losses))
    n_tokens = sum(batches[index].n_tokens for index in order[resumed : len(losses)])
    return Outcome(
        pairs=pairs,
        steps=len(losses),
        planned=len(order),
        first_loss=sum(losses[:per_round]) / per_round,
        last_loss=sum(losses[-per_round:]) / per_round,
        tokens_per_s=n_tokens / (time.monotonic() - started),
        resumed=resumed,
    )


class _Clock:
    """Foretells the rest of the training from the positions of each step yet to come."""

    def __init__(self, work: Sequence[int]) -> None:
        self._work, self._done = work, 0
        self._began = time.monotonic()

    def seconds_left(self) -> float:
        """One more step is done."""
        self._done += 1
        pace = (time.monotonic() - self._began) / sum(self._work[: self._done])
        return pace * sum(self._work[self._done :])


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


def width_ratio(width: int, recipe: Recipe) -> float:
    """What the learning rate is multiplied by for a model of this width.

    Between the reference models of widths 576 and 896 the best rate was seen to fall by about half.
    Beyond that it falls more slowly: by as much, one of width 1536 learned too little (LOG.md).
    """
    if not recipe.lr_width:
        return 1.0
    ratio = recipe.lr_width / width
    return math.pow(ratio, 1.5 if ratio > 1.0 else 0.6)


@dataclass(frozen=True)
class Prepared:
    """What is computed once, by the untouched model, before the first step.

    `trunk` holds each batch's output of the blocks below `start`, (positions, width); they are
    frozen, so each batch passes them only once. The adapter goes into `model`.
    """

    model: TorchModel
    start: int
    batches: Mapping[int, Batch]
    trunk: Mapping[int, Tensor]
    head: NarrowHead

    def step(self, index: int) -> float:
        """Forward and backward of one batch; its mean loss in nats a target token."""
        batch = self.batches[index]
        states = last_states(self.model, batch, self.trunk[index], self.start)
        loss, gradient = self.head.loss_and_gradient(states.detach(), index, batch)
        if not math.isfinite(loss):
            raise TrainerDiedError(
                "The training went astray",
                "Its error became infinite, so nothing of it can be used.",
                "Study again; if it happens again, choose another model.",
            )
        torch.autograd.backward(states, gradient)
        return loss


@torch.no_grad()
def prepare(
    model: TorchModel,
    start: int,
    batches: Mapping[int, Batch],
    on_passed: Passed = unheard,
) -> Prepared:
    """Pass every batch through the untouched model, whose blocks from `start` are to be adapted.

    `on_passed` is called whenever a batch has passed a frozen block, or all the others at once, and
    whenever some of the targets were compared with a part of the vocabulary.
    """
    trunk = frozen_outputs(model, start, batches, on_passed)
    model = model.holding(start, _HELD_BYTES)
    states: dict[int, Tensor] = {}
    for index, batch in batches.items():
        states[index] = last_states(model, batch, trunk[index], start)
        on_passed()
    head = narrowed(model.head, states, batches, on_passed)
    model.release()
    return Prepared(model, start, batches, trunk, head)


@torch.no_grad()
def frozen_outputs(
    model: TorchModel,
    end: int,
    batches: Mapping[int, Batch],
    on_passed: Passed = unheard,
) -> dict[int, Tensor]:
    """Every batch after the first `end` blocks: (positions, width) each.

    All batches pass a block before any passes the next, so that each is unpacked only once.
    `on_passed` is called whenever one has passed one.
    """
    hidden = {index: model.embed(batch.ids) for index, batch in batches.items()}
    rotations = {index: model.rotation(batch.layout) for index, batch in batches.items()}
    for n in range(end):
        block = model.unpacked_block(n)
        for index, batch in batches.items():
            hidden[index] = block(hidden[index], batch.layout, rotations[index])
            on_passed()
    return hidden


def last_states(model: TorchModel, batch: Batch, hidden: Tensor, start: int) -> Tensor:
    """The blocks from `start` on `hidden` (positions, width); normed states at the targets alone.

    The last blocks keep what their way back needs, as far as memory allows; the others compute it
    again (Chen et al. 2016, https://arxiv.org/abs/1604.06174).
    """
    rotation = model.rotation(batch.layout)
    last = model.shape.n_layers - 1
    for n in range(start, last + 1):
        wanted = batch.places if n == last else None
        if last - n < _blocks_kept(model, hidden.shape[0]):
            hidden = model.blocks[n](hidden, batch.layout, rotation, wanted)
        else:
            block = model.blocks[n]
            hidden = computed_again(
                block,
                hidden,
                batch.layout,
                rotation,
                use_reentrant=False,
                preserve_rng_state=False,
            )
    return model.normed(hidden)


def _blocks_kept(model: TorchModel, positions: int) -> int:
    """How many blocks may keep their way back in memory; at least the last."""
    inner = model.blocks[0].linear["gate"].weight.n_rows
    # Counted in the graph: three inner widths (gate, up, their product) and about ten outer ones.
    return max(1, _KEPT_BYTES // (4 * positions * (3 * inner + 10 * model.width)))


def clip(weights: Sequence[Tensor], norm: float) -> None:
    """Shrink all gradients together to at most `norm`.

    torch's own adds up a large matrix in as many parts as there are threads, so that the last
    digits, and with them the adapter's bytes, would depend on their number.
    """
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    rows = torch.cat([gradient.square().sum(-1) for gradient in gradients])
    length = math.sqrt(math.fsum(rows.tolist()))
    if length > norm:
        for gradient in gradients:
            gradient.mul_(norm / (length + 1e-6))
