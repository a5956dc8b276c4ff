"""Batches: training examples sorted by length into padded tensors, always in the same order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from learner.errors import BadJobError
from learner.layout import Layout
from learner.wire import Example


@dataclass(frozen=True)
class Batch:
    """Some examples as tensors; T is the number of all their target tokens.

    `ids` (positions) are the examples' tokens in the order of `layout`: the beginning they all
    have in common once, then each one's own, padded on the right. Entry t of the rest belongs to
    one target token: `places` says where the network predicts it (never in the common beginning),
    `labels` is its id, `weights` its example's weight, `mix` the share of cross-entropy.
    `top_ids`, `top_probs` (T, k) are the teacher's most likely tokens; rows without a teacher have
    mix 1 and are padded with zeros.
    """

    ids: Tensor
    layout: Layout
    places: Tensor
    labels: Tensor
    weights: Tensor
    mix: Tensor
    top_ids: Tensor
    top_probs: Tensor
    n_tokens: int


def check_examples(examples: Sequence[Example], n_vocab: int) -> None:
    """Raises BadJobError for examples a model with `n_vocab` tokens cannot learn from."""
    if not examples:
        raise _bad("there is no example to learn from")
    for example in examples:
        n_targets = len(example.tokens) - example.target_start
        if example.target_start < 1 or n_targets < 1:
            raise _bad("an example has no prompt or no target")
        top = [token for row in example.top_ids for token in row]
        if not all(0 <= token < n_vocab for token in (*example.tokens, *top)):
            raise _bad("an example has a token this model does not know")
        if example.top_ids and len(example.top_ids) != n_targets:
            raise _bad("an example's teacher rows do not match its target")
        if [len(row) for row in example.top_ids] != [len(row) for row in example.top_logprobs]:
            raise _bad("an example's teacher rows are not whole")


def make_batches(
    examples: Sequence[Example], batch_tokens: int, device: torch.device
) -> list[Batch]:
    """Examples of like length together, at most `batch_tokens` ids a batch, padding included.

    An example longer than that is a batch of its own. The order depends on the examples alone.
    """
    order = sorted(range(len(examples)), key=lambda i: (len(examples[i].tokens), i))
    groups: list[list[Example]] = []
    for index in order:
        example = examples[index]
        # Sorted by length, so this example is the longest of its batch so far.
        if groups and (len(groups[-1]) + 1) * len(example.tokens) <= batch_tokens:
            groups[-1].append(example)
        else:
            groups.append([example])
    return [_batch(group, device) for group in groups]


def _batch(group: Sequence[Example], device: torch.device) -> Batch:
    length = max(len(example.tokens) for example in group)
    top = max((len(row) for example in group for row in example.top_ids), default=0)
    ids = [list(example.tokens) + [0] * (length - len(example.tokens)) for example in group]
    places = [
        (row, example, position)
        for row, example in enumerate(group)
        for position in range(example.target_start, len(example.tokens))
    ]
    shared = common_beginning(group)
    layout = Layout(len(group), shared, length - shared)
    # The token at a position is predicted from the one before it.
    rows = torch.tensor([row for row, _, _ in places], device=device)
    columns = torch.tensor([position - 1 for _, _, position in places], device=device)
    return Batch(
        ids=layout.flat(torch.tensor(ids, device=device)),
        layout=layout,
        places=layout.index(rows, columns),
        labels=torch.tensor([e.tokens[position] for _, e, position in places], device=device),
        weights=torch.tensor([e.weight for _, e, _ in places], device=device),
        mix=torch.tensor([e.mix if e.top_ids else 1.0 for _, e, _ in places], device=device),
        top_ids=torch.tensor([_top_ids(e, p, top) for _, e, p in places], device=device).long(),
        top_probs=torch.tensor([_top_probs(e, p, top) for _, e, p in places], device=device).exp(),
        n_tokens=sum(len(example.tokens) for example in group),
    )


def common_beginning(group: Sequence[Example]) -> int:
    """How many first tokens all examples share, up to where the first target is predicted."""
    if len(group) < 2:
        return 0
    most = min(example.target_start for example in group) - 1
    beginnings = zip(*(example.tokens[:most] for example in group), strict=True)
    return sum(1 for _ in itertools.takewhile(lambda tokens: len(set(tokens)) == 1, beginnings))


def _top_ids(example: Example, position: int, width: int) -> list[int]:
    row = list(example.top_ids[position - example.target_start]) if example.top_ids else []
    return row + [0] * (width - len(row))


def _top_probs(example: Example, position: int, width: int) -> list[float]:
    row = list(example.top_logprobs[position - example.target_start]) if example.top_ids else []
    return row + [float("-inf")] * (width - len(row))


def _bad(why: str) -> BadJobError:
    return BadJobError(
        "There is nothing to train",
        f"The examples cannot be used: {why}.",
        "Look at the lessons, and study again.",
    )
