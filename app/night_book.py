"""Night book: the person's wishes and tonight's minutes of study, kept in the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from app.ledger import Ledger
from app.message import Message
from app.night import checked
from app.night_records import Wishes

WISHES = "night wishes"
STRETCHES = "night stretches"


class Stretches(Message, frozen=True):
    """Minutes of one night, and when the last stretch of any night ended (ISO 8601 in UTC)."""

    night: str = ""
    minutes: float = 0.0
    ended: str | None = None


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
        stretches = self._stretches()
        return stretches.minutes if stretches.night == night.isoformat() else 0.0

    @property
    def ended(self) -> str | None:
        """When it last studied."""
        return self._stretches().ended

    def add(self, night: date, minutes: float) -> None:
        """Count minutes that have just been studied."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        made = Stretches(night.isoformat(), self.minutes(night) + minutes, now)
        self._ledger.set_setting(STRETCHES, msgspec.json.encode(made).decode())

    def _stretches(self) -> Stretches:
        text = self._ledger.setting(STRETCHES)
        return msgspec.json.decode(text, type=Stretches) if text else Stretches()
