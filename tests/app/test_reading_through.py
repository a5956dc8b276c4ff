"""A document is read through in the real service: in parts, in one, stopped, forgotten, changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from app import protocol
from app.adapters import AdapterStore
from app.engine_client import EngineClient
from app.errors import DocumentError
from app.library import Library
from app.mind import Mind
from app.parts import Note
from app.reading_through import ReadingThrough
from app.replies import Replies
from tests.app.documents_in_ledger import document, stat
from tests.app.service_client import Client, service
from tests.app.storage import made, opened

PROGRAM = ("-m", "tests.app.small_window", "service")
HARBOUR = (
    "The harbour wall was inspected by two engineers on a calm morning. They walked along the"
    " whole eastern mole and wrote down every crack that was wider than a finger. The report was"
    " sent to the town, which will look at the costs before the winter. Nobody was hurt when the"
    " old crane lost its hook, but the fish market was closed for three weeks. "
)
KEY = "The spare key of the signal tower hangs behind the green barometer."
SUMMARY = "Summarise this document."
QUESTION = "Where does the spare key hang?"


def chapter(number: int, more: str = "") -> str:
    return f"# Week {number}\n\n{HARBOUR}{more}\n\n{HARBOUR}\n\n"


LONG = chapter(1) + chapter(2) + chapter(3, KEY) + chapter(4)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One service for all, since each of them would load the model anew."""
    with service(tmp_path_factory.mktemp("home") / "home", PROGRAM) as client:
        yield client.open()


def taught(client: Client, path: Path, text: str) -> int:
    """Teach a file with this text, and wait until it is read."""
    path.write_text(text, encoding="utf-8")
    (record,) = client.call(protocol.Teach, paths=[str(path)])
    deadline = time.monotonic() + 60
    while {"waiting", "reading"} & {one["state"] for one in client.call(protocol.ListDocuments)}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(record["id"])


def answered(event: Any) -> protocol.Answer:
    assert isinstance(event, protocol.Done), event
    return protocol.result_as(event, protocol.Answer)


def told(client: Client, id_: str) -> list[protocol.PartReading]:
    return [x for x in client.seen if isinstance(x, protocol.PartReading) and x.id == id_]


def reply_in(client: Client, conversation: int | None) -> protocol.ChatMessage:
    """The last message of a conversation, as the ledger has it."""
    event = client.outcome(client.send(protocol.GetConversation, conversation_id=conversation))
    assert isinstance(event, protocol.Done)
    question, reply = protocol.result_as(event, list[protocol.ChatMessage])
    assert question.text == QUESTION
    return reply


def begun(client: Client, tmp_path: Path) -> tuple[int, str, protocol.Started]:
    """A long document whose first part is being read: its id, the request's, and its start."""
    paper = taught(client, tmp_path / "harbour.md", LONG)
    id_ = client.send(protocol.Ask, text=QUESTION, read_through=paper)
    started = client.until(id_, protocol.Started)
    client.until(id_, protocol.PartReading)
    return paper, id_, started


def test_every_part_is_read_and_the_notes_are_answered_from(client: Client, tmp_path: Path) -> None:
    paper = taught(client, tmp_path / "harbour.md", LONG)
    id_ = client.send(protocol.Ask, text=QUESTION, read_through=paper)
    answer = answered(client.outcome(id_))
    through = answer.provenance.through
    assert through is not None
    assert through.document_id == paper
    assert through.parts >= 3
    assert through.read == through.parts
    parts = [one.part for one in told(client, id_) if not one.combining]
    assert parts == list(range(1, through.parts + 1))
    assert told(client, id_)[0].seconds_left is None
    assert all((one.seconds_left or 0) > 0 for one in told(client, id_)[1:])
    assert set(through.helped) <= set(parts)
    assert answer.state == "complete"
    assert reply_in(client, answer.conversation_id).provenance == answer.provenance
    assert {source.document_id for source in answer.provenance.sources} <= {paper}
    assert "".join(x.text for x in client.seen if isinstance(x, protocol.Token)) == answer.text

    # Answered again, it is read again; forgotten, it is neither quoted nor found any more.
    again = client.send(protocol.Ask, text="", replace_from=answer.message_id)
    client.until(again, protocol.PartReading)
    client.call(protocol.Stop, target=again)
    second = answered(client.outcome(again))
    assert second.state == "stopped"
    client.call(protocol.ForgetDocument, document_id=paper)
    kept = reply_in(client, answer.conversation_id)
    assert kept.provenance is not None
    assert kept.provenance.through is not None
    assert kept.provenance.through.document_id == 0
    refused = client.refused(protocol.Ask, text="", replace_from=second.message_id)
    assert "forgotten" in refused.message


def test_a_document_that_fits_is_read_at_once_and_cited(client: Client, tmp_path: Path) -> None:
    paper = taught(client, tmp_path / "key.txt", KEY)
    id_ = client.send(protocol.Ask, text=QUESTION, read_through=paper)
    answer = answered(client.outcome(id_))
    assert told(client, id_) == []
    assert answer.provenance.through == protocol.ReadThrough(
        document_id=paper, parts=1, read=1, helped=(1,)
    )
    (source,) = answer.provenance.sources
    assert source.text == KEY
    assert "barometer" in answer.text
    assert source.used


def test_stopping_within_a_part_keeps_nothing_half_done(client: Client, tmp_path: Path) -> None:
    _, id_, _ = begun(client, tmp_path)
    client.call(protocol.Stop, target=id_)
    answer = answered(client.outcome(id_))
    assert (answer.state, answer.text, answer.provenance.sources) == ("stopped", "", ())
    assert answer.provenance.through is not None
    assert answer.provenance.through.read == 0
    reply = reply_in(client, answer.conversation_id)
    assert (reply.state, reply.text) == ("stopped", "")
    assert len(told(client, id_)) <= 2


def test_forgetting_in_the_middle_is_told_and_leaves_no_notes(
    client: Client, tmp_path: Path
) -> None:
    paper, id_, started = begun(client, tmp_path)
    client.call(protocol.ForgetDocument, document_id=paper)
    ended = _outcome(client, id_) or client.outcome(id_)
    assert isinstance(ended, protocol.Failed)
    assert ended.error.code == "document"
    assert "forgotten" in ended.error.title
    reply = reply_in(client, started.conversation_id)
    assert (reply.state, reply.text) == ("broken", "")
    assert reply.provenance is not None
    assert reply.provenance.through is not None
    assert reply.provenance.through.document_id == 0
    assert client.refused(protocol.Ask, text=QUESTION, read_through=paper).code == "bad_request"


def test_a_document_that_changes_in_the_middle_is_not_mixed(client: Client, tmp_path: Path) -> None:
    _, id_, _ = begun(client, tmp_path)
    taught(client, tmp_path / "harbour.md", KEY)
    ended = _outcome(client, id_) or client.outcome(id_)
    assert isinstance(ended, protocol.Failed)
    assert ended.error.code == "document"
    assert "changed" in ended.error.title


def test_an_engine_that_dies_in_the_middle_loses_only_the_reply(
    client: Client, tmp_path: Path
) -> None:
    _, id_, started = begun(client, tmp_path)
    _engine(client).kill()
    ended = client.outcome(id_)
    assert isinstance(ended, protocol.Failed)
    assert ended.error.code == "engine_died"
    reply = reply_in(client, started.conversation_id)
    assert reply.state == "broken"
    retried = client.send(protocol.Ask, text=QUESTION, replace_from=reply.id - 1)
    client.until(retried, protocol.PartReading)
    client.call(protocol.Stop, target=retried)
    assert answered(client.outcome(retried)).state == "stopped"


def test_notes_that_do_not_fit_are_brought_together_in_rounds(
    engine: EngineClient, home: Path
) -> None:
    with opened(home) as ledger:
        texts = [f"{HARBOUR} {KEY} It was week {number}." for number in range(1, 5)]
        id_ = document(ledger, "/papers/harbour.txt", *texts)
        reading = ReadingThrough(ledger, engine, id_, SUMMARY, 280, threading.Event())
        heard: list[tuple[int, bool]] = []
        notes = reading.notes(lambda part, combining, left: heard.append((part, combining)))
        parts = len(reading.parts)
        assert parts == 4
        assert [part for part, combining in heard if not combining] == [1, 2, 3, 4]
        assert [combining for _, combining in heard].count(True) >= 2
        assert len(notes) < parts
        helped = [part for note in notes for part in note.parts]
        assert helped == sorted(set(helped))
        assert KEY in reading.asked([Note((1,), KEY)])

        # The answer rests on passages of the parts that helped, and on no others.
        sources = reading.sources([Note((2,), KEY), Note((4,), KEY)], KEY)
        assert [source.text for source in sources] == [texts[1], texts[3]]
        assert all(source.used for source in sources)
        assert reading.sources([Note((2,), KEY)], "An elephant sat on Mars.")[0].used is False

        # Once the document is gone, it is a stop signal, and says why.
        assert not reading.is_set()
        ledger.forget_documents([id_])
        with pytest.raises(DocumentError, match="forgotten"):
            reading.check()
        assert reading.is_set()


def test_forgetting_while_the_answer_is_written_leaves_none_of_it(
    engine: EngineClient, home: Path
) -> None:
    with opened(home) as ledger:
        id_ = document(ledger, "/papers/harbour.txt", HARBOUR)
        mind = Mind(made(home), ledger, AdapterStore(made(home), ledger), lambda what: None)
        mind._client = engine
        replies = Replies(ledger, mind, Library.over(made(home), ledger, lambda what: None))

        def send(event: protocol.Event) -> None:
            if isinstance(event, protocol.Token) and ledger.is_document(id_):
                ledger.forget_documents([id_])

        request = protocol.Ask(id="1", text=SUMMARY, read_through=id_)
        with pytest.raises(DocumentError, match="forgotten"):
            replies.ask(request, send, threading.Event())
        (conversation,) = ledger.conversations()
        _, reply = ledger.messages(conversation.id)
        assert (reply.text, reply.state) == ("", "broken")
        assert reply.provenance is not None
        assert reply.provenance.through is not None
        assert reply.provenance.through.document_id == 0


def test_what_has_no_text_is_refused(engine: EngineClient, home: Path) -> None:
    with opened(home) as ledger:
        waiting = ledger.add_document("/papers/new.txt", "new.txt", stat())
        with pytest.raises(DocumentError, match="not read yet"):
            ReadingThrough(ledger, engine, waiting, QUESTION, 280, threading.Event())
        ledger.fail_document(waiting, "It is a scan.")
        with pytest.raises(DocumentError, match="scan"):
            ReadingThrough(ledger, engine, waiting, QUESTION, 280, threading.Event())


def _outcome(client: Client, id_: str) -> protocol.Done | protocol.Failed | None:
    """How a request ended, when that was seen while another was waited for."""
    ends = (protocol.Done, protocol.Failed)
    return next((x for x in client.seen if isinstance(x, ends) and x.id == id_), None)


def _engine(client: Client) -> psutil.Process:
    children = psutil.Process(client.process.pid).children()
    (engine,) = [each for each in children if "app.engine" in each.cmdline()]
    return engine
