"""The ledger: the encrypted record of everything, the only truth of one home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.copies import Copies
from app.erase import shred
from app.errors import NightschoolError
from app.ledger_conversations import Conversations
from app.ledger_database import Connection, Row
from app.ledger_documents import Documents
from app.ledger_folders import Folders
from app.ledger_lessons import Lessons
from app.ledger_nights import Nights
from app.ledger_notes import NoteRecords
from app.ledger_proposals import Proposals
from app.ledger_settings import Settings
from app.ledger_studies import Studies
from app.ledger_versions import VersionRecords
from app.migrations import backups, migrate
from app.paths import Home
from app.protocol import LessonRecord
from app.schema import MIGRATIONS
from learner.engine import AdapterRef
from learner.lesson import Lesson


@dataclass(frozen=True)
class Counts:
    """How much the ledger holds."""

    adapters: int
    lessons: int
    conversations: int
    messages: int
    studies: int
    documents: int


class Ledger(
    Conversations,
    Lessons,
    VersionRecords,
    Studies,
    Settings,
    Documents,
    Folders,
    NoteRecords,
    Proposals,
    Nights,
):
    """One home's record. Safe to use from many threads; every change is durable on return.

    Every method may raise LedgerError (damage, closed, read-only), StorageFullError and BusyError.
    """

    def __init__(self, home: Home, connection: Connection) -> None:
        super().__init__(connection)
        self._home = home
        self.copies = Copies(home)
        connection.without_copies = self.copies.removed

    @classmethod
    def open(cls, home: Home, key: bytes, *, migrations: Sequence[str] = MIGRATIONS) -> Ledger:
        """Open the ledger with its 32-byte subkey, or make a new one where there is none.

        Raises LedgerError for a wrong key or a damaged file.
        """
        connection = Connection(home.ledger, key)
        try:
            migrate(connection, key, migrations)
        except NightschoolError:
            connection.close()
            raise
        return cls(home, connection)

    @property
    def read_only(self) -> str:
        """Why nothing can be written (a newer schema), else an empty string."""
        return self._db.read_only

    def close(self) -> None:
        """Close the file; afterwards every method raises LedgerError."""
        self._db.close()

    @property
    def writes(self) -> int:
        """See `Connection.writes`."""
        return self._db.writes

    def check(self) -> list[str]:
        """What is wrong with the file, empty for nothing; reads all of it."""
        return self._db.problems()

    def scrub(self) -> None:
        """Make what was deleted unreadable, also for somebody who has the key."""
        self._db.scrub()

    def adapter_ref(self, version: int) -> AdapterRef:
        """What the engine needs to load a version. Raises AdapterError for an unknown one."""
        details = self.adapter_details(version)
        path = self._home.adapters / details.file
        return AdapterRef(path=str(path), key=details.key, scale=details.scale)

    def forget_lesson(self, lesson_id: str) -> tuple[int, ...]:
        """Delete a lesson's texts, its name wherever it stands, and the keys of weights with it.

        Gives the versions that are gone. `AdapterStore.forget_lesson` removes their files; `scrub`
        takes the traces out of the ledger's file. Raises BadRequestError for an unknown lesson.
        """
        with self._db.forgetting():
            message_id = self.lesson(lesson_id).message_id
            if message_id is not None:
                # Whoever wants it forgotten does not want it offered again either.
                self.look_away(message_id)
                self.settle_proposals_of(message_id)
            mates = self._mates(lesson_id)
            waiting = any(lesson.id in mates for lesson in self.lessons())
            self._delete_lesson(lesson_id, pending=waiting)
            self._forget_in_messages(lesson_id, message_id)
            return self.remove_adapters(lesson_id)

    def teach(self, lesson: Lesson, message_id: int | None = None) -> LessonRecord:
        """Keep a sound lesson under a name of its own; offers made of its answer are taken.

        `message_id` is the answer that it corrects, if any. Both or neither is done.
        """
        with self._db.transaction():
            record = self.add_lesson(
                kind=lesson.kind.value,
                prompt=lesson.prompt,
                rejected=lesson.rejected,
                corrected=lesson.corrected,
                note=lesson.note,
                message_id=message_id,
            )
            if message_id is not None:
                self.settle_proposals_of(message_id)
            return record

    def accept_proposal(self, proposal_id: int, lesson: Lesson) -> LessonRecord:
        """Make a lesson of what is still offered. Raises BadRequestError where nothing is."""
        with self._db.transaction():
            return self.teach(lesson, self.proposal(proposal_id).message_id)

    def forget_documents(self, document_ids: Sequence[int], *, for_good: bool = False) -> list[int]:
        """Delete documents, and what replies quote of them; gives the passages that went.

        `for_good` keeps a watched folder from taking the same files in again.
        `scrub` afterwards takes the traces out of the ledger's file.
        """
        with self._db.forgetting():
            gone: list[int] = []
            for document_id in document_ids:
                record = self.document(document_id)
                if for_good and record.folder_id is not None:
                    self.leave_out(record.path)
                gone += self._delete_document(document_id)
                self._forget_sources(document_id)
            self._merge_words()
            return gone

    def rows_naming(self, text: str) -> dict[str, int]:
        """How many rows have a text in some column, by table; those with none are left out."""
        found = {}
        for table in self.tables():
            columns = self._columns(table)
            where = " OR ".join(f'instr(CAST("{column}" AS TEXT), ?1)' for column in columns)
            count = self._db.read(f'SELECT count(*) FROM "{table}" WHERE {where}', (text,))[0][0]  # noqa: S608
            if count:
                found[table] = int(count)
        return found

    def tables(self) -> list[str]:
        """The names of all tables."""
        rows = self._db.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        return [str(name) for (name,) in rows]

    def _columns(self, table: str) -> list[str]:
        return [str(row[1]) for row in self._db.pragma(f'table_info("{table}")')]

    def contents(self, table: str, *, whole: bool, without: str) -> list[Row]:
        """A table's rows, or (not `whole`) their number and the last key, but not that row."""
        first = self._columns(table)[0]
        what = "*" if whole else f'count(*), max("{first}")'
        return self._db.read(f'SELECT {what} FROM "{table}" WHERE "{first}" IS NOT ?', (without,))  # noqa: S608

    def reset_learned(self, keep_lessons: bool) -> None:
        """Delete all adapters' records and keys, reports, nights and summaries of conversations.

        Lessons start anew or go.
        """
        with self._db.forgetting():
            self.remove_adapters()
            self._db.write("DELETE FROM studies")
            self._db.write("DELETE FROM nights")
            self.drop_summaries()
            self.settle_forgotten()
            if keep_lessons:
                self._db.write(
                    "UPDATE lessons SET state = 'new', reason = '', adapter = NULL"
                    " WHERE state <> 'superseded'"
                )
            else:
                self.withdraw_proposals()
                for lesson in self.lessons():
                    self._delete_lesson(lesson.id)
                    self._forget_in_messages(lesson.id, lesson.message_id)

    def counts(self) -> Counts:
        """How many of each there are."""
        tables = (
            "adapters",
            "lessons",
            "conversations",
            "messages",
            "studies",
            "documents",
        )
        return Counts(*(int(self._db.read(f"SELECT count(*) FROM {t}")[0][0]) for t in tables))  # noqa: S608

    def destroy(self) -> None:
        """Close the ledger and remove its files for good."""
        self._db.close()
        self.copies.destroy()
        ledger = self._home.ledger
        for ending in ("-wal", "-shm", "-journal"):
            shred(ledger.with_name(ledger.name + ending))
        for backup in backups(ledger):
            shred(backup)
        shred(ledger)
