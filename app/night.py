"""Night: decides whether to study by itself now, and says why in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from app.errors import BadRequestError
from app.night_records import Wishes

BUSY = 0.5
"""Share of all cores that others may use; training has the lowest priority, but fans and heat
are theirs, too."""

LEAST_MINUTES = 1.0
"""A stretch shorter than this would end before its first checkpoint."""

DAY_BEGINS = timedelta(hours=4)
MORNING = time(7)
"""See `tomorrow`."""


@dataclass(frozen=True)
class Situation:
    """What is known at one moment.

    `idle` are seconds since the last input, None when that cannot be known. `mains` and `battery`
    (percent) are None when unknown, `battery` also where there is none. `free` and `needed` are
    bytes of memory. `now` is local time. `waiting` tells whether there is something to do.
    `session` tells whose work is under way. `minutes` were used tonight. `load` is the share of all
    cores that other programs use. `tried` says what came of the same work earlier tonight.
    """

    now: datetime
    idle: float | None
    mains: bool | None = True
    battery: int | None = None
    hot: bool = False
    free: int = 0
    needed: int = 0
    waiting: bool = False
    session: Literal["none", "night", "person"] = "none"
    minutes: float = 0.0
    load: float = 0.0
    tried: str = ""


@dataclass(frozen=True)
class Decision:
    """Work or not, and why."""

    work: bool
    reason: str


TURNED_OFF = Decision(False, "Turned off.")


def decide(situation: Situation, wishes: Wishes) -> Decision:
    """Whether to work (or, in a night's session, to go on); the first thing against it is told."""
    if not wishes.on:
        return TURNED_OFF
    against = (
        _pause(situation.now, wishes)
        or _unwelcome(situation, wishes)
        or _nothing_to_do(situation, wishes)
        or _power(situation, wishes)
        or _in_use(situation, wishes)
        or _burden(situation)
    )
    if against:
        return Decision(False, against)
    assert situation.idle is not None
    return Decision(True, f"Nobody has used the computer for {_minutes(situation.idle)}.")


def _pause(now: datetime, wishes: Wishes) -> str:
    if not paused(now, wishes):
        return ""
    until = datetime.fromisoformat(wishes.paused_until or "")
    if until.date() == now.date():
        return f"Paused until {_clock(until.time())}."
    return "Paused until tomorrow."


def _unwelcome(situation: Situation, wishes: Wishes) -> str:
    if situation.idle is None:
        return "It cannot be known here whether somebody is using the computer."
    if wishes.hours is not None and not _within(situation.now.time(), wishes.hours):
        first, last = (_clock(_time(each)) for each in wishes.hours)
        return f"It is outside your hours ({first} to {last})."
    return ""


def _nothing_to_do(situation: Situation, wishes: Wishes) -> str:
    if situation.session == "person":
        return "It is doing what you asked for."
    if situation.session == "none" and not situation.waiting:
        return "Nothing new was taught."
    if wishes.budget_minutes - situation.minutes < LEAST_MINUTES:
        return f"It has studied its {wishes.budget_minutes} minutes for tonight."
    return situation.tried if situation.session == "none" else ""


def _power(situation: Situation, wishes: Wishes) -> str:
    # Without a battery the computer runs on mains, whatever its system knows to say.
    if situation.mains or (situation.battery is None and situation.mains is None):
        return ""
    told = "On battery" if situation.battery is None else f"On battery at {situation.battery} %"
    if wishes.battery is None or situation.battery is None:
        return f"{told}."
    if situation.battery < wishes.battery:
        return f"{told}, below your {wishes.battery} %."
    return ""


def _in_use(situation: Situation, wishes: Wishes) -> str:
    assert situation.idle is not None
    if situation.idle >= wishes.idle_minutes * 60:
        return ""
    if situation.idle < 60:
        return "You used the computer just now."
    return f"You used the computer {_minutes(situation.idle)} ago."


def _burden(situation: Situation) -> str:
    if situation.hot:
        return "The computer is hot."
    if situation.session == "night":  # then memory and load are its own
        return ""
    if situation.free < situation.needed:
        return (
            f"Too little memory: {situation.free / 1e9:.1f} GB are free,"
            f" {situation.needed / 1e9:.1f} GB are needed."
        )
    if situation.load > BUSY:
        return "Other programs are busy."
    return ""


def night_of(now: datetime) -> date:
    """The night that a moment belongs to, from noon to noon, named by the day it began on."""
    return (now - timedelta(hours=12)).date()


def paused(now: datetime, wishes: Wishes) -> bool:
    """Whether a pause is set and not over at `now`, in local time."""
    until = wishes.paused_until
    return until is not None and now < datetime.fromisoformat(until)


def tomorrow(now: datetime) -> datetime:
    """Until when “until tomorrow” is: 7:00 of the next day, where a day begins at 4:00.

    Whoever is still up at one o'clock means the coming morning; whoever is up at five, the next.
    """
    today = (now - DAY_BEGINS).date()
    return datetime.combine(today + timedelta(days=1), MORNING)


def checked(wishes: Wishes) -> Wishes:
    """The same wishes. Raises BadRequestError when one of them cannot be meant."""
    problem = ""
    if not 1 <= wishes.idle_minutes <= 720:
        problem = "The idle time is between 1 minute and 12 hours."
    elif wishes.battery is not None and not 0 <= wishes.battery <= 100:
        problem = "A battery has between 0 and 100 %."
    elif not 1 <= wishes.budget_minutes <= 1440:
        problem = "A night has between 1 and 1440 minutes."
    elif not _is_moment(wishes.paused_until):
        problem = "A pause ends at a local date and time, such as 2026-11-26T07:00."
    elif wishes.hours is not None:
        problem = _wrong_hours(wishes.hours)
    if problem:
        raise BadRequestError("This cannot be set", problem, "Choose another value.")
    return wishes


def _is_moment(text: str | None) -> bool:
    try:
        return text is None or datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _wrong_hours(hours: tuple[str, str]) -> str:
    try:
        first, last = map(_time, hours)
    except ValueError:
        return "Hours are two times of day, such as 22:00 and 07:00."
    return "The hours begin and end at the same time." if first == last else ""


def _within(now: time, hours: tuple[str, str]) -> bool:
    first, last = map(_time, hours)
    if first < last:
        return first <= now < last
    return now >= first or now < last


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0))


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02}"


def _minutes(seconds: float) -> str:
    whole = int(seconds // 60)
    if whole >= 120:
        return f"{whole // 60} hours"
    return "1 minute" if whole == 1 else f"{whole} minutes"
