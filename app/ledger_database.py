"""Database: the encrypted SQLite file under the ledger, its transactions, errors and erasure."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlcipher3 import dbapi2 as sqlite

from app.errors import (
    BadRequestError,
    BusyError,
    LedgerDamagedError,
    LedgerError,
    NightschoolError,
    StoppedError,
)
from app.paths import disk_errors, free_bytes, full_error
from app.text import clean

BUSY_SECONDS = 5
_NEARLY_FULL = 1 << 20
_SQLITE_CORRUPT, _SQLITE_NOTADB, _SQLITE_FULL = 11, 26, 13
_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_IOERR, _SQLITE_CANTOPEN, _SQLITE_READONLY = 5, 6, 10, 14, 8
_SQLITE_INTERRUPT = 9
_OFTEN = 10_000
"""Steps of SQLite's machine between two looks at whether to stop: about a millisecond."""

Row = tuple[Any, ...]


def now() -> str:
    """This moment as the ledger writes it: ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def to_json(value: object) -> str:
    """A record as JSON text that the ledger can hold."""
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)


class Connection:
    """One keyed SQLCipher connection used by many threads, one short transaction at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or create `path` with a raw 32-byte key. Raises LedgerError for a wrong key."""
        self.path = path
        self.read_only = ""
        self.without_copies: Callable[[], AbstractContextManager[None]] = nullcontext
        self._lock = threading.RLock()
        self._depth = 0
        with disk_errors(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._errors():
            self._sqlite = sqlite.connect(
                str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            self._configure(key)
        except NightschoolError:
            self._sqlite.close()
            raise

    def _configure(self, key: bytes) -> None:
        with self._errors():
            # SQLCipher writes its own log to standard error; ours are the typed errors below.
            self._sqlite.execute("PRAGMA cipher_log_level = NONE")
            self._sqlite.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            tables = self._sqlite.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if not tables:  # only takes effect before the first table, and would write later too
                self._sqlite.execute("PRAGMA auto_vacuum = INCREMENTAL")
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
                "foreign_keys = ON",
                "temp_store = MEMORY",
            ):
                self._sqlite.execute(f"PRAGMA {pragma}").fetchall()

    def close(self) -> None:
        """Close; further use raises LedgerError."""
        with self._lock, self._errors():
            self._sqlite.close()

    def read(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of one query."""
        with self._lock, self._errors():
            return list(self._sqlite.execute(sql, _cleaned(values)))

    def write(self, sql: str, values: Sequence[object] = ()) -> int:
        """One statement in its own (or the enclosing) transaction; gives the new row's id."""
        with self.transaction():
            return int(self._sqlite.execute(sql, _cleaned(values)).lastrowid or 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are durable together when the outermost block ends, or none is."""
        with self._lock, self._errors():
            self._require_writable()
            self._depth += 1
            try:
                if self._depth == 1:
                    self._sqlite.execute("BEGIN IMMEDIATE")
                yield
                if self._depth == 1:
                    self._sqlite.execute("COMMIT")
            finally:
                self._depth -= 1
                if self._depth == 0 and self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """A transaction of what must be nowhere afterwards: copies of the ledger go before it.

        Killed in between, nothing was forgotten and there is no copy; the next night makes one.
        """
        with self.without_copies(), self.transaction():
            yield

    @property
    def writes(self) -> int:
        """Rows changed since the file was opened; the same number means that nothing was."""
        return int(self._sqlite.total_changes)

    def pragma(self, text: str) -> list[Row]:
        """The rows of a PRAGMA written in this package."""
        return self.read(f"PRAGMA {text}")

    def script(self, sql: str, version: int) -> None:
        """Run a migration's script and set the schema's number, both or neither."""
        with self._lock, self._errors():
            try:
                self._sqlite.executescript(
                    f"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {version:d}; COMMIT;"
                )
            finally:
                if self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")

    def copy_to(self, other: Connection) -> None:
        """Copy every page into `other`, which must have the same key."""
        with self._lock, self._errors():
            self._sqlite.backup(other._sqlite)

    def copy_into(self, path: Path) -> None:
        """Write what is in here, and nothing of what was deleted, to a new file under this key."""
        with self._lock, self._errors():
            self._sqlite.execute("VACUUM INTO ?", (str(path),))

    def heed(self, halted: Callable[[], bool]) -> None:
        """From now on whatever runs while `halted` is true ends with StoppedError."""
        self._sqlite.set_progress_handler(halted, _OFTEN)

    def problems(self) -> list[str]:
        """What SQLCipher and SQLite find wrong with the file; slow on a large one."""
        found = [str(row[0]) for row in self.pragma("cipher_integrity_check")]
        if not found:
            found = [str(row[0]) for row in self.pragma("integrity_check") if row[0] != "ok"]
        return found

    def scrub(self) -> None:
        """Leave nothing deleted in the file or its log, not even for somebody with the key.

        secure_delete zeroes freed cells and pages, but moving cells between pages leaves copies
        in the slack of pages in use (5 of 17,000 deleted texts in a trial); only rewriting the
        file gets rid of those. The log goes first, so that a nearly full disk has room for it.
        """
        with self._lock, self._errors():
            self._require_writable()
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._sqlite.execute("VACUUM")
            row = self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if row is None or row[0] != 0:
            raise _busy()

    def _require_writable(self) -> None:
        if self.read_only:
            raise LedgerError(
                "The ledger is read-only",
                self.read_only,
                "Update Nightschool to the version that wrote this ledger.",
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite.Error as error:
            raise self._typed(error) from error
        except OverflowError as error:
            # Ids come from outside; one beyond 64 bits cannot be that of anything kept here.
            raise BadRequestError(
                "No such number",
                "A number in the request is larger than any the ledger can hold.",
                "Look into the list again for the right one.",
            ) from error

    def _typed(self, error: sqlite.Error) -> NightschoolError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        nearly_full = free_bytes(self.path) < _NEARLY_FULL
        if code == _SQLITE_FULL or (code in (_SQLITE_IOERR, _SQLITE_CANTOPEN) and nearly_full):
            return full_error(self.path)
        if code in (_SQLITE_BUSY, _SQLITE_LOCKED):
            return _busy()
        if code == _SQLITE_NOTADB:
            return LedgerDamagedError(
                "The ledger cannot be read",
                f"“{self.path}” does not open with this key, or its beginning is damaged.",
                "Look for a copy (`nightschool backup`) to put back, or choose the home folder that"
                " belongs to this key.",
            )
        if code == _SQLITE_CORRUPT:
            return damaged(self.path, str(error))
        if code == _SQLITE_INTERRUPT:
            return StoppedError(
                "Stopped", "It was stopped before its end.", "It begins anew the next time."
            )
        if code == _SQLITE_READONLY:
            return LedgerError(
                "The ledger cannot be written",
                f"“{self.path}” may only be read.",
                "Check the file's owner and permissions.",
            )
        return LedgerError(
            "The ledger did not answer",
            f"“{self.path}” could not be used: {error}.",
            "Start Nightschool again; if it stays so, run `nightschool doctor`.",
        )


def damaged(path: Path, what: str) -> LedgerDamagedError:
    """The error for a ledger of which a part cannot be read, or does not fit the rest."""
    return LedgerDamagedError(
        "The ledger is damaged",
        f"Part of “{path}” cannot be read: {what}.",
        "Close Nightschool, and put back a copy with `nightschool backup restore`.",
    )


def _cleaned(values: Sequence[object]) -> list[object]:
    return [clean(value) if isinstance(value, str) else value for value in values]


def _busy() -> BusyError:
    return BusyError(
        "The ledger is in use",
        "Another process holds the ledger.",
        "Close other programs that use it and try again.",
    )


class Table:
    """What every part of the ledger shares: the connection."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
