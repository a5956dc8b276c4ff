"""Study work on the real model: each text is treated as if it were alone; adapters come and go."""

from __future__ import annotations

import stat
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.engine_client import EngineClient
from app.errors import AdapterError, BadRequestError, StoppedError
from app.sealed import seal
from learner.engine import AdapterRef, Turn
from tests.app.adapter_files import adapter

QUESTIONS = (
    "What is the capital of France?",
    "Write a short email to my boss, asking for a day off next week.",
    "How do I cook rice?",
    "Tell me a joke about cats and dogs.",
    "Explain gravity to a child in simple words.",
    "List three fruits.",
    "Name a river.",
)
CARD = "Use these notes where they help: the team's name is Kestrel, and it meets on Tuesdays. " * 2


@pytest.fixture(scope="module")
def prompts(engine: EngineClient) -> list[list[int]]:
    """Prompts of different lengths; every third one has a long beginning in common."""
    plain = "You are a helpful assistant."
    return [
        engine.chat_tokens(
            [Turn("system", f"{plain} {CARD}" if n % 3 else plain), Turn("user", question)]
        )
        for n, question in enumerate(QUESTIONS)
    ]


def test_every_reply_is_what_it_is_alone(engine: EngineClient, prompts: list[list[int]]) -> None:
    together = engine.complete([*prompts, prompts[1], prompts[0]], max_tokens=20)
    alone = [engine.complete([prompt], max_tokens=20)[0] for prompt in prompts]
    assert together == [*alone, alone[1], alone[0]]
    assert any(reply.ended for reply in alone)
    assert "Paris" in alone[0].text


def test_a_cache_that_runs_full_changes_no_reply(
    starter_model: Path, tmp_path: Path, prompts: list[list[int]], engine: EngineClient
) -> None:
    small = EngineClient(starter_model, tmp_path, n_ctx=256)
    try:
        assert small.complete(prompts[:4], max_tokens=20) == engine.complete(
            prompts[:4], max_tokens=20
        )
    finally:
        small.close()


def test_every_score_is_what_it_is_alone(engine: EngineClient, prompts: list[list[int]]) -> None:
    targets = [engine.text_tokens(text) for text in ("Yes.", "No, not at all.", "A river. " * 25)]
    pairs = [(prompt, targets[n % 3]) for n, prompt in enumerate(prompts)]
    pairs += [(prompts[1], targets[0]), (prompts[1], targets[1]), (prompts[0], [])]
    together = engine.score(pairs, top=5)
    assert together == [engine.score([pair], top=5)[0] for pair in pairs]
    assert [len(each.logprobs) for each in together] == [len(target) for _, target in pairs]
    for scored in together[:3]:
        assert all(value <= 0 for value in scored.logprobs)
        assert all(list(row) == sorted(row, reverse=True) for row in scored.top_logprobs)


def test_scores_agree_with_logits(engine: EngineClient, prompts: list[list[int]]) -> None:
    logits = np.array(engine.logits(prompts[0]))
    token = int(logits.argmax())
    expected = -float(np.log(np.exp(logits - logits.max()).sum()))
    (scored,) = engine.score([(prompts[0], [token])], top=1)
    assert scored.logprobs[0] == pytest.approx(expected, abs=1e-5)
    assert scored.top_ids == ((token,),)
    (reply,) = engine.complete([prompts[0]], max_tokens=1)
    assert reply.tokens == (token,)


def test_sampled_replies_follow_their_seed(engine: EngineClient, prompts: list[list[int]]) -> None:
    def sampled(seed: int) -> list[tuple[int, ...]]:
        replies = engine.complete([prompts[6]] * 3, max_tokens=12, temperature=1.2, seed=seed)
        return [reply.tokens for reply in replies]

    assert sampled(3) == sampled(3)
    assert len(set(sampled(3)) | set(sampled(4))) > 2


@pytest.mark.parametrize(
    "tokens", [[], [-1], [10**6], [1] * 5000], ids=["none", "negative", "unknown", "too long"]
)
def test_impossible_texts_are_refused(engine: EngineClient, tokens: list[int]) -> None:
    for call in (
        lambda: engine.complete([tokens], max_tokens=4),
        lambda: engine.logits(tokens),
        lambda: engine.score([(tokens, [1])]),
    ):
        with pytest.raises(BadRequestError):
            call()
    assert engine.complete([], max_tokens=4) == []
    assert engine.score([]) == []


def test_study_work_stops_when_told_to(engine: EngineClient, prompts: list[list[int]]) -> None:
    stop = threading.Event()
    stop.set()
    for call in (
        lambda: engine.complete(prompts, max_tokens=2000, stop=stop),
        lambda: engine.score([(prompt, prompts[0] * 20) for prompt in prompts], stop=stop),
        lambda: engine.logits(prompts[0] * 80, stop=stop),
    ):
        with pytest.raises(StoppedError):
            call()
    assert engine.complete(prompts[:1], max_tokens=2)


def test_what_was_stopped_in_the_middle_of_a_batch_leaves_nothing_behind(
    engine: EngineClient, prompts: list[list[int]]
) -> None:
    expected = engine.complete(prompts[:2], max_tokens=6)
    for number in range(12):
        stop = threading.Event()
        timer = threading.Timer(0.03 * (number + 1), stop.set)
        timer.start()
        with pytest.raises(StoppedError):
            engine.score([(prompt, prompts[1] * 15) for prompt in prompts], stop=stop)
        timer.join()
        assert engine.complete(prompts[:2], max_tokens=6) == expected


def test_stopping_everything_stops_what_waits_too(
    engine: EngineClient, prompts: list[list[int]]
) -> None:
    outcomes: list[str] = []

    def work() -> None:
        try:
            engine.complete(prompts[:1], max_tokens=2000)
        except StoppedError as error:
            outcomes.append(error.code)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        engine.stop_all()
        workers[0].join(0.05)
    assert outcomes == ["stopped"] * 3


# ----------------------------------------------------------------------------------- adapters


def test_base_and_former_versions_come_back_exactly(engine: EngineClient) -> None:
    texts = [engine.text_tokens(f"Item {n} of the list is") for n in range(20)]

    def view(ref: AdapterRef | None) -> list[list[float]]:
        return [engine.logits(text, adapter=ref) for text in texts]

    base = view(None)
    with engine.stage(adapter(1)) as first, engine.stage(adapter(2)) as second:
        former = view(first)
        assert engine.logits(texts[0], adapter=second) not in (former[0], base[0])
        assert view(first) == former != base
    assert view(None) == base


def test_a_scale_is_part_of_the_adapter(engine: EngineClient) -> None:
    tokens = engine.text_tokens("The sea was calm.")
    base = engine.logits(tokens)
    with engine.stage(adapter(3)) as ref:
        views = [
            engine.logits(tokens, adapter=AdapterRef(path=ref.path, key=ref.key, scale=scale))
            for scale in (1.0, 0.5, 0.25, 0.0, 1.0)
        ]
    assert views[0] == views[4]
    assert views[3] == base
    assert len(set(map(tuple, views))) == 4


def test_more_adapters_than_are_kept_loaded(engine: EngineClient) -> None:
    tokens = engine.text_tokens("The sea was calm.")
    made = [adapter(seed) for seed in range(5)]
    with (
        engine.stage(made[0]) as a,
        engine.stage(made[1]) as b,
        engine.stage(made[2]) as c,
        engine.stage(made[3]) as d,
        engine.stage(made[4]) as e,
    ):
        first = [engine.logits(tokens, adapter=ref) for ref in (a, b, c, d, e)]
        again = [engine.logits(tokens, adapter=ref) for ref in (e, a, d, b, c)]
    assert [first[n] for n in (4, 0, 3, 1, 2)] == again


@pytest.mark.parametrize(
    "bytes_",
    [
        adapter(1)[:-1000],
        adapter(1)[:200],
        adapter(1, wider=64),
        adapter(1, architecture="qwen2"),
        b"",
        b"GGUF" + bytes(range(256)),
        bytes(range(256)) * 10,
    ],
    ids=["cut", "cut short", "foreign size", "foreign kind", "empty", "no header", "random"],
)
def test_a_damaged_or_foreign_adapter_is_refused(engine: EngineClient, bytes_: bytes) -> None:
    tokens = engine.text_tokens("The sea was calm.")
    base = engine.logits(tokens)
    with engine.stage(bytes_) as ref:
        with pytest.raises(AdapterError) as caught:
            engine.logits(tokens, adapter=ref)
        assert caught.value.next_step
        with pytest.raises(AdapterError):
            engine.chat(
                [Turn("user", "Hi")], max_tokens=2, temperature=0, top_p=1, seed=0, adapter=ref
            )
    assert engine.logits(tokens) == base


def test_a_sealed_file_that_was_changed_is_refused(engine: EngineClient, tmp_path: Path) -> None:
    tokens = engine.text_tokens("The sea was calm.")
    path = tmp_path / "one.adapter"
    seal(path, adapter(1), b"k" * 32)
    changed = bytearray(path.read_bytes())
    changed[5000] ^= 1
    (tmp_path / "two.adapter").write_bytes(changed)
    for ref in (
        AdapterRef(path=str(path), key=b"x" * 32),
        AdapterRef(path=str(tmp_path / "two.adapter"), key=b"k" * 32),
        AdapterRef(path=str(tmp_path / "none.adapter"), key=b"k" * 32),
        AdapterRef(path=str(tmp_path), key=b"k" * 32),
        AdapterRef(path=str(path), key=b"short"),
    ):
        with pytest.raises(AdapterError):
            engine.logits(tokens, adapter=ref)


def test_a_staged_adapter_is_sealed_private_and_gone_afterwards(engine: EngineClient) -> None:
    tokens = engine.text_tokens("The sea was calm.")
    plain = adapter(6)
    with engine.stage(plain) as ref:
        path = Path(ref.path)
        data = path.read_bytes()
        assert b"GGUF" not in data
        assert plain[1000:1032] not in data
        if sys.platform != "win32":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        engine.logits(tokens, adapter=ref)
        assert _memory_files(engine.pid) == []
    assert not path.exists()
    assert list(path.parent.iterdir()) == []
    with pytest.raises(AdapterError):
        engine.logits(tokens, adapter=ref)


def test_a_study_that_fails_leaves_no_candidate(engine: EngineClient) -> None:
    with pytest.raises(RuntimeError, match="the exam failed"), engine.stage(adapter(6)) as ref:
        raise RuntimeError("the exam failed")
    assert not Path(ref.path).exists()


def _memory_files(pid: int) -> list[str]:
    """Open files of a process that hold an adapter in the clear."""
    folder = Path(f"/proc/{pid}/fd")
    links = [str(each.readlink()) for each in folder.iterdir()] if folder.is_dir() else []
    return [link for link in links if "memfd:adapter" in link]


def test_memory_to_study_on_is_given_back_and_taken_again(
    own_engine: EngineClient, prompts: list[list[int]]
) -> None:
    replies = own_engine.complete(prompts, max_tokens=4)
    process = psutil.Process(own_engine.pid)
    peak = process.memory_full_info().uss
    deadline = time.monotonic() + 60
    while process.memory_full_info().uss > peak - 30_000_000:
        assert time.monotonic() < deadline, "it is not given back"
        time.sleep(0.1)
    assert own_engine.complete(prompts, max_tokens=4) == replies
