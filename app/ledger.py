"""The ledger: the one encrypted record of everything; all else can be rebuilt from it."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import BadRequestError, LedgerError
from app.ledger_adapters import AdapterRecords
from app.ledger_conversations import Conversations
from app.ledger_database import Connection
from app.ledger_lessons import Lessons
from app.ledger_settings import Settings
from app.ledger_studies import Studies
from app.migrations import MIGRATIONS
from app.paths import Home


@dataclass(frozen=True)
class Counts:
    """How much the ledger holds of what a reset can destroy."""

    adapters: int
    lessons: int
    conversations: int
    messages: int


class Ledger(Conversations, Lessons, AdapterRecords, Studies, Settings):
    """An open ledger; every method is one durable transaction and may be called from any thread."""

    @classmethod
    def open(cls, home: Home, key: bytes) -> Ledger:
        """Open, create or migrate the ledger of `home` with its raw 32-byte key.

        A ledger of a newer schema opens for reading only. Raises LedgerError, StorageFullError.
        """
        connection = Connection(home.ledger, key)
        try:
            _migrate(connection, key)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @property
    def read_only(self) -> str:
        """Why nothing can be written, or an empty text."""
        return self._db.read_only

    def check(self) -> list[str]:
        """What is wrong with the file; slow on a large one."""
        return self._db.problems()

    def counts(self) -> Counts:
        """What a reset would find."""
        tables = ("adapters", "lessons", "conversations", "messages")
        return Counts(*(self._db.read(f"SELECT count(*) FROM {t}")[0][0] for t in tables))

    def forget_lesson(self, lesson_id: str) -> None:
        """Delete a lesson's texts; a tombstone with its id stays.

        Raises BadRequestError while an adapter still holds it: its weights would outlive it.
        """
        with self._db.transaction():
            held = self._db.read(
                "SELECT version FROM adapter_lessons WHERE lesson_id = ?", (lesson_id,)
            )
            if held:
                raise BadRequestError(
                    "The lesson is still in the weights",
                    f"Version {held[0][0]} of what was learned holds it.",
                    "Destroy that version first.",
                )
            self._delete_lesson(lesson_id)

    def reset_learned(self, *, keep_lessons: bool) -> None:
        """Forget every study; lessons become new again, or go too."""
        with self._db.transaction():
            self._db.write("DELETE FROM adapters")
            self._db.write("DELETE FROM studies")
            if keep_lessons:
                self._db.write(
                    "UPDATE lessons SET state = 'new', adapter = NULL, reason = ''"
                    " WHERE state <> 'superseded'"
                )
            else:
                for lesson in self.lessons():
                    self._delete_lesson(lesson.id)

    def scrub(self) -> None:
        """Leave nothing readable of what was deleted, not even for somebody with the key."""
        self._db.scrub()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def destroy(self) -> None:
        """Close the ledger and remove its files."""
        self._db.close()
        for suffix in ("", "-wal", "-shm"):
            path = self._db.path.with_name(self._db.path.name + suffix)
            path.unlink(missing_ok=True)


def _migrate(connection: Connection, key: bytes) -> None:
    """Bring the schema up to date, each step after a backup that was read back."""
    version = int(connection.pragma("user_version")[0][0])
    if version > len(MIGRATIONS):
        connection.read_only = (
            f"It was written by a newer Nightschool (schema {version}, this one knows"
            f" {len(MIGRATIONS)})."
        )
        return
    for number in range(version + 1, len(MIGRATIONS) + 1):
        if number == 1:
            connection.script(MIGRATIONS[0], 1)
            continue
        _step(connection, key, number)


def _step(connection: Connection, key: bytes, number: int) -> None:
    backup = connection.path.with_name(f"{connection.path.name}.before-{number}")
    backup.unlink(missing_ok=True)
    copy = Connection(backup, key)
    try:
        connection.copy_to(copy)
        problems = copy.problems()
    finally:
        copy.close()
    if problems:
        backup.unlink(missing_ok=True)
        raise LedgerError(
            "The ledger could not be backed up",
            f"Before bringing it up to date, a backup was made that cannot be read: {problems[0]}.",
            "Check the disk; the ledger itself is unchanged.",
        )
    connection.script(MIGRATIONS[number - 1], number)
    # A backup that stayed would keep what is forgotten later.
    for suffix in ("", "-wal", "-shm"):
        backup.with_name(backup.name + suffix).unlink(missing_ok=True)
