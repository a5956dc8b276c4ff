"""Night book: the person's wishes and what was done each night, kept in the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from app.ledger import Ledger
from app.night import checked
from app.night_records import Doing, Night, Wishes
from app.usage_records import Usage

WISHES = "night wishes"
SEEN = "night seen"


class NightBook:
    """A view of one open ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def wishes(self) -> Wishes:
        """What was set last."""
        text = self._ledger.setting(WISHES)
        return msgspec.json.decode(text, type=Wishes) if text else Wishes()

    def set_wishes(self, wishes: Wishes) -> None:
        """Set them, durably. Raises BadRequestError."""
        text = msgspec.json.encode(checked(wishes)).decode()
        self._ledger.set_setting(WISHES, text)

    def minutes(self, night: date) -> float:
        """What was used in this night."""
        return self._of(night).minutes

    @property
    def ended(self) -> str | None:
        """When it last studied."""
        # Of a night in which only its copy went wrong no stretch is known.
        return next((night.ended for night in self._ledger.nights(2) if night.ended), None)

    def begin(self, night: date) -> None:
        """A stretch begins; it counts as interrupted until it is finished."""
        known = self._of(night)
        self._keep(known, stretches=known.stretches + 1)

    def add(self, night: date, minutes: float, doing: Doing) -> None:
        """Count minutes that have just been worked."""
        known = self._of(night)
        noting = known.noting + (minutes if doing == "notes" else 0.0)
        self._keep(known, minutes=known.minutes + minutes, noting=noting, ended=_now())

    def end(self, night: date, *, finished: bool, noted: int, trouble: str, usage: Usage) -> None:
        """A stretch is over, and what came of it."""
        known = self._of(night)
        self._keep(
            known,
            finished=known.finished + finished,
            noted=known.noted + noted,
            trouble=trouble or known.trouble,
            usage=known.usage.plus(usage),
        )

    @property
    def seen(self) -> str:
        """The end of the last stretch of which the person has read, "" before any."""
        return self._ledger.setting(SEEN) or ""

    def see(self, ended: str) -> None:
        """The person has seen everything up to this end of a stretch."""
        self._ledger.set_setting(SEEN, max(self.seen, ended))

    def _of(self, night: date) -> Night:
        return self._ledger.night(night.isoformat()) or Night(night=night.isoformat())

    def _keep(self, known: Night, **changed: object) -> None:
        self._ledger.keep_night(msgspec.structs.replace(known, **changed))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
