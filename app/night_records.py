"""Night records: when the person lets Nightschool study by itself, and how that stands."""

from __future__ import annotations

from typing import Literal

from app.message import Message
from app.usage_records import Usage

Doing = Literal["study", "proposals", "notes", "summaries", "backup"]


class Wishes(Message, frozen=True):
    """When studying by itself is welcome; off until somebody turns it on.

    `battery` is the charge in percent from which on it may run on battery, None for never.
    `hours` are two local times of day (“22:00”, “07:00”), None for any; they may span midnight.
    `budget_minutes` are those of one night, from noon to noon. `paused_until` is a local date and
    time (ISO 8601 without a zone) before which nothing is begun, None for no pause.
    """

    on: bool = False
    idle_minutes: int = 10
    battery: int | None = None
    hours: tuple[str, str] | None = None
    budget_minutes: int = 120
    paused_until: str | None = None


class NightReport(Message, frozen=True):
    """How studying by itself stands: what is done now, if anything, and why, in a sentence.

    `last_studied` (ISO 8601 in UTC) is the end of the last stretch, finished or interrupted.
    `paused` tells that the pause in the wishes is not over yet.
    """

    wishes: Wishes
    doing: Doing | None
    reason: str
    minutes_tonight: float = 0.0
    last_studied: str | None = None
    paused: bool = False


class Night(Message, frozen=True):
    """What was done by itself in one night, from noon to noon; `night` is the first day's date.

    `minutes` are those of all stretches, of which `noting` went to notes. Of `stretches`,
    `finished` came to their own end; the others were interrupted by the person, the machine or a
    kill. `noted` counts documents whose notes were finished, `trouble` says what went wrong
    last, and `ended` (ISO 8601 in UTC) when the last stretch ended.
    """

    night: str
    minutes: float = 0.0
    noting: float = 0.0
    stretches: int = 0
    finished: int = 0
    noted: int = 0
    trouble: str = ""
    ended: str | None = None
    usage: Usage = Usage()
