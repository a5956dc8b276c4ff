"""Trainer: starts the trainer process, hands it a job, and gives back what it made."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import msgspec
import numpy as np
from numpy.typing import NDArray

from learner import wire
from learner.engine import Engine
from learner.errors import (
    BadJobError,
    DamagedModelError,
    GarbledTrainerError,
    LearnerError,
    OutOfMemoryError,
    TrainerDiedError,
    TrainingStoppedError,
    UnsupportedModelError,
)

OnProgress = Callable[[int, int, float, float | None], None]
"""Called with (step, steps, loss, seconds left or None); step 0 when the model is loaded."""

OnCheckpoint = Callable[[bytes], None]
"""Called with the training as it stands, for `wire.Job.resume`; to be kept encrypted."""

_COMMAND = (sys.executable, "-P", "-m", "learner")
_MAX_LINE = 1 << 30
_SILENCE = 600.0
"""Seconds without a line after which the child counts as hanging; loading a big model is silent."""

_PARITY_LIMIT = 0.02
"""Nats: measured agreement is 0.001 to 0.004, a wrong layout costs whole nats."""

_ERRORS: tuple[type[LearnerError], ...] = (
    BadJobError,
    DamagedModelError,
    OutOfMemoryError,
    TrainerDiedError,
    UnsupportedModelError,
)


@dataclass(frozen=True)
class ParityReport:
    """How far trainer and engine are apart: mean KL(trainer || engine) in nats.

    `effect` is how far the random adapter moved the trainer's own predictions: agreement on an
    adapter that does nothing would prove nothing.
    """

    kl_base: float
    kl_adapter: float
    effect: float

    @property
    def ok(self) -> bool:
        """Whether this model may be trained here and served there."""
        agree = max(self.kl_base, self.kl_adapter) <= _PARITY_LIMIT
        return agree and self.effect > 4 * self.kl_adapter


def _forget(state: bytes) -> None:
    """For callers who begin anew when something happens."""


def train(
    job: wire.Job,
    *,
    on_progress: OnProgress,
    stop: threading.Event,
    on_checkpoint: OnCheckpoint = _forget,
    command: Sequence[str] = _COMMAND,
) -> wire.Trained:
    """Train in a child process; blocks until it is done.

    However it ended, the same job with the last checkpoint as its `resume` goes on from there.

    Raises TrainingStoppedError within a second of `stop`, OutOfMemoryError, TrainerDiedError,
    GarbledTrainerError, and what the child refuses: BadJobError, DamagedModelError,
    UnsupportedModelError. Must be called from a thread that lives as long as the training: on
    Linux the child ends with the thread that started it.
    """
    with _Child(command, job) as child:
        for event in child.events(stop):
            if isinstance(event, wire.Trained):
                return event
            if isinstance(event, wire.Checkpoint):
                on_checkpoint(event.state)
            elif isinstance(event, wire.Progress):
                on_progress(event.step, event.steps, event.loss, event.seconds_left)
            else:
                raise _garbled("a result of another kind")
    raise _garbled("nothing")  # unreachable: events() ends with a result or an error


def check_parity(
    model_path: str,
    engine: Engine,
    sequences: Sequence[Sequence[int]],
    *,
    stop: threading.Event | None = None,
    n_threads: int = 0,
    command: Sequence[str] = _COMMAND,
) -> ParityReport:
    """Compare trainer and engine on what comes next after each of `sequences` (token ids).

    Both without and with one small random adapter. Raises as `train`, and what the engine raises.
    """
    job = wire.ParityJob(
        model=model_path, sequences=tuple(map(tuple, sequences)), n_threads=n_threads
    )
    rows = _parity_rows(job, stop or threading.Event(), command)
    base, adapted = list(map(_row, rows.base)), list(map(_row, rows.adapted))
    served = [_log_softmax(engine.logits(sequence)) for sequence in sequences]
    with engine.stage(rows.adapter_gguf) as adapter:
        served_adapted = [
            _log_softmax(engine.logits(sequence, adapter=adapter)) for sequence in sequences
        ]
    return ParityReport(
        kl_base=_mean_kl(base, served),
        kl_adapter=_mean_kl(adapted, served_adapted),
        effect=_mean_kl(base, adapted),
    )


def _parity_rows(
    job: wire.ParityJob, stop: threading.Event, command: Sequence[str]
) -> wire.ParityRows:
    with _Child(command, job) as child:
        for event in child.events(stop):
            if isinstance(event, wire.ParityRows):
                return event
    raise _garbled("a result of another kind")


def _row(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<f4").astype(np.float64)


def _log_softmax(logits: Sequence[float]) -> NDArray[np.float64]:
    values = np.asarray(logits, np.float64)
    values = values - values.max()
    logprobs: NDArray[np.float64] = values - np.log(np.exp(values).sum())
    return logprobs


def _mean_kl(p: list[NDArray[np.float64]], q: list[NDArray[np.float64]]) -> float:
    kls = [float((np.exp(a) * (a - b)).sum()) for a, b in zip(p, q, strict=True)]
    return sum(kls) / max(1, len(kls))


class _Child:
    """One running trainer process; leaving the context ends it, however it stands."""

    def __init__(self, command: Sequence[str], job: wire.AnyJob) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(job.n_threads),
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._complaints: deque[bytes] = deque(maxlen=20)
        self._threads = [
            # Writing blocks while the child does not read, so it must not be the caller's thread.
            threading.Thread(target=self._write, args=(wire.encode(job),), daemon=True),
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_complaints, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def events(self, stop: threading.Event) -> Iterator[wire.AnyEvent]:
        """What the child says, until it has said everything. Raises as `train` tells."""
        heard = time.monotonic()
        while True:
            if stop.is_set():
                raise _stopped()
            try:
                line = self._lines.get(timeout=0.1)
            except queue.Empty:
                if time.monotonic() - heard > _SILENCE:
                    raise _died("It fell silent.", self._last_words()) from None
                continue
            heard = time.monotonic()
            if not line:
                raise self._ended()
            yield _decoded(line)

    def _write(self, line: bytes) -> None:
        stdin = self._stream(self._process.stdin)
        with contextlib.suppress(OSError):  # a child that ended is noticed by its silence
            stdin.write(line)
            stdin.flush()

    def _read_lines(self) -> None:
        stdout = self._stream(self._process.stdout)
        while line := stdout.readline(_MAX_LINE):
            if len(line) < _MAX_LINE and not line.endswith(b"\n"):
                break  # a child killed while it spoke: its end is what there is to tell
            self._lines.put(line)
        self._lines.put(b"")

    def _read_complaints(self) -> None:
        stderr = self._stream(self._process.stderr)
        while line := stderr.readline(4096):
            self._complaints.append(line)

    def _ended(self) -> LearnerError:
        """Why a child that said nothing more is gone."""
        code = self._process.wait()
        if sys.platform != "win32" and code == -9:
            return OutOfMemoryError(
                "Not enough memory to study",
                "The system ended the training, most likely because memory ran out.",
                "Close other programs or choose a smaller model, and study again.",
            )
        return _died(f"Its process ended with code {code}.", self._last_words())

    def _last_words(self) -> str:
        return b"".join(self._complaints).decode("utf-8", "replace")[-2000:]

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None  # all three are pipes
        return stream


def _environment(n_threads: int) -> dict[str, str]:
    """The child's environment: no secret of ours, no network, a fixed number of threads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTSCHOOL")}
    threads = {"OMP_NUM_THREADS": str(n_threads)} if n_threads else {}
    return kept | threads | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def _decoded(line: bytes) -> wire.AnyEvent:
    try:
        event = wire.decode_event(line)
    except msgspec.DecodeError as error:
        raise _garbled("a line that is none of its messages") from error
    if not isinstance(event, wire.Refused):
        return event
    for kind in _ERRORS:
        if kind.code == event.code:
            raise kind(event.title, event.message, event.next_step, event.detail)
    raise LearnerError(event.title, event.message, event.next_step, event.detail)


def _stopped() -> TrainingStoppedError:
    return TrainingStoppedError(
        "The study was stopped",
        "The training ended before it was done; nothing was changed.",
        "Study again whenever you like.",
    )


def _died(how: str, last_words: str) -> TrainerDiedError:
    return TrainerDiedError(
        "The training broke off",
        f"The trainer stopped working. {how}",
        "Nothing was changed. Study again; if it happens again, see the log.",
        last_words,
    )


def _garbled(what: str) -> GarbledTrainerError:
    return GarbledTrainerError(
        "The training broke off",
        f"The trainer answered with {what}.",
        "Nothing was changed. Study again; if it happens again, install Nightschool anew.",
    )
