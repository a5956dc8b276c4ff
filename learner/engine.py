"""Engine: what the learner asks of whatever serves the model, as a small protocol."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

import msgspec


class Turn(msgspec.Struct, frozen=True):
    """One turn of a chat, to be rendered by the model's own template."""

    role: Literal["system", "user", "assistant"]
    content: str


class BaseModel(msgspec.Struct, frozen=True, kw_only=True):
    """The loaded base model: its file, SHA-256 of that file, and GGUF architecture string."""

    name: str
    path: str
    sha256: str
    architecture: str
    n_ctx: int
    n_vocab: int


class AdapterRef(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed adapter file the engine can load: path, its AES key, and the scale to apply."""

    path: str
    key: bytes
    scale: float = 1.0


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A generated reply; `ended` is true when the model closed its turn by itself.

    `tokens` leaves the end-of-turn token out.
    """

    text: str
    tokens: tuple[int, ...]
    ended: bool


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """Log-probabilities (nats) of a target's tokens after a prompt.

    `logprobs` has one value a target token. With `top` > 0, `top_ids` and `top_logprobs` have one
    row of `top` entries a target token, most likely first; else they are empty.
    """

    logprobs: tuple[float, ...]
    top_ids: tuple[tuple[int, ...], ...] = ()
    top_logprobs: tuple[tuple[float, ...], ...] = ()


class StopSignal(Protocol):
    """Whether somebody asked to stop; a threading.Event is one."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class Engine(Protocol):
    """A model that renders, generates and scores; every call is blocking and may be slow.

    `adapter` None means the untouched base model. Calls raise the implementation's own typed
    errors when the model stops working or the caller asked to stop.
    """

    def base_model(self) -> BaseModel:
        """The model that is loaded."""
        ...

    def chat_tokens(self, turns: Sequence[Turn]) -> list[int]:
        """Token ids of a chat, special tokens included, up to and with the assistant header."""
        ...

    def text_tokens(self, text: str) -> list[int]:
        """Token ids of plain text; special tokens in it are treated as text."""
        ...

    def end_of_turn(self) -> int:
        """The id of the token that closes the assistant's turn."""
        ...

    def complete(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        max_tokens: int,
        adapter: AdapterRef | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        stop: StopSignal | None = None,
    ) -> list[Completion]:
        """One reply a prompt, decoded together where that is faster; greedy at temperature 0."""
        ...

    def score(
        self,
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
        *,
        adapter: AdapterRef | None = None,
        top: int = 0,
        stop: StopSignal | None = None,
    ) -> list[Scored]:
        """For each (prompt, target) pair, the target's log-probabilities."""
        ...

    def logits(self, tokens: Sequence[int], *, adapter: AdapterRef | None = None) -> list[float]:
        """The n_vocab logits after the last of `tokens`."""
        ...

    def stage(self, adapter_gguf: bytes) -> AbstractContextManager[AdapterRef]:
        """Seal a candidate adapter so that it can be used; gone when the context ends."""
        ...
