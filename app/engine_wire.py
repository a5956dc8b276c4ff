"""The private JSON lines between the engine's client and its child process."""

from __future__ import annotations

from typing import Any

import msgspec

from app.protocol import ErrorInfo, Timings
from learner.engine import AdapterRef, Turn

EVERYTHING = 0
"""Target of `Halt` that means every request, running or waiting."""


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """What the client asks; `id` is above 0 and comes back in every answer."""

    id: int


class Load(Order, frozen=True, tag="load"):
    """Load a model; first order of a child. Result: `Loaded`."""

    model: str
    n_ctx: int | None


class Render(Order, frozen=True, tag="render"):
    """A chat by the model's own template. Result: list of token ids."""

    turns: tuple[Turn, ...]


class Tokenise(Order, frozen=True, tag="tokenise"):
    """Plain text, nothing in it special. Result: list of token ids."""

    text: str


class Chat(Order, frozen=True, tag="chat"):
    """A reply, streamed as `Reading` and `Piece`. Result: `Chatted`."""

    turns: tuple[Turn, ...]
    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    adapter: AdapterRef | None


class Complete(Order, frozen=True, tag="complete"):
    """Many replies decoded together. Result: list of `learner.engine.Completion`."""

    prompts: tuple[tuple[int, ...], ...]
    max_tokens: int
    temperature: float
    seed: int
    adapter: AdapterRef | None


class Score(Order, frozen=True, tag="score"):
    """Log-probabilities of targets. Result: list of `learner.engine.Scored`."""

    pairs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    top: int
    adapter: AdapterRef | None


class Logits(Order, frozen=True, tag="logits"):
    """Result: the logits after the last token, float32 in this machine's byte order."""

    tokens: tuple[int, ...]
    adapter: AdapterRef | None


class Forget(Order, frozen=True, tag="forget"):
    """Drop the adapter loaded from `path` and all that was computed with it. Result: null."""

    path: str


class Halt(Order, frozen=True, tag="halt"):
    """Stop the order `target`, or `EVERYTHING`; has no answer of its own."""

    target: int


AnyOrder = Load | Render | Tokenise | Chat | Complete | Score | Logits | Forget | Halt


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What the child found in the model file; `gpu_layers` is -1 for all."""

    architecture: str
    n_ctx: int
    n_vocab: int
    end_of_turn: int
    gpu_layers: int
    threads: int


class Chatted(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a `Chat`: `ended` when the model closed its turn, `stopped` when told to."""

    text: str
    ended: bool
    stopped: bool
    timings: Timings


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What the child says about the order `id`."""

    id: int


class Beat(Answer, frozen=True, tag="beat"):
    """Still at work."""


class Reading(Answer, frozen=True, tag="reading"):
    """Prompt tokens read, cached ones included, of all."""

    done: int
    total: int


class Piece(Answer, frozen=True, tag="piece"):
    """The next characters of a reply; never half a character."""

    text: str


class Done(Answer, frozen=True, tag="done"):
    """The order is finished; its docstring names the result."""

    result: msgspec.Raw


class Refused(Answer, frozen=True, tag="refused"):
    """The order ended without a result."""

    error: ErrorInfo


AnyAnswer = Beat | Reading | Piece | Done | Refused

_orders: msgspec.json.Decoder[AnyOrder] = msgspec.json.Decoder(AnyOrder)
_answers: msgspec.json.Decoder[AnyAnswer] = msgspec.json.Decoder(AnyAnswer)
_encoder = msgspec.json.Encoder()


def line(message: Order | Answer) -> bytes:
    """A message as one line of UTF-8 JSON, newline included."""
    return _encoder.encode(message) + b"\n"


def done(id_: int, result: Any) -> Done:
    """The answer that carries `result`."""
    return Done(id=id_, result=msgspec.Raw(_encoder.encode(result)))


def order_of(text: bytes) -> AnyOrder:
    """An order from its line. Raises msgspec.DecodeError."""
    return _orders.decode(text)


def answer_of(text: bytes) -> AnyAnswer:
    """An answer from its line. Raises msgspec.DecodeError."""
    return _answers.decode(text)
