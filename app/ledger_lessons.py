"""Lessons: corrections and their lives in the ledger."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

from app.errors import BadRequestError
from app.ledger_database import Row, Table, now
from app.protocol import KindName, LessonRecord
from learner.conflict import conflicts
from learner.lesson import Kind, Lesson

LessonState = Literal["new", "learned", "in_context", "superseded"]

_LESSON = """
SELECT id, kind, prompt, rejected, corrected, note, created, state, reason, adapter, message_id
FROM lessons
"""


@dataclass(frozen=True)
class Forgotten:
    """What stays of a forgotten lesson: that there was one, and when it was forgotten.

    `pending` while lessons that shared its weights wait for these to be made without it.
    """

    id: str
    forgotten: str
    pending: bool


class Lessons(Table):
    """Corrections; every method raises BadRequestError for an id that does not exist."""

    def add_lesson(
        self,
        *,
        kind: KindName,
        prompt: str,
        rejected: str,
        corrected: str,
        note: str,
        message_id: int | None = None,
    ) -> LessonRecord:
        """Keep a correction; durable when this returns."""
        with self._db.transaction():
            lesson_id = self._unused_id()
            self._require_message(message_id)
            self._db.write(
                "INSERT INTO lessons (id, kind, prompt, rejected, corrected, note, created, state,"
                " message_id) VALUES (?, ?, ?, ?, ?, ?, ?, 'new', ?)",
                (lesson_id, kind, prompt, rejected, corrected, note, now(), message_id),
            )
            return self.lesson(lesson_id)

    def lesson(self, lesson_id: str) -> LessonRecord:
        """One lesson."""
        rows = self._db.read(f"{_LESSON} WHERE id = ?", (lesson_id,))
        if not rows:
            raise BadRequestError(
                "No such lesson",
                "There is no lesson with this name, or it was forgotten.",
                "Look into the list of lessons for its name.",
            )
        return _lesson(rows[0])

    def lessons(self) -> list[LessonRecord]:
        """All lessons that are not forgotten, newest first."""
        return [_lesson(row) for row in self._db.read(f"{_LESSON} ORDER BY number DESC")]

    def count_new_lessons(self) -> int:
        """How many lessons wait for their first study."""
        return int(self._db.read("SELECT count(*) FROM lessons WHERE state = 'new'")[0][0])

    def supersede_lessons(self) -> None:
        """Say of every lesson whether a newer one contradicts it; without one it is new again."""
        with self._db.transaction():
            records = self.lessons()
            found = conflicts([as_lesson(record) for record in records[::-1]])
            why = {conflict.older: conflict.reason for conflict in found}
            for record in records:
                now = (record.state, record.reason)
                # The reason quotes the newer lesson, so it must not outlive that one.
                if record.id in why and now != ("superseded", why[record.id]):
                    self.set_lesson(record.id, state="superseded", reason=why[record.id])
                elif record.id not in why and record.state == "superseded":
                    self.set_lesson(record.id, state="new")

    def forgotten(self) -> list[Forgotten]:
        """What is left of forgotten lessons, last forgotten first."""
        rows = self._db.read(
            "SELECT id, forgotten, pending AND EXISTS (SELECT 1 FROM lessons WHERE state = 'new')"
            " FROM forgotten_lessons ORDER BY forgotten DESC, id"
        )
        return [Forgotten(id_, moment, bool(pending)) for id_, moment, pending in rows]

    def settle_forgotten(self) -> None:
        """Nothing waits to be made without a forgotten lesson any more."""
        self._db.write("UPDATE forgotten_lessons SET pending = 0 WHERE pending")

    def set_lesson(
        self,
        lesson_id: str,
        *,
        state: LessonState | None = None,
        reason: str | None = None,
        adapter: int | None = None,
        kind: KindName | None = None,
    ) -> LessonRecord:
        """Change what is given. A new `state` comes with its own reason and adapter, or none.

        A lesson `learned` in an adapter is remembered as such, so that going back to that
        adapter later finds it learned again.
        """
        with self._db.transaction():
            old = self.lesson(lesson_id)
            if state is None:
                state = "new" if old.state == "forgotten" else old.state
                reason = old.reason if reason is None else reason
                adapter = old.adapter if adapter is None else adapter
            self._db.write(
                "UPDATE lessons SET state = ?, reason = ?, adapter = ?, kind = ? WHERE id = ?",
                (state, reason or "", adapter, kind or old.kind, lesson_id),
            )
            if state == "learned" and adapter is not None:
                self._db.write(
                    "UPDATE adapter_lessons SET learned = 1 WHERE version = ? AND lesson_id = ?",
                    (adapter, lesson_id),
                )
            return self.lesson(lesson_id)

    def _delete_lesson(self, lesson_id: str, *, pending: bool = False) -> None:
        """Its texts, and what the reports of its studies quote of it, gone; a tombstone left."""
        self.lesson(lesson_id)
        self._db.write("DELETE FROM study_lessons WHERE lesson_id = ?", (lesson_id,))
        self._db.write("DELETE FROM lessons WHERE id = ?", (lesson_id,))
        self._db.write(
            "INSERT INTO forgotten_lessons (id, forgotten, pending) VALUES (?, ?, ?)",
            (lesson_id, now(), pending),
        )

    def _unused_id(self) -> str:
        while True:
            lesson_id = f"l-{secrets.token_hex(3)}"
            taken = self._db.read(
                "SELECT 1 FROM lessons WHERE id = ?1"
                " UNION ALL SELECT 1 FROM forgotten_lessons WHERE id = ?1",
                (lesson_id,),
            )
            if not taken:
                return lesson_id

    def _require_message(self, message_id: int | None) -> None:
        if message_id is None:
            return
        if not self._db.read("SELECT 1 FROM messages WHERE id = ?", (message_id,)):
            raise BadRequestError(
                "No such message",
                "The message to be corrected does not exist, or was deleted.",
                "Open the conversation again.",
            )


def as_lesson(record: LessonRecord) -> Lesson:
    """A ledger's record as the learner sees it."""
    return Lesson(
        id=record.id,
        kind=Kind(record.kind),
        prompt=record.prompt,
        corrected=record.corrected,
        rejected=record.rejected,
        note=record.note,
    )


def _lesson(row: Row) -> LessonRecord:
    id_, kind, prompt, rejected, corrected, note, created, state, reason, adapter, message = row
    return LessonRecord(
        id=id_,
        kind=kind,
        prompt=prompt,
        rejected=rejected,
        corrected=corrected,
        note=note,
        created=created,
        state=state,
        reason=reason,
        adapter=adapter,
        message_id=message,
    )
