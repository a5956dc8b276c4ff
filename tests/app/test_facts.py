"""Facts: from when until when they hold, what takes their place, and what the model is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from app import facts, protocol
from app.errors import BadRequestError
from app.ledger import Ledger
from app.protocol import LessonRecord
from tests.app.service_client import Client, service
from tests.app.storage import lesson, opened

DAYS = {"old": "2019-05-01", "mid": "2022-01-15", "new": "2025-03-03"}
SINCE = "Example question: Since when?\nExample answer: "
TODAY = date.today().isoformat()
NAMES = {"old": "Dr. Moreau", "mid": "Dr. Okafor", "new": "Dr. Vega"}


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


def dentist(ledger: Ledger, name: str, asked: str = "Who is my dentist?") -> str:
    made = ledger.add_lesson(
        kind="fact", prompt=asked, rejected="", corrected=f"Your dentist is {name}.", note=""
    )
    ledger.supersede_lessons()
    return made.id


def dated(ledger: Ledger, id_: str, since: str | None = None, until: str | None = None) -> None:
    ledger.set_validity(id_, since, until)
    ledger.supersede_lessons()


def dates(record: LessonRecord) -> tuple[str | None, str | None, str | None]:
    return record.valid_from, record.valid_to, record.superseded_by


def three(ledger: Ledger, *order: str) -> dict[str, str]:
    """The three dentists, taught in this order and dated as in `DAYS`; their ids by name."""
    ids = {which: dentist(ledger, NAMES[which]) for which in order}
    for which, id_ in ids.items():
        dated(ledger, id_, DAYS[which])
    return ids


def shown(ledger: Ledger, day: str) -> list[str]:
    return [each.id for each in facts.holding(ledger.lessons(), date.fromisoformat(day))]


def test_a_fact_holds_from_the_day_it_was_taught(ledger: Ledger) -> None:
    fact = ledger.lesson(dentist(ledger, "Dr. Vega"))
    assert dates(fact) == (TODAY, None, None)
    assert not fact.from_given
    assert dates(lesson(ledger)) == (None, None, None)
    assert facts.since(ledger.lessons()) == {}, "the day of teaching tells nothing of the fact"


def test_a_newer_fact_ends_the_older_and_forgetting_it_brings_that_back(home: Path) -> None:
    with opened(home) as ledger:
        old, new = dentist(ledger, "Dr. Moreau"), dentist(ledger, "Dr. Vega", "Who’s my dentist?")
        dated(ledger, new, "2025-03-03")
    with opened(home) as ledger:
        # What was taught today is newer than what holds since long.
        assert dates(ledger.lesson(new)) == ("2025-03-03", TODAY, old)
        dated(ledger, old, "2019-05-01")
        assert dates(ledger.lesson(old)) == ("2019-05-01", "2025-03-03", new)
        assert dates(ledger.lesson(new)) == ("2025-03-03", None, None)
        assert shown(ledger, TODAY) == [new]
        assert shown(ledger, "2020-01-01") == [old]
        ledger.forget_lesson(new)
        ledger.supersede_lessons()
        assert dates(ledger.lesson(old)) == ("2019-05-01", None, None)
        assert ledger.lesson(old).state == "new"
        assert set(ledger.rows_naming(new)) == {"forgotten_lessons"}


@pytest.mark.parametrize("order", [("old", "mid", "new"), ("new", "old", "mid")])
def test_each_of_several_facts_ends_when_the_next_begins(
    ledger: Ledger, order: tuple[str, ...]
) -> None:
    ids = three(ledger, *order)
    assert dates(ledger.lesson(ids["old"])) == (DAYS["old"], DAYS["mid"], ids["mid"])
    assert dates(ledger.lesson(ids["mid"])) == (DAYS["mid"], DAYS["new"], ids["new"])
    assert dates(ledger.lesson(ids["new"])) == (DAYS["new"], None, None)
    assert facts.since(ledger.lessons())[ids["new"]] == (
        f"{SINCE}Since 3 March 2025.\nBefore 3 March 2025: Your dentist is Dr. Okafor."
    )
    ledger.forget_lesson(ids["mid"])
    ledger.supersede_lessons()
    assert dates(ledger.lesson(ids["old"])) == (DAYS["old"], DAYS["new"], ids["new"])
    assert "Dr. Moreau" in facts.since(ledger.lessons())[ids["new"]]


def test_an_end_given_by_hand_stays_when_the_newer_fact_is_forgotten(ledger: Ledger) -> None:
    old = dentist(ledger, "Dr. Moreau")
    dated(ledger, old, "2019-05-01", "2021-12-31")
    new = dentist(ledger, "Dr. Vega")
    kept = ledger.lesson(old)
    assert (dates(kept), kept.to_given) == (("2019-05-01", "2021-12-31", new), True)
    assert facts.since(ledger.lessons()) == {old: f"{SINCE}Since 1 May 2019."}, (
        "years lay between them"
    )
    ledger.forget_lesson(new)
    ledger.supersede_lessons()
    assert dates(ledger.lesson(old)) == ("2019-05-01", "2021-12-31", None)
    assert shown(ledger, TODAY) == []
    dated(ledger, old, "2019-05-01")
    assert shown(ledger, TODAY) == [old]


def test_an_end_by_hand_does_not_outlive_a_newer_fact(ledger: Ledger) -> None:
    old = dentist(ledger, "Dr. Moreau")
    dated(ledger, old, "2019-05-01", "2999-01-01")
    dentist(ledger, "Dr. Vega")
    kept = ledger.lesson(old)
    assert (kept.valid_to, kept.to_given) == (TODAY, False)


def test_a_fact_of_the_future_leaves_the_older_one_in_use_until_then(ledger: Ledger) -> None:
    old, new = dentist(ledger, "Dr. Moreau"), dentist(ledger, "Dr. Vega")
    coming = (date.today() + timedelta(days=30)).isoformat()
    dated(ledger, new, coming)
    assert dates(ledger.lesson(old)) == (TODAY, coming, new)
    assert shown(ledger, TODAY) == [old]
    assert shown(ledger, coming) == [new]


def test_a_lesson_that_is_no_fact_any_more_has_no_dates(ledger: Ledger) -> None:
    fact = dentist(ledger, "Dr. Vega")
    dated(ledger, fact, "2025-03-03", "2025-04-01")
    assert dates(ledger.set_lesson(fact, kind="term")) == (None, None, None)
    assert shown(ledger, TODAY) == [fact]


@pytest.mark.parametrize(
    ("since", "until", "title"),
    [
        ("2025-03-03", "2025-03-02", "The end is before the beginning"),
        (None, "2001-01-01", "The end is before the beginning"),
        ("3 March 2025", None, "This is not a date"),
        ("2025-02-30", None, "This is not a date"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    ledger: Ledger, since: str | None, until: str | None, title: str
) -> None:
    fact = dentist(ledger, "Dr. Vega")
    with pytest.raises(BadRequestError) as caught:
        ledger.set_validity(fact, since, until)
    assert caught.value.title == title
    assert dates(ledger.lesson(fact)) == (TODAY, None, None)


def test_what_an_older_nightschool_left_unnamed_is_named(ledger: Ledger) -> None:
    old, new = dentist(ledger, "Dr. Moreau"), dentist(ledger, "Dr. Vega")
    ledger._db.write("UPDATE lessons SET superseded_by = NULL")
    ledger.supersede_anew()
    assert dates(ledger.lesson(old)) == (TODAY, TODAY, new)


def test_what_was_so_before_is_cut_to_a_line(ledger: Ledger) -> None:
    ids = dentist(ledger, "Dr. Moreau,\n" + "of the long street " * 20), dentist(ledger, "Dr. Vega")
    (line,) = facts.since(ledger.lessons()).values()
    assert ledger.lesson(ids[0]).superseded_by == ids[1]
    assert "Dr. Moreau, of the long" in line
    assert len(line) < facts.BEFORE + 120


def test_who_went_back_to_an_earlier_answer_has_it_since_then(ledger: Ledger) -> None:
    days = ("2019-05-01", "2022-01-15", "2025-03-03")
    ids = [dentist(ledger, name) for name in ("Dr. Moreau", "Dr. Vega", "Dr. Moreau")]
    for id_, day in zip(ids, days, strict=True):
        dated(ledger, id_, day)
    assert shown(ledger, TODAY) == [ids[2]]
    assert [ledger.lesson(id_).valid_to for id_ in ids] == [days[1], days[2], None]
    assert "Before 3 March 2025: Your dentist is Dr. Vega." in facts.since(ledger.lessons())[ids[2]]


# ------------------------------------------------------------------ through the service


def taught(client: Client, name: str) -> str:
    record = client.call(
        protocol.Correct,
        prompt="Who is my dentist?",
        answer=f"Your dentist is {name}.",
        kind="fact",
    )
    return str(record["id"])


def listed(client: Client) -> dict[str, LessonRecord]:
    done = client.outcome(client.send(protocol.ListLessons))
    assert isinstance(done, protocol.Done)
    return {record.id: record for record in protocol.result_as(done, list[LessonRecord])}


def test_the_answer_uses_the_fact_that_holds_and_says_since_when(tmp_path: Path) -> None:
    with service(tmp_path / "home") as client:
        client.open()
        old, new = taught(client, "Dr. Moreau"), taught(client, "Dr. Vega")
        client.call(protocol.SetValidity, lesson_id=old, valid_from="2019-05-01")
        client.call(protocol.SetValidity, lesson_id=new, valid_from="2025-03-03")
        found = listed(client)
        assert dates(found[old]) == ("2019-05-01", "2025-03-03", new)
        assert dates(found[new]) == ("2025-03-03", None, None)
        answer = client.call(protocol.Ask, text="Who is my dentist?")
        assert answer["provenance"]["lessons_in_context"] == [new]
        assert "Vega" in answer["text"]
        since = client.call(
            protocol.Ask, text="Since when?", conversation_id=answer["conversation_id"]
        )
        assert since["provenance"]["lessons_in_context"] == [new]
        assert "3 March 2025" in since["text"]
        client.call(protocol.Forget, lesson_id=new)
        again = client.call(protocol.Ask, text="Who is my dentist?")
        assert again["provenance"]["lessons_in_context"] == [old]
        assert dates(listed(client)[old]) == ("2019-05-01", None, None)


def test_dates_that_cannot_be_set_are_refused_in_words(tmp_path: Path) -> None:
    with service(tmp_path / "home") as client:
        client.open()
        fact = taught(client, "Dr. Vega")
        rule = client.call(
            protocol.Correct, prompt="How far?", answer="Far.", note="Be brief.", kind="manner"
        )
        send = protocol.SetValidity
        swapped = client.refused(
            send, lesson_id=fact, valid_from="2025-03-03", valid_to="2024-01-01"
        )
        assert swapped.title == "The end is before the beginning"
        assert client.refused(send, lesson_id=rule["id"]).title == "Only facts have dates"
        assert client.refused(send, lesson_id="l-000000").title == "No such lesson"
        assert client.refused(send, lesson_id=fact, valid_from="soon").title == "This is not a date"
