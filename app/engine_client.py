"""The engine's client: starts the engine's process, gives it orders, and explains its death."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import numpy as np

from app import engine_wire as wire
from app.erase import remove
from app.errors import BadRequestError, EngineDiedError, NightschoolError
from app.paths import disk_errors
from app.protocol import ErrorInfo, Timings
from app.sealed import seal
from learner.engine import AdapterRef, BaseModel, Completion, Scored, Turn

T = TypeVar("T")

_COMMAND = (sys.executable, "-P", "-m", "app.engine")
_SILENCE_SECONDS = 120.0
"""The child says something every half second while it works; this long a silence is a hang."""
_POLL_SECONDS = 0.05
_MANY_DEATHS = 3
_DEATH_WINDOW = 60.0
_CLOSE_SECONDS = 3.0

_ERRORS: dict[str, type[NightschoolError]] = {
    error.code: error for error in (*NightschoolError.__subclasses__(), NightschoolError)
}


class StopSignal(Protocol):
    """What is used of a threading.Event."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True)
class Reply:
    """A finished reply: `ended` when the model closed its turn, `stopped` when told to stop."""

    text: str
    timings: Timings
    ended: bool
    stopped: bool


class _Child:
    """One running engine process and the answers that wait to be fetched."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.last_words: deque[str] = deque(maxlen=20)
        self._inboxes: dict[int, queue.Queue[wire.AnyAnswer | None]] = {}
        self._guard = threading.Lock()
        self._write_guard = threading.Lock()
        self._ended = False
        threading.Thread(target=self._read, name="answers", daemon=True).start()
        threading.Thread(target=self._listen, name="engine-log", daemon=True).start()

    def send(self, order: wire.Order) -> queue.Queue[wire.AnyAnswer | None]:
        """Send an order; gives where its answers arrive, None last if the child dies."""
        inbox: queue.Queue[wire.AnyAnswer | None] = queue.Queue()
        with self._guard:
            self._inboxes[order.id] = inbox
            if self._ended:
                inbox.put(None)
        self.write(order)
        return inbox

    def write(self, order: wire.Order) -> None:
        """Send an order that has no answer."""
        assert self.process.stdin is not None
        with self._write_guard, contextlib.suppress(BrokenPipeError, ValueError):
            self.process.stdin.write(wire.line(order))
            self.process.stdin.flush()

    def done_with(self, id_: int) -> None:
        with self._guard:
            self._inboxes.pop(id_, None)

    def close(self) -> int:
        """End the child, kindly first; gives its exit code."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            return self.process.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                answer = wire.answer_of(line)
            except msgspec.DecodeError:
                # A child that garbles its answers cannot be trusted with another one.
                self.process.kill()
                break
            with self._guard:
                inbox = self._inboxes.get(answer.id)
            if inbox is not None:
                inbox.put(answer)
        self.process.wait()
        with self._guard:
            self._ended = True
            for inbox in self._inboxes.values():
                inbox.put(None)

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.last_words.append(line.decode("utf-8", "replace").rstrip())


class EngineClient:
    """A `learner.engine.Engine` in a child process; its methods may be called from any thread.

    A child that died is replaced at the next call, unless it dies again and again.
    """

    def __init__(
        self,
        model: Path,
        staging: Path,
        n_ctx: int | None = None,
        command: Sequence[str] = _COMMAND,
        silence_seconds: float = _SILENCE_SECONDS,
    ) -> None:
        self._model = model
        self._staging = staging
        self._n_ctx = n_ctx
        self._command = tuple(command)
        self._silence = silence_seconds
        self._ids = itertools.count(1)
        self._guard = threading.RLock()
        self._child: _Child | None = None
        self._loaded: wire.Loaded | None = None
        self._base: BaseModel | None = None
        self._deaths: deque[float] = deque(maxlen=_MANY_DEATHS)
        self._closed = False

    # ------------------------------------------------------------------ life of the child

    def start(self) -> None:
        """Start the child and load the model. Raises ModelError, EngineDiedError."""
        self._running()

    def close(self) -> None:
        """End the child; later calls raise EngineDiedError."""
        with self._guard:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.close()

    @property
    def alive(self) -> bool:
        """Whether a child runs now."""
        child = self._child
        return child is not None and child.process.poll() is None

    @property
    def pid(self) -> int | None:
        """The child's process id, None when none runs."""
        child = self._child
        return child.process.pid if child is not None and self.alive else None

    def stop_all(self) -> None:
        """Stop every running and waiting order."""
        if self._child is not None:
            self._child.write(wire.Halt(id=next(self._ids), target=wire.EVERYTHING))

    def _running(self) -> _Child:
        with self._guard:
            if self._closed:
                raise EngineDiedError(
                    "The model was put away", "Nightschool is closing.", "Open it again."
                )
            if self._child is not None and self._child.process.poll() is None:
                return self._child
            if len(self._deaths) == _MANY_DEATHS and (
                time.monotonic() - self._deaths[0] < _DEATH_WINDOW
            ):
                raise EngineDiedError(
                    "The model keeps failing",
                    f"Its process ended {_MANY_DEATHS} times within a minute.",
                    "Choose a smaller model, or run the check-up.",
                )
            self._child = _Child(self._command)
            load = wire.Load(id=next(self._ids), model=str(self._model), n_ctx=self._n_ctx)
            try:
                self._loaded = self._talk(self._child, load, wire.Loaded)
            except NightschoolError:
                child, self._child = self._child, None
                if child is not None:
                    child.close()
                raise
            return self._child

    # ------------------------------------------------------------------ orders and answers

    def _order(self, make: Callable[[int], wire.Order], result: type[T]) -> T:
        return self._talk(self._running(), make(next(self._ids)), result)

    def _talk(
        self,
        child: _Child,
        order: wire.Order,
        result: type[T],
        on_answer: Callable[[wire.AnyAnswer], None] | None = None,
        stop: StopSignal | None = None,
    ) -> T:
        inbox = child.send(order)
        halted = False
        heard = time.monotonic()
        try:
            while True:
                if stop is not None and not halted and stop.is_set():
                    halted = True
                    child.write(wire.Halt(id=next(self._ids), target=order.id))
                try:
                    answer = inbox.get(timeout=_POLL_SECONDS if stop is not None else 1.0)
                except queue.Empty:
                    # Orders wait in line behind each other, so only a child that says nothing at
                    # all to anybody while this one is first in line hangs.
                    if time.monotonic() - heard > self._silence:
                        child.process.kill()
                    continue
                heard = time.monotonic()
                if answer is None:
                    raise self._death(child)
                if isinstance(answer, wire.Done):
                    return msgspec.json.decode(answer.result, type=result)
                if isinstance(answer, wire.Refused):
                    raise _error(answer.error)
                if on_answer is not None:
                    on_answer(answer)
        finally:
            child.done_with(order.id)

    def _death(self, child: _Child) -> EngineDiedError:
        code = child.process.wait()
        with self._guard:
            if not self._closed:
                self._deaths.append(time.monotonic())
            if self._child is child:
                self._child = None
        if self._closed:
            return EngineDiedError(
                "The model was put away", "Nightschool is closing.", "Ask again."
            )
        return _explained(code, self._model)

    # ------------------------------------------------------------------ chatting

    def chat(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int,
        temperature: float,
        top_p: float,
        seed: int,
        adapter: AdapterRef | None,
        on_token: Callable[[str], None],
        on_reading: Callable[[int, int], None],
        stop: StopSignal,
    ) -> Reply:
        """Stream one reply; goes ahead of all study work. Raises EngineDiedError, ModelError."""

        def on_answer(answer: wire.AnyAnswer) -> None:
            if isinstance(answer, wire.Piece):
                on_token(answer.text)
            elif isinstance(answer, wire.Reading):
                on_reading(answer.done, answer.total)

        order = wire.Chat(
            id=next(self._ids),
            turns=tuple(turns),
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
            adapter=adapter,
        )
        done = self._talk(self._running(), order, wire.Chatted, on_answer, stop)
        return Reply(done.text, done.timings, done.ended, done.stopped)

    def count_tokens(self, turns: Sequence[Turn]) -> int:
        """How many tokens a prompt of these turns has."""
        return len(self.chat_tokens(turns))

    def forget_adapter(self, path: str) -> None:
        """Drop an adapter from the child's memory at once, with all that was computed with it."""
        if self.alive:
            self._order(lambda id_: wire.Forget(id=id_, path=path), type(None))

    # ------------------------------------------------------------------ learner.engine.Engine

    def base_model(self) -> BaseModel:
        """The loaded model; the first call reads its file once for the hash."""
        self._running()
        with self._guard:
            if self._base is None:
                assert self._loaded is not None
                self._base = BaseModel(
                    name=self._model.stem,
                    path=str(self._model),
                    sha256=_sha256(self._model),
                    architecture=self._loaded.architecture,
                    n_ctx=self._loaded.n_ctx,
                    n_vocab=self._loaded.n_vocab,
                )
            return self._base

    def chat_tokens(self, turns: Sequence[Turn]) -> list[int]:
        """See `learner.engine.Engine`."""
        return self._order(lambda id_: wire.Render(id=id_, turns=tuple(turns)), list[int])

    def text_tokens(self, text: str) -> list[int]:
        """See `learner.engine.Engine`."""
        return self._order(lambda id_: wire.Tokenise(id=id_, text=wire.clean(text)), list[int])

    def end_of_turn(self) -> int:
        """See `learner.engine.Engine`."""
        self._running()
        assert self._loaded is not None
        return self._loaded.end_of_turn

    def complete(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        max_tokens: int,
        adapter: AdapterRef | None = None,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> list[Completion]:
        """See `learner.engine.Engine`."""
        if not prompts:
            return []
        asked = tuple(tuple(prompt) for prompt in prompts)
        return self._order(
            lambda id_: wire.Complete(
                id=id_,
                prompts=asked,
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
                adapter=adapter,
            ),
            list[Completion],
        )

    def score(
        self,
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
        *,
        adapter: AdapterRef | None = None,
        top: int = 0,
    ) -> list[Scored]:
        """See `learner.engine.Engine`."""
        if not pairs:
            return []
        asked = tuple((tuple(prompt), tuple(target)) for prompt, target in pairs)
        return self._order(
            lambda id_: wire.Score(id=id_, pairs=asked, top=top, adapter=adapter), list[Scored]
        )

    def logits(self, tokens: Sequence[int], *, adapter: AdapterRef | None = None) -> list[float]:
        """See `learner.engine.Engine`."""
        raw = self._order(
            lambda id_: wire.Logits(id=id_, tokens=tuple(tokens), adapter=adapter), bytes
        )
        values: list[float] = np.frombuffer(raw, dtype=np.float32).tolist()
        return values

    @contextlib.contextmanager
    def stage(self, adapter_gguf: bytes) -> Iterator[AdapterRef]:
        """See `learner.engine.Engine`; the key lives in memory only."""
        path = self._staging / f"candidate-{secrets.token_hex(6)}.sealed"
        key = secrets.token_bytes(32)
        with disk_errors(path):
            seal(path, adapter_gguf, key)
        try:
            yield AdapterRef(path=str(path), key=key)
        finally:
            try:
                with contextlib.suppress(EngineDiedError):
                    self.forget_adapter(str(path))
            finally:
                remove(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _error(info: ErrorInfo) -> NightschoolError:
    return _ERRORS.get(info.code, BadRequestError)(info.title, info.message, info.next_step)


def _explained(code: int, model: Path) -> EngineDiedError:
    """Why the child ended, in words, from its exit code (negative: a signal, POSIX)."""
    if os.name == "posix" and code == -signal.SIGKILL:
        return EngineDiedError(
            "The model's process was ended",
            "The system ended it, most likely because memory ran out.",
            "Ask again; if it happens again, close other programs or choose a smaller model.",
        )
    if os.name == "posix" and code in (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS):
        return EngineDiedError(
            "The model's process crashed",
            f"llama.cpp failed while working with “{model.name}” ({signal.Signals(-code).name}).",
            "Ask again; if it happens again, the model file may be damaged: choose another.",
        )
    return EngineDiedError(
        "The model's process ended",
        f"It stopped unexpectedly (code {code}).",
        "Ask again; it is started anew.",
    )
