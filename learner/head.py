"""Head: loss and gradient at target tokens, over the part of the vocabulary a job is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from learner.batches import Batch
from learner.packed_linear import PackedWeight
from learner.products import product

Passed = Callable[[], None]
"""Called whenever a part of some long work is done, so that it is not taken for dead."""

_VOCABULARY = 4096
"""Tokens whose rows are unpacked at once: 15 MB at a width of 896."""

_TARGETS = 2048
"""Target tokens whose logits for those exist at once: 34 MB."""

_LOGITS = 1 << 24
"""Logits that exist at once in a step: 67 MB."""

_LIKELY = 16
"""Tokens the untouched model finds likeliest at a target that are always candidates."""

_SAMPLED = 16
"""Of the other tokens, one in so many stands for all: in the order of ids, so rare and common."""


@dataclass(frozen=True)
class NarrowHead:
    """The head's rows of a job's candidate tokens and of a sample of the others, unpacked.

    Candidates are all labels, all tokens a teacher names and, at each target, those the untouched
    model finds likeliest. `rows` (c, width) has those first, then from `n_candidates` on the
    sample. `picked` of a batch (t, 1 + k) says which rows are a target's label and its teacher's
    top tokens. `stand_for` (t) is added to the sample's logits: with it they weigh as much as all
    tokens but the candidates do in the untouched model.

    The sample is needed. With that weight as a constant, training lets tokens grow that it does
    not see: a fifth of all probability after five rounds on the starter model (LOG.md).
    """

    rows: Tensor
    n_candidates: int
    picked: Mapping[int, Tensor]
    stand_for: Mapping[int, Tensor]

    def loss_and_gradient(self, hidden: Tensor, index: int, batch: Batch) -> tuple[float, Tensor]:
        """Batch `index`'s mean loss in nats and its gradient for `hidden` (t, width), normed.

        Exact but for the tokens that the sample stands for, and exact for those too where the
        untouched model stands.
        """
        total = batch.weights.sum()
        gradient = torch.empty_like(hidden)
        loss = 0.0
        for part in _parts(hidden.shape[0], max(1, _LOGITS // self.rows.shape[0])):
            picked = self.picked[index][part]
            logits = product(hidden[part], self.rows.T)
            logits[:, self.n_candidates :] += self.stand_for[index][part, None]
            own = logits.gather(1, picked).requires_grad_(True)
            largest = logits.amax(-1)
            shares = logits.sub_(largest[:, None]).exp_()
            normaliser = (largest + shares.sum(-1).log()).requires_grad_(True)
            some = batch_loss(normaliser, own, batch, part) / total
            by_normaliser, by_own = torch.autograd.grad(some, (normaliser, own))
            # The normaliser's gradient for a logit is the token's probability.
            scale = (largest - normaliser.detach()).exp_().mul_(by_normaliser)
            shares.mul_(scale[:, None]).scatter_add_(1, picked, by_own)
            gradient[part] = product(shares, self.rows)
            loss += some.item()
        return loss, gradient


def unheard() -> None:
    """Nobody waits for it."""


def narrowed(
    head: PackedWeight,
    states: Mapping[int, Tensor],
    batches: Mapping[int, Batch],
    on_passed: Passed = unheard,
) -> NarrowHead:
    """The head for a job's `batches`, from the untouched model's normed `states` (t, width)."""
    picked = {i: torch.cat((b.labels[:, None], b.top_ids), dim=1) for i, b in batches.items()}
    every = torch.cat([states[i] for i in batches])
    normaliser, likely = full_pass(head, every, on_passed)
    wanted = torch.zeros(head.n_rows, dtype=torch.bool, device=every.device)
    for tokens in (likely, *picked.values()):
        wanted[tokens.reshape(-1)] = True
    ids, others = wanted.nonzero()[:, 0], wanted.logical_not().nonzero()[:, 0]
    rows, sample = head.look_up(ids), head.look_up(others[::_SAMPLED])
    stand_for = _outside(rows, every, normaliser) - _logsumexp(sample, every)
    sizes = [len(batch.labels) for batch in batches.values()]
    return NarrowHead(
        rows=torch.cat((rows, sample)),
        n_candidates=len(ids),
        picked={i: torch.searchsorted(ids, tokens) for i, tokens in picked.items()},
        stand_for=dict(zip(batches, torch.split(stand_for, sizes), strict=True)),
    )


def full_pass(
    head: PackedWeight, hidden: Tensor, on_passed: Passed = unheard
) -> tuple[Tensor, Tensor]:
    """The normaliser (t) over the whole vocabulary, and each target's likeliest tokens (t, n).

    Each part of the vocabulary is unpacked once. The normaliser is the logarithm of the sum of
    all exponentiated logits.
    """
    n_likely = min(_LIKELY, head.n_rows)
    normaliser = hidden.new_full(hidden.shape[:1], float("-inf"))
    best = hidden.new_full((hidden.shape[0], n_likely), float("-inf"))
    likely = torch.zeros_like(best, dtype=torch.long)
    for some in _parts(head.n_rows, _VOCABULARY):
        rows = head.values(some)
        for part in _parts(hidden.shape[0], _TARGETS):
            logits = product(hidden[part], rows.T)
            normaliser[part] = torch.logaddexp(normaliser[part], logits.logsumexp(-1))
            values, ids = logits.topk(min(n_likely, rows.shape[0]))
            values = torch.cat((best[part], values), dim=1)
            best[part], chosen = values.topk(n_likely)
            likely[part] = torch.cat((likely[part], ids + some.start), dim=1).gather(1, chosen)
            on_passed()
    return normaliser, likely


def _outside(rows: Tensor, hidden: Tensor, normaliser: Tensor) -> Tensor:
    """The logarithm of what tokens other than those of `rows` add to the normaliser: (t)."""
    # Closer to all of it than this is float32's rounding, not mass.
    missing = (_logsumexp(rows, hidden) - normaliser).double().clamp_max_(-1e-6)
    return (normaliser + (-torch.expm1(missing)).log()).float()


def _logsumexp(rows: Tensor, hidden: Tensor) -> Tensor:
    """The logarithm of the sum of some rows' exponentiated logits: (t); of none, anything."""
    if not len(rows):
        return torch.zeros_like(hidden[:, 0])
    size = max(1, _LOGITS // rows.shape[0])
    parts = [product(hidden[part], rows.T).logsumexp(-1) for part in _parts(hidden.shape[0], size)]
    return torch.cat(parts)


def _parts(total: int, size: int) -> Iterator[slice]:
    return (slice(begin, min(begin + size, total)) for begin in range(0, total, size))


def all_logits(head: PackedWeight, hidden: Tensor) -> Tensor:
    """The logits of every token: (t, width) to (t, vocabulary)."""
    parts = [product(hidden, head.values(some).T) for some in _parts(head.n_rows, _VOCABULARY)]
    return torch.cat(parts, dim=-1)


def batch_loss(normaliser: Tensor, logits: Tensor, batch: Batch, part: slice) -> Tensor:
    """The weighted loss of the target tokens `batch[part]`, summed.

    `normaliser` (t); `logits` (t, 1 + k) of each target's label and its teacher's top tokens.
    mix * cross-entropy + (1 - mix) * KL(teacher || student), the KL over the teacher's top
    tokens and one bucket for all the others.
    """
    loss = normaliser - logits[:, 0]
    if batch.top_ids.shape[1]:
        mix = batch.mix[part]
        student = logits[:, 1:] - normaliser[:, None]
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
