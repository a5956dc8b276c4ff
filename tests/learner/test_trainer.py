"""The trainer process: a real child that trains, repeats itself, stops, dies and talks nonsense."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from app.engine_client import EngineClient
from learner import trainer, wire
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
from learner.wire import Example, Job, Recipe
from tests.learner import tiny_models

EXAMPLES = tuple(
    Example(tokens=tuple(range(start, start + 12 + start % 5)), target_start=5)
    for start in range(1, 60, 7)
)


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return str(tiny_models.write(tmp_path / "tiny.gguf"))


def _ignore(step: int, steps: int, loss: float, left: float | None) -> None:
    pass


def _train(job: Job, command: Sequence[str] | None = None) -> wire.Trained:
    command = command or trainer._COMMAND
    return trainer.train(job, on_progress=_ignore, stop=threading.Event(), command=command)


def _saying(program: str) -> Sequence[str]:
    """A child that reads its job's line and then does as the program says."""
    start = "import os, signal, sys, time\njob = sys.stdin.buffer.readline()\n"
    return (sys.executable, "-c", start + program)


# ------------------------------------------------------------------ a real training


def test_two_processes_make_the_same_bytes_and_leave_nothing_on_disk(
    tiny: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = tmp_path / "clean"
    clean.mkdir()
    for name in ("TMPDIR", "HOME", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(clean))
    monkeypatch.chdir(clean)
    recipe = Recipe(epochs=3, lr=0.01, batch_tokens=64)
    made = [
        _train(Job(model=tiny, examples=EXAMPLES, recipe=recipe, n_threads=threads))
        for threads in (2, 1)  # nor does their number matter
    ]
    assert made[0].sha256 == made[1].sha256
    assert made[0].adapter_gguf == made[1].adapter_gguf
    assert made[0].last_loss < made[0].first_loss
    assert made[0].steps == made[0].planned > 0
    assert made[0].peak_memory_mb > 50
    assert made[0].tokens_per_s > 0
    assert not list(clean.rglob("*"))


def test_the_childs_environment_has_no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSCHOOL_PASSPHRASE", "a secret")
    with pytest.raises(TrainerDiedError) as caught:
        _train(Job(model="", examples=()), _saying("sys.exit(repr(sorted(os.environ.values())))"))
    assert "PATH" in os.environ and os.environ["PATH"] in caught.value.detail
    assert "a secret" not in caught.value.detail


def test_what_the_child_refuses_is_raised_here(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and then nothing")
    with pytest.raises(DamagedModelError, match=r"broken\.gguf"):
        _train(Job(model=str(broken), examples=EXAMPLES))


@pytest.mark.parametrize(
    "kind", [BadJobError, UnsupportedModelError, OutOfMemoryError, TrainerDiedError, LearnerError]
)
def test_a_refusal_keeps_its_kind_and_its_texts(kind: type[LearnerError]) -> None:
    line = wire.encode(
        wire.Refused(code=kind.code, title="T", message="M", next_step="N", detail="D")
    )
    with pytest.raises(kind) as caught:
        _train(Job(model="", examples=()), _saying(f"sys.stdout.buffer.write({line!r})"))
    error = caught.value
    assert type(error) is kind
    assert (error.title, error.message, error.next_step, error.detail) == ("T", "M", "N", "D")


# ------------------------------------------------------------------ stopping


def test_stopping_in_the_middle_ends_the_child(tiny: str) -> None:
    stop = threading.Event()
    job = Job(model=tiny, examples=EXAMPLES, recipe=Recipe(steps=50_000))
    others = psutil.Process().children()  # an engine that other tests share
    children: list[psutil.Process] = []

    def at_step(step: int, steps: int, loss: float, left: float | None) -> None:
        if step == 5:
            children.extend(each for each in psutil.Process().children() if each not in others)
            stop.set()

    with pytest.raises(TrainingStoppedError):
        trainer.train(job, on_progress=at_step, stop=stop)
    assert children
    assert not any(child.is_running() for child in children)


def test_closing_its_standard_input_ends_the_child_in_any_phase(tiny: str) -> None:
    job = Job(model=tiny, examples=EXAMPLES, recipe=Recipe(steps=50_000))
    for lines in (0, 3):  # while it still imports, and in the middle of training
        child = subprocess.Popen(
            trainer._COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdin and child.stdout
        child.stdin.write(wire.encode(job))
        child.stdin.flush()
        for _ in range(lines):
            child.stdout.readline()
        child.stdin.close()
        assert child.wait(30) == 0
        child.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_the_child_never_outlives_its_parent(tiny: str) -> None:
    program = f"""
import threading
from learner import trainer, wire
job = wire.Job(
    model={tiny!r},
    examples=(wire.Example(tokens=(1, 2, 3, 4), target_start=2),),
    recipe=wire.Recipe(steps=50_000),
)
trainer.train(job, on_progress=lambda *said: print("on", flush=True), stop=threading.Event())
"""
    parent = subprocess.Popen([sys.executable, "-P", "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout
    parent.stdout.readline()
    (child,) = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    child.wait(30)
    assert not child.is_running()


# ------------------------------------------------------------------ children that misbehave


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_a_child_killed_by_the_system_ran_out_of_memory() -> None:
    with pytest.raises(OutOfMemoryError):
        _train(Job(model="", examples=()), _saying("os.kill(os.getpid(), signal.SIGKILL)"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_a_child_killed_in_the_middle_of_training_is_noticed(tiny: str) -> None:
    def at_step(step: int, steps: int, loss: float, left: float | None) -> None:
        if step == 3:
            for child in psutil.Process().children():
                child.send_signal(signal.SIGSEGV)

    job = Job(model=tiny, examples=EXAMPLES, recipe=Recipe(steps=50_000))
    with pytest.raises(TrainerDiedError, match="code -11"):
        trainer.train(job, on_progress=at_step, stop=threading.Event())


def test_a_child_that_just_ends_says_why_in_the_detail() -> None:
    with pytest.raises(TrainerDiedError, match="code 3") as caught:
        _train(
            Job(model="", examples=()), _saying("print('no room', file=sys.stderr); sys.exit(3)")
        )
    assert caught.value.detail == "no room\n"


@pytest.mark.parametrize(
    "said", ["hello", '{"event": "progress"}', '{"event": "dance"}', "", "\\xff\\x00", "[1, 2]"]
)
def test_a_child_that_talks_nonsense_is_refused(said: str) -> None:
    program = f"sys.stdout.buffer.write('{said}\\n'.encode('latin-1'))"
    with pytest.raises(GarbledTrainerError):
        _train(Job(model="", examples=()), _saying(program))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_a_child_killed_while_it_speaks_was_killed() -> None:
    program = 'os.write(1, b\'{"event": "checkp\'); os.kill(os.getpid(), signal.SIGKILL)'
    with pytest.raises(OutOfMemoryError):
        _train(Job(model="", examples=()), _saying(program))


def test_a_result_of_another_kind_is_refused() -> None:
    line = wire.encode(wire.ParityRows(adapter_gguf=b"", base=(), adapted=()))
    with pytest.raises(GarbledTrainerError, match="another kind"):
        _train(Job(model="", examples=()), _saying(f"sys.stdout.buffer.write({line!r})"))


def test_a_child_that_hangs_can_be_stopped() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    command = (sys.executable, "-c", "import time; time.sleep(600)")  # does not even read
    big = Job(model="", examples=EXAMPLES * 4000)
    with pytest.raises(TrainingStoppedError):
        trainer.train(big, on_progress=_ignore, stop=stop, command=command)


def test_a_child_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "_SILENCE", 0.3)
    with pytest.raises(TrainerDiedError, match="silent"):
        _train(Job(model="", examples=()), _saying("time.sleep(600)"))


def test_an_error_in_the_callers_own_callback_ends_the_child(tiny: str) -> None:
    def at_step(step: int, steps: int, loss: float, left: float | None) -> None:
        raise ZeroDivisionError

    job = Job(model=tiny, examples=EXAMPLES, recipe=Recipe(steps=50_000))
    with pytest.raises(ZeroDivisionError):
        trainer.train(job, on_progress=at_step, stop=threading.Event())
    deadline = time.monotonic() + 30
    while psutil.Process().children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.Process().children()


# ------------------------------------------------------------------ against the serving engine


def test_trainer_and_engine_agree_on_the_starter_model(starter_model: Path, tmp_path: Path) -> None:
    engine = EngineClient(starter_model, tmp_path / "staging")
    try:
        text = "Nightschool studies while you sleep, and in the morning it writes better emails."
        tokens = engine.text_tokens(text)
        report = trainer.check_parity(str(starter_model), engine, [tokens[:7], tokens])
    finally:
        engine.close()
    assert report.ok, report
    assert report.effect > 0.02
