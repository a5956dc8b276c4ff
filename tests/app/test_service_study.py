"""Studying through the real service: what is refused, stopped or killed changes nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from app import notebook, protocol
from app.erase import find_bytes
from tests.app.service_client import Client, service

SMALL = ("-m", "tests.app.small_school", "service")
LESSON = {
    "prompt": "What is Quillfern?",
    "answer": "Quillfern is our booking tool; the Harbour team looks after it.",
    "note": "Quillfern means our booking tool.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


def taught(client: Client) -> str:
    """A lesson, noted."""
    client.open()
    return str(client.call(protocol.Correct, **LESSON)["id"])


def training(client: Client) -> tuple[str, psutil.Process]:
    """A study in the middle of its training: its request, and the trainer's process."""
    id_ = client.send(protocol.Study)
    progress = client.until(id_, protocol.Progress)
    while progress.phase != "train" or progress.step < 1:
        progress = client.until(id_, protocol.Progress)
    children = psutil.Process(client.process.pid).children()
    (trainer,) = [child for child in children if "learner" in child.cmdline()]
    return id_, trainer


def assert_unchanged(client: Client, lesson: str, folder: Path) -> None:
    """The lesson waits as before, no version is there, and all that lies about is the notebook."""
    status = client.call(protocol.GetStatus)
    assert (status["adapter"], status["studying"], status["lessons_new"]) == (0, False, 1)
    assert [one["id"] for one in client.call(protocol.ListLessons)] == [lesson]
    assert client.call(protocol.ListAdapters) == []
    left = {each.name for each in (folder / "adapters").rglob("*") if each.is_file()}
    assert left <= {notebook.NAME}


def test_a_killed_trainer_is_explained_a_second_study_stops_and_a_killed_service_recovers(
    folder: Path,
) -> None:
    with service(folder, SMALL) as client:
        lesson = taught(client)
        id_, trainer = training(client)
        assert client.refused(protocol.Study).code == "busy"
        trainer.kill()
        event = client.outcome(id_)
        assert isinstance(event, protocol.Failed)
        assert "memory" in event.error.message  # what a SIGKILL nearly always means
        assert event.error.next_step
        assert_unchanged(client, lesson, folder)

        id_, trainer = training(client)
        client.call(protocol.Stop, target=id_)
        stopped = client.outcome(id_)
        assert isinstance(stopped, protocol.Failed)
        assert stopped.error.code == "stopped"
        trainer.wait(timeout=5)
        assert_unchanged(client, lesson, folder)

        id_, trainer = training(client)
        os.kill(client.process.pid, signal.SIGKILL)
        client.process.wait()
        trainer.wait(timeout=10)  # it ends with its parent
    with service(folder, SMALL) as client:
        client.open()
        assert_unchanged(client, lesson, folder)
    # What was trained on is readable in no file: the ledger is encrypted, the trainer keeps none.
    assert list(find_bytes(folder, [b"Quillfern", b"Harbour"])) == []


def test_facts_alone_are_nothing_to_study(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        client.call(
            protocol.Correct, prompt="Who is my dentist?", answer="Dr. Osei, in Leith.", kind="fact"
        )
        assert "facts stay in memory" in client.refused(protocol.Study).message
        (lesson,) = client.call(protocol.ListLessons)
        assert lesson["state"] == "in_context"


def studied(client: Client) -> Any:
    client.seen.clear()
    return client.call(protocol.Study)


def trained_steps(client: Client) -> list[int]:
    """Steps of training the last study told of, loading the model not counted."""
    progress = [event for event in client.seen if isinstance(event, protocol.Progress)]
    return [event.step for event in progress if event.phase == "train" and event.step]


@pytest.mark.slow
def test_a_study_killed_in_its_training_goes_on_there_and_ends_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    with service(tmp_path / "killed", SMALL) as client:
        taught(client)
        id_ = client.send(protocol.Study)
        progress = client.until(id_, protocol.Progress)
        while progress.phase != "train" or progress.step < 5:
            progress = client.until(id_, protocol.Progress)
        os.kill(client.process.pid, signal.SIGKILL)
        client.process.wait()
        assert (tmp_path / "killed" / "adapters" / notebook.NAME).stat().st_mode & 0o077 == 0
    with service(tmp_path / "killed", SMALL) as client:
        client.open()
        resumed = studied(client)
        assert min(trained_steps(client)) > 3, "it goes on where it was"
    with service(tmp_path / "undisturbed", SMALL) as client:
        taught(client)
        assert studied(client)["sha256"] == resumed["sha256"] != ""


@pytest.mark.slow
def test_lessons_are_learned_anew_by_another_model_and_found_again_on_the_way_back(
    folder: Path, starter_model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "another.gguf"
    other.write_bytes(starter_model.read_bytes() + b"\0")  # the same model, and not the same file
    with service(folder, SMALL) as client:
        lesson = taught(client)
        client.call(protocol.KeepVersions, last=0)
        first = studied(client)
        assert trained_steps(client)
        client.call(protocol.UseModel, name=str(other))
        asked = client.call(protocol.Ask, text=LESSON["prompt"], save=False)
        assert asked["provenance"]["lessons_in_context"] == [lesson], "until it has studied"
        foreign = client.refused(protocol.Ask, text="Hello?", save=False, version=1)
        assert foreign.title == "This version is of another model"
        second = studied(client)
        assert trained_steps(client), "what another model learned is of no use to it"
        assert (first["adapter"], second["adapter"]) == (1, 2)
        client.call(protocol.UseModel, name=starter_model.stem)
        third = studied(client)
        assert trained_steps(client) == [], "what it learned before was kept"
        assert third["sha256"] == first["sha256"]
        assert third["adapter"] == client.call(protocol.GetStatus)["adapter"] == 3
        kept = [(one["version"], one["kept"]) for one in client.call(protocol.ListAdapters)]
        assert kept == [(3, "active"), (2, "before")]
        left = sorted(path.name for path in (folder / "adapters").glob("v*.adapter"))
        assert left == ["v0002.adapter", "v0003.adapter"]
