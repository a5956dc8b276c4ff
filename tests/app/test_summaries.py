"""Summaries by the real starter model: written one by one, resumed, used, and not tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import prompt, protocol
from app.engine_client import EngineClient
from app.errors import StoppedError
from app.keys import KeyStore
from app.ledger import Ledger
from app.ledger_summaries import SummaryPart
from app.library import Library
from app.protocol import Ask, MakeSummaries
from app.replies import Replies
from app.summaries import SummaryMaker, resting_on, telling
from tests.app.long_talk import narrow, talk
from tests.app.service_client import PASSPHRASE, service
from tests.app.storage import made, no_keyring, opened
from tests.app.test_night_service import AWAY, WISHES, Night, program
from tests.app.test_prompt import history, words

TOLD = "User: Kim buys 14 litres of green paint on 3 June.\n\nAssistant: Noted."


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as opened_ledger:
        yield opened_ledger


def test_a_stopped_night_goes_on_and_the_next_answer_is_shown_the_summary(
    home: Path, ledger: Ledger, engine: EngineClient
) -> None:
    id_, messages = talk(ledger, length=30, number=2)
    mind = narrow(home, ledger, engine)
    maker, stop = SummaryMaker(ledger, mind), threading.Event()
    heard: list[protocol.Progress] = []

    def stop_at_the_second(event: protocol.Event) -> None:
        assert isinstance(event, protocol.Progress)
        heard.append(event)
        if event.step == 2:
            stop.set()

    request = MakeSummaries(id="night")
    assert maker.waiting() == {str(id_)}
    with pytest.raises(StoppedError):
        maker.make_all(request, stop_at_the_second, stop)
    assert len(ledger.summary_parts(id_)) == 1, "what was written is kept"
    assert maker.waiting() == {str(id_)}
    assert maker.make_all(request, heard.append, threading.Event()) == 1  # type: ignore[arg-type]
    assert maker.waiting() == frozenset()
    parts = ledger.summary_parts(id_)
    assert [part.first for part in parts] == [m.id for m in messages[: 2 * len(parts) : 2]]
    assert len(parts) == 2
    assert [event.step for event in heard] == [*range(1, 3), *range(1, len(parts))]
    for part in parts:
        assert part.text == "" or resting_on(part.text, _read(messages, part))
    assert any(part.shown for part in parts), parts
    assert_used(home, ledger, mind, id_)


def _read(messages: list[protocol.ChatMessage], part: SummaryPart) -> str:
    return "\n".join(m.text for m in messages if part.first <= m.id <= part.last) + " user"


def assert_used(home: Path, ledger: Ledger, mind: object, id_: int) -> None:
    """A question in the conversation rests on it, one elsewhere does not."""
    replies = Replies(ledger, mind, Library.over(made(home), ledger, print))  # type: ignore[arg-type]
    stop = threading.Event()
    stop.set()  # what is shown to the model is of interest, not what it says
    for conversation, has in ((id_, True), (None, False)):
        ask = Ask(id="1", text="Who buys it?", conversation_id=conversation, documents="none")
        answer = replies.ask(ask, lambda event: None, stop)
        assert (answer.provenance.earlier is not None) is has
    told = ledger.messages(id_)[-1].provenance
    assert told is not None and told.earlier is not None
    shown = [part.text for part in ledger.summary_parts(id_) if part.shown]
    assert told.earlier.text == "\n".join(shown)


def test_what_comes_to_nothing_is_not_tried_every_night(
    home: Path, ledger: Ledger, engine: EngineClient
) -> None:
    id_ = ledger.new_conversation("Noise")
    ledger.add_message(id_, "user", "?!?")
    ledger.add_message(id_, "assistant", "… " * 600)
    maker = SummaryMaker(ledger, narrow(home, ledger, engine))
    request = MakeSummaries(id="night")
    assert maker.make_all(request, lambda event: None, threading.Event()) == 0
    parts = ledger.summary_parts(id_)
    assert parts
    assert not any(part.text or part.shown for part in parts)
    assert maker.waiting() == frozenset()


def test_what_fits_is_not_summarised(home: Path, ledger: Ledger, engine: EngineClient) -> None:
    id_ = ledger.new_conversation("Spaces")
    ledger.add_message(id_, "user", "Hello!" + " " * 2000)
    ledger.add_message(id_, "assistant", "Hello!")
    maker = SummaryMaker(ledger, narrow(home, ledger, engine))
    assert maker.waiting() == {str(id_)}
    assert maker.make_all(MakeSummaries(id=""), lambda event: None, threading.Event()) == 0
    assert ledger.summary_parts(id_) == []
    assert maker.waiting() == frozenset()


def test_a_night_of_the_real_service_summarises_and_its_answers_tell(
    home: Path, tmp_path: Path
) -> None:
    idle = tmp_path / "idle"
    keys = KeyStore(made(home), no_keyring())
    keys.create(PASSPHRASE)
    key = keys.root_key(PASSPHRASE).subkey("ledger")
    with opened(home, key) as ledger:
        id_, _ = talk(ledger, length=500, number=1)
    idle.write_text(AWAY)
    with service(home, program(idle)) as client:
        Night(client.open(), idle).set(WISHES)
        done = client.outcome(protocol.NIGHT_SUMMARIES)
        assert isinstance(done, protocol.Done), done
        assert done.result == 1
        assert client.call(protocol.MakeSummaries) == 0, "nothing is left to be written"
        ask = {"text": "Who buys it?", "conversation_id": id_}
        earlier = client.call(protocol.Ask, **ask)["provenance"]["earlier"]
        assert earlier["messages"] == 2
        assert earlier["text"]
        client.call(protocol.DeleteConversation, conversation_id=id_)
        assert client.close() == 0
    with opened(home, key) as ledger:
        assert ledger.rows_naming(earlier["text"].splitlines()[0]) == {}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Kim buys green paint on 3 June.", ["Kim buys green paint on 3 June."]),
        ("Kim buys paint on 4 June.", []),
        ("The dinosaurs were large animals. Kim buys paint.", ["Kim buys paint."]),
        ("Kim buys paint. Kim buys paint. Kim buys", ["Kim buys paint."]),
        ("", []),
    ],
)
def test_a_sentence_must_rest_on_what_was_said(said: str, kept: list[str]) -> None:
    assert resting_on(said, TOLD) == kept


def test_names_and_figures_are_worth_most_and_bare_questions_nothing() -> None:
    texts = ("The user asked about Kim.", "We use green paint.", "On 3 June, Kim buys it.")
    assert [telling(text) for text in texts] == [0, 1, 4]


def part(number: int, first: int, last: int, *, shown: bool = True) -> SummaryPart:
    return SummaryPart(number, first, last, f"Part {number}.", shown)


def test_the_summary_stands_before_the_history_and_only_for_what_was_dropped() -> None:
    parts = [part(1, 0, 3), part(2, 4, 5, shown=False), part(3, 6, 7), part(4, 18, 19)]
    plenty = prompt.build(history(10), "next", [], words, 1000, summary=parts)
    assert (plenty.earlier, plenty.dropped) == (None, 0)
    bare = prompt.build(history(10), "next", [], words, 170)
    assert bare.earlier is None
    built = prompt.build(history(10), "next", [], words, 170, summary=parts)
    assert built.earlier is not None
    assert (built.earlier.text, built.earlier.messages) == ("Part 1.\nPart 3.", 8)
    assert built.turns[0].content.endswith(f"\n\n{prompt.SUMMARISED}\nPart 1.\nPart 3.")
    assert words(built.turns) <= 170
    again = prompt.build(history(10), "another", [], words, 170, summary=parts)
    assert again.turns[:-1] == built.turns[:-1], "what the engine has cached serves again"
    elsewhere = prompt.build(history(3), "next", [], words, 40, summary=parts[3:])
    assert elsewhere.earlier is None, "asked anew before what it tells of"


def test_a_summary_has_its_share_and_the_newest_of_it_stays() -> None:
    parts = [SummaryPart(n, n, n, " ".join([f"part{n}"] * 12), shown=True) for n in range(4)]
    built = prompt.build(history(10), "next", [], words, 170, summary=parts)
    assert built.earlier is not None
    assert built.earlier.text == parts[3].text
    assert words(built.turns) <= 170
