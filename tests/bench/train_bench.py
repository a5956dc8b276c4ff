"""Measure the trainer: seconds to load, tokens a second, memory, for one recipe or a table of them.

    python tests/bench/train_bench.py MODEL.gguf [--threads 2] [--length 80] [--steps 4] [--table]

Every row is a real trainer process on examples of random tokens; other work on the machine shows.
"""

from __future__ import annotations

import argparse
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import psutil

from learner import trainer
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
    asked = parser.parse_args()
    examples = _examples(asked.length, 24)
    print("| run | tokens/s | tokens/CPU-s | load s | whole s | peak MB | adapter MB | load avg |")
    print("|---|---|---|---|---|---|---|---|")
    for row in _rows(asked.threads, asked.steps, asked.table):
        clock = _ChildClock()
        job = Job(model=asked.model, examples=examples, recipe=row.recipe, n_threads=row.n_threads)
        done = trainer.train(job, on_progress=clock.step, stop=threading.Event())
        print(_line(row.name, done, clock.spent), flush=True)


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
    base = Recipe(steps=steps, batch_tokens=512)
    yield Row(f"all layers, rank 8, batch 512, {threads} threads", base, threads)
    if not table:
        return
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


def _examples(length: int, count: int) -> tuple[Example, ...]:
    chosen = random.Random(0)
    return tuple(
        Example(
            tokens=tuple(chosen.randrange(100, 40_000) for _ in range(size)),
            target_start=size // 2,
        )
        for size in (chosen.randrange(length - 10, length + 11) for _ in range(count))
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
