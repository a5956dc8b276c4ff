"""Checkpoints: from any of them a training ends as if undisturbed; what does not fit is refused."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest
import torch

from learner import base_model, checkpoint, export, train, trainer, wire
from learner.errors import OutOfMemoryError, TrainingStoppedError
from learner.train import Keeper
from learner.wire import Example, Job, Recipe
from tests.learner import tiny_models

EXAMPLES = tuple(
    Example(tokens=tuple(range(start, start + 12 + start % 5)), target_start=5)
    for start in range(1, 60, 7)
)
RECIPE = Recipe(epochs=3, lr=0.01, batch_tokens=64, layers=2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several only wait for each other on models this small
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(tiny_models.write(tmp_path / "tiny.gguf"))


def _quiet(step: int, steps: int, loss: float, left: float | None) -> None:
    pass


def _made(tiny: str, keeper: Keeper) -> tuple[bytes, train.Outcome]:
    model = base_model.load(tiny)
    outcome = train.train(model, EXAMPLES, RECIPE, _quiet, keeper)
    return export.adapter_gguf(outcome.pairs, model.shape, RECIPE.alpha), outcome


# ------------------------------------------------------------------ in one process


def test_from_any_checkpoint_the_end_is_the_same(tiny: str) -> None:
    kept: list[bytes] = []
    undisturbed, whole = _made(tiny, Keeper())
    watched, _ = _made(tiny, Keeper(job=b"this", every=0.0, keep=kept.append))
    assert watched == undisturbed
    assert len(kept) == whole.planned
    for done, state in enumerate(kept, 1):
        resumed, outcome = _made(tiny, Keeper(job=b"this", resume=state))
        assert outcome.resumed == done
        assert resumed == undisturbed
        assert (outcome.steps, outcome.first_loss, outcome.last_loss) == (
            whole.steps,
            whole.first_loss,
            whole.last_loss,
        )


def test_a_checkpoint_that_does_not_fit_is_passed_over(tiny: str) -> None:
    kept: list[bytes] = []
    undisturbed, _ = _made(tiny, Keeper(job=b"this", every=0.0, keep=kept.append))
    state = kept[2]
    flipped = bytearray(state)
    flipped[len(state) // 2] ^= 1
    unfit = [b"", b"nonsense", state[:-1], state + b"x", state[:40], bytes(flipped)]
    unfit.append(state.replace(b"checkpoint 1", b"checkpoint 0"))
    cases = [(b"this", data) for data in unfit] + [(b"another", state)]
    for job, data in cases:
        made, outcome = _made(tiny, Keeper(job=job, resume=data))
        assert outcome.resumed == 0
        assert made == undisturbed


def test_the_fingerprint_is_of_what_decides_the_bytes(tiny: str, tmp_path: Path) -> None:
    job = Job(model=tiny, examples=EXAMPLES, recipe=RECIPE)
    change = msgspec.structs.replace
    other = tmp_path / "other.gguf"
    other.write_bytes(Path(tiny).read_bytes()[:-1] + b"\x01")
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(Path(tiny).read_bytes())

    def mark(job: Job, precision: torch.dtype = torch.float32) -> bytes:
        return checkpoint.fingerprint(job, precision)

    same = [
        change(job, model=str(copy)),
        change(job, n_threads=7, resume=b"x", checkpoint_seconds=1.0),
        change(job, recipe=change(RECIPE, max_seconds=9.0)),
    ]
    assert {mark(each) for each in same} == {mark(job)}
    different = [
        change(job, model=str(other)),
        change(job, examples=EXAMPLES[1:]),
        change(job, examples=(change(EXAMPLES[0], weight=0.5), *EXAMPLES[1:])),
        change(job, recipe=change(RECIPE, seed=1)),
    ]
    marks = {mark(each) for each in different} | {mark(job), mark(job, torch.bfloat16)}
    assert len(marks) == len(different) + 2


# ------------------------------------------------------------------ with a real child


def _finish(job: Job) -> wire.Trained:
    return trainer.train(job, on_progress=_quiet, stop=threading.Event())


def _killed_at(job: Job, step: int) -> bytes:
    """Train until `step`, kill the child without warning; the last checkpoint that arrived."""
    kept = [job.resume]

    def at_step(now: int, steps: int, loss: float, left: float | None) -> None:
        if now == step:
            children = [each for each in psutil.Process().children() if "learner" in each.cmdline()]
            (child,) = children
            child.kill()

    with pytest.raises(OutOfMemoryError):  # as a kill by the system is understood
        trainer.train(job, on_progress=at_step, stop=threading.Event(), on_checkpoint=kept.append)
    return kept[-1]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_killed_again_and_again_it_ends_with_the_same_bytes(tiny: str) -> None:
    recipe = msgspec.structs.replace(RECIPE, epochs=150, layers=None)
    job = Job(model=tiny, examples=EXAMPLES, recipe=recipe, n_threads=1, checkpoint_seconds=0.0)
    undisturbed = _finish(msgspec.structs.replace(job, checkpoint_seconds=20.0))
    state = b""
    for step in (20, 110, 200):
        state = _killed_at(msgspec.structs.replace(job, resume=state), step)
        assert state
    rest = msgspec.structs.replace(job, resume=state, checkpoint_seconds=20.0, n_threads=2)
    resumed = _finish(rest)
    assert 190 < resumed.resumed < resumed.planned == undisturbed.planned
    assert resumed.sha256 == undisturbed.sha256
    assert resumed.steps == undisturbed.steps
    # The same state with other examples is another job: it begins anew.
    short = msgspec.structs.replace(RECIPE, epochs=1)
    other = _finish(Job(model=tiny, examples=EXAMPLES[1:], recipe=short, resume=state))
    assert other.resumed == 0


def test_a_stopped_training_goes_on_from_its_last_checkpoint(tiny: str) -> None:
    stop, kept = threading.Event(), list[bytes]()
    recipe = msgspec.structs.replace(RECIPE, epochs=50)
    job = Job(model=tiny, examples=EXAMPLES, recipe=recipe, n_threads=1, checkpoint_seconds=0.0)

    def keep(state: bytes) -> None:
        kept.append(state)
        if len(kept) == 5:
            stop.set()

    with pytest.raises(TrainingStoppedError):
        trainer.train(job, on_progress=_quiet, stop=stop, on_checkpoint=keep)
    assert len(kept) == 5
    rest = msgspec.structs.replace(job, checkpoint_seconds=20.0)
    resumed = _finish(msgspec.structs.replace(rest, resume=kept[-1]))
    assert resumed.resumed == 5
    assert resumed.sha256 == _finish(rest).sha256
