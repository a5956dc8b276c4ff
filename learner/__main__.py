"""The trainer process: one job from standard input, progress and a result to standard output."""

from __future__ import annotations

import hashlib
import math
import os
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from learner import wire
from learner.errors import LearnerError, OutOfMemoryError, TrainerDiedError
from learner.lifeline import leave_with_parent

if TYPE_CHECKING:
    from learner.base_model import TorchModel

_BEAT_S = 1.0
"""Between two signs of life before the first step."""


class _Output:
    """The parent's end of the conversation; nothing else can write there."""

    def __init__(self) -> None:
        # Libraries print: what they write to standard output becomes standard error.
        self._file: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)

    def send(self, message: wire.AnyEvent) -> None:
        self._file.write(wire.encode(message))
        self._file.flush()


def main() -> int:
    """Do the one job of standard input; 0 when its result was sent, 1 when it was refused."""
    started = time.monotonic()
    output = _Output()
    _be_modest()
    line = _first_line()
    _end_with_stdin()
    try:
        output.send(_do(wire.decode_job(line), output, started))
    except MemoryError:
        output.send(_refused(_out_of_memory("MemoryError")))
    except LearnerError as error:
        output.send(_refused(error))
    except Exception as error:  # noqa: BLE001 - the edge: every failure must reach the parent
        output.send(_refused(_explained(error)))
    else:
        return 0
    return 1


def _be_modest() -> None:
    """Lowest priority, and never alive without the parent."""
    if hasattr(os, "nice"):
        os.nice(19)
    leave_with_parent()


def _first_line() -> bytes:
    """The job's line, read without a buffer: the watcher reads the same descriptor next."""
    pieces = []
    while piece := os.read(0, 1 << 20):
        pieces.append(piece)
        if piece.endswith(b"\n"):
            break
    return b"".join(pieces)


def _end_with_stdin() -> None:
    """Closing standard input means stop: end at once, in whatever step; nothing is lost."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def _prepare_for_torch() -> None:
    """What torch and its libraries read from the environment, once, while they are loaded."""
    # Waiting threads must sleep: with one core taken by somebody else, spinning ones (OpenMP's
    # default) leave the working one no time, and a step takes a minute.
    os.environ["OMP_WAIT_POLICY"] = "passive"
    # Sums in the same order whatever the number of threads (oneMKL, Conditional Numerical
    # Reproducibility): the adapter must not depend on the machine's cores. Costs nothing here.
    os.environ["MKL_CBWR"] = "AUTO,STRICT"
    # Importing torch's compiler, never used here, makes a folder; this one is there already.
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = tempfile.gettempdir()


def _do(job: wire.AnyJob, output: _Output, started: float) -> wire.AnyEvent:
    _prepare_for_torch()
    # torch is imported here and not above: it takes seconds, and stdin must be watched by then.
    from learner import base_model, parity, train

    train.set_up(job.n_threads)
    device = base_model.best_device()
    model = base_model.load(job.model, device, base_model.best_precision(device))
    if isinstance(job, wire.ParityJob):
        return parity.rows(model, job)
    return _trained(job, model, output, started)


def _trained(job: wire.Job, model: TorchModel, output: _Output, started: float) -> wire.Trained:
    from learner import checkpoint, export, lora, train

    said = -math.inf

    def on_step(step: int, steps: int, loss: float, left: float | None) -> None:
        nonlocal said
        if step or time.monotonic() - said >= _BEAT_S:
            output.send(wire.Progress(step=step, steps=steps, loss=loss, seconds_left=left))
            said = time.monotonic()

    keeper = train.Keeper(
        job=checkpoint.fingerprint(job, model.precision),
        resume=job.resume,
        every=job.checkpoint_seconds,
        keep=lambda state: output.send(wire.Checkpoint(state=state)),
    )
    load_seconds = time.monotonic() - started
    if job.beneath:
        model = lora.on_top_of(model, job.beneath)
    outcome = train.train(model, job.examples, job.recipe, on_step, keeper)
    adapter = export.adapter_gguf(outcome.pairs, model.shape, job.recipe.alpha)
    return wire.Trained(
        adapter_gguf=adapter,
        sha256=hashlib.sha256(adapter).hexdigest(),
        steps=outcome.steps,
        planned=outcome.planned,
        seconds=time.monotonic() - started,
        load_seconds=load_seconds,
        peak_memory_mb=_peak_memory_mb(),
        first_loss=outcome.first_loss,
        last_loss=outcome.last_loss,
        tokens_per_s=outcome.tokens_per_s,
        resumed=outcome.resumed,
        precision=str(model.precision).removeprefix("torch."),
    )


def _peak_memory_mb() -> float:
    """The most memory this process had resident at once, 0.0 where that is not known."""
    if sys.platform == "linux":
        # Not getrusage: on Linux it starts from what the parent had when it forked.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    return 0.0


def _refused(error: LearnerError) -> wire.Refused:
    return wire.Refused(
        code=error.code,
        title=error.title,
        message=error.message,
        next_step=error.next_step,
        detail=error.detail,
    )


def _explained(error: Exception) -> LearnerError:
    """An unforeseen error as one of ours; the place goes to the log, not the values."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    place = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    detail = f"{type(error).__name__} at {place}"
    # torch has a type of its own for a full GPU; for full main memory it raises RuntimeError.
    if type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(error):
        return _out_of_memory(detail)
    return TrainerDiedError(
        "The training broke off",
        f"The trainer met an error it does not know ({type(error).__name__}).",
        "Nothing was changed. Study again; if it happens again, see the log.",
        detail,
    )


def _out_of_memory(detail: str) -> OutOfMemoryError:
    return OutOfMemoryError(
        "Not enough memory to study",
        "The training needs more memory than this machine has free.",
        "Close other programs or choose a smaller model, and study again.",
        detail,
    )


if __name__ == "__main__":
    sys.exit(main())
