"""Measure the engine beside llama_cpp.Llama called directly: same model, prompts and run.

    python tests/bench/engine_bench.py --model MODEL.gguf [--rounds 5]

Ours and direct take turns and medians are compared, because other work on the machine shows in
both. Adapter rows are for the starter model alone: the random adapters have its shape.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import llama_cpp
import psutil

from app.engine_client import EngineClient, Reply
from app.engine_process import engine_environment
from app.models import is_starter
from learner.engine import AdapterRef, Turn
from tests.app.adapter_files import SHAPES, adapter

SYSTEM = Turn("system", "You are a helpful assistant.")
STORY = "Tell me a long story about a lighthouse keeper and the sea, with many details."
SENTENCE = "The keeper climbed the stairs, lit the lamp and wrote the weather into his book. "
DECODED = 96
SAMPLING = {"temperature": 0.3, "top_p": 0.9, "seed": 7}


def main() -> None:
    """Run everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    _sleep_as_our_child_does()
    print("| measured | ours | direct | ratio | bar |")
    print("|---|---|---|---|---|")
    _speeds(asked.model, asked.rounds)
    with _running(asked.model) as engine:
        _conversation(engine)
        _in_company(engine)
        _stops(engine, asked.rounds)
        _study(engine)
        if is_starter(asked.model):
            _swaps(engine, asked.rounds)
            _exactness(engine)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"\nLoad average at the end: {load:.1f} on {psutil.cpu_count()} cores.")


@contextmanager
def _running(model: Path) -> Iterator[EngineClient]:
    """A fresh engine with nothing cached."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(model, Path(folder) / "staging")
        engine.start()
        try:
            yield engine
        finally:
            engine.close()


def _sleep_as_our_child_does() -> None:
    """Begin anew with the engine child's OpenMP setting, which libgomp reads when it is loaded.

    Without it, llama.cpp called directly is several times slower in company than alone, and the
    comparison would be about that.
    """
    name = "GOMP_SPINCOUNT"
    if name not in os.environ:
        os.environ[name] = engine_environment()[name]
        os.execv(sys.executable, [sys.executable, *sys.argv])


def _row(name: str, ours: str, direct: str = "", ratio: str = "", bar: str = "") -> None:
    print(f"| {name} | {ours} | {direct} | {ratio} | {bar} |", flush=True)


def _chat(engine: EngineClient, turns: Sequence[Turn], tokens: int, **more: Any) -> Reply:
    return engine.chat(turns, max_tokens=tokens, **{**SAMPLING, **more})


# --------------------------------------------------------------------------- beside llama_cpp


def _speeds(model: Path, rounds: int) -> None:
    """Tokens a second: writing after a short and a long prompt, and reading the long one.

    Ours is fresh for every prompt, as `direct` is reset: it would keep the others cached.
    """
    direct = llama_cpp.Llama(
        str(model),
        n_ctx=4096,
        n_threads=psutil.cpu_count(logical=False),
        n_threads_batch=psutil.cpu_count(logical=False),
        verbose=False,
    )
    long = SENTENCE * 88
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(rounds):
        for name, text in (("short", STORY), ("long", long)):
            turns = [SYSTEM, Turn("user", f"{number}{name}: {text} {STORY}")]
            with _running(model) as engine:
                ours = _timed_ours(engine, turns)
                tokens = engine.chat_tokens(turns)
            theirs = _timed_direct(direct, tokens)
            for what, mine, its in zip(("read", "write"), ours, theirs, strict=True):
                found.setdefault(f"{what} {name}", []).append((mine, its))
    direct.close()
    for name, what, bar in (
        ("write short", "writing, short prompt, tokens/s", "≥ 0.95"),
        ("write long", "writing after 1,500 tokens, tokens/s", "≥ 0.95"),
        ("read long", "reading 1,500 tokens, tokens/s", ""),
    ):
        ours, theirs = (median(each) for each in zip(*found[name], strict=True))
        ratios = [mine / its for mine, its in found[name]]
        _row(what, f"{ours:.1f}", f"{theirs:.1f}", f"{median(ratios):.3f}", bar)


def _timed_ours(engine: EngineClient, turns: Sequence[Turn]) -> tuple[float, float]:
    """Tokens a second of reading and of writing, as the caller of the client sees them."""
    moments: list[float] = []
    began = time.perf_counter()
    reply = _chat(engine, turns, DECODED, on_token=lambda _: moments.append(time.perf_counter()))
    new = reply.timings.prompt_tokens - reply.timings.cached_tokens
    written = reply.timings.reply_tokens - 1
    return new / (moments[0] - began), written / (moments[-1] - moments[0])


def _timed_direct(direct: llama_cpp.Llama, prompt: list[int]) -> tuple[float, float]:
    moments: list[float] = []
    direct.reset()
    began = time.perf_counter()
    direct.set_seed(SAMPLING["seed"])
    for token in direct.generate(
        prompt, top_k=40, top_p=0.9, min_p=0.05, temp=0.3, repeat_penalty=1.05
    ):
        direct.detokenize([token])
        moments.append(time.perf_counter())
        if len(moments) == DECODED or token == direct.token_eos():
            break
    return len(prompt) / (moments[0] - began), (len(moments) - 1) / (moments[-1] - moments[0])


# -------------------------------------------------------------------------------- ours alone


def _conversation(engine: EngineClient) -> None:
    """What a follow-up in a conversation of 1,500 tokens reads again."""
    turns = [SYSTEM, Turn("user", "Remember this. " + SENTENCE * 88 + "What did he light?")]
    first = _chat(engine, turns, 32)
    turns += [Turn("assistant", first.text), Turn("user", "And what did he write down?")]
    timings = _chat(engine, turns, 8).timings
    new = timings.prompt_tokens - timings.cached_tokens
    _row(
        "follow-up in a long conversation",
        f"{timings.cached_tokens} cached, {new} read, first token {timings.first_token_s:.2f} s",
    )


def _in_company(engine: EngineClient) -> None:
    """What it costs a long conversation that others are cached beside it."""
    for number in range(2):
        _chat(engine, [SYSTEM, Turn("user", f"{number} {SENTENCE * 60}")], 2)
    _, writing = _timed_ours(engine, [SYSTEM, Turn("user", f"Here. {SENTENCE * 88} {STORY}")])
    _row("writing after 1,500 tokens with others cached, tokens/s", f"{writing:.1f}")


def _stops(engine: EngineClient, rounds: int) -> None:
    long = [SYSTEM, Turn("user", SENTENCE * 180)]
    chosen = random.Random(3)
    for name, turns, least in (
        ("stop while reading a long prompt", long, 0.2),
        ("stop while writing", [SYSTEM, Turn("user", STORY)], 0.6),
    ):
        waits = [
            _stopped(engine, [*turns[:1], Turn("user", f"{n} {turns[1].content}")], least, chosen)
            for n in range(2 * rounds)
        ]
        figures = f"median {1000 * median(waits):.0f} ms, longest {1000 * max(waits):.0f} ms"
        _row(name, figures, bar="≤ 200 ms")


def _stopped(
    engine: EngineClient, turns: Sequence[Turn], least: float, chosen: random.Random
) -> float:
    """Seconds from the wish to stop to the reply's end."""
    stop = threading.Event()
    wished: list[float] = []

    def wish() -> None:
        wished.append(time.perf_counter())
        stop.set()

    timer = threading.Timer(least + chosen.random(), wish)
    timer.start()
    reply = _chat(engine, turns, 2000, stop=stop)
    ended = time.perf_counter()
    timer.join()
    assert reply.stopped
    return ended - wished[0]


def _study(engine: EngineClient) -> None:
    card = f"{SYSTEM.content} What you learned from this person: {SENTENCE * 3}"
    prompts = [
        engine.chat_tokens([Turn("system", card), Turn("user", f"Tell me about number {n}.")])
        for n in range(24)
    ]
    began = time.perf_counter()
    replies = engine.complete(prompts, max_tokens=48)
    took = time.perf_counter() - began
    written = sum(len(reply.tokens) for reply in replies)
    alone = [engine.complete([prompt], max_tokens=48)[0] for prompt in prompts[:6]]
    same = sum(one == other for one, other in zip(alone, replies, strict=False))
    _row("24 replies together, tokens/s", f"{written / took:.0f}")
    _row("of them equal to the reply alone", f"{same} of {len(alone)}", bar="all")
    pairs = [(prompt, reply.tokens) for prompt, reply in zip(prompts, replies, strict=True)]
    began = time.perf_counter()
    engine.score(pairs, top=20)
    _row("24 targets scored, tokens/s", f"{written / (time.perf_counter() - began):.0f}")


def _swaps(engine: EngineClient, rounds: int) -> None:
    """The extra time of one token when the adapter is another one than before."""
    first, second = (adapter(seed, rank=16, parts=tuple(SHAPES)) for seed in (1, 2))
    with engine.stage(first) as one, engine.stage(second) as two:

        def took(ref: AdapterRef | None) -> float:
            began = time.perf_counter()
            engine.logits([1], adapter=ref)
            return time.perf_counter() - began

        took(None)
        loading = max(took(one), took(two))
        same, swapped = [], []
        for _ in range(4 * rounds):
            swapped += [took(one), took(None), took(two)]
            same += [took(two)]
    extra = 1000 * (median(swapped) - median(same))
    megabytes = len(first) / 1e6
    _row(f"swap of a loaded adapter ({megabytes:.0f} MB)", f"{extra:.1f} ms", bar="< 100 ms")
    _row("first use: unseal, load, swap, one token", f"{1000 * loading:.0f} ms", bar="< 100 ms")


def _exactness(engine: EngineClient) -> None:
    """Logits of 20 prompts after rolling back and after a reset, compared bit for bit."""
    texts = [engine.text_tokens(f"Question {n}: what comes after") for n in range(20)]

    def view(ref: AdapterRef | None) -> list[list[float]]:
        return [engine.logits(text, adapter=ref) for text in texts]

    base = view(None)
    with engine.stage(adapter(1)) as one, engine.stage(adapter(2)) as two:
        former, _ = view(one), view(two)
        rolled_back = _same(view(one), former)
    assert base != former
    _row("logits equal after rolling back", f"{rolled_back} of 20", bar="20")
    _row("logits equal after a reset", f"{_same(view(None), base)} of 20", bar="20")


def _same(left: Sequence[object], right: Sequence[object]) -> int:
    return sum(a == b for a, b in zip(left, right, strict=True))


if __name__ == "__main__":
    main()
