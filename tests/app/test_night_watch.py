"""The night watch over a real ledger: the best first, each once a night, never beside a person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from app import morning, protocol
from app.ledger import Ledger
from app.machine import MachineState
from app.night import night_of
from app.night_book import NightBook
from app.night_jobs import Job, Work
from app.night_records import Doing, Wishes
from app.night_watch import NightWatch, Outcome
from app.protocol import ErrorInfo
from tests.app.storage import opened, report

AWAY = 10_000.0


class Rest:
    """A machine at rest, whose person has gone."""

    def __init__(self) -> None:
        self.at = AWAY
        self.here = False
        self.when = datetime(2026, 11, 25, 23, 30)

    def seconds(self) -> float:
        return self.at

    def now(self) -> datetime:
        return self.when

    def idle(self) -> float | None:
        return 0.0 if self.here else AWAY

    def machine(self) -> MachineState:
        return MachineState(mains=True, battery=None, hot=False, free=10**12, load=0.0)


IDS: dict[Doing, str] = {
    "study": protocol.NIGHT,
    "notes": protocol.NIGHT_NOTES,
    "backup": protocol.NIGHT_BACKUP,
}


class Desk:
    """Heaps of work; what is carried out is written down, and clears its heap unless told."""

    def __init__(self, ledger: Ledger) -> None:
        self.heaps: dict[Doing, set[str]] = {"study": {"a"}, "notes": {"1"}, "backup": set()}
        self.done: list[str] = []
        self.error = ""
        self.senses = Rest()
        jobs = [self._job(doing, id_) for doing, id_ in IDS.items()]
        self.watch = NightWatch(lambda: ledger, jobs, self.senses, self._carry_out, lambda: None)
        self.watch.set_wishes(Wishes(on=True))

    def _job(self, doing: Doing, id_: str) -> Job:
        return Job(
            doing=doing,
            waiting=lambda: frozenset(self.heaps[doing]),
            needed=lambda: 0,
            request=lambda _: protocol.MakeNotes(id=id_),
            quiet=doing == "backup",
        )

    def _carry_out(self, request: Work, stop: threading.Event) -> Outcome:
        self.done.append(request.id)
        if self.error:
            told = ErrorInfo(code=self.error, title="The disk is full", message="", next_step="")
            return protocol.Failed(id=request.id, error=told)
        self.heaps[next(doing for doing, id_ in IDS.items() if id_ == request.id)].clear()
        return protocol.Done(id=request.id, result=None)

    def reason(self) -> str:
        return self.watch.look().reason


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


@pytest.fixture
def desk(ledger: Ledger) -> Desk:
    return Desk(ledger)


def test_lessons_come_before_notes_and_then_nothing_is_left(desk: Desk) -> None:
    for _ in range(4):
        desk.watch.turn()
    assert desk.done == [protocol.NIGHT, protocol.NIGHT_NOTES]
    assert desk.reason() == "Nothing new was taught."


def test_what_failed_is_tried_once_a_night_and_the_rest_goes_on(desk: Desk) -> None:
    desk.error = "storage_full"
    for _ in range(4):
        desk.watch.turn()
    assert desk.done == [protocol.NIGHT, protocol.NIGHT_NOTES]
    assert desk.reason() == "It could not go on tonight: The disk is full."
    desk.error = ""
    desk.heaps["notes"].add("2")
    desk.watch.turn()
    assert desk.done[2:] == [protocol.NIGHT_NOTES], "something new is tried, what failed is not"
    desk.watch.set_wishes(Wishes(on=True))
    desk.watch.turn()
    assert desk.done[3:] == [protocol.NIGHT], "whoever sets it anew wants it tried anew"


def test_what_failed_is_tried_again_the_next_night(desk: Desk) -> None:
    desk.error = "storage_full"
    desk.watch.turn()
    desk.watch.turn()
    desk.watch.turn()
    assert len(desk.done) == 2
    desk.senses.when += timedelta(days=1)
    desk.watch.turn()
    assert desk.done[2:] == [protocol.NIGHT]


def test_what_was_interrupted_is_taken_up_again(desk: Desk) -> None:
    desk.error = "stopped"
    desk.watch.turn()
    desk.watch.turn()
    assert desk.done == [protocol.NIGHT, protocol.NIGHT]


def test_while_the_person_waits_for_an_answer_nothing_begins(desk: Desk) -> None:
    with desk.watch.under_way():
        desk.senses.at += AWAY  # it takes as long as it takes
        desk.watch.turn()
        assert desk.reason() == "It is doing what you asked for."
    assert desk.reason() == "You used the computer just now."
    desk.senses.at += AWAY
    desk.watch.turn()
    assert desk.done == [protocol.NIGHT]


def test_a_pause_holds_until_it_is_over_or_ended(desk: Desk) -> None:
    report = desk.watch.pause(until_tomorrow=True)
    assert report.paused
    assert report.reason.startswith("Paused until ")
    desk.watch.turn()
    assert desk.done == []
    report = desk.watch.pause(until_tomorrow=False)
    assert (report.paused, report.wishes.paused_until) == (False, None)
    desk.watch.turn()
    assert desk.done == [protocol.NIGHT]


def test_the_morning_tells_of_every_stretch_until_it_was_read(desk: Desk, ledger: Ledger) -> None:
    assert morning.of(ledger) is None
    desk.error = "stopped"
    desk.watch.turn()
    desk.error = "storage_full"
    desk.watch.turn()
    desk.error = ""
    desk.watch.turn()
    found = morning.of(ledger)
    assert found is not None
    assert (found.night.stretches, found.night.finished, found.night.noted) == (3, 2, 1)
    assert found.night.trouble == "The disk is full"
    assert found.night.usage.cpu_seconds >= 0
    assert found.night.minutes >= found.night.noting >= 0
    assert not found.seen
    assert found.night.ended is not None
    NightBook(ledger).see(found.night.ended)
    seen = morning.of(ledger)
    assert seen is not None
    assert seen.seen


@pytest.mark.parametrize("hour", [0, 6, 11, 12, 18, 23])
def test_the_studies_of_that_night_are_told_and_no_others(
    desk: Desk, ledger: Ledger, hour: int
) -> None:
    desk.senses.when = desk.senses.when.replace(hour=hour)
    desk.watch.turn()
    now = desk.senses.now().astimezone(UTC)
    tonight = msgspec.structs.replace(report(), started=now.isoformat(), by_night=True)
    before = msgspec.structs.replace(tonight, started=(now - timedelta(days=1)).isoformat())
    for one in (before, tonight, report()):
        ledger.add_report(one)
    found = morning.of(ledger)
    assert found is not None
    assert found.reports == (tonight,)
    ledger.reset_learned(keep_lessons=True)
    assert morning.of(ledger) is None


def test_quiet_work_comes_last_is_not_counted_and_told_only_where_it_fails(
    desk: Desk, ledger: Ledger
) -> None:
    desk.heaps["notes"].clear()
    desk.heaps["backup"].add("tonight")
    desk.senses.here = True
    assert desk.reason() == "You used the computer just now."
    desk.heaps["study"].clear()
    assert desk.reason() == "Nothing new was taught.", "a copy that waits is no news"
    desk.senses.here = False
    desk.heaps["study"].add("a")
    for _ in range(3):
        desk.watch.turn()
    assert desk.done == [protocol.NIGHT, protocol.NIGHT_BACKUP]
    assert [night.stretches for night in ledger.nights()] == [1]
    assert desk.reason() == "Nothing new was taught."

    desk.heaps["backup"].add("again")
    desk.error = "storage_full"
    desk.watch.turn()
    assert desk.done[2:] == [protocol.NIGHT_BACKUP]
    assert desk.reason() == "It could not go on tonight: The disk is full."
    (night,) = ledger.nights()
    assert (night.stretches, night.trouble) == (1, "The disk is full")


def test_quiet_work_is_done_when_the_minutes_of_the_night_are_used_up(
    desk: Desk, ledger: Ledger
) -> None:
    NightBook(ledger).add(night_of(desk.senses.now()), 500, "study")
    desk.heaps["backup"].add("tonight")
    desk.watch.turn()
    assert desk.done == [protocol.NIGHT_BACKUP]
    assert desk.reason() == "It has studied its 120 minutes for tonight."
