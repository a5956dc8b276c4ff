"""Copies: one encrypted copy of the ledger, destroyed before anything is forgotten."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from app.erase import files_under, shred, shred_all
from app.errors import LedgerError, NightschoolError
from app.ledger_database import Connection, damaged
from app.paths import (
    TEMPORARY,
    Home,
    disk_errors,
    free_bytes,
    full_error,
    sync_folder,
    write_atomic,
)

SPARE = 16 << 20
"""Bytes that stay free on the disk when a copy was made."""


class Copies:
    """A home's folder of copies: the ledger as it was when the last one was made, and keys.json.

    Ledgers that were put aside as damaged lie there, too, and go with the copy. A copy has what
    the ledger has under the same key, and nothing that was deleted from it (`VACUUM INTO`).
    Safe to use from many threads.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.backups
        self._alone = threading.RLock()
        self._guard = threading.Lock()
        self._removers = 0
        self.removals = 0

    @property
    def path(self) -> Path:
        """Where the copy lies, if there is one."""
        return self._folder / self._home.ledger.name

    @property
    def key_file(self) -> Path:
        """Where the copy of keys.json lies, if there is one; nothing in it is secret."""
        return self._folder / self._home.keys.name

    @property
    def made(self) -> datetime | None:
        """When the copy was made, in local time; None when there is none."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime)
        except FileNotFoundError:
            return None

    def ledgers(self) -> list[Path]:
        """Every file here that is, or was to become, a ledger."""
        return [path for path in files_under(self._folder) if path.name != self.key_file.name]

    def put_aside(self) -> list[Path]:
        """Damaged ledgers that the copy took the place of, the newest last."""
        return sorted(self._folder.glob("damaged-*.db"))

    @contextmanager
    def removed(self) -> Iterator[None]:
        """No copy exists inside, and none is made: one being made is stopped. Raises LedgerError.

        The copy of keys.json stays.
        """
        with self._guard:
            self._removers += 1
            self.removals += 1
        try:
            with self._alone:
                for path in self.ledgers():
                    shred(path)
                yield
        finally:
            with self._guard:
                self._removers -= 1

    def destroy(self) -> None:
        """Remove everything, keys.json as well."""
        with self.removed():
            shred_all(self._folder)

    def sweep(self) -> None:
        """Remove what was left half made."""
        with self._alone:
            for path in self.ledgers():
                if TEMPORARY in path.name:
                    shred(path)

    def make(self, key: bytes, stop: threading.Event) -> None:
        """Copy the ledger as it is now, in place of the last copy.

        Raises LedgerDamagedError (the last copy stays, as after every error), StorageFullError,
        LedgerError, and StoppedError by `stop` or when something is to be forgotten.
        """

        def halted() -> bool:
            return stop.is_set() or self._removers > 0

        with self._alone:
            if free_bytes(self._folder) < self._home.ledger.stat().st_size + SPARE:
                raise full_error(self._folder)
            self.sweep()
            new = self.path.with_name(f"{self.path.name}{TEMPORARY}")
            try:
                self._write(new, key, halted)
                with disk_errors(self.path):
                    new.replace(self.path)
                    sync_folder(self._folder)
                if self._home.keys.is_file():
                    write_atomic(self.key_file, self._home.keys.read_bytes())
            finally:
                self.sweep()

    def _write(self, new: Path, key: bytes, halted: Callable[[], bool]) -> None:
        ledger = self._home.ledger
        # A connection of its own, so that everybody else goes on reading and writing meanwhile.
        with closing(Connection(ledger, key)) as source:
            source.heed(halted)
            if problems := source.problems():
                raise damaged(ledger, problems[0])
            source.copy_into(new)
        check(new, key, halted)


def check(copy: Path, key: bytes, halted: Callable[[], bool] = lambda: False) -> None:
    """See that a copy opens and is sound, and that all of it is on the disk.

    Raises LedgerError, StoppedError.
    """
    with closing(Connection(copy, key)) as opened:
        opened.heed(halted)
        problems = opened.problems()
    if problems:
        raise LedgerError(
            "The copy of the ledger is not sound",
            f"“{copy}” was read again, and something is wrong: {problems[0]}.",
            "The ledger itself was not changed; look whether the disk is failing.",
        )
    with disk_errors(copy), copy.open("r+b") as file:
        copy.chmod(0o600)
        os.fsync(file.fileno())


def is_sound(ledger: Path, key: bytes) -> bool:
    """Whether a ledger that exists opens with the key, and all of it can be read."""
    if not ledger.is_file() or not ledger.stat().st_size:
        return False
    try:
        with closing(Connection(ledger, key)) as opened:
            return not opened.problems()
    except NightschoolError:
        return False


def told(made: datetime) -> str:
    """A copy's time as it is said to a person."""
    return f"{made:%Y-%m-%d, %H:%M}"
