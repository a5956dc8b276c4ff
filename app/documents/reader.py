"""The reader: hands files to a worker process one by one, and holds it to its limits."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

from app.documents import refusals, tesseract, wire
from app.documents.extracted import Extracted
from app.documents.limits import Limits
from app.errors import DocumentError, StoppedError

logger = logging.getLogger("reader")

_LOOK_SECONDS = 0.05
_START_SECONDS = 60.0
_CLOSE_SECONDS = 3.0
_LOWEST_PRIORITY = getattr(subprocess, "IDLE_PRIORITY_CLASS", 0)
"""Windows takes it at the start; elsewhere the child is nice by itself."""

_BYTES_A_CHARACTER = 4
_ROOM_FOR_STRUCTURE = 64 * 1024 * 1024
_FILES_A_WORKER = 500
"""Then a fresh one is started: what a library may leak does not add up."""


class Reader:
    """Reads documents in a child process; one file at a time, from any thread.

    A child that was killed, crashed or did not answer in its time is replaced at the next file;
    also one that began before Tesseract was installed.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        find_tesseract: Callable[[], Path | None] = tesseract.find,
    ) -> None:
        """Nothing is started before the first file."""
        self._limits = limits or Limits()
        self._find_tesseract = find_tesseract
        self._turn = threading.Lock()
        self._child: _Child | None = None

    def read(self, path: Path, stop: threading.Event) -> Extracted:
        """A file's text and structure. Raises DocumentError, and StoppedError soon after `stop`."""
        with self._turn:
            child = self._ready(stop)
            try:
                answer = child.ask(wire.Order(str(path), self._limits), stop)
            finally:
                if not child.usable:
                    child.kill()
                    self._child = None
        if isinstance(answer, wire.Refused):
            raise DocumentError(answer.title, answer.message, answer.next_step)
        if not isinstance(answer, wire.Got) or not _is_sound(answer.extracted):
            raise refusals.crashed("it answered without sense")
        return answer.extracted

    def close(self) -> None:
        """End the child."""
        with self._turn:
            if self._child is not None:
                self._child.kill()
                self._child = None

    def _ready(self, stop: threading.Event) -> _Child:
        program = self._find_tesseract()
        if self._child is not None and (self._child.is_spent or self._child.program != program):
            self._child.kill()
            self._child = None
        if self._child is None:
            child = _Child(self._limits, program)
            try:
                child.wait_until_ready(stop)
            except (DocumentError, StoppedError):
                child.kill()
                raise
            self._child = child
        return self._child


class _Child:
    """One `python -m app.documents.worker`, from its start to its end.

    `program` is the Tesseract that it may start, if any.
    """

    def __init__(self, limits: Limits, program: Path | None) -> None:
        self.usable = True
        self.program = program
        self._asked = 0
        self._limits = limits
        self._answers: queue.SimpleQueue[wire.Answer | None] = queue.SimpleQueue()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.documents.worker", *_names(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).resolve().parent.parent.parent,
                env=_environment(),
                creationflags=_LOWEST_PRIORITY,
                process_group=None if sys.platform == "win32" else 0,
            )
        except OSError as error:
            raise refusals.no_worker(error) from error
        self._thread = threading.Thread(target=self._listen, name="reader", daemon=True)
        self._thread.start()

    @property
    def is_spent(self) -> bool:
        """Whether another one should read the next file: it has read many, or has ended."""
        return self._asked >= _FILES_A_WORKER or self._process.poll() is not None

    def wait_until_ready(self, stop: threading.Event) -> None:
        """Raises DocumentError, StoppedError."""
        self._wait(stop, _START_SECONDS)

    def ask(self, order: wire.Order, stop: threading.Event) -> wire.Answer:
        """Give an order and wait for its answer. Raises DocumentError, StoppedError."""
        self._asked += 1
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # a dead child answers None
            wire.write(self._process.stdin, order)
        return self._wait(stop, order.limits.seconds)

    def kill(self) -> None:
        """End it at once, and what it started."""
        self.usable = False
        if self._process.returncode is None:  # else its number may be another's by now
            self._end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_CLOSE_SECONDS)
        self._thread.join(_CLOSE_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.close()

    def _end(self) -> None:
        """Kill the child and its Tesseract."""
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            # Asleep it can start nothing between the look and the end.
            with contextlib.suppress(psutil.Error):
                child = psutil.Process(self._process.pid)
                child.suspend()
                for one in child.children():
                    one.kill()
            self._process.kill()

    def _wait(self, stop: threading.Event, seconds: float) -> wire.Answer:
        self.usable = False  # until it has answered
        deadline = time.monotonic() + seconds
        while True:
            if stop.is_set():
                raise StoppedError("Stopped", "The file was not read.", "Teach it again.")
            try:
                answer = self._answers.get(timeout=_LOOK_SECONDS)
                break
            except queue.Empty:
                self._check(deadline, seconds)
        if answer is None:
            raise self._death()
        if isinstance(answer, wire.Crashed):
            logger.warning("the worker failed: %s", answer.where)
            if answer.where.startswith("MemoryError"):
                raise refusals.too_much_memory(self._limits.memory_bytes)
            raise refusals.crashed(answer.where)
        self.usable = True
        return answer

    def _check(self, deadline: float, seconds: float) -> None:
        if time.monotonic() > deadline:
            raise refusals.too_slow(seconds)
        with contextlib.suppress(psutil.Error):
            if self._memory() > self._limits.memory_bytes:
                raise refusals.too_much_memory(self._limits.memory_bytes)

    def _memory(self) -> int:
        """Bytes; where the system has no limit of its own, with those of Tesseract."""
        child = psutil.Process(self._process.pid)
        more = child.children() if self.program and sys.platform != "linux" else []
        return sum(one.memory_info().rss for one in (child, *more))

    def _death(self) -> DocumentError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_CLOSE_SECONDS)
        self._end()  # a Tesseract may outlive it
        return refusals.crashed(_exit_name(self._process.returncode))

    def _listen(self) -> None:
        """Pass answers on until the child is gone; runs on a thread of its own."""
        assert self._process.stdout is not None
        longest = self._limits.characters * _BYTES_A_CHARACTER + _ROOM_FOR_STRUCTURE
        with contextlib.suppress(OSError, ValueError, msgspec.DecodeError):
            while (data := wire.read(self._process.stdout, longest)) is not None:
                self._answers.put(wire.answer_of(data))
        self._answers.put(None)


def _names(program: Path | None) -> list[str]:
    return [] if program is None else [str(program)]


def _is_sound(extracted: Extracted) -> bool:
    """Whether all positions are in order and inside the text; the file may have taken the child."""
    length = len(extracted.text)
    pages = (0, *extracted.page_starts, length)
    heads = (0, *(one.start for one in extracted.headings), length)
    spans = (0, *(at for span in extracted.whole for at in (span.start, span.end)), length)
    return all(list(row) == sorted(row) for row in (pages, heads, spans))


def _exit_name(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"it was ended by {signal.Signals(-code).name}"
    return "it did not answer" if code is None else f"it ended with code {code}"


def _environment() -> dict[str, str]:
    """This process's environment, and what fits the child's few rights."""
    # Each thread's heap of glibc reserves 64 MB of the address space that the limit counts.
    return {**os.environ, "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}
