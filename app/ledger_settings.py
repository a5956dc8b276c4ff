"""Settings: small named values kept in the ledger."""

from __future__ import annotations

from app.ledger_database import Table


class Settings(Table):
    """Named texts; what they mean is their users' business."""

    def setting(self, name: str) -> str | None:
        """The value of `name`, or None when it was never set."""
        rows = self._db.read("SELECT value FROM settings WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_setting(self, name: str, value: str) -> None:
        """Set `name`, durably."""
        self._db.write(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
