"""Migrations: take a ledger from schema to schema, each step whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.erase import shred
from app.errors import LedgerError, NightschoolError
from app.ledger_database import Connection
from app.schema import MIGRATIONS

_BACKUP = ".before-"


def migrate(connection: Connection, key: bytes, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a ledger to the newest schema; one that is newer still becomes read-only.

    Before each step of a ledger that holds anything, a copy under the same key is made and
    checked; it is removed once the step has succeeded, and named in the error when it failed.
    """
    schema = _schema(connection)
    if schema > len(migrations):
        connection.read_only = (
            f"It was written by a newer Nightschool (schema {schema}, this one knows"
            f" {len(migrations)}), so it is open for reading only."
        )
        return
    for number in range(schema + 1, len(migrations) + 1):
        backup = _backup(connection, key, number) if _tables(connection) else None
        try:
            connection.script(migrations[number - 1], number)
        except NightschoolError as error:
            kept = f" A copy lies at “{backup}”." if backup else ""
            raise type(error)(error.title, error.message + kept, error.next_step) from error
    for leftover in backups(connection.path):
        shred(leftover)


def backups(ledger: Path) -> list[Path]:
    """Copies made before migrations that are still there, with their logs."""
    return sorted(ledger.parent.glob(f"{ledger.name}{_BACKUP}*"))


def _backup(connection: Connection, key: bytes, number: int) -> Path:
    """A checked copy of the ledger beside it. Raises LedgerError when it is not a true one."""
    path = connection.path.with_name(f"{connection.path.name}{_BACKUP}{number}")
    for leftover in connection.path.parent.glob(f"{path.name}*"):
        shred(leftover)
    copy = Connection(path, key)
    try:
        connection.copy_to(copy)
        problems = copy.problems()
        same = _schema(copy) == _schema(connection) and _tables(copy) == _tables(connection)
    finally:
        copy.close()
    if problems or not same:
        raise LedgerError(
            "The ledger could not be copied",
            "Before it is changed for this version a copy is made, and the copy was not true.",
            "Run `nightschool doctor`; the ledger was not changed.",
        )
    return path


def _schema(connection: Connection) -> int:
    return int(connection.pragma("user_version")[0][0])


def _tables(connection: Connection) -> list[tuple[str, int]]:
    """Every table with its number of rows."""
    names = connection.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [
        (name, int(connection.read(f'SELECT count(*) FROM "{name}"')[0][0]))  # noqa: S608
        for (name,) in names
    ]
