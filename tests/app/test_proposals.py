"""Proposals over a real ledger: offered from chats, capped, decided on, and gone with the chat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import corrections, proposals, protocol
from app.errors import BadRequestError, LedgerError
from app.ledger import Ledger
from app.proposals import find, waiting
from app.schema import MIGRATIONS
from tests.app.storage import KEY, lesson, made, opened

LONG = "It leaves at nine from the main square. " * 12
SHORT = "It leaves at nine. " * 6
ASKED = ("When is our stand-up?", "It is at nine.")
SAID = ("No, it is at half past nine.", "It is at half past nine.", "Thanks!", "You are welcome.")


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as opened_ledger:
        yield opened_ledger


def chat(ledger: Ledger, *texts: str) -> list[int]:
    """A conversation of questions and answers in turn; gives the messages' ids."""
    conversation = ledger.new_conversation("Chat")
    return go_on(ledger, conversation, *texts)


def go_on(ledger: Ledger, conversation: int, *texts: str) -> list[int]:
    before = len(ledger.messages(conversation))
    return [
        ledger.add_message(conversation, "user" if at % 2 == 0 else "assistant", text).id
        for at, text in enumerate(texts, start=before)
    ]


def regenerated(ledger: Ledger, first: str, kept: str, asked: str = "When?") -> int:
    """An answer that took another's place, after which the person went on."""
    ids = chat(ledger, asked, kept, "Thanks!", "You are welcome.")
    ledger.note_replaced(ids[1], first, unhelpful=False)
    return ids[1]


def days_ago(ledger: Ledger, days: int, table: str) -> None:
    then = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    ledger._db.write(f"UPDATE {table} SET created = ?", (then,))


def accept(ledger: Ledger, proposal_id: int, **more: str) -> protocol.LessonRecord:
    request = protocol.AcceptProposal(id="", proposal_id=proposal_id, **more)  # type: ignore[arg-type]
    return corrections.accept(ledger, request)


# ------------------------------------------------------------------ words


def test_the_persons_words_are_offered_with_the_answer_they_went_on_from(ledger: Ledger) -> None:
    ids = chat(ledger, *ASKED, *SAID)
    assert waiting(ledger) == {str(ids[2]), str(ids[4])}
    assert find(ledger) == 1
    (offer,) = ledger.proposals()
    assert (offer.sign, offer.told, offer.note) == (
        "said",
        "No, it is at half past nine.",
        "It is at half past nine.",
    )
    assert (offer.prompt, offer.rejected, offer.corrected) == (*ASKED, SAID[1])
    assert (offer.title, offer.message_id) == ("Chat", ids[1])
    assert waiting(ledger) == frozenset()
    assert find(ledger) == 0
    assert ledger.lessons() == [], "nothing is learned unasked"


def test_where_nobody_went_on_the_person_writes_it(ledger: Ledger) -> None:
    chat(ledger, *ASKED, *SAID[:2])
    find(ledger)
    assert ledger.proposals()[0].corrected == ""


def test_a_second_complaint_is_about_the_same_request(ledger: Ledger) -> None:
    texts = ("No, shorter please", "Too short.", "In English, please", "Good.", "Thanks", "!")
    chat(ledger, "Write to Ana.", "Dear Madam", *texts)
    assert find(ledger) == 2
    second, first = ledger.proposals()
    assert (first.rejected, second.rejected) == ("Dear Madam", "Too short.")
    assert {first.prompt, second.prompt} == {"Write to Ana."}
    assert {first.corrected, second.corrected} == {"Good."}


def test_what_the_person_wrote_themselves_is_the_answer(ledger: Ledger) -> None:
    chat(ledger, "Write to Ana.", "Dear Madam", "No, do it like this: Hi Ana,\nsee you.", "OK.")
    find(ledger)
    assert ledger.proposals()[0].corrected == "Hi Ana,\nsee you."


def test_old_words_and_words_that_were_taught_are_not_offered(ledger: Ledger) -> None:
    chat(ledger, *ASKED, *SAID)
    days_ago(ledger, 8, "messages")
    lesson(ledger, note="In celsius, please!")
    chat(ledger, "How warm is it?", "77 F.", "in Celsius please", "25.")
    ids = chat(ledger, "How far is it?", "5 miles.", "in kilometres please", "8.")
    by_hand = protocol.Correct(id="", answer="8 km.", message_id=ids[1])
    corrections.correct(ledger, by_hand)
    assert find(ledger) == 0
    assert waiting(ledger) == frozenset()


# ------------------------------------------------------------------ decisions


def test_what_is_dismissed_is_never_offered_again(ledger: Ledger) -> None:
    ids = chat(ledger, *ASKED, *SAID)
    chat(ledger, "Write to Ana.", "Dear Madam", "Shorter, please", "Hi.")
    assert find(ledger) == 2
    for offer in ledger.proposals():
        ledger.dismiss_proposal(offer.id)
    ledger.delete_conversation(ledger.conversation_of(ids[0]))
    assert ledger.rows_naming("half past nine") == {}
    chat(ledger, "WHEN is our stand-up", "It is at nine.", "no: it is at half past NINE!", "Yes.")
    chat(ledger, "Explain rain.", "Rain is water.", "shorter please", "Water.")
    assert find(ledger) == 0, "a manner is the same whatever was asked"
    chat(ledger, "When is lunch?", "At noon.", "No, it is at half past nine.", "Yes.")
    assert find(ledger) == 1, "the same words about something else"


def test_accepting_makes_a_lesson_of_it_as_a_correction_does(ledger: Ledger) -> None:
    ids = chat(ledger, *ASKED, *SAID)
    find(ledger)
    (offer,) = ledger.proposals()
    with pytest.raises(BadRequestError, match="same as the one"):
        accept(ledger, offer.id, answer="It is at nine.")
    record = accept(ledger, offer.id)
    assert (record.prompt, record.rejected, record.corrected, record.note) == (
        *ASKED,
        "It is at half past nine.",
        "It is at half past nine.",
    )
    assert (record.kind, record.message_id, record.state) == ("fact", ids[1], "new")
    assert ledger.proposals() == []
    with pytest.raises(BadRequestError, match="decided on"):
        accept(ledger, offer.id)
    ledger.forget_lesson(record.id)
    ledger.set_setting("proposals_seen", "0")
    assert find(ledger) == 0, "what was forgotten is not offered again"


def test_what_the_person_edits_is_what_is_learned(ledger: Ledger) -> None:
    chat(ledger, *ASKED, *SAID[:2])
    find(ledger)
    (offer,) = ledger.proposals()
    with pytest.raises(BadRequestError, match="no corrected answer"):
        accept(ledger, offer.id)
    record = accept(ledger, offer.id, answer="At 9:30, Captain.", note="", kind="manner")
    assert (record.corrected, record.note, record.kind) == ("At 9:30, Captain.", "", "manner")


def test_correcting_the_answer_by_hand_takes_the_offer(ledger: Ledger) -> None:
    ids = chat(ledger, *ASKED, *SAID)
    find(ledger)
    corrections.correct(ledger, protocol.Correct(id="", answer="9:30.", message_id=ids[1]))
    assert ledger.proposals() == []


def test_a_forgotten_lesson_made_by_hand_is_not_offered(ledger: Ledger) -> None:
    ids = chat(ledger, *ASKED, *SAID)
    by_hand = protocol.Correct(id="", answer="9:30.", message_id=ids[1])
    ledger.forget_lesson(corrections.correct(ledger, by_hand).id)
    assert find(ledger) == 0


# ------------------------------------------------------------------ how many, and for how long


def test_three_a_day_and_the_rest_waits(ledger: Ledger) -> None:
    for number in range(5):
        chat(ledger, f"When is meeting {number}?", "At nine.", *SAID)
    assert find(ledger) == 3
    assert [offer.prompt[-2] for offer in ledger.proposals()] == ["2", "1", "0"]
    for offer in ledger.proposals():
        ledger.dismiss_proposal(offer.id)
    assert (find(ledger), waiting(ledger)) == (0, frozenset()), "dismissing does not make room"
    days_ago(ledger, 1, "proposals")
    assert waiting(ledger) != frozenset()
    assert find(ledger) == 2
    assert [offer.prompt[-2] for offer in ledger.proposals()] == ["4", "3"]


def test_whoever_never_looks_is_not_given_more(ledger: Ledger) -> None:
    for number in range(12):
        chat(ledger, f"When is meeting {number}?", "At nine.", *SAID)
    for _ in range(4):
        find(ledger)
        days_ago(ledger, 1, "proposals")
    assert len(ledger.proposals()) == proposals.MOST_WAITING
    assert waiting(ledger) == frozenset()


def test_an_offer_goes_with_its_messages(ledger: Ledger) -> None:
    first = chat(ledger, *ASKED, *SAID)
    second = chat(ledger, "Write to Ana.", "Dear Madam", "Shorter, please", "Hi.", "Good", "!")
    find(ledger)
    ledger.delete_conversation(ledger.conversation_of(first[0]))
    (offer,) = ledger.proposals()
    ledger.truncate_from(offer.conversation_id, second[3])
    assert ledger.proposals()[0].corrected == "", "the answer that was kept is gone"
    ledger.truncate_from(offer.conversation_id, second[2])
    assert ledger.proposals() == []
    assert ledger._db.read("SELECT * FROM proposals") == []


def test_resetting_what_was_learned_with_the_lessons_withdraws_offers(ledger: Ledger) -> None:
    chat(ledger, *ASKED, *SAID)
    chat(ledger, "Write to Ana.", "Dear Madam", "Shorter, please", "Hi.")
    find(ledger)
    ledger.dismiss_proposal(ledger.proposals()[0].id)
    ledger.reset_learned(keep_lessons=True)
    assert len(ledger.proposals()) == 1
    ledger.reset_learned(keep_lessons=False)
    assert ledger.proposals() == []
    chat(ledger, "Explain rain.", "Rain is water.", "shorter please", "Water.")
    assert find(ledger) == 0, "what was dismissed stays dismissed"


def test_a_ledger_that_is_only_read_has_nothing_waiting(home: Path) -> None:
    with opened(home) as ledger:
        chat(ledger, *ASKED, *SAID)
    newer = Ledger.open(made(home), KEY, migrations=(*MIGRATIONS, "CREATE TABLE extra (id INT)"))
    newer.close()
    with opened(home) as ledger:
        assert waiting(ledger) == frozenset()
        with pytest.raises(LedgerError):
            find(ledger)


# ------------------------------------------------------------------ other signs


def test_an_answer_marked_as_not_helpful_asks_how_it_should_have_been(ledger: Ledger) -> None:
    ids = chat(ledger, "What should I pack?", "Many things.")
    with pytest.raises(BadRequestError, match="not an answer"):
        ledger.rate(ids[0], unhelpful=True)
    ledger.rate(ids[1], unhelpful=True)
    assert ledger.message(ids[1]).unhelpful
    assert waiting(ledger) == {str(ids[1])}
    assert find(ledger) == 1
    (offer,) = ledger.proposals()
    assert (offer.sign, offer.prompt, offer.rejected, offer.corrected, offer.told) == (
        "unhelpful",
        "What should I pack?",
        "Many things.",
        "",
        "",
    )
    ledger.rate(ids[1], unhelpful=False)
    assert (ledger.proposals(), find(ledger), waiting(ledger)) == ([], 0, frozenset())


def test_words_say_more_than_a_mark(ledger: Ledger) -> None:
    ids = chat(ledger, *ASKED, *SAID)
    ledger.rate(ids[1], unhelpful=True)
    assert find(ledger) == 1
    assert [offer.sign for offer in ledger.proposals()] == ["said"]
    assert waiting(ledger) == frozenset()


def test_one_answer_asked_for_again_tells_nothing_and_three_alike_do(ledger: Ledger) -> None:
    for number in range(2):
        regenerated(ledger, LONG, SHORT, f"When does bus {number} leave?")
    regenerated(ledger, LONG, LONG.replace("nine", "ten"))
    assert find(ledger) == 0
    third = regenerated(ledger, LONG, SHORT, "When does bus 3 leave?")
    assert find(ledger) == 1
    (offer,) = ledger.proposals()
    assert offer.told == "You asked again 3 times, and kept the shorter answer."
    assert (offer.prompt, offer.rejected, offer.corrected, offer.note, offer.message_id) == (
        "When does bus 3 leave?",
        LONG,
        SHORT,
        "Keep it shorter.",
        third,
    )
    ledger.dismiss_proposal(offer.id)
    for number in range(4, 8):
        regenerated(ledger, LONG, SHORT, f"When does bus {number} leave?")
    assert find(ledger) == 0


def test_three_alike_among_many_others_are_chance(ledger: Ledger) -> None:
    for number in range(3):
        regenerated(ledger, LONG, SHORT, f"When does bus {number} leave?")
        regenerated(ledger, SHORT, LONG if number < 2 else SHORT)
    assert find(ledger) == 0


def test_an_answer_is_kept_when_the_person_goes_on_or_copies_it(ledger: Ledger) -> None:
    for number in range(3):
        ids = chat(ledger, f"When does bus {number} leave?", SHORT)
        ledger.note_replaced(ids[1], LONG, unhelpful=False)
        assert find(ledger) == 0
        ledger.note_copied(ids[1])
    ids = chat(ledger, "When does the train leave?", SHORT)
    ledger.note_copied(ids[1])
    assert find(ledger) == 1
    assert ledger._db.read("SELECT count(*) FROM answer_signs") == [(3,)], "others leave no trace"


def test_after_not_helpful_one_answer_asked_for_again_is_enough(ledger: Ledger) -> None:
    ids = chat(ledger, "When?", "No idea.")
    ledger.rate(ids[1], unhelpful=True)
    replaced = ledger.replaced_answer(ids[0])
    assert replaced == ("No idea.", True)
    conversation = ledger.conversation_of(ids[0])
    ledger.truncate_from(conversation, ids[1])
    (again,) = go_on(ledger, conversation, "At nine.")
    ledger.note_replaced(again, replaced[0], unhelpful=replaced[1])
    assert find(ledger) == 0, "not known yet whether it is kept"
    go_on(ledger, conversation, "Thanks!", "!")
    assert find(ledger) == 1
    (offer,) = ledger.proposals()
    assert (offer.sign, offer.rejected, offer.corrected) == ("unhelpful", "No idea.", "At nine.")


def test_a_replaced_answer_is_not_kept_longer_than_it_is_needed(ledger: Ledger) -> None:
    for number in range(3):
        regenerated(ledger, LONG, SHORT, f"When does bus {number} leave?")
    find(ledger)
    (offer,) = ledger.proposals()
    assert offer.rejected == LONG
    find(ledger)
    assert ledger.rows_naming(LONG[:200]) == {"answer_signs": 1}, "the offer needs one of them"
    ledger.dismiss_proposal(offer.id)
    regenerated(ledger, LONG, SHORT)
    find(ledger)
    assert ledger.rows_naming(LONG[:200]) == {"answer_signs": 1}, "the new one"
    days_ago(ledger, 31, "messages")
    find(ledger)
    assert ledger.rows_naming(LONG[:200]) == {}
