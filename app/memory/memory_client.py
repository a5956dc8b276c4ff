"""The memory's client: one child process for vectors, started when needed and again if it dies."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.errors import IndexDiedError, NightschoolError
from app.memory import memory_wire as wire
from app.protocol import ErrorInfo

logger = logging.getLogger("memory")

ANY = 0
"""As the life of an order: whichever child runs, or a new one."""

_CLOSE_SECONDS = 10.0
_HANG_SECONDS = 300.0
"""The slowest order, marking a large index, takes seconds even on a busy machine."""

_Inbox = queue.SimpleQueue[wire.AnyAnswer | None]


class MemoryClient:
    """`app.memory.memory_process` in a child; safe to use from many threads.

    Every call raises IndexDiedError as soon as the child has ended, whatever it died of; the next
    call starts another one. `life` numbers the children from 1.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._child: _Child | None = None
        self._life = 0
        self._closed = False

    @property
    def pid(self) -> int:
        """The child's process id, 0 for none."""
        with self._guard:
            return 0 if self._child is None or self._child.ended else self._child.pid

    @property
    def life(self) -> int:
        """The number of the child that runs, which is started if there is none.

        Raises IndexDiedError.
        """
        return self._running(ANY)[0]

    def call(self, order: Callable[[int], wire.Order], life: int = ANY) -> wire.AnyAnswer:
        """The answer to an order, made from its id, by the child with the number `life`.

        Raises IndexDiedError (also when that child is no more) and what the child refuses with.
        """
        answer = self._running(life)[1].ask(order)
        if isinstance(answer, wire.Refused):
            raise _error(answer.error)
        return answer

    def close(self) -> None:
        """End the child in good order; later calls raise IndexDiedError."""
        with self._guard:
            self._closed = True
            child = self._child
        if child is not None:
            child.close()

    def _running(self, life: int) -> tuple[int, _Child]:
        with self._guard:
            child = self._child
            dead = child is None or child.ended
            if self._closed or (life != ANY and (dead or life != self._life)):
                raise _died()
            if child is None or dead:
                child = self._child = _Child()
                self._life += 1
            return self._life, child


class _Child:
    """One child process and the orders it has not answered."""

    def __init__(self) -> None:
        """Raises IndexDiedError when the system cannot start it."""
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._inboxes: dict[int, _Inbox] = {}
        self._next_id = 1
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        started = threading.Event()
        # Linux kills the child when the *thread* that started it ends, so the thread that reads
        # its answers, which lives as long as the child, also starts it.
        threading.Thread(target=self._run, args=(started,), name="memory", daemon=True).start()
        started.wait()
        if self._process is None:
            raise _died()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    @property
    def pid(self) -> int:
        return 0 if self._process is None else self._process.pid

    def ask(self, make: Callable[[int], wire.Order]) -> wire.AnyAnswer:
        inbox: _Inbox = queue.SimpleQueue()
        with self._guard:
            if self.ended:
                raise _died()
            id_, self._next_id = self._next_id, self._next_id + 1
            self._inboxes[id_] = inbox
        self._write(wire.frame(make(id_)))
        try:
            answer = inbox.get(timeout=_HANG_SECONDS)
        except queue.Empty:
            logger.warning("the memory's process does not answer and is ended")
            self._kill()
            answer = None
        if answer is None:
            raise _died()
        return answer

    def close(self) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError, ValueError), self._writing:
            process.stdin.close()
        if not self._ended.wait(_CLOSE_SECONDS):
            self._kill()
            self._ended.wait(_CLOSE_SECONDS)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _write(self, data: bytes) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        # A child that is gone is told by its inbox.
        with contextlib.suppress(OSError, ValueError), self._writing:
            process.stdin.write(data)
            process.stdin.flush()

    # ------------------------------------------------------------------- the reader's thread

    def _run(self, started: threading.Event) -> None:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.memory.memory_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # libraries may quote what they are given
                cwd=Path(__file__).resolve().parents[2],
                env=memory_environment(),
            )
        except OSError as error:
            logger.warning("the memory's process could not be started: %s", error.strerror)
            self._ended.set()
            started.set()
            return
        self._process = process
        started.set()
        self._read_answers(process)
        code = process.wait()
        with self._guard:
            self._ended.set()
            for inbox in self._inboxes.values():
                inbox.put(None)
        logger.info("the memory's process ended with %s", code)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def _read_answers(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        try:
            while (body := wire.next_body(process.stdout)) is not None:
                answer = wire.answer_of(body)
                with self._guard:
                    inbox = self._inboxes.pop(answer.id, None)
                if inbox is not None:
                    inbox.put(answer)
        except msgspec.DecodeError:
            logger.warning("the memory's process wrote something that is no answer")
        process.kill()  # whether it closed its output or wrote nonsense: nobody can hear it now


def memory_environment() -> dict[str, str]:
    """This process's environment, with what keeps the child's libraries quiet and modest."""
    environment = dict(os.environ)
    environment["ANONYMIZED_TELEMETRY"] = "False"
    environment["TOKENIZERS_PARALLELISM"] = "false"
    return environment


def _died() -> IndexDiedError:
    return IndexDiedError(
        "The memory's process stopped",
        "The process that finds passages by meaning has ended.",
        "Nothing is lost: it starts anew by itself. Try again.",
    )


def _error(info: ErrorInfo) -> NightschoolError:
    kinds = {kind.code: kind for kind in NightschoolError.__subclasses__()}
    kind = kinds.get(info.code, NightschoolError)
    return kind(info.title, info.message, info.next_step)
