"""Wire: what is said between the learner and its trainer process, as JSON lines."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

ModuleKind = Literal["q", "k", "v", "o", "gate", "up", "down"]
"""The linear layers of a transformer block that can be adapted."""

ALL_MODULES: tuple[ModuleKind, ...] = get_args(ModuleKind)


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One training example: a prompt and the reply to learn, as the model's own token ids.

    The loss is on `tokens[target_start:]`, which ends with the end-of-turn token. `top_ids` and
    `top_logprobs` are the teacher's most likely tokens (nats), one row a target token; `mix` is
    the share of cross-entropy against distillation from them (1.0 where there are none).
    """

    tokens: tuple[int, ...]
    target_start: int
    weight: float = 1.0
    top_ids: tuple[tuple[int, ...], ...] = ()
    top_logprobs: tuple[tuple[float, ...], ...] = ()
    mix: float = 1.0


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """How to train: the adapter is a pure function of base model, examples and this.

    `steps` 0 means `epochs` rounds over the examples. `batch_tokens` bounds a batch, padding
    included. `layers` None adapts every block, N the last N (cheaper: what lies below them is
    computed once). `max_seconds` ends the training early with what was learned so far; a training
    cut short that way depends on the machine's speed and cannot be repeated exactly. `b_lr_ratio`
    is the learning rate of `b` against that of `a`, which is `lr` (LoRA+, Hayou et al. 2024,
    https://arxiv.org/abs/2402.12354). `lr` is meant for a model of width `lr_width`, and less for a
    wider one; 0 takes it as it is.
    """

    rank: int = 8
    alpha: float = 16.0
    lr: float = 3e-4
    warmup: float = 0.1
    epochs: int = 4
    steps: int = 0
    batch_tokens: int = 512
    targets: tuple[ModuleKind, ...] = ALL_MODULES
    layers: int | None = None
    clip: float = 1.0
    seed: int = 0
    max_seconds: float = 0.0
    b_lr_ratio: float = 1.0
    lr_width: int = 0


class Job(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="train"):
    """Train an adapter for the GGUF file `model`; `n_threads` 0 takes every core.

    `beneath` is a GGUF adapter to be trained on top of, empty for none: it stays as it is; what is
    trained is what comes to it. `resume` is the last `Checkpoint` of the same job: training goes
    on from there and ends with the same adapter. One that does not fit, or is damaged, is passed
    over. `checkpoint_seconds` is the least time between two checkpoints.
    """

    model: str
    examples: tuple[Example, ...]
    recipe: Recipe = Recipe()
    beneath: bytes = b""
    n_threads: int = 0
    resume: bytes = b""
    checkpoint_seconds: float = 20.0


class ParityJob(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", tag="parity"):
    """Say what the trainer's model thinks comes after each of `sequences` (token ids)."""

    model: str
    sequences: tuple[tuple[int, ...], ...]
    seed: int = 0
    n_threads: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="progress"):
    """`step` of `steps` is done; step 0 means the model is loaded. `loss` is that step's."""

    step: int
    steps: int
    loss: float
    seconds_left: float | None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="checkpoint"):
    """The training as it stands, for `Job.resume`. Holds what was learned: to be kept encrypted."""

    state: bytes


class Trained(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="trained"):
    """The adapter, as GGUF bytes, and what it cost.

    `steps`, those of resumed runs included, is fewer than `planned` when the time ran out; this
    run began after `resumed` of them. `precision` is what frozen weights were multiplied in, on
    which the bytes depend: "float32" or "bfloat16". `first_loss` and `last_loss` are means
    over the first and last round of batches, in nats a target token; `tokens_per_s` counts the
    examples' own tokens, not padding; `seconds` is the whole process's life.
    """

    adapter_gguf: bytes
    sha256: str
    steps: int
    planned: int
    seconds: float
    load_seconds: float
    peak_memory_mb: float
    first_loss: float
    last_loss: float
    tokens_per_s: float
    resumed: int = 0
    precision: str = "float32"


class ParityRows(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="parity"):
    """Log-probabilities of the next token, one row of float32 bytes a sequence.

    `adapted` is with the small random adapter `adapter_gguf`, `base` without.
    """

    adapter_gguf: bytes
    base: tuple[bytes, ...]
    adapted: tuple[bytes, ...]


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="refused"):
    """The job failed: a `learner.errors.LearnerError` as it travels."""

    code: str
    title: str
    message: str
    next_step: str
    detail: str = ""


AnyJob = Job | ParityJob
AnyEvent = Progress | Checkpoint | Trained | ParityRows | Refused

_jobs: msgspec.json.Decoder[AnyJob] = msgspec.json.Decoder(AnyJob)
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(message: AnyJob | AnyEvent) -> bytes:
    """One message as a line of UTF-8 JSON, newline included."""
    return msgspec.json.encode(message) + b"\n"


def decode_job(line: bytes) -> AnyJob:
    """A job from its line. Raises msgspec.DecodeError."""
    return _jobs.decode(line)


def decode_event(line: bytes) -> AnyEvent:
    """An event from its line. Raises msgspec.DecodeError."""
    return _events.decode(line)
