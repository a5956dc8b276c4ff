"""Notes in the real service: made now and in idle time, stopped, killed, resumed and forgotten."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from app import protocol
from app.document_notes import rests_on
from app.protocol import NIGHT_NOTES
from tests.app.service_client import Client, service
from tests.app.test_night_service import AWAY, WISHES, Night, program
from tests.app.test_reading_through import chapter, taught

KEY = "The spare key of the signal tower hangs behind the green barometer."
LONG = chapter(1) + chapter(2) + chapter(3)


def notes(client: Client, document: int) -> protocol.DocumentNotes | None:
    event = client.outcome(client.send(protocol.GetNotes, document_id=document))
    assert isinstance(event, protocol.Done)
    return protocol.result_as(event, protocol.DocumentNotes | None)  # type: ignore[arg-type]


def steps(client: Client, id_: str) -> list[int]:
    return [x.step for x in client.seen if isinstance(x, protocol.Progress) and x.id == id_]


def test_a_night_makes_notes_and_they_go_with_their_document(home: Path, tmp_path: Path) -> None:
    idle = tmp_path / "idle"
    idle.write_text(AWAY)
    with service(home, program(idle)) as client:
        client.open()
        paper = taught(client, tmp_path / "key.txt", KEY)
        Night(client, idle).set(WISHES)
        assert isinstance(client.outcome(NIGHT_NOTES), protocol.Done)
        found = notes(client, paper)
        assert found is not None
        assert found.model == "smollm2-135m-instruct-q4_1"
        assert (found.parts, found.parts_read) == (1, 1)
        assert all(rests_on(one.answer, one.question, KEY) for one in found.questions)
        assert client.call(protocol.MakeNotes) == 0, "there is none without notes"
        nothing = taught(client, tmp_path / "nothing.txt", "")
        refused = client.refused(protocol.MakeNotes, document_ids=[nothing])
        assert refused.title == "There is nothing to note"
        client.call(protocol.ForgetDocument, document_id=paper)
        assert client.refused(protocol.GetNotes, document_id=paper).code == "bad_request"
        check = client.call(protocol.VerifyDocument, path=str(tmp_path / "key.txt"))
        assert {one["severity"] for one in check} == {"ok"}, check
        assert client.close() == 0


def test_chat_goes_ahead_and_a_kill_or_a_stop_loses_a_step(home: Path, tmp_path: Path) -> None:
    with service(home) as client:
        client.open()
        paper = taught(client, tmp_path / "harbour.md", LONG)
        id_ = client.send(protocol.MakeNotes)
        assert client.until(id_, protocol.Progress).steps >= 4
        asked = client.send(protocol.Ask, text="Hello!", documents="none")
        client.until(asked, protocol.Token)
        assert not any(isinstance(x, protocol.Done) and x.id == id_ for x in client.seen)
        while steps(client, id_)[-1] < 2:
            client.until(id_, protocol.Progress)
        os.kill(client.process.pid, signal.SIGKILL)
        client.process.wait()
        reached = steps(client, id_)[-1]
    with service(home) as client:
        client.open()
        assert notes(client, paper) is None, "half of it is not shown"
        id_ = client.send(protocol.MakeNotes, document_ids=[paper])
        client.until(id_, protocol.Progress)
        assert steps(client, id_)[0] >= reached
        client.call(protocol.Stop, target=id_)
        event = client.outcome(id_)
        assert isinstance(event, protocol.Failed)
        assert event.error.code == "stopped"
        assert notes(client, paper) is None


@pytest.mark.parametrize(
    ("answer", "rests"),
    [
        ("It hangs behind the green barometer.", True),
        ("It hangs behind the barometer of 1904.", False),
        ("It lies under a flower pot in the cellar.", False),
    ],
)
def test_an_answer_must_rest_on_its_passage(answer: str, rests: bool) -> None:
    assert rests_on(answer, "Where is the spare key?", KEY) is rests
