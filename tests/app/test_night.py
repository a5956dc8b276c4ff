"""The decision to study by itself: a table of situations, each with the sentence it is told by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
import pytest

from app.errors import BadRequestError
from app.night import Situation, checked, decide, night_of, paused, tomorrow
from app.night_records import Wishes

EVENING = datetime(2026, 11, 25, 23, 30)
NOBODY = "Nobody has used the computer for 12 minutes."
NIGHTLY = ("22:00", "07:00")


def of(**fields: Any) -> Situation:
    """Everything as it should be, but for what is given."""
    usual: dict[str, Any] = {
        "now": EVENING,
        "idle": 12 * 60.0,
        "free": 2_000_000_000,
        "needed": 1_500_000_000,
        "waiting": True,
    }
    return Situation(**{**usual, **fields})


def wish(**fields: Any) -> Wishes:
    return msgspec.structs.replace(Wishes(on=True), **fields)


def at(hour: int, minute: int = 0) -> datetime:
    return EVENING.replace(hour=hour, minute=minute)


STUDIES = [
    (of(), wish(), NOBODY),
    (of(idle=600.0), wish(), "Nobody has used the computer for 10 minutes."),
    (of(idle=7300.0), wish(), "Nobody has used the computer for 2 hours."),
    (of(idle=60.0), wish(idle_minutes=1), "Nobody has used the computer for 1 minute."),
    # Without a battery nothing needs to be known of mains.
    (of(mains=None, battery=None), wish(), NOBODY),
    (of(mains=True, battery=3), wish(), NOBODY),
    (of(mains=False, battery=60), wish(battery=60), NOBODY),
    (of(mains=None, battery=80), wish(battery=60), NOBODY),
    (of(now=at(22)), wish(hours=NIGHTLY), NOBODY),
    (of(now=at(6, 59)), wish(hours=NIGHTLY), NOBODY),
    (of(now=at(12)), wish(hours=("9:00", "17:30")), NOBODY),
    (of(minutes=119.0), wish(), NOBODY),
    (of(), wish(paused_until="2026-11-25T07:00"), NOBODY),
    (of(now=at(7)), wish(paused_until="2026-11-25T07:00"), NOBODY),
    (of(free=1_500_000_000), wish(), NOBODY),
    (of(load=0.5), wish(), NOBODY),
    # What a session of the night uses itself does not speak against it, nor that it is the last.
    (of(session="night", waiting=False, free=0, load=1.0), wish(), NOBODY),
    (of(session="night", tried="It failed."), wish(), NOBODY),
]

WAITS = [
    (of(), Wishes(), "Turned off."),
    (of(), wish(paused_until="2026-11-26T07:00"), "Paused until tomorrow."),
    (of(session="night"), wish(paused_until="2026-11-26T07:00"), "Paused until tomorrow."),
    (of(now=at(3)), wish(paused_until="2026-11-25T07:00"), "Paused until 7:00."),
    (of(idle=0.0, hot=True), wish(paused_until="2026-11-26T07:00"), "Paused until tomorrow."),
    (of(), Wishes(paused_until="2026-11-26T07:00"), "Turned off."),
    (of(idle=None), Wishes(), "Turned off."),
    (of(idle=None), wish(), "It cannot be known here whether somebody is using the computer."),
    (
        of(idle=None, session="night"),
        wish(),
        "It cannot be known here whether somebody is using the computer.",
    ),
    (of(idle=0.0), wish(), "You used the computer just now."),
    (of(idle=0.3, session="night"), wish(), "You used the computer just now."),
    (of(idle=90.0), wish(), "You used the computer 1 minute ago."),
    (of(idle=599.9), wish(), "You used the computer 9 minutes ago."),
    (of(idle=599.9), wish(idle_minutes=60), "You used the computer 9 minutes ago."),
    (of(mains=False, battery=40), wish(), "On battery at 40 %."),
    (of(mains=False, battery=100), wish(), "On battery at 100 %."),
    (of(mains=None, battery=40), wish(), "On battery at 40 %."),
    (of(mains=False, battery=59), wish(battery=60), "On battery at 59 %, below your 60 %."),
    (of(mains=False, battery=None), wish(battery=60), "On battery."),
    (of(mains=False, battery=40, session="night"), wish(), "On battery at 40 %."),
    (of(now=at(7)), wish(hours=NIGHTLY), "It is outside your hours (22:00 to 7:00)."),
    (of(now=at(21, 59)), wish(hours=NIGHTLY), "It is outside your hours (22:00 to 7:00)."),
    (of(now=at(17, 30)), wish(hours=("9", "17:30")), "It is outside your hours (9:00 to 17:30)."),
    (of(waiting=False), wish(), "Nothing new was taught."),
    (of(session="person"), wish(), "It is doing what you asked for."),
    (of(minutes=119.5), wish(), "It has studied its 120 minutes for tonight."),
    (
        of(minutes=31.0, session="night"),
        wish(budget_minutes=30),
        "It has studied its 30 minutes for tonight.",
    ),
    (of(tried="It has studied tonight."), wish(), "It has studied tonight."),
    (of(hot=True), wish(), "The computer is hot."),
    (of(hot=True, session="night"), wish(), "The computer is hot."),
    (
        of(free=900_000_000),
        wish(),
        "Too little memory: 0.9 GB are free, 1.5 GB are needed.",
    ),
    (of(load=0.51), wish(), "Other programs are busy."),
    # What a person would act on first is told first.
    (of(idle=0.0, waiting=False, hot=True, mains=False), wish(), "Nothing new was taught."),
]


@pytest.mark.parametrize(("situation", "wishes", "reason"), STUDIES)
def test_it_studies(situation: Situation, wishes: Wishes, reason: str) -> None:
    decision = decide(situation, wishes)
    assert (decision.work, decision.reason) == (True, reason)


@pytest.mark.parametrize(("situation", "wishes", "reason"), WAITS)
def test_it_does_not_study_and_says_why(situation: Situation, wishes: Wishes, reason: str) -> None:
    decision = decide(situation, wishes)
    assert (decision.work, decision.reason) == (False, reason)


@pytest.mark.parametrize(
    ("moment", "night"),
    [(at(12), 25), (at(23, 59), 25), (at(0), 24), (at(11, 59), 24)],
)
def test_a_night_is_from_noon_to_noon(moment: datetime, night: int) -> None:
    assert night_of(moment) == date(2026, 11, night)


@pytest.mark.parametrize(
    ("moment", "until"),
    [(at(7), 26), (at(23, 59), 26), (at(0, 30), 25), (at(3, 59), 25), (at(4), 26)],
)
def test_until_tomorrow_is_until_seven_after_the_next_sleep(moment: datetime, until: int) -> None:
    end = tomorrow(moment)
    assert end == datetime(2026, 11, until, 7)
    wishes = checked(wish(paused_until=end.isoformat(timespec="minutes")))
    assert paused(moment, wishes)
    assert not paused(end, wishes)
    assert not paused(moment, wish())


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"idle_minutes": 0}, "idle time"),
        ({"battery": 101}, "battery"),
        ({"budget_minutes": 0}, "night"),
        ({"paused_until": "tomorrow"}, "local date and time"),
        ({"paused_until": "2026-11-26T07:00Z"}, "local date and time"),
        ({"hours": ("22:00", "25:00")}, "two times of day"),
        ({"hours": ("", "7:00")}, "two times of day"),
        ({"hours": ("7:00", "07:00")}, "the same time"),
    ],
)
def test_wishes_that_cannot_be_meant_are_refused(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        checked(wish(**fields))
    assert told in refused.value.message


def test_wishes_that_can_be_meant_are_kept() -> None:
    wishes = wish(hours=NIGHTLY, battery=50, idle_minutes=1, budget_minutes=1440)
    assert checked(wishes) is wishes
