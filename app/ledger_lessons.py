"""Lessons: corrections and their lives in the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.errors import BadRequestError
from app.ledger_database import Row, Table, now
from app.protocol import KindName, LessonRecord
from learner.conflict import conflicts
from learner.lesson import Kind, Lesson

LessonState = Literal["new", "learned", "in_context", "superseded"]

_LESSON = """
SELECT it.id, it.kind, it.prompt, it.rejected, it.corrected, it.note, it.created, it.state,
    it.reason, it.adapter, it.message_id,
    it.valid_from, date(it.created, 'localtime'), it.valid_to, it.superseded_by,
    coalesce(iif(newer.kind = 'fact', newer.valid_from, NULL), date(newer.created, 'localtime'))
FROM lessons AS it LEFT JOIN lessons AS newer ON newer.id = it.superseded_by
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
        rows = self._db.read(f"{_LESSON} WHERE it.id = ?", (lesson_id,))
        if not rows:
            raise BadRequestError(
                "No such lesson",
                "There is no lesson with this name, or it was forgotten.",
                "Look into the list of lessons for its name.",
            )
        return _lesson(rows[0])

    def lessons(self) -> list[LessonRecord]:
        """All lessons that are not forgotten, newest first."""
        return [_lesson(row) for row in self._db.read(f"{_LESSON} ORDER BY it.number DESC")]

    def count_new_lessons(self) -> int:
        """How many lessons wait for their first study."""
        return int(self._db.read("SELECT count(*) FROM lessons WHERE state = 'new'")[0][0])

    def supersede_lessons(self) -> None:
        """Say of every lesson whether a newer one contradicts it; without one it is new again.

        A fact is as new as the day from which it holds.
        """
        with self._db.transaction():
            records = self.lessons()
            found = conflicts([as_lesson(record) for record in in_order(records)])
            why = {conflict.older: conflict for conflict in found}
            for record in records:
                conflict = why.get(record.id)
                if conflict is None and record.state == "superseded":
                    self.set_lesson(record.id, state="new")
                    self._replace(record, None)
                # The reason quotes the newer lesson, so it must not outlive that one.
                elif conflict is not None:
                    if (record.state, record.reason) != ("superseded", conflict.reason):
                        self.set_lesson(record.id, state="superseded", reason=conflict.reason)
                    self._replace(record, conflict.first)

    def supersede_anew(self) -> None:
        """Name what took the place of lessons, where an older Nightschool did not write it down."""
        unnamed = "SELECT 1 FROM lessons WHERE state = 'superseded' AND superseded_by IS NULL"
        if not self._db.read_only and self._db.read(unnamed):
            self.supersede_lessons()

    def set_validity(
        self, lesson_id: str, valid_from: str | None, valid_to: str | None
    ) -> LessonRecord:
        """Keep the days a person gives a fact, None for none; `supersede_lessons` comes after it.

        Raises BadRequestError for a lesson that is no fact, for what is no date, and for an end
        before the beginning.
        """
        with self._db.transaction():
            record = self.lesson(lesson_id)
            if record.kind != "fact":
                raise BadRequestError(
                    "Only facts have dates",
                    f"This lesson is sorted as {record.kind}, which holds until it is forgotten.",
                    "Sort it as a fact first, if it is one.",
                )
            since, until = _day(valid_from), _day(valid_to)
            self._db.write(
                "UPDATE lessons SET valid_from = ?, valid_to = ? WHERE id = ?",
                (since, until, lesson_id),
            )
            begins = self.lesson(lesson_id).valid_from
            if until is not None and begins is not None and begins > until:
                raise BadRequestError(
                    "The end is before the beginning",
                    f"The fact would hold from {begins} until {until}.",
                    "Give an earlier beginning, or a later end.",
                )
            return self.lesson(lesson_id)

    def _replace(self, record: LessonRecord, by: str | None) -> None:
        if record.superseded_by != by:
            self._db.write("UPDATE lessons SET superseded_by = ? WHERE id = ?", (by, record.id))

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
            "UPDATE lessons SET superseded_by = NULL WHERE superseded_by = ?", (lesson_id,)
        )
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


def in_order(records: Sequence[LessonRecord]) -> list[LessonRecord]:
    """Lessons that come newest first, oldest first; facts as of the days the person gave them.

    On the same day, and without such a day, the order is that of teaching.
    """
    taught = records[::-1]
    number = {record.id: at for at, record in enumerate(taught)}

    def begins(record: LessonRecord) -> tuple[str, int]:
        return record.valid_from or record.created[:10], number[record.id]

    ordered = [record for record in taught if not record.from_given]
    for record in sorted((record for record in taught if record.from_given), key=begins):
        later = (at for at, other in enumerate(ordered) if begins(other) > begins(record))
        ordered.insert(next(later, len(ordered)), record)
    return ordered


def _day(text: str | None) -> str | None:
    """An ISO date, or None for none. Raises BadRequestError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise BadRequestError(
            "This is not a date",
            f"“{text[:40]}” is not a day of the calendar.",
            "Write it as year-month-day, for example 2025-03-31.",
        ) from error


def _lesson(row: Row) -> LessonRecord:
    id_, kind, prompt, rejected, corrected, note, created, state, reason, *rest = row
    adapter, message, given_from, taught, given_to, superseded_by, replaced = rest
    fact = kind == "fact"
    ends = [day for day in (given_to, replaced) if day is not None and fact]
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
        valid_from=(given_from or taught) if fact else None,
        valid_to=min(ends, default=None),
        from_given=fact and given_from is not None,
        to_given=given_to in ends and given_to == min(ends),
        superseded_by=superseded_by,
    )
