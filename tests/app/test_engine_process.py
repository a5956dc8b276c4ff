"""The engine's child: killed, hung, fed or writing garbage, and model files that cannot serve."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from app.engine_client import EngineClient
from app.engine_plan import check_memory, memory_needed, plan, read_header
from app.errors import EngineDiedError, ModelError, NightschoolError
from learner.engine import Turn
from tests.app.adapter_files import adapter
from tests.learner import tiny_models

HELLO = [Turn("user", "Hello.")]
posix = pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter is POSIX")


def say(engine: EngineClient, on_token: Callable[[str], None] | None = None) -> str:
    return engine.chat(
        HELLO, max_tokens=40, temperature=0.0, top_p=1.0, seed=0, on_token=on_token
    ).text


def explained(error: NightschoolError) -> bool:
    return bool(error.title and error.message.endswith(".") and error.next_step.endswith("."))


def test_a_killed_child_is_told_and_a_fresh_one_answers(own_engine: EngineClient) -> None:
    before = say(own_engine)
    killed = own_engine.pid
    with pytest.raises(EngineDiedError) as caught:
        say(own_engine, on_token=lambda _: os.kill(killed, signal.SIGKILL))
    assert explained(caught.value)
    assert "memory" in caught.value.message
    assert say(own_engine) == before
    assert own_engine.pid != killed


def test_what_was_staged_outlives_a_killed_child(own_engine: EngineClient) -> None:
    tokens = own_engine.text_tokens("The sea was calm.")
    with own_engine.stage(adapter(1)) as ref:
        before = own_engine.logits(tokens, adapter=ref)
        os.kill(own_engine.pid, signal.SIGKILL)
        pause = threading.Event()
        while own_engine.alive:
            pause.wait(0.01)
        assert own_engine.logits(tokens, adapter=ref) == before


def test_a_model_that_keeps_failing_is_not_started_for_ever(own_engine: EngineClient) -> None:
    def die(_: str) -> None:
        os.kill(own_engine.pid, signal.SIGKILL)

    for _ in range(3):
        with pytest.raises(EngineDiedError):
            say(own_engine, on_token=die)
    with pytest.raises(EngineDiedError) as caught:
        say(own_engine)
    assert "keeps failing" in caught.value.title


def test_a_closed_engine_leaves_no_child(starter_model: Path, tmp_path: Path) -> None:
    engine = EngineClient(starter_model, tmp_path)
    engine.start()
    child = psutil.Process(engine.pid)
    engine.close()
    assert not child.is_running()
    with pytest.raises(EngineDiedError):
        say(engine)


def test_garbage_on_the_wire_is_ignored_by_the_child(own_engine: EngineClient) -> None:
    own_engine.start()
    process = own_engine._keeper.process
    assert process is not None
    assert process._child is not None
    assert process._child.stdin is not None
    for line in (
        b"\n",
        b"not json\n",
        b'{"op":"fly","id":7}\n',
        b"\xff\xfe\0\n",
        b"[" * 5000 + b"\n",
    ):
        process._child.stdin.write(line)
    process._child.stdin.flush()
    pid = own_engine.pid
    assert say(own_engine)
    assert own_engine.pid == pid


@posix
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo rubbish; exec cat > /dev/null", "could not be understood"),
        ("exit 3", "exit code 3"),
        ("kill -SEGV $$", "SIGSEGV"),
        ("exec cat > /dev/null", "no sign of life"),
    ],
    ids=["garbage", "exits", "crashes", "hangs"],
)
def test_a_child_that_misbehaves_is_ended_and_explained(
    starter_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    engine = EngineClient(starter_model, tmp_path / "staging", hang_seconds=1.0)
    try:
        with pytest.raises(EngineDiedError) as caught:
            engine.start()
        assert explained(caught.value)
        assert said in caught.value.message
        assert not engine.alive
    finally:
        engine.close()


@posix
def test_a_child_that_cannot_be_started_is_explained(
    starter_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    engine = EngineClient(starter_model, tmp_path / "staging")
    with pytest.raises(EngineDiedError) as caught:
        engine.start()
    assert explained(caught.value)


# ------------------------------------------------------------------------------- model files


def cut(model: Path, target: Path) -> None:
    with model.open("rb") as source:
        target.write_bytes(source.read(5_000_000))


def no_template(_: Path, target: Path) -> None:
    tiny_models.write(target)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _, target: None, "not there"),
        (lambda _, target: target.mkdir(), "not a file"),
        (lambda _, target: target.write_bytes(b""), "damaged"),
        (lambda _, target: target.write_bytes(os.urandom(100_000)), "damaged"),
        (lambda _, target: target.write_bytes(b"GGUF\3\0\0\0" + b"\xff" * 1000), "damaged"),
        (cut, "damaged"),
        (no_template, "not a chat model"),
    ],
    ids=["missing", "folder", "empty", "random", "nonsense", "cut", "no chat template"],
)
def test_a_file_that_cannot_serve_is_refused(
    starter_model: Path, tmp_path: Path, make: Callable[[Path, Path], object], said: str
) -> None:
    path = tmp_path / "model.gguf"
    make(starter_model, path)
    engine = EngineClient(path, tmp_path / "staging")
    try:
        with pytest.raises(ModelError) as caught:
            engine.start()
        assert explained(caught.value)
        assert said in f"{caught.value.title} {caught.value.message}"
        with pytest.raises(ModelError):
            engine.chat_tokens(HELLO)
    finally:
        engine.close()


def test_a_header_that_llama_cpp_refuses_is_explained(starter_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    data = starter_model.read_bytes()
    assert data.count(b"blk.29.ffn_down.weight") == 1
    path.write_bytes(data.replace(b"blk.29.ffn_down.weight", b"blk.29.ffn_gone.weight"))
    engine = EngineClient(path, tmp_path / "staging")
    try:
        with pytest.raises(ModelError) as caught:
            engine.start()
        assert "refused" in caught.value.message
        assert "ffn_down" in caught.value.message
    finally:
        engine.close()


def test_a_model_without_a_chat_template_is_no_chat_model(tmp_path: Path) -> None:
    engine = EngineClient(tiny_models.write(tmp_path / "tiny.gguf"), tmp_path / "staging")
    with pytest.raises(ModelError, match="not a chat model"):
        engine.start()
    engine.close()


def test_a_model_larger_than_the_memory_is_refused_before_it_is_read(
    starter_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    shutil.copy(starter_model, path)
    os.truncate(path, 1 << 42)  # sparse: takes no room
    if path.stat().st_blocks * 512 > 1 << 30:
        pytest.skip("this file system has no sparse files")
    engine = EngineClient(path, tmp_path / "staging")
    try:
        with pytest.raises(ModelError) as caught:
            engine.start()
        assert "memory" in caught.value.title
        assert "4398" in caught.value.message
    finally:
        engine.close()


def test_memory_is_planned_from_the_header(starter_model: Path) -> None:
    header = read_header(starter_model)
    assert (header.architecture, header.kv_token_bytes) == ("llama", 30 * 2 * 3 * 64 * 2)
    wanted = plan(header, n_ctx=None, gpu=False, cores=2)
    assert (wanted.n_ctx, wanted.gpu_layers, wanted.threads) == (4096, 0, 2)
    assert plan(header, n_ctx=10**9, gpu=False, cores=None).n_ctx == header.n_ctx_train
    needed = memory_needed(header, wanted.n_ctx)
    check_memory(header, wanted.n_ctx, needed)
    with pytest.raises(ModelError) as caught:
        check_memory(header, wanted.n_ctx, needed - 1)
    assert explained(caught.value)


def test_what_is_served_is_known_by_its_hash(engine: EngineClient, starter_model: Path) -> None:
    base = engine.base_model()
    assert base.sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    assert (base.path, base.architecture, base.n_vocab) == (str(starter_model), "llama", 49152)
    assert not stat.S_IMODE(starter_model.stat().st_mode) & 0o002
