"""Lessons: their lives, and that forgetting one leaves an id and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import BadRequestError
from app.ledger import Ledger
from tests.app.storage import lesson, opened, report, result


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


def test_a_lesson_is_kept_as_given(home: Path) -> None:
    with opened(home) as ledger:
        kept = ledger.add_lesson(
            kind="manner", prompt="Write.", rejected="Dear,", corrected="Hi,", note="Be brief."
        )
    with opened(home) as ledger:
        assert ledger.lesson(kept.id) == kept
        assert ledger.lessons() == [kept]
    assert re.fullmatch(r"l-[0-9a-f]{6}", kept.id)
    assert (kept.kind, kept.state, kept.reason, kept.adapter) == ("manner", "new", "", None)


def test_the_newest_lesson_comes_first(ledger: Ledger) -> None:
    ids = [lesson(ledger, str(i)).id for i in range(5)]
    assert [each.id for each in ledger.lessons()] == ids[::-1]
    assert len(set(ids)) == 5


def test_a_new_state_comes_with_its_own_reason_and_adapter(ledger: Ledger) -> None:
    id_ = lesson(ledger).id
    learned = ledger.set_lesson(id_, state="learned", adapter=4)
    assert (learned.state, learned.adapter, learned.reason) == ("learned", 4, "")
    moved = ledger.set_lesson(id_, kind="manner")
    assert (moved.kind, moved.state, moved.adapter) == ("manner", "learned", 4)
    held = ledger.set_lesson(id_, state="in_context", reason="It did not help.")
    assert (held.state, held.adapter, held.reason) == ("in_context", None, "It did not help.")
    assert ledger.set_lesson(id_, reason="Other.").state == "in_context"
    assert ledger.set_lesson(id_, state="new").reason == ""


def test_a_forgotten_lesson_is_only_an_id_and_a_time(ledger: Ledger) -> None:
    kept, gone = lesson(ledger, "kept"), lesson(ledger, "gone")
    ledger.forget_lesson(gone.id)
    assert [each.id for each in ledger.lessons()] == [kept.id]
    (tombstone,) = ledger.forgotten()
    assert tombstone.id == gone.id
    for call in (ledger.lesson, ledger.forget_lesson, ledger.set_lesson):
        with pytest.raises(BadRequestError):
            call(gone.id)


def test_reports_stop_quoting_a_forgotten_lesson(ledger: Ledger) -> None:
    kept, gone = lesson(ledger, "kept"), lesson(ledger, "gone")
    ledger.add_report(report(result(kept.id, "the kept one"), result(gone.id, "the gone one")))
    ledger.forget_lesson(gone.id)
    newest = ledger.last_report()
    assert newest is not None
    assert [each.question for each in newest.lessons] == ["the kept one"]
    ledger.add_report(report(result(gone.id, "the gone one")))
    assert ledger.reports()[0].lessons == ()


def test_a_lesson_of_an_unknown_message_is_refused(ledger: Ledger) -> None:
    with pytest.raises(BadRequestError):
        ledger.add_lesson(
            kind="term", prompt="?", rejected="", corrected="!", note="", message_id=99
        )
    assert ledger.lessons() == []


def manner(ledger: Ledger, note: str) -> str:
    made = ledger.add_lesson(
        kind="manner", prompt="How far?", rejected="", corrected="Far.", note=note
    )
    ledger.supersede_lessons()
    return made.id


def test_a_superseded_lesson_says_which_newer_one_counts_and_why(ledger: Ledger) -> None:
    metric, miles = manner(ledger, "Use kilometres."), manner(ledger, "Use miles.")
    old = ledger.lesson(metric)
    assert old.state == "superseded"
    assert old.reason == (
        "A newer lesson, “Use miles.”, wants miles where this one wants kilometres."
        " The newer one counts."
    )
    assert ledger.lesson(miles).state == "new"


def test_a_reason_does_not_outlive_the_lesson_it_quotes(ledger: Ledger) -> None:
    metric, first = manner(ledger, "Use kilometres."), manner(ledger, "Use miles.")
    second = manner(ledger, "Use miles, please.")
    assert "“Use miles, please.”" in ledger.lesson(metric).reason
    ledger.forget_lesson(second)
    ledger.supersede_lessons()
    assert "“Use miles.”" in ledger.lesson(metric).reason
    ledger.forget_lesson(first)
    ledger.supersede_lessons()
    assert (ledger.lesson(metric).state, ledger.lesson(metric).reason) == ("new", "")
