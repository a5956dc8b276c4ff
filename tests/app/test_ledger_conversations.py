"""Conversations: what was written is read back exactly, in order, and ids are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import BadRequestError
from app.ledger import Ledger
from app.protocol import Provenance, Timings
from tests.app.storage import lesson, opened

PROVENANCE = Provenance(
    model="tiny", adapter=3, lessons_in_context=("l-1",), lessons_in_weights=("l-2", "l-3")
)
TIMINGS = Timings(
    first_token_s=0.25, tokens_per_s=31.5, prompt_tokens=12, cached_tokens=1500, reply_tokens=40
)


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


def test_messages_come_back_as_they_were_written(home: Path) -> None:
    with opened(home) as ledger:
        chat = ledger.new_conversation("Lakes")
        question = ledger.add_message(chat, "user", "Name a lake.")
        reply = ledger.add_message(
            chat, "assistant", "Baikal.", provenance=PROVENANCE, timings=TIMINGS
        )
        written = ledger.messages(chat)
    with opened(home) as ledger:
        assert ledger.messages(chat) == written == [question, reply]
        assert ledger.conversation_of(reply.id) == chat
    assert reply.provenance == PROVENANCE
    assert reply.timings == TIMINGS
    assert question.provenance is None
    assert question.created.endswith("+00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a\0b\0", "a\ufffdb\ufffd"),
        ("👩‍👩‍👧‍👦 \U0001f9ff e\u0301", "👩‍👩‍👧‍👦 \U0001f9ff e\u0301"),
        ("שלום \u202eمرحبا\u202c", "שלום \u202eمرحبا\u202c"),
        ("\ufeff\u001b[31m\r\n\x7f", "\ufeff\u001b[31m\r\n\x7f"),
        ("half \ud83d of one", "half \ufffd of one"),
        ("both \ud83d\ude00 halves", "both 😀 halves"),
        ("'); DROP TABLE messages; --", "'); DROP TABLE messages; --"),
        ("ж" * 1_000_000, "ж" * 1_000_000),
    ],
    ids=["empty", "NUL", "emoji", "RTL", "control", "lone", "pair", "SQL", "large"],
)
def test_every_text_survives(ledger: Ledger, text: str, expected: str) -> None:
    chat = ledger.new_conversation(text)
    message = ledger.add_message(chat, "user", text)
    ledger.rename_conversation(chat, text)
    assert message.text == expected
    assert ledger.messages(chat)[0].text == expected
    assert ledger.conversations()[0].title == expected
    noted = lesson(ledger, text, corrected=text, note=text)
    assert (noted.prompt, noted.corrected, noted.note) == (expected,) * 3


def test_conversations_are_listed_last_used_first(ledger: Ledger) -> None:
    old, new = ledger.new_conversation("old"), ledger.new_conversation("new")
    ledger.add_message(new, "user", "one")
    assert [row.id for row in ledger.conversations()] == [new, old]
    ledger.add_message(old, "user", "two")
    ledger.add_message(old, "assistant", "three")
    assert [(row.id, row.title, row.messages) for row in ledger.conversations()] == [
        (old, "old", 2),
        (new, "new", 1),
    ]


def test_a_reply_that_breaks_off_stays_visible(home: Path) -> None:
    with opened(home) as ledger:
        chat = ledger.new_conversation("Sea")
        ledger.add_message(chat, "user", "A poem.")
        draft = ledger.add_message(chat, "assistant", "", state="broken", provenance=PROVENANCE)
    with opened(home) as ledger:
        assert [m.state for m in ledger.messages(chat)] == ["complete", "broken"]
        finished = ledger.update_message(
            draft.id, text="Waves.", state="complete", provenance=PROVENANCE, timings=TIMINGS
        )
        assert finished == ledger.messages(chat)[1]
        assert (finished.text, finished.state, finished.timings) == ("Waves.", "complete", TIMINGS)


def test_truncating_takes_a_message_and_all_after_it(ledger: Ledger) -> None:
    chat, other = ledger.new_conversation("a"), ledger.new_conversation("b")
    ids = [ledger.add_message(chat, "user", str(i)).id for i in range(4)]
    beside = ledger.add_message(other, "user", "untouched").id
    ledger.truncate_from(chat, ids[2])
    assert [m.id for m in ledger.messages(chat)] == ids[:2]
    assert [m.id for m in ledger.messages(other)] == [beside]
    assert ledger.add_message(chat, "user", "again").id > max(*ids, beside)
    with pytest.raises(BadRequestError):
        ledger.truncate_from(chat, beside)


def test_a_deleted_conversation_leaves_its_lessons(ledger: Ledger) -> None:
    chat = ledger.new_conversation("gone soon")
    reply = ledger.add_message(chat, "assistant", "A person.")
    noted = ledger.add_lesson(
        kind="term",
        prompt="Who is Ada?",
        rejected="A person.",
        corrected="Our cat.",
        note="",
        message_id=reply.id,
    )
    assert ledger.messages(chat)[0].lesson_id == noted.id
    ledger.delete_conversation(chat)
    assert ledger.conversations() == []
    assert ledger.lesson(noted.id).message_id is None
    assert ledger.lesson(noted.id).corrected == "Our cat."


def test_a_message_names_its_newest_lesson(ledger: Ledger) -> None:
    chat = ledger.new_conversation("")
    reply = ledger.add_message(chat, "assistant", "A person.").id
    texts = {"prompt": "?", "rejected": "", "corrected": "!", "note": ""}
    first = ledger.add_lesson(kind="term", message_id=reply, **texts)
    second = ledger.add_lesson(kind="term", message_id=reply, **texts)
    assert ledger.messages(chat)[0].lesson_id == second.id
    ledger.forget_lesson(second.id)
    assert ledger.messages(chat)[0].lesson_id == first.id
    ledger.forget_lesson(first.id)
    assert ledger.messages(chat)[0].lesson_id is None


UNKNOWN: dict[str, Callable[[Ledger], object]] = {
    "messages": lambda ledger: ledger.messages(99),
    "conversation_of": lambda ledger: ledger.conversation_of(99),
    "rename": lambda ledger: ledger.rename_conversation(99, "x"),
    "delete": lambda ledger: ledger.delete_conversation(99),
    "add": lambda ledger: ledger.add_message(99, "user", "x"),
    "update": lambda ledger: ledger.update_message(
        99, text="x", state="complete", provenance=None, timings=None
    ),
    "truncate": lambda ledger: ledger.truncate_from(99, 1),
    "huge": lambda ledger: ledger.messages(2**63 - 1),
}


@pytest.mark.parametrize("call", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_ids_are_refused(ledger: Ledger, call: Callable[[Ledger], object]) -> None:
    with pytest.raises(BadRequestError):
        call(ledger)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_numbers_no_ledger_can_hold_are_refused_like_unknown_ids(
    ledger: Ledger, number: int
) -> None:
    with pytest.raises(BadRequestError):
        ledger.messages(number)
