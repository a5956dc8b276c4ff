"""Measure the trainer: seconds to load, tokens a second, memory, for one recipe or a table of them.

    python tests/bench/train_bench.py MODEL.gguf [--threads 2] [--length 80] [--steps 4]
                                      [--table | --compare]

`--compare` trains the same examples by the trainer, as a study does (last 10 layers, 5 rounds), and
by a plain transformers and PEFT loop, and prints how many times as fast the trainer is, by the
clock and by processor time; the latter hardly depends on what else the machine does. It takes about
three minutes for a model of 0.5B on two quiet cores.

Every row is a real trainer process on examples of random tokens; other work on the machine shows.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import psutil

from learner import trainer, wire
from learner.wire import Example, Job, Recipe, Trained


@dataclass(frozen=True)
class Row:
    """One thing to measure: what was varied, and the recipe with it."""

    name: str
    recipe: Recipe
    n_threads: int


def main() -> None:
    """Run and print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--length", type=int, default=80, help="mean tokens of an example")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--table", action="store_true", help="vary one thing at a time")
    parser.add_argument("--compare", action="store_true", help="with a plain PEFT loop beside it")
    asked = parser.parse_args()
    if asked.compare:
        compare(asked.model, asked.threads, asked.length, asked.steps)
        return
    examples = _examples(asked.length, 24)
    print("| run | tokens/s | tokens/CPU-s | load s | whole s | peak MB | adapter MB | load avg |")
    print("|---|---|---|---|---|---|---|---|")
    for row in _rows(asked.threads, asked.steps, asked.table):
        clock = _ChildClock()
        job = Job(model=asked.model, examples=examples, recipe=row.recipe, n_threads=row.n_threads)
        done = trainer.train(job, on_progress=clock.step, stop=threading.Event())
        print(_line(row.name, done, clock.spent), flush=True)


def compare(model: str, threads: int, length: int, plain_steps: int) -> None:
    """The trainer and plain loops on the same examples, one after the other, as tables.

    A third of each example is a beginning that all have in common, as the system text is in a
    study. The plain loops take `plain_steps` steps; their speed is the same in every round.
    """
    common = _examples(length // 3 + 10, 1)[0].tokens[: length // 3]
    examples = tuple(
        Example(
            tokens=common + example.tokens[len(common) :],
            target_start=max(example.target_start, len(common) + 1),
        )
        for example in _examples(length, 24, spread=length // 3)
    )
    job = Job(model=model, examples=examples, n_threads=threads)
    ours, plain = [], []
    for layers, rounds in ((10, 5), (None, 2)):
        recipe = Recipe(epochs=rounds, batch_tokens=512, layers=layers)
        ours.append(_ours(msgspec.structs.replace(job, recipe=recipe)))
        plain.append(_plain(msgspec.structs.replace(job, recipe=recipe), plain_steps))
    print("| run | tokens/s | tokens/CPU-s | peak MB |")
    print("|---|---|---|---|")
    print(_measured("trainer, last 10 layers, 5 rounds", ours[0]))
    print(_measured("trainer, all layers, 2 rounds", ours[1]))
    print(_measured("plain PEFT, last 10 layers", plain[0]))
    print(_measured("plain PEFT, all layers", plain[1]))
    print("| the trainer is … times as fast | by the clock | by processor time |")
    print("|---|---|---|")
    print(_ratio("both the last 10 layers", ours[0], plain[0]))
    print(_ratio("both all layers", ours[1], plain[1]))
    print(_ratio("the trainer the last 10, the plain loop all", ours[0], plain[1]))
    print(f"load average {os.getloadavg()[0]:.1f}")


@dataclass(frozen=True)
class Speed:
    """What a loop reached, loading left out; padding is not counted."""

    tokens_per_s: float
    tokens_per_cpu_s: float
    peak_memory_mb: float


def _ours(job: Job) -> Speed:
    clock = _ChildClock()
    done = trainer.train(job, on_progress=clock.step, stop=threading.Event())
    tokens = done.tokens_per_s * (done.seconds - done.load_seconds)
    return Speed(done.tokens_per_s, tokens / clock.spent, done.peak_memory_mb)


def _plain(job: Job, steps: int) -> Speed:
    command = [sys.executable, "-m", "tests.bench.plain_peft", str(steps)]
    # As the trainer has it: spinning threads would slow the plain loop on a busy machine.
    passive = os.environ | {"OMP_WAIT_POLICY": "passive"}
    said = subprocess.run(
        command, input=wire.encode(job), stdout=subprocess.PIPE, check=True, env=passive
    )
    return Speed(*map(float, said.stdout.split()))


def _measured(name: str, run: Speed) -> str:
    speeds = f"{run.tokens_per_s:.1f} | {run.tokens_per_cpu_s:.1f}"
    return f"| {name} | {speeds} | {run.peak_memory_mb:.0f} |"


def _ratio(name: str, ours: Speed, plain: Speed) -> str:
    clock = ours.tokens_per_s / plain.tokens_per_s
    processor = ours.tokens_per_cpu_s / plain.tokens_per_cpu_s
    return f"| {name} | {clock:.2f} | {processor:.2f} |"


class _ChildClock:
    """CPU seconds the trainer spends on its steps, loading left out."""

    def __init__(self) -> None:
        self._began = self._now = 0.0

    def step(self, step: int, steps: int, loss: float, left: float | None) -> None:
        """Read the clock of this process's only child."""
        (child,) = psutil.Process().children()
        times = child.cpu_times()
        self._now = times.user + times.system
        if step == 0:
            self._began = self._now

    @property
    def spent(self) -> float:
        """From the first step's beginning to the last one's end."""
        return self._now - self._began


def _rows(threads: int, steps: int, table: bool) -> Iterator[Row]:
    study = Recipe(epochs=2, batch_tokens=512, layers=10)
    yield Row(f"last 10 layers, rank 8, batch 512, 2 rounds, {threads} threads", study, threads)
    if not table:
        return
    base = Recipe(steps=steps, batch_tokens=512)
    yield Row(f"all layers, {threads} threads", base, threads)
    yield Row("1 thread", base, 1)
    for batch_tokens in (160, 256, 1024):
        recipe = Recipe(steps=steps, batch_tokens=batch_tokens)
        yield Row(f"batch {batch_tokens}", recipe, threads)
    yield Row("rank 16", msgspec.structs.replace(base, rank=16, alpha=32.0), threads)
    yield Row("q v", msgspec.structs.replace(base, targets=("q", "v")), threads)
    yield Row("q k v o", msgspec.structs.replace(base, targets=("q", "k", "v", "o")), threads)
    yield Row(
        "gate up down", msgspec.structs.replace(base, targets=("gate", "up", "down")), threads
    )
    for layers in (20, 15, 10, 5):
        # Three rounds of all batches: the frozen part is computed in the first one only.
        recipe = Recipe(batch_tokens=512, layers=layers, epochs=3)
        yield Row(f"last {layers} layers, 3 epochs", recipe, threads)


def _examples(length: int, count: int, spread: int = 10) -> tuple[Example, ...]:
    chosen = random.Random(0)
    return tuple(
        Example(
            tokens=tuple(chosen.randrange(100, 40_000) for _ in range(size)),
            target_start=size // 2,
        )
        for size in (chosen.randrange(length - spread, length + spread + 1) for _ in range(count))
    )


def _line(name: str, done: Trained, cpu_seconds: float) -> str:
    per_cpu = done.tokens_per_s * (done.seconds - done.load_seconds) / max(1e-9, cpu_seconds)
    cells = [
        name,
        f"{done.tokens_per_s:.0f}",
        f"{per_cpu:.0f}",
        f"{done.load_seconds:.1f}",
        f"{done.seconds:.1f}",
        f"{done.peak_memory_mb:.0f}",
        f"{len(done.adapter_gguf) / 2**20:.1f}",
        f"{os.getloadavg()[0]:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
