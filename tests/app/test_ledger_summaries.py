"""Summaries in the ledger: valid while their messages stand, and gone with what was forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.erase import find_in_ledger
from app.ledger import Ledger
from app.ledger_summaries import LEAST_BYTES
from app.protocol import ChatMessage, EarlierSummary, Provenance
from app.sources import numbered
from tests.app.documents_in_ledger import document
from tests.app.long_talk import talk
from tests.app.storage import KEY, lesson, opened

SAID = "Zebra-quartz is what the pump is painted."


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as opened_ledger:
        yield opened_ledger


def summarised(ledger: Ledger, text: str = SAID) -> tuple[int, list[ChatMessage]]:
    """A conversation whose first two exchanges are written of, and shown."""
    id_, messages = talk(ledger, length=12)
    assert ledger.keep_summary_part(id_, messages[:2], text, "m")
    assert ledger.keep_summary_part(id_, messages[2:4], f"{text} So is the fence.", "m")
    ledger.show_summary_parts(id_, [part.id for part in ledger.summary_parts(id_)])
    ledger.look_at_summaries(id_, messages[-1].id, "m")
    assert ledger.unsummarised("m") == []
    return id_, messages


def quoting(ledger: Ledger, id_: int, **more: object) -> ChatMessage:
    """A reply that was shown the summary, and more."""
    last = ledger.summary_parts(id_)[-1].last
    earlier = EarlierSummary(text=SAID, messages=4, last=last)
    provenance = Provenance(model="m", earlier=earlier, **more)  # type: ignore[arg-type]
    return ledger.add_message(id_, "assistant", "Green.", provenance=provenance)


def quoted(ledger: Ledger, message: ChatMessage) -> str:
    provenance = ledger.message(message.id).provenance
    assert provenance is not None
    assert provenance.earlier is not None
    return provenance.earlier.text


def test_parts_are_kept_in_order_and_only_chosen_ones_are_shown(ledger: Ledger) -> None:
    id_, messages = summarised(ledger)
    one, two = ledger.summary_parts(id_)
    assert (one.first, one.last, two.first, two.last) == tuple(m.id for m in messages[:4])
    assert one.shown and two.shown
    ledger.show_summary_parts(id_, [two.id])
    assert [part.shown for part in ledger.summary_parts(id_)] == [False, True]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda ledger, id_, ids: ledger.add_message(id_, "user", "And now?"), 2),
        (lambda ledger, id_, ids: ledger.truncate_from(id_, ids[6]), 2),
        (lambda ledger, id_, ids: ledger.truncate_from(id_, ids[3]), 1),
        (lambda ledger, id_, ids: ledger.truncate_from(id_, ids[0]), 0),
        (
            lambda ledger, id_, ids: ledger.update_message(
                ids[1], text="Blue.", state="complete", provenance=None, timings=None
            ),
            1,
        ),
    ],
    ids=["more is said", "edited after it", "answered again", "edited at the start", "rewritten"],
)
def test_what_changes_takes_its_part_along(
    ledger: Ledger, change: Callable[[Ledger, int, list[int]], object], left: int
) -> None:
    id_, messages = summarised(ledger)
    change(ledger, id_, [message.id for message in messages])
    assert len(ledger.summary_parts(id_)) == left
    size = sum(len(message.text) for message in ledger.messages(id_))
    again = [id_] if size >= LEAST_BYTES else []
    assert ledger.unsummarised("m") == again, "it is to be looked at again"


def test_a_part_of_what_changed_while_it_was_written_is_refused(ledger: Ledger) -> None:
    id_, messages = talk(ledger)
    ledger.truncate_from(id_, messages[1].id)
    assert not ledger.keep_summary_part(id_, messages[:2], SAID, "m")
    ledger.delete_conversation(id_)
    assert not ledger.keep_summary_part(id_, messages[:1], SAID, "m")
    ledger.look_at_summaries(id_, messages[0].id, "m")
    assert ledger.summary_parts(id_) == []


def test_another_model_looks_again_and_may_try_what_came_to_nothing(ledger: Ledger) -> None:
    id_, messages = talk(ledger)
    ledger.keep_summary_part(id_, messages[:2], "", "m")
    ledger.keep_summary_part(id_, messages[2:4], SAID, "m")
    ledger.look_at_summaries(id_, messages[-1].id, "m")
    assert ledger.unsummarised("m") == []
    assert ledger.unsummarised("other") == [id_]
    ledger.drop_empty_summaries(id_, "m")
    assert len(ledger.summary_parts(id_)) == 2
    ledger.drop_empty_summaries(id_, "other")
    assert [part.text for part in ledger.summary_parts(id_)] == [SAID]
    short = ledger.new_conversation("Short")
    ledger.add_message(short, "user", "Hello!")
    assert short not in ledger.unsummarised("other")


def test_nothing_of_a_deleted_conversation_can_be_read(home: Path, ledger: Ledger) -> None:
    id_, _ = summarised(ledger)
    assert find_in_ledger(home / "ledger.db", KEY, [SAID.encode()])
    ledger.delete_conversation(id_)
    ledger.scrub()
    assert ledger.rows_naming("Zebra-quartz") == {}
    assert find_in_ledger(home / "ledger.db", KEY, [b"Zebra-quartz"]) == []


def test_a_forgotten_lesson_takes_summaries_of_its_conversations(
    home: Path, ledger: Ledger
) -> None:
    shown, corrected, other = (summarised(ledger)[0] for _ in range(3))
    known = lesson(ledger)
    reply = quoting(ledger, shown, lessons_in_context=(known.id,))
    apart = quoting(ledger, other)
    answer = ledger.messages(corrected)[1]
    ledger._db.write("UPDATE lessons SET message_id = ? WHERE id = ?", (answer.id, known.id))
    assert ledger.rows_naming(SAID) == {"conversation_summaries": 6, "messages": 2}
    ledger.forget_lesson(known.id)
    assert ledger.summary_parts(shown) == ledger.summary_parts(corrected) == []
    assert (quoted(ledger, reply), quoted(ledger, apart)) == ("", SAID)
    assert ledger.not_summarised(shown) == {reply.id}
    assert ledger.not_summarised(corrected) == {answer.id}
    assert not ledger.keep_summary_part(corrected, ledger.messages(corrected)[:2], SAID, "m")
    ledger.delete_conversation(other)
    ledger.scrub()
    assert find_in_ledger(home / "ledger.db", KEY, [b"Zebra-quartz"]) == []


def test_a_lesson_in_the_weights_takes_them_too_but_its_replies_may_be_told(
    ledger: Ledger,
) -> None:
    id_, _ = summarised(ledger)
    known = lesson(ledger)
    reply = quoting(ledger, id_, lessons_in_weights=(known.id,))
    ledger.forget_lesson(known.id)
    assert ledger.summary_parts(id_) == []
    assert quoted(ledger, reply) == ""
    assert ledger.not_summarised(id_) == frozenset()


def test_a_forgotten_document_takes_summaries_and_later_ones_leave_it_out(ledger: Ledger) -> None:
    id_, _ = summarised(ledger)
    paper = document(ledger, "/a.txt", "The pump is zebra-quartz.")
    sources = numbered(ledger.passages(ledger.passages_of(paper)))
    reply = quoting(ledger, id_, sources=sources)
    ledger.forget_documents([paper])
    assert ledger.summary_parts(id_) == []
    assert quoted(ledger, reply) == ""
    assert ledger.not_summarised(id_) == {reply.id}


def test_a_reply_that_ends_after_the_forgetting_does_not_bring_it_back(ledger: Ledger) -> None:
    id_, _ = summarised(ledger)
    known = lesson(ledger)
    reply = quoting(ledger, id_, lessons_in_context=(known.id,))
    provenance = reply.provenance
    ledger.forget_lesson(known.id)
    ledger.update_message(
        reply.id, text="Green.", state="complete", provenance=provenance, timings=None
    )
    assert quoted(ledger, reply) == ""


@pytest.mark.parametrize("keep", [True, False])
def test_a_reset_leaves_none(ledger: Ledger, keep: bool) -> None:
    id_, _ = summarised(ledger)
    reply = quoting(ledger, id_)
    ledger.reset_learned(keep_lessons=keep)
    assert ledger.summary_parts(id_) == []
    assert quoted(ledger, reply) == ""
    assert ledger.rows_naming("Zebra-quartz") == {}
