"""The life of a document in the real service: taught, found, cited, followed, forgotten, killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import protocol
from tests.app.service_client import Client, service

KEY = "The spare key lies under the blue flower pot beside the cellar door."
WASTE = "The rubbish is collected on Wednesdays before seven."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    made = tmp_path / "papers"
    made.mkdir()
    (made / "house.txt").write_text(KEY, encoding="utf-8")
    (made / "waste.md").write_text(f"# Waste\n\n{WASTE}\n", encoding="utf-8")
    return made


def until(what: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 60
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def settled(client: Client) -> list[protocol.DocumentRecord]:
    """All documents, once none of them waits."""

    def look() -> list[protocol.DocumentRecord]:
        every = documents(client)
        return [] if any(one.state in ("waiting", "reading") for one in every) else every

    found: list[protocol.DocumentRecord] = until(look)
    return found


def documents(client: Client) -> list[protocol.DocumentRecord]:
    event = client.outcome(client.send(protocol.ListDocuments))
    assert isinstance(event, protocol.Done)
    return protocol.result_as(event, list[protocol.DocumentRecord])


def found(client: Client, text: str, **limits: Any) -> list[str]:
    return [one["text"].strip() for one in client.call(protocol.Search, text=text, **limits)]


def test_a_taught_document_is_found_cited_and_forgotten(folder: Path, papers: Path) -> None:
    with service(folder) as client:
        client.open()
        (taught,) = client.call(protocol.Teach, paths=[str(papers / "house.txt")])
        settled(client)
        assert found(client, "Where is the key hidden?")[0] == KEY
        assert found(client, "key", types=["pdf"]) == []
        read = client.call(protocol.GetDocument, document_id=taught["id"])
        assert read["text"] == KEY
        event = client.outcome(client.send(protocol.Ask, text="Where is the spare key?"))
        assert isinstance(event, protocol.Done)
        answer = protocol.result_as(event, protocol.Answer)
        (source,) = answer.provenance.sources
        assert source.text == KEY
        assert source.document_id == taught["id"]
        assert answer.provenance.documents_asked
        client.call(protocol.ForgetDocument, document_id=taught["id"])
        assert found(client, "spare key") == []
        assert client.refused(protocol.GetDocument, document_id=taught["id"]).code == "bad_request"
        (_, reply) = client.call(protocol.GetConversation, conversation_id=answer.conversation_id)
        assert [one["text"] for one in reply["provenance"]["sources"]] == [""]


def test_what_is_not_in_the_documents_is_said_not_made_up(folder: Path, papers: Path) -> None:
    with service(folder) as client:
        client.open()
        client.call(protocol.Teach, paths=[str(papers)])
        settled(client)
        event = client.outcome(
            client.send(
                protocol.Ask, text="Which enzyme splits maltose?", documents="only", save=False
            )
        )
        assert isinstance(event, protocol.Done)
        answer = protocol.result_as(event, protocol.Answer)
        assert answer.text == "This is not in your documents."
        assert not any(source.used for source in answer.provenance.sources)


def test_a_watched_folder_is_followed(folder: Path, papers: Path) -> None:
    with service(folder) as client:
        client.open()
        watched = client.call(protocol.WatchFolder, path=str(papers))
        until(lambda: len(settled(client)) == 2)
        (papers / "new.txt").write_text("The parrot is called Juniper.", encoding="utf-8")
        until(lambda: found(client, "parrot")[:1] == ["The parrot is called Juniper."])
        temporary = papers / ".new.txt.tmp"
        temporary.write_text("The parrot is called Rosemary.", encoding="utf-8")
        temporary.replace(papers / "new.txt")
        until(lambda: found(client, "parrot")[:1] == ["The parrot is called Rosemary."])
        before = {one.path: one.id for one in documents(client)}
        (papers / "house.txt").rename(papers / "home.txt")
        until(lambda: str(papers / "home.txt") in {one.path for one in documents(client)})
        moved = {one.path: one.id for one in documents(client)}
        assert moved[str(papers / "home.txt")] == before[str(papers / "house.txt")]
        (papers / "new.txt").unlink()
        until(lambda: "The parrot is called Rosemary." not in found(client, "parrot"))
        waste = next(one for one in documents(client) if one.path.endswith("waste.md"))
        client.call(protocol.ForgetDocument, document_id=waste.id)
        (papers / "late.txt").write_text("Lunch is at noon.", encoding="utf-8")
        until(lambda: found(client, "lunch")[:1] == ["Lunch is at noon."])
        assert waste.path not in {one.path for one in documents(client)}, "forgotten for good"
        (record,) = client.call(protocol.ListFolders)
        assert (record["found"], record["read"], record["failed"], record["left"]) == (2, 2, 0, 0)
        client.call(protocol.UnwatchFolder, folder_id=watched["id"], forget=True)
        assert documents(client) == []


@pytest.mark.slow
def test_twenty_kills_lose_nothing_and_read_nothing_twice(folder: Path, papers: Path) -> None:
    for number in range(20):
        with service(folder) as client:
            client.open()
            for one in documents(client):
                assert (one.state == "ready") == (one.passages > 0), "the list tells the truth"
            note = papers / f"note{number}.md"
            paragraphs = (f"Note {number} has a part {part}." for part in range(1 + 9 * number))
            note.write_text("# Note\n\n" + "\n\n# More\n\n".join(paragraphs), encoding="utf-8")
            # The folder once: what is taught again waits again, with the passages it had.
            client.call(protocol.Teach, paths=[str(note if number else papers)])
            time.sleep(0.05 * number)
            os.kill(client.process.pid, signal.SIGKILL)
            client.process.wait()
    with service(folder) as client:
        client.open()
        every = {Path(one.path).name: one for one in settled(client)}
        assert len(every) == len(documents(client)) == 22
        assert {one.state for one in every.values()} == {"ready"}
        texts = [one["text"] for one in client.call(protocol.Search, text="note part", limit=200)]
        assert len(texts) == len(set(texts))
        for number in range(20):
            assert every[f"note{number}.md"].passages > 0
            assert any(f"Note {number} has" in text for text in texts)


def test_what_cannot_be_read_says_why_and_the_rest_goes_on(folder: Path, papers: Path) -> None:
    (papers / "broken.pdf").write_bytes(b"%PDF-1.7 nothing of the kind")
    with service(folder) as client:
        client.open()
        listed = client.call(protocol.Teach, paths=[str(papers), str(papers / "missing.txt")])
        assert listed[-1]["state"] == "failed"
        assert "gone" in listed[-1]["reason"]
        states = {Path(one.path).name: one for one in settled(client)}
        assert states["broken.pdf"].state == "failed"
        assert states["broken.pdf"].reason
        assert states["house.txt"].state == states["waste.md"].state == "ready"
        assert client.refused(protocol.Teach, paths=[]).code == "bad_request"
        assert client.refused(protocol.TeachText, text="  ").code == "bad_request"
        assert client.refused(protocol.WatchFolder, path=str(folder)).code == "bad_request"
        assert client.refused(protocol.Search, text="x", since="soon").code == "bad_request"


def test_a_pasted_text_is_a_document_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    text = "The zanzibarine vault is opened with the quokkaberry phrase on every second Tuesday."
    original = tmp_path / "vault.txt"
    original.write_text(text, encoding="utf-8")
    with service(folder) as client:
        client.open()
        pasted = client.call(protocol.TeachText, text=text, title="Vault")
        settled(client)
        assert found(client, "vault")[0] == text
        (finding, *_) = client.call(protocol.VerifyDocument, path=str(original))
        assert finding["severity"] == "problem"
        client.call(protocol.ForgetDocument, document_id=pasted["id"])
        gone, looked = client.call(protocol.VerifyDocument, path=str(original))
        assert gone["severity"] == "ok", gone
        assert (gone["title"], looked["title"]) == ("Nothing is left", "Looked through")
