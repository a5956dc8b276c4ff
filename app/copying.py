"""Copying: when the ledger is worth another copy, and the making of it."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime

from app.copies import Copies
from app.errors import LedgerDamagedError, LedgerError
from app.ledger import Ledger
from app.night import night_of
from app.protocol import ErrorInfo

STAMP = "copied"
"""The setting with the stamp of the ledger that was copied last."""

_LARGE = ("messages", "document_texts", "passages", "passage_vectors", "document_questions")
"""Tables whose rows hardly change once they are there: counted instead of read."""

_APART = ("nights", "passage_words", "sqlite_")
"""What the night writes of itself, what follows from passages, and SQLite's own."""


class Copying:
    """The night's last job over an open ledger; `key` is the ledger's."""

    def __init__(self, ledger: Ledger, key: bytes) -> None:
        self._ledger = ledger
        self._key = key
        self._stamped: tuple[int, str] = (-1, "")
        self.trouble: ErrorInfo | None = None

    @property
    def copies(self) -> Copies:
        """Where the copy lies."""
        return self._ledger.copies

    def due(self, now: datetime) -> frozenset[str]:
        """A name for the copy that is to be made by `now` (local time), or none.

        At most one a night, and none of a ledger without anything in it or with nothing new; where
        the copy went because something was forgotten, another is made the same night.
        """
        ledger, made, night = self._ledger, self.copies.made, night_of(now)
        if ledger.read_only or (made is not None and night_of(made) == night):
            return frozenset()
        if made is not None and ledger.setting(STAMP) == self._stamp():
            return frozenset()
        counts = ledger.counts()
        if not (counts.conversations or counts.lessons or counts.documents or counts.adapters):
            return frozenset()
        return frozenset({f"{night} {self.copies.removals}"})

    def make(self, stop: threading.Event) -> None:
        """Make a copy. See `Copies.make`; damage is remembered in `trouble`."""
        if self._ledger.read_only:
            raise LedgerError(
                "No copy was made", self._ledger.read_only, "Install the newer version again."
            )
        stamp = self._stamp()  # before: what changes meanwhile is in the next copy
        try:
            self.copies.make(self._key, stop)
        except LedgerDamagedError as error:
            self.trouble = ErrorInfo.of(error)
            raise
        self.trouble = None
        self._ledger.set_setting(STAMP, stamp)

    def _stamp(self) -> str:
        """The stamp; not worked out again while nothing is written."""
        writes = self._ledger.writes
        if self._stamped[0] != writes:
            self._stamped = (writes, stamp(self._ledger))
        return self._stamped[1]


def stamp(ledger: Ledger) -> str:
    """A text that changes with what the ledger holds, apart from what nights write of themselves.

    Rows of large tables that are changed in place are not noticed; those that come or go are.
    """
    found = hashlib.sha256()
    for table in ledger.tables():
        if not table.startswith(_APART):
            small = table not in _LARGE
            found.update(repr((table, ledger.contents(table, whole=small, without=STAMP))).encode())
    return found.hexdigest()
