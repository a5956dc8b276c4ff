"""Lessons offered over the real service: found by night, never learned unasked, then accepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import cli, protocol
from app.assistant import Assistant
from app.errors import BadRequestError
from app.paths import Home
from app.protocol import NIGHT_PROPOSALS
from app.terminal import Terminal
from tests.app.service_client import PASSPHRASE, Client, service
from tests.app.test_night_service import AWAY, HERE, WISHES, Night, program
from tests.app.test_proposals import chat

SAID = "No, please always answer in one sentence."


def ask(client: Client, text: str, conversation: int | None = None, **more: Any) -> int:
    """Ask, and stop the answer at its first word; gives the conversation."""
    id_ = client.send(protocol.Ask, text=text, conversation_id=conversation, **more)
    started = client.until(id_, protocol.Started)
    client.until(id_, protocol.Token)
    client.call(protocol.Stop, target=id_)
    client.outcome(id_)
    return int(started.conversation_id)


def test_found_by_night_ignored_by_studies_and_accepted(tmp_path: Path) -> None:
    idle = tmp_path / "idle"
    with service(tmp_path / "home", program(idle)) as client:
        assert client.refused(protocol.ListProposals).code == "locked"
        night = Night(client.open(), idle)
        night.person(HERE)
        night.set(WISHES)
        conversation = ask(client, "How do bees make honey?")
        ask(client, SAID, conversation)
        assert client.call(protocol.ListProposals) == []

        night.person(AWAY)
        done = client.outcome(NIGHT_PROPOSALS)
        assert isinstance(done, protocol.Done)
        assert done.result == 1
        # An offer is nothing to study.
        night.becomes(lambda report: report.reason == "Nothing new was taught.")
        (offer,) = client.call(protocol.ListProposals)
        assert offer["note"] == "Please always answer in one sentence."

        assert client.call(protocol.GetStatus)["lessons_new"] == 0
        assert client.refused(protocol.Study).code == "study", "there is no lesson to study"

        lesson = client.call(
            protocol.AcceptProposal, proposal_id=offer["id"], answer="From nectar."
        )
        assert (lesson["prompt"], lesson["kind"]) == ("How do bees make honey?", "manner")
        assert client.call(protocol.GetStatus)["lessons_new"] == 1
        assert client.call(protocol.ListProposals) == []
        assert client.refused(protocol.DismissProposal, proposal_id=offer["id"]).next_step


def test_an_answer_asked_for_again_keeps_the_one_before(tmp_path: Path) -> None:
    with service(tmp_path / "home") as client:
        client.open()
        conversation = ask(client, "Name a fruit.")
        answer = client.call(protocol.GetConversation, conversation_id=conversation)[1]["id"]
        client.call(protocol.Rate, message_id=answer)
        messages = client.call(protocol.GetConversation, conversation_id=conversation)
        assert [message["unhelpful"] for message in messages] == [False, True]
        client.call(protocol.NoteCopied, message_id=answer)
        assert client.call(protocol.FindProposals) == 1
        (offer,) = client.call(protocol.ListProposals)
        assert (offer["sign"], offer["message_id"]) == ("unhelpful", answer)
        client.seen.clear()
        ask(client, "", conversation, replace_from=answer)
        assert client.call(protocol.ListProposals) == [], "it went with the answer"
        told = [e.what for e in client.seen if isinstance(e, protocol.Changed)]
        assert any("proposals" in what for what in told)


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    """An opened home without a keyring."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    home = Home(tmp_path / "home")
    home.create()
    made = Assistant(home, lambda what: None)
    made.start()
    made.unlock(PASSPHRASE, create=True)
    yield made
    made.close()


def test_the_command_line_lists_and_decides(
    assistant: Assistant, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        options = cli._parser().parse_args(["proposals", *words])
        assert options.run(assistant, options, Terminal(as_json=False)) == 0
        return capsys.readouterr().out

    for asked in ("Name a fruit.", "Name a tree."):
        chat(assistant.ledger, asked, "Ein Apfel.", "No, in English please.", "An oak.")
        chat(assistant.ledger, asked, "Fig.", "That is wrong.", "An oak.", "Thanks!", "!")
    assert run() == "Nothing is offered.\n"
    assert run("find").startswith("3 new")
    told = "You said: No, in English please.\n      Asked: Name a fruit.\n"
    assert told in run()
    assert "To be learned: An oak." in run()
    right, wrong, language = [offer.id for offer in assistant.ledger.proposals()]
    with pytest.raises(BadRequestError, match="not known how"):
        run("accept", str(language))
    with pytest.raises(BadRequestError, match="which offer"):
        run("accept")
    assert run("accept", str(right)).startswith("Noted as l-")
    note = ("--note", "Speak English.", "--kind", "manner", "--answer", "An apple.")
    assert "(manner)" in run("accept", str(language), *note)
    assert assistant.ledger.lessons()[0].note == "Speak English."
    assert run("dismiss", str(wrong)) == "Dismissed; it is not offered again.\n"
    assert run() == "Nothing is offered.\n"
