"""The engine's child process as an object: its answers by order, and how it ended."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import msgspec

from app import engine_wire as wire
from app.errors import EngineDiedError

_TAIL_LINES = 40
_CLOSE_SECONDS = 3.0

Inbox = queue.SimpleQueue[wire.AnyAnswer | None]
"""The answers to one order; None when no more can come because the child has ended."""


class EngineProcess:
    """A running `python -m app.engine`; safe to use from several threads."""

    def __init__(self) -> None:
        """Start the child. Raises EngineDiedError when the system cannot start one."""
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._inboxes: dict[int, Inbox] = {}
        self._last_sign = time.monotonic()
        self._next_id = 1
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._reason: str | None = None
        self._ended = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        started = threading.Event()
        # Linux kills the child when the *thread* that started it ends, so the thread that reads
        # its answers, which lives as long as the child, also starts it.
        threading.Thread(target=self._run, args=(started,), name="engine", daemon=True).start()
        started.wait()
        if self._failure is not None:
            raise EngineDiedError(
                "The engine could not be started",
                f"The system refused to start a process ({self._failure.strerror}).",
                "Close other programs and try again.",
            )

    @property
    def alive(self) -> bool:
        """Whether orders can be given."""
        return not self._ended.is_set()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return 0 if self._child is None else self._child.pid

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines of llama.cpp's log; no private text is in it."""
        return tuple(self._tail)

    @property
    def silence(self) -> float:
        """Seconds since the child last said anything."""
        return time.monotonic() - self._last_sign

    def open(self) -> tuple[int, Inbox]:
        """A number for a new order, and where its answers will arrive."""
        inbox: Inbox = queue.SimpleQueue()
        with self._guard:
            id_, self._next_id = self._next_id, self._next_id + 1
            if self._ended.is_set():
                inbox.put(None)
            elif not self._inboxes:
                self._last_sign = time.monotonic()  # an idle child owes nobody a sign
            self._inboxes[id_] = inbox
        return id_, inbox

    def send(self, order: wire.Order) -> None:
        """Hand over an order; if the child is gone, its inbox says so."""
        child = self._child
        assert child is not None
        assert child.stdin is not None
        data = wire.line(order)
        with contextlib.suppress(BrokenPipeError, ValueError), self._writing:
            child.stdin.write(data)
            child.stdin.flush()

    def shut(self, id_: int) -> None:
        """No more answers to this order are wanted."""
        with self._guard:
            self._inboxes.pop(id_, None)

    def kill(self, reason: str) -> None:
        """End the child at once; `reason` is the sentence its callers get."""
        self._reason = self._reason or reason  # what went wrong first is what it died of
        if self._child is not None:
            self._child.kill()
        self._ended.wait(_CLOSE_SECONDS)

    def close(self) -> None:
        """Let the child end by itself, and make sure that it does."""
        child = self._child
        if child is None or child.stdin is None:
            return
        self._reason = "The engine was put away."
        with contextlib.suppress(BrokenPipeError, ValueError), self._writing:
            child.stdin.close()
        if not self._ended.wait(_CLOSE_SECONDS):
            self.kill(self._reason)

    def death(self) -> EngineDiedError:
        """Why the child ended, as callers are told."""
        self._ended.wait(_CLOSE_SECONDS)
        code = None if self._child is None else self._child.returncode
        message, step = _explain(code) if self._reason is None else (self._reason, _AGAIN)
        return EngineDiedError("The model stopped working", message, step)

    # ------------------------------------------------------------------- the reader's thread

    def _run(self, started: threading.Event) -> None:
        try:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.engine"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=Path(__file__).resolve().parent.parent,
                env=engine_environment(),
            )
        except OSError as error:
            self._failure = error
            self._ended.set()
            started.set()
            return
        self._child = child
        started.set()
        log = threading.Thread(target=self._read_log, args=(child,), name="engine-log", daemon=True)
        log.start()
        self._read_answers(child)
        child.wait()
        log.join(_CLOSE_SECONDS)
        with self._guard:
            self._ended.set()
            for inbox in self._inboxes.values():
                inbox.put(None)
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def _read_answers(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        for line in child.stdout:
            try:
                answer = wire.answer_of(line)
            except msgspec.DecodeError:
                self._reason = "The engine wrote something that could not be understood."
                child.kill()
                return
            self._last_sign = time.monotonic()
            with self._guard:
                inbox = self._inboxes.get(answer.id)
            if inbox is not None:
                inbox.put(answer)

    def _read_log(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None
        for line in child.stderr:
            self._tail.append(line.decode("utf-8", "replace").rstrip())


_AGAIN = "Ask again; the model starts anew by itself."


def _explain(code: int | None) -> tuple[str, str]:
    """A sentence for an exit code, and what to do."""
    if code is not None and code < 0 and -code == getattr(signal, "SIGKILL", 9):
        return (
            "The system ended it, most likely because the machine ran out of memory.",
            "Close other programs, or choose a smaller model; then ask again.",
        )
    return (
        f"The model file or llama.cpp failed ({_exit_name(code)}).",
        "Ask again; if it happens again, choose another model.",
    )


def _exit_name(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return "no exit code" if code is None else f"exit code {code}"


def engine_environment() -> dict[str, str]:
    """This process's environment, less what would make the child behave differently."""
    environment = dict(os.environ)
    # GNU OpenMP spins for milliseconds at each of a token's hundreds of barriers. Beside other
    # busy processes (the trainer, a browser) that starves the very thread being waited for; a
    # short spin costs nothing alone and keeps most of the speed in company.
    environment.setdefault("GOMP_SPINCOUNT", "100")
    return environment
