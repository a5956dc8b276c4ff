"""Probation: a version that fails to start twice is set aside, and a sound one never is."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.checkup import set_aside, version_findings
from app.errors import AdapterError, EngineDiedError
from app.ledger import Ledger
from app.ledger_versions import ANSWERED, NEW, NOT_STARTED, TRIED
from app.mind import Mind
from learner.engine import Turn
from tests.app.adapter_files import adapter
from tests.app.storage import lesson, made, manifest, opened

posix = pytest.mark.skipif(sys.platform == "win32", reason="a script as the interpreter is POSIX")
HELLO = [Turn("user", "Hello.")]


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


@pytest.fixture
def mind(home: Path, ledger: Ledger) -> Iterator[Mind]:
    made_mind = Mind(made(home), ledger, AdapterStore(made(home), ledger), lambda what: None)
    yield made_mind
    made_mind.close()


def add(home: Path, ledger: Ledger, mind: Mind, *ggufs: bytes) -> list[str]:
    """Versions of these adapters for the starter model, each active after the one before."""
    store = AdapterStore(made(home), ledger)
    base = mind.engine().base_model()
    ids = []
    for number, gguf in enumerate(ggufs, start=1):
        ids.append(lesson(ledger, f"Number {number}?").id)
        given = manifest(*ids, parent=number - 1)
        fields = {name: getattr(given, name) for name in given.__dataclass_fields__}
        fields |= {"base_name": base.name, "base_sha256": base.sha256}
        store.activate(store.add(gguf, type(given)(**fields)))
    return ids


def starts(ledger: Ledger, version: int) -> tuple[int, int]:
    details = ledger.adapter_details(version)
    return details.started, details.failed_starts


def answer(mind: Mind, kill: bool = False) -> str:
    """An answer as a conversation gets it; `kill` ends the engine after its first word."""
    learned, engine = mind.learned(), mind.engine()

    def on_token(_: str) -> None:
        if kill:
            os.kill(engine.pid, signal.SIGKILL)

    with mind.answering(learned):
        reply = engine.chat(
            HELLO,
            max_tokens=8,
            temperature=0.0,
            top_p=1.0,
            seed=0,
            adapter=learned.ref if learned else None,
            on_token=on_token,
        )
    if learned is not None:
        mind.answered(learned)
    return reply.text


def frail(folder: Path, monkeypatch: pytest.MonkeyPatch, *versions: int) -> None:
    """From now on engines crash while they load these versions."""
    script = folder / "python"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.app.frail_engine\n')
    script.chmod(0o755)
    monkeypatch.setenv("FRAIL", ",".join(f"v{version:04d}.adapter" for version in versions))
    monkeypatch.setattr(sys, "executable", str(script))


@posix
def test_a_version_that_crashes_the_engine_twice_gives_way_to_the_one_before(
    home: Path, ledger: Ledger, mind: Mind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = add(home, ledger, mind, adapter(1), adapter(2), adapter(3))
    told: list[tuple[str, ...]] = []
    mind.close()
    frail(tmp_path, monkeypatch, 2, 3)
    store = AdapterStore(made(home), ledger)
    mind = Mind(made(home), ledger, store, lambda what: told.append(tuple(what)))
    try:
        learned = mind.learned()
        assert learned is not None
        assert learned.version == 1  # the one before crashes as well
        assert starts(ledger, 1) == (TRIED, 0)
        assert answer(mind)
        assert starts(ledger, 1) == (ANSWERED, 0)
        assert [one.trouble for one in ledger.adapters()] == [NOT_STARTED, NOT_STARTED, ""]
        assert ("status", "adapters", "lessons") in told
        assert [ledger.lesson(id_).state for id_ in (first, second, third)] == [
            "learned", "new", "new"
        ]  # fmt: skip
        info = set_aside(ledger)
        assert info is not None
        assert (info.title, "Version 1 is in use instead." in info.message) == (
            "Version 2 did not start", True
        )  # fmt: skip
        assert [one.title for one in version_findings(ledger)] == ["Version 3", "Version 2"]
        # Neither is gone back to by itself, but a person may want to try one again.
        assert store.rollback() == 0
        assert set_aside(ledger) is None
        store.rollback(3)
        assert starts(ledger, 3) == (NEW, 0)
        assert ledger.adapters()[0].trouble == ""
    finally:
        mind.close()


def test_a_version_the_model_refuses_gives_way_without_an_end_of_the_engine(
    home: Path, ledger: Ledger, mind: Mind
) -> None:
    add(home, ledger, mind, adapter(1, wider=8))
    pid = mind.engine().pid
    assert mind.learned() is None
    assert mind.engine().pid == pid
    assert ledger.active_adapter() == 0
    info = set_aside(ledger)
    assert info is not None
    assert "No version is in use instead." in info.message


def test_failures_of_the_first_answer_count_across_restarts(home: Path) -> None:
    for number in (1, 2):
        with opened(home) as ledger:
            store = AdapterStore(made(home), ledger)
            mind = Mind(made(home), ledger, store, lambda what: None)
            try:
                if number == 1:
                    add(home, ledger, mind, adapter(1), adapter(2))
                with pytest.raises(EngineDiedError):
                    answer(mind, kill=True)
                active, failed = (2, 1) if number == 1 else (1, 2)
                assert ledger.active_adapter() == active
                assert starts(ledger, 2) == (TRIED, failed)
            finally:
                mind.close()


def test_one_end_of_the_engine_is_one_failure_for_all_who_waited(
    home: Path, ledger: Ledger, mind: Mind
) -> None:
    add(home, ledger, mind, adapter(1))
    learned, engine = mind.learned(), mind.engine()
    with pytest.raises(EngineDiedError), mind.answering(learned), mind.answering(learned):
        os.kill(engine.pid, signal.SIGKILL)
        engine.complete([[1]] * 4, max_tokens=50)
    assert starts(ledger, 1) == (TRIED, 1)
    assert answer(mind)
    assert starts(ledger, 1) == (ANSWERED, 0)


def test_a_version_that_has_answered_is_never_set_aside_by_itself(
    home: Path, ledger: Ledger, mind: Mind
) -> None:
    add(home, ledger, mind, adapter(1))
    assert answer(mind)
    for _ in range(2):
        with pytest.raises(EngineDiedError):
            answer(mind, kill=True)
    learned = mind.learned()
    with pytest.raises(AdapterError), mind.answering(learned):
        raise AdapterError("Damaged", "It is.", "Go back.")
    assert starts(ledger, 1) == (ANSWERED, 0)
    assert ledger.active_adapter() == 1
    assert set_aside(ledger) is None


def test_closing_in_the_middle_is_no_failure(home: Path, ledger: Ledger, mind: Mind) -> None:
    add(home, ledger, mind, adapter(1))
    learned, engine = mind.learned(), mind.engine()

    def close(_: str) -> None:
        mind.close()

    with pytest.raises(EngineDiedError), mind.answering(learned):
        engine.chat(HELLO, max_tokens=60, temperature=0.0, top_p=1.0, seed=0, on_token=close)
        engine.complete([[1]], max_tokens=4)
    assert starts(ledger, 1) == (TRIED, 0)
