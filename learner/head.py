"""Head: loss and gradient at target tokens over a packed vocabulary, a part of it at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from learner.batches import Batch
from learner.packed_linear import PackedWeight

_VOCABULARY = 4096
"""Tokens whose logits exist at once; their unpacked rows are 15 MB at a width of 896."""

_TARGETS = 128
"""Target tokens whose picked rows exist at once: 21 rows each for a teacher of 20."""


@dataclass(frozen=True)
class HeadPass:
    """What one pass over the vocabulary leaves: `normaliser` (t), `mean` (t, width).

    The normaliser is the logarithm of the sum of all exponentiated logits, the mean that of the
    matrix's rows under the predicted probabilities, which is the normaliser's gradient.
    """

    normaliser: Tensor
    mean: Tensor


def loss_and_gradient(head: PackedWeight, hidden: Tensor, batch: Batch) -> tuple[float, Tensor]:
    """The batch's mean loss in nats and its gradient for `hidden` (t, width), the normed states.

    Every loss of `batch_loss` sees a target's logits only through their normaliser and a few
    picked tokens. So one pass suffices, no logit is kept, and each part is unpacked once.
    """
    seen = one_pass(head, hidden)
    total = batch.weights.sum()
    picked = torch.cat((batch.labels[:, None], batch.top_ids), dim=1)
    gradient = torch.empty_like(hidden)
    loss = 0.0
    for begin in range(0, hidden.shape[0], _TARGETS):
        part = slice(begin, begin + _TARGETS)
        rows = head.look_up(picked[part])
        logits = (rows @ hidden[part, :, None])[:, :, 0].requires_grad_(True)
        normaliser = seen.normaliser[part].detach().requires_grad_(True)
        some = batch_loss(normaliser, logits, batch, part) / total
        by_normaliser, by_logits = torch.autograd.grad(some, (normaliser, logits))
        gradient[part] = (by_logits[:, None] @ rows)[:, 0]
        gradient[part].addcmul_(by_normaliser[:, None], seen.mean[part])
        loss += some.item()
    return loss, gradient


def one_pass(head: PackedWeight, hidden: Tensor) -> HeadPass:
    """Normaliser and mean row of every target, by a running maximum.

    The running rescaling is that of online softmax (Milakov and Gimelshein 2018,
    https://arxiv.org/abs/1805.02867).
    """
    largest = hidden.new_full((hidden.shape[0], 1), float("-inf"))
    total = torch.zeros_like(largest)
    mean = torch.zeros_like(hidden)
    for begin in range(0, head.n_rows, _VOCABULARY):
        rows = head.values(slice(begin, begin + _VOCABULARY))
        logits = hidden @ rows.T
        new = torch.maximum(largest, logits.amax(-1, keepdim=True))
        shrink = (largest - new).exp_()
        shares = logits.sub_(new).exp_()
        total.mul_(shrink).add_(shares.sum(-1, keepdim=True))
        mean.mul_(shrink).addmm_(shares, rows)
        largest = new
    return HeadPass((largest + total.log())[:, 0], mean.div_(total))


def all_logits(head: PackedWeight, hidden: Tensor) -> Tensor:
    """The logits of every token: (t, width) to (t, vocabulary)."""
    parts = [
        hidden @ head.values(slice(begin, begin + _VOCABULARY)).T
        for begin in range(0, head.n_rows, _VOCABULARY)
    ]
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
