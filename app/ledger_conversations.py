"""Conversations: chats and their messages in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from app.errors import BadRequestError
from app.ledger_database import Row, now, to_json
from app.ledger_summaries import SummaryRecords
from app.protocol import ChatMessage, ConversationSummary, Provenance, Timings

_MESSAGE = """
SELECT m.id, m.role, m.text, m.created, m.state, m.provenance, m.timings,
       (SELECT l.id FROM lessons l WHERE l.message_id = m.id ORDER BY l.number DESC LIMIT 1),
       EXISTS (SELECT 1 FROM answer_signs s WHERE s.message_id = m.id AND s.unhelpful)
FROM messages m
"""


class Conversations(SummaryRecords):
    """Chats, oldest message first; ids are never given twice.

    Every method raises BadRequestError for an id that does not exist.
    """

    def conversations(self) -> list[ConversationSummary]:
        """All conversations, the last used first."""
        rows = self._db.read(
            "SELECT c.id, c.title, c.updated,"
            " (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)"
            " FROM conversations c ORDER BY c.updated DESC, c.id DESC"
        )
        return [
            ConversationSummary(id=id_, title=title, updated=updated, messages=messages)
            for id_, title, updated, messages in rows
        ]

    def new_conversation(self, title: str) -> int:
        """Start a conversation; gives its id."""
        moment = now()
        return self._db.write(
            "INSERT INTO conversations (title, created, updated) VALUES (?, ?, ?)",
            (title, moment, moment),
        )

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        with self._db.transaction():
            self._require_conversation(conversation_id)
            self._db.write(
                "UPDATE conversations SET title = ? WHERE id = ?",
                (title, conversation_id),
            )

    def delete_conversation(self, conversation_id: int) -> None:
        """Delete a conversation with its messages; lessons made from them stay.

        `scrub` afterwards takes the traces out of the file.
        """
        with self._db.forgetting():
            self._require_conversation(conversation_id)
            self._db.write("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def messages(self, conversation_id: int) -> list[ChatMessage]:
        """The messages of a conversation, oldest first."""
        self._require_conversation(conversation_id)
        rows = self._db.read(
            f"{_MESSAGE} WHERE m.conversation_id = ? ORDER BY m.id", (conversation_id,)
        )
        return [_message(row) for row in rows]

    def message(self, message_id: int) -> ChatMessage:
        """One message."""
        rows = self._db.read(f"{_MESSAGE} WHERE m.id = ?", (message_id,))
        if not rows:
            raise _no_message()
        return _message(rows[0])

    def conversation_of(self, message_id: int) -> int:
        """The conversation a message belongs to."""
        rows = self._db.read("SELECT conversation_id FROM messages WHERE id = ?", (message_id,))
        if not rows:
            raise _no_message()
        return int(rows[0][0])

    def add_message(
        self,
        conversation_id: int,
        role: Literal["user", "assistant"],
        text: str,
        *,
        state: Literal["complete", "stopped", "broken"] = "complete",
        provenance: Provenance | None = None,
        timings: Timings | None = None,
    ) -> ChatMessage:
        """Append a message; durable when this returns.

        A reply is added as `broken` when it starts and completed by `update_message`, so that a
        crash leaves the question and says that its answer broke off.
        """
        moment = now()
        with self._db.transaction():
            self._require_conversation(conversation_id)
            message_id = self._db.write(
                "INSERT INTO messages (conversation_id, role, text, created, state, provenance,"
                " timings) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    conversation_id,
                    role,
                    text,
                    moment,
                    state,
                    self._still_known(provenance),
                    _json(timings),
                ),
            )
            self._touch(conversation_id, moment)
            return self.message(message_id)

    def update_message(
        self,
        message_id: int,
        *,
        text: str,
        state: Literal["complete", "stopped", "broken"],
        provenance: Provenance | None,
        timings: Timings | None,
    ) -> ChatMessage:
        """Write how a reply ended."""
        with self._db.transaction():
            self._touch(self.conversation_of(message_id), now())
            self._db.write(
                "UPDATE messages SET text = ?, state = ?, provenance = ?, timings = ? WHERE id = ?",
                (text, state, self._still_known(provenance), _json(timings), message_id),
            )
            return self.message(message_id)

    def truncate_from(self, conversation_id: int, message_id: int) -> None:
        """Delete a message and all after it in its conversation."""
        with self._db.transaction():
            self._require_conversation(conversation_id)
            if self.conversation_of(message_id) != conversation_id:
                raise _no_message()
            self._db.write(
                "DELETE FROM messages WHERE conversation_id = ? AND id >= ?",
                (conversation_id, message_id),
            )
            self._touch(conversation_id, now())

    def _forget_in_messages(self, lesson_id: str, corrected: int | None) -> None:
        """Take a lesson's name out of what stood behind replies; summaries of these go, too.

        `corrected` is the answer that the lesson corrects.
        """
        rows = self._db.read(
            "SELECT id, provenance FROM messages WHERE instr(provenance, ?)", (lesson_id,)
        )
        named, stood_in = {int(row[0]) for row in rows}, set[int]()
        if corrected is not None:
            named.add(corrected)
            stood_in.add(corrected)
        for id_, text in rows:
            provenance = msgspec.json.decode(text, type=Provenance)
            if lesson_id in provenance.lessons_in_context:
                stood_in.add(id_)
            self._db.write(
                "UPDATE messages SET provenance = ? WHERE id = ?",
                (_json(_without(provenance, {lesson_id})), id_),
            )
        self._forget_in_summaries(named, stood_in)

    def _forget_sources(self, document_id: int) -> None:
        """Take what replies quote of a document out of them; the passages' numbers stay.

        Summaries of conversations with such replies go, too.
        """
        rows = self._db.read(
            "SELECT id, provenance FROM messages WHERE instr(provenance, ?)",
            (f'"document_id": {document_id},',),
        )
        for id_, text in rows:
            provenance = msgspec.json.decode(text, type=Provenance)
            self._db.write(
                "UPDATE messages SET provenance = ? WHERE id = ?",
                (_json(_without_documents(provenance, {document_id})), id_),
            )
        quoting = {int(row[0]) for row in rows}
        self._forget_in_summaries(quoting, quoting)

    def _still_known(self, provenance: Provenance | None) -> str | None:
        """What stood behind a reply, without what was forgotten while it was made."""
        if provenance is None:
            return None
        quoted = {source.document_id for source in provenance.sources}
        if provenance.through is not None:
            quoted.add(provenance.through.document_id)
        there = {
            int(row[0])
            for row in self._db.read(
                "SELECT id FROM documents WHERE id IN (SELECT value FROM json_each(?))",
                (to_json(sorted(quoted)),),
            )
        }
        provenance = _without_documents(provenance, quoted - there)
        if (earlier := provenance.earlier) is not None and not self._db.read(
            "SELECT 1 FROM conversation_summaries WHERE last = ?", (earlier.last,)
        ):
            earlier = msgspec.structs.replace(earlier, text="")
            provenance = msgspec.structs.replace(provenance, earlier=earlier)
        gone = self._db.read(
            "SELECT id FROM forgotten_lessons WHERE id IN (SELECT value FROM json_each(?))",
            (to_json((*provenance.lessons_in_context, *provenance.lessons_in_weights)),),
        )
        return _json(_without(provenance, {str(row[0]) for row in gone}))

    def _touch(self, conversation_id: int, moment: str) -> None:
        self._db.write(
            "UPDATE conversations SET updated = ? WHERE id = ?", (moment, conversation_id)
        )

    def _require_conversation(self, conversation_id: int) -> None:
        if not self._db.read("SELECT 1 FROM conversations WHERE id = ?", (conversation_id,)):
            raise BadRequestError(
                "No such conversation",
                "This conversation does not exist, or was deleted.",
                "Choose another conversation or start a new one.",
            )


def _without(provenance: Provenance, lesson_ids: Collection[str]) -> Provenance:
    def kept(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in lesson_ids)

    return msgspec.structs.replace(
        provenance,
        lessons_in_context=kept(provenance.lessons_in_context),
        lessons_in_weights=kept(provenance.lessons_in_weights),
    )


def _without_documents(provenance: Provenance, document_ids: Collection[int]) -> Provenance:
    """The sources from these documents without their words, and nothing that leads to them."""
    sources = tuple(
        msgspec.structs.replace(
            source, document_id=0, passage_id=0, title="", text="", heading="", start=0, end=0
        )
        if source.document_id in document_ids
        else source
        for source in provenance.sources
    )
    through = provenance.through
    if through is not None and through.document_id in document_ids:
        through = msgspec.structs.replace(through, document_id=0)
    return msgspec.structs.replace(provenance, sources=sources, through=through)


def _json(value: msgspec.Struct | None) -> str | None:
    return None if value is None else to_json(value)


def _message(row: Row) -> ChatMessage:
    id_, role, text, created, state, provenance, timings, lesson_id, unhelpful = row
    return ChatMessage(
        id=id_,
        role=role,
        text=text,
        created=created,
        state=state,
        provenance=provenance and msgspec.json.decode(provenance, type=Provenance),
        timings=timings and msgspec.json.decode(timings, type=Timings),
        lesson_id=lesson_id,
        unhelpful=bool(unhelpful),
    )


def _no_message() -> BadRequestError:
    return BadRequestError(
        "No such message",
        "This message does not exist in the conversation, or was deleted.",
        "Open the conversation again.",
    )
