"""The memory's bench: our embedder beside Chroma's default one, and the index beside exact search.

    python -m tests.bench.memory_bench [embed] [index]      (none named: both)

Texts: SQuAD's passages (--texts). Routes take turns in one run, so the ratios hold on a busy
machine, too; times of the clock do not. Processor time of the default route has in it what its
threads spend on waiting for each other in loops, which is how ONNX Runtime waits.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from app.memory.embedder import Embedder
from app.memory.exact import ExactIndex
from app.memory.memory_client import MemoryClient
from app.memory.vector_index import VectorIndex
from app.paths import starter_models

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "bench" / "squad_val.json"
A_TURN = 32
"""Texts that a route embeds before it is the next one's turn; Chroma's own batch."""

Row = dict[str, Any]
"""A passage of the set: `context`, and `questions` with their `question`."""

Route = Callable[[Sequence[str]], NDArray[np.float32]]


def main() -> None:
    """Measure what is named and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="embed, index")
    parser.add_argument("--texts", type=Path, default=TEXTS)
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--count", type=int, default=100_000, help="vectors in the index")
    asked = parser.parse_args()
    rows = json.loads(asked.texts.read_text(encoding="utf-8"))
    names = asked.names or ["embed", "index"]
    client = MemoryClient()
    embedder = Embedder(client, starter_models())
    with tempfile.TemporaryDirectory(prefix="nightschool-bench-") as work:
        print(f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}")
        if "embed" in names:
            embed(rows, embedder, client, Path(work), asked.turns)
        if "index" in names:
            index(rows, embedder, client, Path(work), asked.count)
    client.close()


# ------------------------------------------------------------------ embedding


def embed(
    rows: Sequence[Row], embedder: Embedder, client: MemoryClient, work: Path, turns: int
) -> None:
    """Texts a second of each route, and as ratios to Chroma's default."""
    from tests.bench.chroma_default import chroma_default

    random = np.random.default_rng(0)
    texts = [rows[n]["context"] for n in random.permutation(len(rows))[: A_TURN * turns]]
    tokens = [embedder.count(text) + 2 for text in texts]
    default = chroma_default(starter_models(), work / "chroma")
    routes: dict[str, Route] = {
        "Chroma's default": lambda part: np.array(default(list(part))),
        "ours": embedder.embed,
    }
    for route in routes.values():
        route(texts[:2])
    spent = {name: np.zeros(turns) for name in routes}
    worked = {name: np.zeros(turns) for name in routes}
    pids = {"Chroma's default": os.getpid(), "ours": client.pid}
    first: dict[str, NDArray[np.float32]] = {}
    for turn in range(turns):
        part = texts[turn * A_TURN : (turn + 1) * A_TURN]
        order = list(routes)
        for name in order if turn % 2 == 0 else reversed(order):
            before, start = processor(pids[name]), time.perf_counter()
            found = routes[name](part)
            spent[name][turn] = time.perf_counter() - start
            worked[name][turn] = processor(pids[name]) - before
            if turn == 0:
                first[name] = found
    print(
        f"\n{len(texts)} passages of SQuAD, {np.mean(tokens):.0f} tokens on average, "
        f"{sum(n > 256 for n in tokens)} longer than 256; load {os.getloadavg()[0]:.1f}\n"
    )
    print("| route | texts/s | as fast, by the clock | median turn | by processor time | cosine |")
    print("|---|---|---|---|---|---|")
    base = "Chroma's default"
    for name in routes:
        cosine = (first[name] * first[base]).sum(1).min()
        print(
            f"| {name} | {len(texts) / spent[name].sum():.1f} "
            f"| {spent[base].sum() / spent[name].sum():.2f} "
            f"| {np.median(spent[base] / spent[name]):.2f} "
            f"| {worked[base].sum() / worked[name].sum():.2f} | ≥ {cosine:.4f} |"
        )
    times = timed(embedder.query, [row["context"][:60] for row in rows[:100]])
    print(f"\nA question's vector: {percentiles(times)}")


def processor(pid: int) -> float:
    """Seconds of processor time a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


# ------------------------------------------------------------------ the index


def index(
    rows: Sequence[Row], embedder: Embedder, client: MemoryClient, work: Path, count: int
) -> None:
    """Recall@10 against exact search, times and memory at `count` vectors."""
    crowd = population(rows, embedder, count)
    vectors, queries = crowd.vectors, crowd.queries
    ids = np.arange(1, count + 1)
    exact = ExactIndex()
    start = time.perf_counter()
    exact.add(ids, vectors)
    print(f"\n{count} vectors, {len(queries)} questions; load {os.getloadavg()[0]:.1f}\n")
    print("| measured | figure |\n|---|---|")
    say("exact: filled in", f"{time.perf_counter() - start:.2f} s")
    say("exact: memory", f"{count * vectors.shape[1] * 4 / 1e6:.0f} MB")
    right = [exact.search(query, 10) for query in queries]
    say("exact: search", percentiles(timed(lambda q: exact.search(q, 10), queries[:200])))
    say("the same in float16", percentiles(timed(lambda q: half(vectors, q), queries[:20])))
    tenth = ids[random_places(count, count // 10)]
    say(
        "exact within a tenth",
        percentiles(timed(lambda q: exact.search(q, 10, tenth), queries[:50])),
    )
    at_rest = resident(client)
    found = VectorIndex(work / "index", client)
    start = time.perf_counter()
    before = processor(client.pid)
    found.build(
        "bench", ((ids[n : n + 1000], vectors[n : n + 1000]) for n in range(0, count, 1000))
    )
    taken, worked = time.perf_counter() - start, processor(client.pid) - before
    say("index: built in", f"{taken:.0f} s ({worked:.0f} s of processor time)")
    say("index: files", f"{sum(p.stat().st_size for p in files(work / 'index')) / 1e6:.0f} MB")
    say("index: memory of the process", f"{resident(client) - at_rest:.0f} MB more")
    report(found, queries, right, "index")
    start = time.perf_counter()
    found.close()
    say("index: closed and marked in", f"{time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    opened = found.open("bench", count)
    found.search(queries[0], 10)
    say(
        "index: opened, verified and searched in", f"{time.perf_counter() - start:.2f} s ({opened})"
    )
    beside_adding(found, queries, vectors, count)
    found.erase()


def report(
    found: VectorIndex,
    queries: NDArray[np.float32],
    right: Sequence[Sequence[tuple[int, float]]],
    name: str,
) -> None:
    """Recall@10 and times of searches."""
    times, hits = [], 0
    for query, best in zip(queries, right, strict=True):
        start = time.perf_counter()
        answer = found.search(query, 10)
        times.append(time.perf_counter() - start)
        hits += len({id_ for id_, _ in answer} & {id_ for id_, _ in best})
    say(f"{name}: recall@10 against exact", f"{hits / (10 * len(queries)):.4f}")
    say(f"{name}: search", percentiles(times))


def beside_adding(
    found: VectorIndex, queries: NDArray[np.float32], vectors: NDArray[np.float16], count: int
) -> None:
    """Searches while another thread adds passages."""
    done = threading.Event()

    def add() -> None:
        for start in range(0, 2000, 100):
            found.add(np.arange(start, start + 100) + count + 1, vectors[start : start + 100])
        done.set()

    thread = threading.Thread(target=add)
    thread.start()
    times: list[float] = []
    while not done.is_set():
        times += timed(lambda q: found.search(q, 10), queries[len(times) % 500 :][:1])
    thread.join()
    say(f"index: {len(times)} searches beside adding 2,000 passages", percentiles(times))


@dataclass(frozen=True)
class Crowd:
    """Texts with their vectors, in one order; questions with theirs."""

    texts: list[str]
    vectors: NDArray[np.float16]
    questions: list[str]
    queries: NDArray[np.float32]


def population(rows: Sequence[Row], embedder: Embedder, count: int) -> Crowd:
    """`count` vectors like those of a person's passages, and a thousand questions.

    First those of real passages and of their sentences; then mixtures of two that stand beside
    each other, with noise a third as long, so that the space is as crowded as with real texts.
    """
    passages = [row["context"] for row in rows]
    sentences = [s for p in passages for s in re.split(r"(?<=[.!?])\s+", p) if len(s) > 40]
    texts = (passages + sentences)[:count]
    real = embedder.embed(texts)
    random = np.random.default_rng(0)
    fill = count - len(real)
    places = random.integers(0, len(real) - 1, fill)
    share = random.uniform(0.2, 0.8, (fill, 1)).astype(np.float32)
    mixed = share * real[places] + (1 - share) * real[places + 1]
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    mixed += random.standard_normal(mixed.shape, np.float32) / np.sqrt(mixed.shape[1]) / 3
    vectors = np.concatenate([real, mixed / np.linalg.norm(mixed, axis=1, keepdims=True)])
    texts += [f"{texts[n]} {texts[n + 1]}" for n in places]
    asked = [question["question"] for row in rows for question in row["questions"]]
    questions = [asked[n] for n in random.permutation(len(asked))[:1000]]
    print(f"{len(real)} real vectors ({len(passages)} passages, the rest their sentences)")
    order = random.permutation(count)
    return Crowd(
        texts=[texts[n] for n in order],
        vectors=vectors[order].astype(np.float16),
        questions=questions,
        queries=embedder.embed(questions),
    )


def half(vectors: NDArray[np.float16], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines from float16, widened a piece at a time: the other way to keep exact vectors."""
    parts = (vectors[n : n + 8192].astype(np.float32) @ query for n in range(0, len(vectors), 8192))
    return np.concatenate(list(parts))


def random_places(count: int, some: int) -> NDArray[np.int64]:
    return np.random.default_rng(2).permutation(count)[:some]


def timed(
    call: Callable[..., object], inputs: Sequence[object] | NDArray[np.float32]
) -> list[float]:
    """Seconds of each call."""
    times = []
    for one in inputs:
        start = time.perf_counter()
        call(one)
        times.append(time.perf_counter() - start)
    return times


def percentiles(seconds: Sequence[float]) -> str:
    low, high = np.percentile(np.array(seconds) * 1000, [50, 95])
    return f"p50 {low:.1f} ms, p95 {high:.1f} ms"


def resident(client: MemoryClient) -> float:
    """The child's memory in MB."""
    return float(psutil.Process(client.pid).memory_info().rss / 1e6)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def say(what: str, figure: str) -> None:
    print(f"| {what} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
