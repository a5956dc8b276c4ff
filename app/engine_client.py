"""The engine's client: one model behind a child process that is started again when it dies."""

from __future__ import annotations

import hashlib
import queue
import secrets
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from app import engine_wire as wire
from app.engine_process import EngineProcess, Inbox
from app.errors import EngineDiedError, NightschoolError
from app.protocol import ErrorInfo, Timings
from app.sealed import seal
from learner.engine import AdapterRef, BaseModel, Completion, Scored, Turn

HANG_SECONDS = 120.0
"""Silence after which a child at work counts as hung; a batch on a slow machine takes seconds."""

_POLL_SECONDS = 0.05
_DEATHS = 3
_DEATH_SPAN = 60.0

T = TypeVar("T")


class StopSignal(Protocol):
    """What tells a call to stop: a threading.Event, or anything like it."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


@dataclass(frozen=True)
class Reply:
    """A chat reply: `ended` when the model closed its turn, `stopped` when it was told to."""

    text: str
    timings: Timings
    ended: bool
    stopped: bool


class EngineClient:
    """`learner.engine.Engine` on llama.cpp in a child process; safe to use from many threads.

    Calls raise ModelError (the file cannot be served), EngineDiedError (the child ended during
    the call; the next call starts another), AdapterError, BadRequestError, StoppedError.
    """

    def __init__(
        self,
        model: Path,
        staging: Path,
        n_ctx: int | None = None,
        hang_seconds: float = HANG_SECONDS,
    ) -> None:
        """`staging` is a private folder for candidate adapters; `n_ctx` None chooses itself."""
        self._path = model
        self._staging = staging
        self._n_ctx = n_ctx
        self._hang_seconds = hang_seconds
        self._starting = threading.Lock()
        self._process: EngineProcess | None = None
        self._loaded: wire.Loaded | None = None
        self._hash = _FileHash(model)
        self._deaths: list[float] = []
        self._last_dead: EngineProcess | None = None
        self._closed = False

    # ------------------------------------------------------------------------------- its life

    def start(self) -> None:
        """Load the model, if it is not. Raises ModelError, EngineDiedError."""
        self._running()

    def close(self) -> None:
        """End the child; calls that wait raise EngineDiedError."""
        self._closed = True
        if self._process is not None:
            self._process.close()

    @property
    def alive(self) -> bool:
        """Whether the child runs with the model loaded."""
        return self._process is not None and self._process.alive and self._loaded is not None

    @property
    def pid(self) -> int:
        """The child's process id, 0 for none."""
        return 0 if self._process is None else self._process.pid

    @property
    def n_ctx(self) -> int:
        """Tokens that prompt and reply may have together."""
        return self._facts().n_ctx

    @property
    def log_tail(self) -> tuple[str, ...]:
        """The last lines llama.cpp logged; no private text is in them."""
        return () if self._process is None else self._process.tail

    def stop_all(self) -> None:
        """Stop every call: chats end as stopped, the others raise StoppedError."""
        if self._process is not None:
            self._process.send(wire.Halt(id=0, target=wire.EVERYTHING))

    # ------------------------------------------------------------------------------- chatting

    def chat(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int,
        temperature: float,
        top_p: float,
        seed: int,
        adapter: AdapterRef | None = None,
        on_token: Callable[[str], None] | None = None,
        on_reading: Callable[[int, int], None] | None = None,
        stop: StopSignal | None = None,
    ) -> Reply:
        """A reply, streamed to the callbacks on the calling thread; goes ahead of study work."""

        def order(id_: int) -> wire.Order:
            return wire.Chat(
                id=id_,
                turns=_cleaned(turns),
                max_tokens=max_tokens,
                temperature=temperature,
                top_p=top_p,
                seed=seed,
                adapter=adapter,
            )

        def hear(answer: wire.AnyAnswer) -> None:
            if isinstance(answer, wire.Piece) and on_token is not None:
                on_token(answer.text)
            elif isinstance(answer, wire.Reading) and on_reading is not None:
                on_reading(answer.done, answer.total)

        done = self._call(order, wire.Chatted, hear, stop)
        return Reply(done.text, done.timings, done.ended, done.stopped)

    def count_tokens(self, turns: Sequence[Turn]) -> int:
        """How many tokens a chat is, assistant header included."""
        return len(self.chat_tokens(turns))

    def forget_adapter(self, path: str | Path) -> None:
        """Drop an adapter and all that was computed with it from the engine's memory at once."""
        if self.alive:
            self._call(lambda id_: wire.Forget(id=id_, path=str(path)), None)

    # ------------------------------------------------------------------ learner.engine.Engine

    def base_model(self) -> BaseModel:
        """The model that is loaded; waits for its file to be hashed the first time."""
        facts = self._facts()
        return BaseModel(
            name=self._path.stem,
            path=str(self._path),
            sha256=self._hash.value(),
            architecture=facts.architecture,
            n_ctx=facts.n_ctx,
            n_vocab=facts.n_vocab,
        )

    def chat_tokens(self, turns: Sequence[Turn]) -> list[int]:
        """Token ids of a chat, up to and with the assistant header."""
        cleaned = _cleaned(turns)
        return self._call(lambda id_: wire.Render(id=id_, turns=cleaned), list[int])

    def text_tokens(self, text: str) -> list[int]:
        """Token ids of plain text as it stands inside a turn; nothing in it is special."""
        cleaned = wire.clean(text)
        return self._call(lambda id_: wire.Tokenise(id=id_, text=cleaned), list[int])

    def end_of_turn(self) -> int:
        """The id of the token that closes the assistant's turn."""
        return self._facts().end_of_turn

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
        """One reply a prompt, decoded together; equal calls give equal replies."""

        def order(id_: int) -> wire.Order:
            return wire.Complete(
                id=id_,
                prompts=tuple(map(tuple, prompts)),
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
                adapter=adapter,
            )

        return self._call(order, list[Completion], stop=stop)

    def score(
        self,
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
        *,
        adapter: AdapterRef | None = None,
        top: int = 0,
        stop: StopSignal | None = None,
    ) -> list[Scored]:
        """For each (prompt, target) pair, the target's log-probabilities in nats."""
        frozen = tuple((tuple(prompt), tuple(target)) for prompt, target in pairs)
        return self._call(
            lambda id_: wire.Score(id=id_, pairs=frozen, top=top, adapter=adapter),
            list[Scored],
            stop=stop,
        )

    def logits(
        self,
        tokens: Sequence[int],
        *,
        adapter: AdapterRef | None = None,
        stop: StopSignal | None = None,
    ) -> list[float]:
        """The n_vocab logits after the last token; equal calls give bit-equal logits."""
        raw = self._call(
            lambda id_: wire.Logits(id=id_, tokens=tuple(tokens), adapter=adapter),
            bytes,
            stop=stop,
        )
        return array("f", raw).tolist()

    @contextmanager
    def stage(self, adapter_gguf: bytes) -> Iterator[AdapterRef]:
        """Seal a candidate adapter under a key of its own; it is gone when the context ends."""
        self._staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._staging / f"candidate-{secrets.token_hex(8)}.sealed"
        key = secrets.token_bytes(32)
        seal(path, adapter_gguf, key)
        try:
            yield AdapterRef(path=str(path), key=key)
        finally:
            path.unlink(missing_ok=True)
            self.forget_adapter(path)

    # --------------------------------------------------------------------------------- orders

    def _call(
        self,
        order: Callable[[int], wire.Order],
        type_: type[T] | None,
        hear: Callable[[wire.AnyAnswer], None] | None = None,
        stop: StopSignal | None = None,
    ) -> T:
        return self._ask(self._running(), order, type_, hear, stop)

    def _ask(
        self,
        process: EngineProcess,
        order: Callable[[int], wire.Order],
        type_: type[T] | None,
        hear: Callable[[wire.AnyAnswer], None] | None = None,
        stop: StopSignal | None = None,
    ) -> T:
        """Give an order and wait for its result; what comes before it goes to `hear`."""
        id_, inbox = process.open()
        finished = False
        try:
            process.send(order(id_))
            for answer in self._answers(process, id_, inbox, stop):
                if isinstance(answer, wire.Done):
                    finished = True
                    return msgspec.json.decode(answer.result, type=type_)
                if isinstance(answer, wire.Refused):
                    finished = True
                    raise _error(answer.error)
                if hear is not None:
                    hear(answer)
            finished = True
            raise self._died(process)
        finally:
            process.shut(id_)
            if not finished:  # the caller's callback failed: nobody wants the rest
                process.send(wire.Halt(id=0, target=id_))

    def _answers(
        self, process: EngineProcess, id_: int, inbox: Inbox, stop: StopSignal | None
    ) -> Iterator[wire.AnyAnswer]:
        """Answers as they come; ends when the child has ended."""
        told = False
        while True:
            if stop is not None and not told and stop.is_set():
                process.send(wire.Halt(id=0, target=id_))
                told = True
            try:
                answer = inbox.get(timeout=_POLL_SECONDS if stop is not None else 1.0)
            except queue.Empty:
                if process.silence > self._hang_seconds:
                    process.kill("It gave no sign of life for a long time and was ended.")
                continue
            if answer is None:
                return
            yield answer

    def _running(self) -> EngineProcess:
        """A child with the model loaded, started when there is none."""
        with self._starting:
            if self._process is not None and self._process.alive:
                return self._process
            self._check_may_start()
            self._process = process = EngineProcess()
            self._hash.start()
            try:
                self._loaded = self._ask(
                    process,
                    lambda id_: wire.Load(id=id_, model=str(self._path), n_ctx=self._n_ctx),
                    wire.Loaded,
                )
            except NightschoolError:
                process.close()
                raise
            return process

    def _check_may_start(self) -> None:
        if self._closed:
            raise EngineDiedError(
                "The engine was put away", "It is closed.", "Open Nightschool again."
            )
        recent = [at for at in self._deaths if time.monotonic() - at < _DEATH_SPAN]
        self._deaths = recent
        if len(recent) >= _DEATHS:
            raise EngineDiedError(
                "The model keeps failing",
                f"It stopped working {len(recent)} times within a minute.",
                "Wait a minute and ask again, or choose another model.",
            )

    def _died(self, process: EngineProcess) -> EngineDiedError:
        """The error for a child that ended, which is counted once."""
        if process is not self._last_dead:
            self._last_dead = process
            self._deaths.append(time.monotonic())
        return process.death()

    def _facts(self) -> wire.Loaded:
        if self._loaded is None:
            self._running()
        assert self._loaded is not None
        return self._loaded


class _FileHash:
    """A file's SHA-256, computed once, in the background."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._value = ""

    def start(self) -> None:
        threading.Thread(target=self.value, name="model-hash", daemon=True).start()

    def value(self) -> str:
        with self._guard:
            if not self._value:
                try:
                    with self._path.open("rb") as file:
                        self._value = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError:
                    return ""
            return self._value


def _cleaned(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.role, wire.clean(turn.content)) for turn in turns)


def _error(info: ErrorInfo) -> NightschoolError:
    kinds = {kind.code: kind for kind in NightschoolError.__subclasses__()}
    kind = kinds.get(info.code, NightschoolError)
    return kind(info.title, info.message, info.next_step)
