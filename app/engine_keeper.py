"""Keeper: keeps one engine child with its model loaded, hands it orders, starts it again."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from app import engine_wire as wire
from app.engine_process import EngineProcess, Inbox
from app.errors import EngineDiedError, NightschoolError
from app.protocol import ErrorInfo
from learner.engine import StopSignal

HANG_SECONDS = 120.0
"""Silence after which a child at work counts as hung; a batch on a slow machine takes seconds."""

_POLL_SECONDS = 0.05
_DEATHS = 3
_DEATH_SPAN = 60.0

T = TypeVar("T")
Hear = Callable[[wire.AnyAnswer], None]


class Keeper:
    """The child behind one model file; safe to use from many threads.

    `deaths` counts the children that ended while they were needed.
    """

    def __init__(self, model: Path, n_ctx: int | None, hang_seconds: float) -> None:
        self._path = model
        self._n_ctx = n_ctx
        self._hang_seconds = hang_seconds
        self._starting = threading.Lock()
        self._process: EngineProcess | None = None
        self._loaded: wire.Loaded | None = None
        self._deaths: list[float] = []
        self.deaths = 0
        self._last_dead: EngineProcess | None = None
        self._closed = False

    @property
    def process(self) -> EngineProcess | None:
        """The child that was started last, if any."""
        return self._process

    @property
    def alive(self) -> bool:
        """Whether the child runs with the model loaded."""
        return self._process is not None and self._process.alive and self._loaded is not None

    def start(self) -> EngineProcess:
        """A child with the model loaded, started when there is none.

        Raises ModelError, EngineDiedError.
        """
        with self._starting:
            if self._process is not None and self._process.alive:
                return self._process
            self._check_may_start()
            self._process = process = EngineProcess()
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

    def facts(self) -> wire.Loaded:
        """What the child found in the model file; starts it when it never ran."""
        if self._loaded is None:
            self.start()
        assert self._loaded is not None
        return self._loaded

    def close(self) -> None:
        """End the child; calls that wait raise EngineDiedError."""
        self._closed = True
        if self._process is not None:
            self._process.close()

    def stop_all(self) -> None:
        """Stop every order, running or waiting."""
        if self._process is not None:
            self._process.send(wire.Halt(id=0, target=wire.EVERYTHING))

    def call(
        self,
        order: Callable[[int], wire.Order],
        type_: type[T] | None,
        hear: Hear | None = None,
        stop: StopSignal | None = None,
    ) -> T:
        """Give an order and wait for its result; what comes before it goes to `hear`.

        Raises what the child refuses it with, and EngineDiedError.
        """
        return self._ask(self.start(), order, type_, hear, stop)

    def _ask(
        self,
        process: EngineProcess,
        order: Callable[[int], wire.Order],
        type_: type[T] | None,
        hear: Hear | None = None,
        stop: StopSignal | None = None,
    ) -> T:
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
        if process is not self._last_dead and not self._closed:
            self._last_dead = process
            self.deaths += 1
            self._deaths.append(time.monotonic())
        return process.death()

    def forgive(self) -> None:
        """What the children died of was found and is not used any more: start as if anew."""
        self._deaths.clear()


def _error(info: ErrorInfo) -> NightschoolError:
    kinds = {kind.code: kind for kind in NightschoolError.__subclasses__()}
    kind = kinds.get(info.code, NightschoolError)
    return kind(info.title, info.message, info.next_step)
