"""Sequential training, as everybody tries it: each night goes on with yesterday's adapter.

    python -m tests.bench.sequential < ORDER > MADE

Reads one `Order` and writes one `Made`. It is a process of its own because torch and llama.cpp do
not get on in one. The product never chains adapters; this shows what happens to those who do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import msgspec

from learner.wire import Example, Recipe

ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "MKL_CBWR": "AUTO,STRICT"}
"""As the trainer has it, so that seconds can be compared."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Train on each night's examples alone, one night after the other; threads 0: every core."""

    model: str
    nights: tuple[tuple[Example, ...], ...]
    recipe: Recipe
    n_threads: int = 0


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The adapter as it stood after each night, as GGUF bytes, and what it cost."""

    adapters: tuple[bytes, ...]
    losses: tuple[float, ...]
    seconds: float
    peak_mb: float


def train_nights(order: Order) -> Made:
    """Train in a child process. Raises subprocess.CalledProcessError when it fails."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.sequential"],
        input=msgspec.json.encode(order),
        stdout=subprocess.PIPE,
        env=os.environ | ENVIRONMENT,
        check=True,
    )
    made = msgspec.json.decode(done.stdout, type=Made)
    return msgspec.structs.replace(made, seconds=time.monotonic() - began)


def main() -> None:
    """Do the one order of standard input."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    # torch is imported here and not above: the parent must stay without it.
    from learner import train
    from learner.__main__ import _peak_memory_mb
    from tests.bench.chained import chain

    train.set_up(order.n_threads)
    adapters, losses = chain(order)
    made = Made(adapters=adapters, losses=losses, seconds=0.0, peak_mb=_peak_memory_mb())
    sys.stdout.buffer.write(msgspec.json.encode(made))


if __name__ == "__main__":
    main()
