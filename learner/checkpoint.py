"""Checkpoint: an unfinished training as bytes, from which it ends as if undisturbed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor

from learner import wire

_MAGIC = b"nightschool checkpoint 1\n"
"""Its number goes up when the same job would train otherwise, so that older ones are refused."""

_STATE = ("step", "exp_avg", "exp_avg_sq")
"""What AdamW keeps of each matrix (Loshchilov and Hutter 2017, arXiv:1711.05101)."""


class _Saved(msgspec.Struct, frozen=True):
    """`losses` has one entry for each step done; `values` are float32 bytes, matrix by matrix."""

    job: bytes
    losses: list[float]
    values: list[bytes]


def fingerprint(job: wire.Job, precision: torch.dtype) -> bytes:
    """What a checkpoint belongs to: the model, what is beneath, examples, recipe and arithmetic.

    Not the time a training may take nor its threads: neither changes what a step computes.
    """
    with Path(job.model).open("rb") as file:
        model = hashlib.file_digest(file, "sha256").digest()
    recipe = msgspec.structs.replace(job.recipe, max_seconds=0.0)
    versions = (str(precision), str(torch.__version__))
    rest = msgspec.json.encode((job.examples, recipe, job.beneath, *versions))
    return hashlib.sha256(model + rest).digest()


def save(
    job: bytes, losses: Sequence[float], weights: Sequence[Tensor], optimizer: torch.optim.Optimizer
) -> bytes:
    """The training after `len(losses)` steps; `job` is its `fingerprint`."""
    values = [_bytes(tensor) for tensor in _tensors(weights, optimizer)]
    body = msgspec.msgpack.encode(_Saved(job, list(losses), values))
    return _MAGIC + hashlib.sha256(body).digest() + body


@torch.no_grad()
def restore(
    data: bytes, job: bytes, weights: Sequence[Tensor], optimizer: torch.optim.Optimizer
) -> list[float]:
    """Put a saved training back; its losses, one a step done.

    A checkpoint of another job, of another version or a damaged one changes nothing: no losses.
    """
    saved = _opened(data)
    if saved is None or saved.job != job:
        return []
    for weight in weights:
        # As AdamW itself begins; the values come with the others'.
        optimizer.state[weight] = {
            "step": torch.tensor(0.0),
            "exp_avg": torch.zeros_like(weight),
            "exp_avg_sq": torch.zeros_like(weight),
        }
    for tensor, values in zip(_tensors(weights, optimizer), saved.values, strict=True):
        stored = torch.from_numpy(np.frombuffer(values, "<f4").copy())
        tensor.copy_(stored.reshape(tensor.shape))
    return saved.losses


def _opened(data: bytes) -> _Saved | None:
    head, body = data[: len(_MAGIC) + 32], data[len(_MAGIC) + 32 :]
    if head != _MAGIC + hashlib.sha256(body).digest():
        return None
    # The digest is of what `save` wrote, so it decodes.
    return msgspec.msgpack.decode(body, type=_Saved)


def _tensors(weights: Sequence[Tensor], optimizer: torch.optim.Optimizer) -> list[Tensor]:
    moments = [optimizer.state[weight][name] for weight in weights for name in _STATE]
    return [*weights, *moments]


def _bytes(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().numpy().astype("<f4").tobytes()
