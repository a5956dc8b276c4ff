"""Adapter bench: what an active adapter costs while writing, as a ratio of tokens a second.

    python -m tests.bench.adapter_bench --model MODEL.gguf [--adapter FILE.gguf]
        [--rank 8] [--layers 10] [--parts q,v,…] [--rounds 7] [--tokens 96]

Without an adapter file, one of random small values with that rank is made for the last so many
layers. The base and the adapted model take turns with the same question, and the median of the
rounds' ratios is printed, because other work on the machine shows in both.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import gguf
import numpy as np

from app.engine_client import EngineClient
from learner.base_model import PROJECTIONS
from learner.engine import AdapterRef, Turn
from learner.gguf_file import GgufFile

SYSTEM = Turn("system", "You are a helpful assistant.")
STORY = "Tell me a long story about a lighthouse keeper and the sea, with many details."
BAR = 0.9
"""An active adapter may cost at most a tenth of the speed, on the 0.5B model."""


def main() -> None:
    """Measure and print a table."""
    asked = _arguments()
    if asked.adapter:
        data = asked.adapter.read_bytes()
    else:
        parts = asked.parts.split(",")
        data = random_adapter(asked.model, rank=asked.rank, layers=asked.layers, parts=parts)
    named = asked.adapter.name if asked.adapter else f"random, rank {asked.rank}"
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(asked.model, Path(folder) / "staging")
        try:
            engine.start()
            with engine.stage(data) as adapter:
                rounds = _rounds(engine, adapter, asked.rounds, asked.tokens)
        finally:
            engine.close()
    base, adapted = (median(each) for each in zip(*rounds, strict=True))
    ratio = median(theirs / ours for ours, theirs in rounds)
    print("| model | adapter | MB | base, tokens/s | adapted, tokens/s | ratio | bar |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {asked.model.stem} | {named} | {len(data) / 1e6:.1f} | {base:.1f} | {adapted:.1f}"
        f" | {ratio:.3f} | ≥ {BAR} |"
    )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    every = ", ".join(f"{theirs / ours:.2f}" for ours, theirs in rounds)
    print(f"\nRatios of the rounds: {every}. Load average at the end {load:.1f}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--adapter", type=Path, help="an adapter file; without one, a random one")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--layers", type=int, default=10, help="the last so many; 0 for all")
    parser.add_argument("--parts", default=",".join(PROJECTIONS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=96, help="written in each round")
    return parser.parse_args()


def _rounds(
    engine: EngineClient, adapter: AdapterRef, rounds: int, tokens: int
) -> list[tuple[float, float]]:
    """Tokens a second without and with the adapter; a first round warms up and is dropped."""
    found = []
    for number in range(rounds + 1):
        turns = [SYSTEM, Turn("user", f"{number}. {STORY}")]
        # Who goes first takes turns too: caches are warmer for the second.
        pair = (None, adapter) if number % 2 else (adapter, None)
        speeds = {ref is not None: _speed(engine, turns, ref, tokens) for ref in pair}
        found.append((speeds[False], speeds[True]))
    return found[1:]


def _speed(engine: EngineClient, turns: list[Turn], adapter: AdapterRef | None, n: int) -> float:
    reply = engine.chat(turns, max_tokens=n, temperature=0.3, top_p=0.9, seed=7, adapter=adapter)
    return reply.timings.tokens_per_s


def random_adapter(
    model: Path,
    *,
    rank: int = 8,
    layers: int = 10,
    parts: Sequence[str] = tuple(PROJECTIONS),
    size: float = 0.003,
    seed: int = 0,
) -> bytes:
    """Random values of this `size` for the last `layers` (0: all) of a model's own matrices."""
    file = GgufFile(model)
    count = int(file.number(f"{file.architecture}.block_count"))
    first = max(0, count - layers) if layers else 0
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adapter.gguf"
        writer = gguf.GGUFWriter(path, file.architecture)
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", 2.0 * rank)
        for layer in range(first, count):
            for part in parts:
                name = f"blk.{layer}.{PROJECTIONS[part]}.weight"
                rows, width = file.tensors[name].shape
                for side, shape in (("a", (rank, width)), ("b", (rows, rank))):
                    values = size * random.standard_normal(shape)
                    writer.add_tensor(f"{name}.lora_{side}", values.astype(np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


if __name__ == "__main__":
    main()
