"""Nights: what was done by itself, night by night, in the ledger."""

from __future__ import annotations

import msgspec

from app.ledger_database import Table, to_json
from app.night_records import Night


class Nights(Table):
    """One row a night; nothing of what was studied is in it."""

    def night(self, night: str) -> Night | None:
        """A night by its ISO date."""
        rows = self._db.read("SELECT record FROM nights WHERE night = ?", (night,))
        return msgspec.json.decode(rows[0][0], type=Night) if rows else None

    def nights(self, limit: int = -1) -> list[Night]:
        """The newest nights (-1: all), newest first."""
        rows = self._db.read("SELECT record FROM nights ORDER BY night DESC LIMIT ?", (limit,))
        return [msgspec.json.decode(row[0], type=Night) for row in rows]

    def keep_night(self, night: Night) -> None:
        """Put a night down, durably, in place of what was known of it."""
        self._db.write(
            "INSERT INTO nights (night, record) VALUES (?, ?)"
            " ON CONFLICT (night) DO UPDATE SET record = excluded.record",
            (night.night, to_json(night)),
        )
