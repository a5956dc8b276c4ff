"""The real service process: its protocol, its refusals, and what a kill leaves behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from app import protocol
from app.erase import find_bytes
from tests.app.service_client import PASSPHRASE, Client, service


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


def ask(client: Client, text: str, **more: object) -> protocol.Done | protocol.Failed:
    return client.outcome(client.send(protocol.Ask, text=text, **more))


def answered(client: Client, text: str, **more: object) -> protocol.Answer:
    event = ask(client, text, **more)
    assert isinstance(event, protocol.Done), event
    return protocol.result_as(event, protocol.Answer)


def test_a_first_start_asks_for_a_passphrase_and_answers_after_it(folder: Path) -> None:
    with service(folder) as client:
        status = client.call(protocol.Hello, version=protocol.VERSION)
        assert status["key"] == "new_passphrase"
        assert client.refused(protocol.ListLessons).code == "locked"
        client.call(protocol.Unlock, passphrase=PASSPHRASE, create=True)
        answer = answered(client, "Say hello.")
        assert answer.text
        assert not answer.provenance.documents_asked, "there are no documents to be searched"
        kinds = [type(event) for event in client.seen]
        assert protocol.Started in kinds
        assert protocol.Token in kinds
        text = "".join(e.text for e in client.seen if isinstance(e, protocol.Token))
        assert text.strip() == answer.text.strip()
        messages = client.call(protocol.GetConversation, conversation_id=answer.conversation_id)
        assert [m["text"] for m in messages] == ["Say hello.", answer.text]
        assert client.close() == 0


def test_a_wrong_passphrase_is_refused_and_the_right_one_still_works(folder: Path) -> None:
    with service(folder) as client:
        client.open()
    with service(folder) as client:
        assert client.refused(protocol.Unlock, passphrase="guess").code == "wrong_passphrase"
        client.call(protocol.Unlock, passphrase=PASSPHRASE)


def test_a_ledger_without_its_key_is_explained_and_kept(folder: Path) -> None:
    with service(folder) as client:
        client.open()
    (folder / "keys.json").unlink()
    before = (folder / "ledger.db").read_bytes()
    with service(folder) as client:
        status = client.call(protocol.Hello, version=protocol.VERSION)
        assert status["key"] == "missing"
        assert status["problem"]["next_step"]
        assert client.refused(protocol.Unlock, passphrase="x", create=True).code == "key_file"
    assert (folder / "ledger.db").read_bytes() == before
    assert not (folder / "keys.json").exists()


def test_garbage_is_answered_and_work_goes_on(folder: Path) -> None:
    with service(folder) as client:
        client.raw(b"not json\n")
        assert client.outcome("").error.code == "bad_request"  # type: ignore[union-attr]
        client.raw(b'{"op":"ask","id":"x"}\n')
        assert client.outcome("x").error.code == "bad_request"  # type: ignore[union-attr]
        client.raw(b'{"op":"fly","id":"y"}\n')
        assert client.outcome("y").error.code == "bad_request"  # type: ignore[union-attr]
        client.raw(b'{"op":"status","id":"z","text":"' + b"a" * (protocol.MAX_LINE + 10) + b'"}\n')
        assert "too long" in client.outcome("").error.title  # type: ignore[union-attr]
        assert client.refused(protocol.Hello, version=999).code == "bad_request"
        client.open()


def test_a_second_instance_is_told_who_has_the_home(folder: Path) -> None:
    with service(folder) as first:
        first.open()
        with service(folder) as second:
            error = second.refused(protocol.Hello, version=protocol.VERSION)
            assert error.code == "busy"
            assert str(first.process.pid) in error.message
        first.call(protocol.ListLessons)


def test_a_correction_while_a_reply_streams(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        first = answered(client, "What is a lake?")
        id_ = client.send(protocol.Ask, text="Tell me a long story about a lighthouse keeper.")
        client.until(id_, protocol.Token)
        lesson = client.call(
            protocol.Correct, message_id=first.message_id, answer="Still water, inland.", note=""
        )
        assert lesson["rejected"] == first.text
        client.call(protocol.Stop, target=id_)
        stopped = client.outcome(id_)
        assert isinstance(stopped, protocol.Done)
        assert stopped.result["state"] == "stopped"
        assert [row["id"] for row in client.call(protocol.ListLessons)] == [lesson["id"]]


def test_awkward_text_survives_the_round_trip(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        text = "Grüße 👩‍👩‍👧 שלום مرحبا \u202eabc <|im_end|> <|im_start|>system"
        answer = answered(client, text)
        messages = client.call(protocol.GetConversation, conversation_id=answer.conversation_id)
        assert messages[0]["text"] == text
        answered(client, "a\0b", conversation_id=answer.conversation_id)


def test_a_pasted_megabyte_is_refused_with_a_sentence(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        event = ask(client, "all work and no play " * 50_000)
        assert isinstance(event, protocol.Failed)
        assert "too long" in event.error.title
        assert client.call(protocol.ListConversations) == []


def test_nothing_to_study_is_said(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        assert client.refused(protocol.Study).code == "study"


def test_ask_again_and_edit_replace_what_came_after(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        first = answered(client, "Name a river.")
        again = answered(client, "", replace_from=first.message_id)
        messages = client.call(protocol.GetConversation, conversation_id=first.conversation_id)
        assert [m["text"] for m in messages] == ["Name a river.", again.text]
        beside = answered(client, "", beside=again.message_id, without_learning=True, save=False)
        assert beside.message_id is None
        question = messages[0]["id"]
        answered(client, "Name a lake.", replace_from=question)
        messages = client.call(protocol.GetConversation, conversation_id=first.conversation_id)
        assert messages[0]["text"] == "Name a lake."
        assert len(messages) == 2


def test_kill_during_generation_keeps_every_acknowledged_message(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        client.call(protocol.Correct, prompt="Who is Ada?", answer="Our cat.", note="")
        id_ = client.send(protocol.Ask, text="Write a very long poem about the sea.")
        started = client.until(id_, protocol.Started)
        client.until(id_, protocol.Token)
        children = psutil.Process(client.process.pid).children(recursive=True)
        os.kill(client.process.pid, signal.SIGKILL)
        client.process.wait()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive, "the engine outlived the service"
    with service(folder) as client:
        client.open()
        messages = client.call(protocol.GetConversation, conversation_id=started.conversation_id)
        assert messages[0]["text"] == "Write a very long poem about the sea."
        assert messages[1]["state"] == "broken"
        assert len(client.call(protocol.ListLessons)) == 1
        again = answered(client, "", replace_from=messages[1]["id"])
        assert again.text


def test_an_engine_that_dies_is_explained_and_comes_back(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        answered(client, "Hello.")
        id_ = client.send(protocol.Ask, text="Write a very long poem about the sea.")
        client.until(id_, protocol.Token)
        children = psutil.Process(client.process.pid).children()
        (engine,) = [each for each in children if "app.engine" in each.cmdline()]
        engine.kill()
        event = client.outcome(id_)
        assert isinstance(event, protocol.Failed)
        assert event.error.code == "engine_died"
        assert answered(client, "Hello again.").text


def test_forgetting_an_unstudied_lesson_leaves_no_trace(folder: Path) -> None:
    secret = "zanzibar-quicksilver"
    with service(folder) as client:
        client.open()
        lesson = client.call(protocol.Correct, prompt=f"What is {secret}?", answer="A ship.")
        client.call(protocol.Forget, lesson_id=lesson["id"])
        assert client.call(protocol.ListLessons) == []
        assert client.refused(protocol.Forget, lesson_id=lesson["id"]).code == "bad_request"
        client.close()
    assert list(find_bytes(folder, [secret.encode()])) == []


def test_reset_everything_starts_afresh(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        client.call(protocol.Correct, prompt="Who is Ada?", answer="Our cat.")
        learned = client.call(protocol.PreviewReset, scope="learned")
        assert learned["bytes_on_disk"] == 0
        preview = client.call(protocol.PreviewReset, scope="everything")
        assert preview["lessons"] == 1
        assert preview["bytes_on_disk"] >= (folder / "ledger.db").stat().st_size
        status = client.call(protocol.Reset, scope="everything")
        assert status["key"] == "new_passphrase"
        assert not (folder / "ledger.db").exists()
        client.call(protocol.Unlock, passphrase="another one entirely", create=True)
        assert client.call(protocol.ListLessons) == []


def test_every_file_is_private(folder: Path) -> None:
    with service(folder) as client:
        client.open()
        answered(client, "Hello.")
        for path in (folder, *folder.rglob("*")):
            assert path.stat().st_mode & 0o077 == 0, path
