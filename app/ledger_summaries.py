"""Summaries: what a model wrote of older messages of chats, gone when one of them changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from app.ledger_database import Table, to_json
from app.protocol import ChatMessage, Provenance

LEAST_BYTES = 1500
"""A conversation with less text fits into any model's prompt: a token is a byte at least."""


class SummaryPart(NamedTuple):
    """What was written of messages `first` to `last`; `text` is "" where nothing came of it.

    `shown` tells that it is among those that a prompt has room for.
    """

    id: int
    first: int
    last: int
    text: str
    shown: bool = False


_UNSUMMARISED = """
SELECT c.id FROM conversations c LEFT JOIN summaries_looked l ON l.conversation_id = c.id
WHERE (l.last IS NULL OR l.model <> ?2
        OR l.last <> (SELECT max(m.id) FROM messages m WHERE m.conversation_id = c.id))
    AND (SELECT sum(length(CAST(m.text AS BLOB))) FROM messages m
        WHERE m.conversation_id = c.id) >= ?1
ORDER BY c.updated DESC, c.id DESC
"""

_QUOTING = "json_extract(provenance, '$.earlier.text') <> ''"
_CHOSEN = " AND conversation_id IN (SELECT value FROM json_each(?))"

_READABLE = """
SELECT m.id, m.text FROM messages m
WHERE m.conversation_id = ? AND m.id BETWEEN ? AND ? AND m.state <> 'broken' AND m.text <> ''
    AND NOT EXISTS (SELECT 1 FROM not_summarised n WHERE n.message_id = m.id)
ORDER BY m.id
"""


class SummaryRecords(Table):
    """Triggers delete what was written of a message that changes or goes (`app.schema`)."""

    def unsummarised(self, model: str) -> list[int]:
        """Conversations of some length that changed since they were last looked at, newest first.

        Whether they have messages that no longer fit is not known here.
        """
        return [int(row[0]) for row in self._db.read(_UNSUMMARISED, (LEAST_BYTES, model))]

    def look_at_summaries(self, conversation_id: int, last: int, model: str) -> None:
        """Nothing is left to be written of a conversation whose last message is `last`."""
        with self._db.transaction():
            if self._last(conversation_id) == last:
                self._db.write(
                    "INSERT OR REPLACE INTO summaries_looked (conversation_id, last, model)"
                    " VALUES (?, ?, ?)",
                    (conversation_id, last, model),
                )

    def summary_parts(self, conversation_id: int) -> list[SummaryPart]:
        """All that was written of a conversation, oldest messages first."""
        rows = self._db.read(
            "SELECT id, first, last, text, shown FROM conversation_summaries"
            " WHERE conversation_id = ? ORDER BY first",
            (conversation_id,),
        )
        return [
            SummaryPart(id_, first, last, text, bool(shown))
            for id_, first, last, text, shown in rows
        ]

    def not_summarised(self, conversation_id: int) -> frozenset[int]:
        """Messages that are left out, because they rest on what was forgotten."""
        rows = self._db.read(
            "SELECT n.message_id FROM not_summarised n JOIN messages m ON m.id = n.message_id"
            " WHERE m.conversation_id = ?",
            (conversation_id,),
        )
        return frozenset(int(row[0]) for row in rows)

    def keep_summary_part(
        self, conversation_id: int, messages: Sequence[ChatMessage], text: str, model: str
    ) -> bool:
        """Keep what was written of these messages; False where they are not as they were read."""
        first, last = messages[0].id, messages[-1].id
        with self._db.transaction():
            there = self._db.read(_READABLE, (conversation_id, first, last))
            if there != [(message.id, message.text) for message in messages]:
                return False
            self._db.write(
                "INSERT INTO conversation_summaries (conversation_id, first, last, text, model)"
                " VALUES (?, ?, ?, ?, ?)",
                (conversation_id, first, last, text, model),
            )
            return True

    def show_summary_parts(self, conversation_id: int, ids: Collection[int]) -> None:
        """Let prompts show these parts of a conversation, and no other."""
        self._db.write(
            "UPDATE conversation_summaries SET shown = id IN (SELECT value FROM json_each(?))"
            " WHERE conversation_id = ?",
            (to_json(sorted(ids)), conversation_id),
        )

    def drop_empty_summaries(self, conversation_id: int, model: str) -> None:
        """Let this model try what came to nothing with another."""
        self._db.write(
            "DELETE FROM conversation_summaries"
            " WHERE conversation_id = ? AND text = '' AND model <> ?",
            (conversation_id, model),
        )

    def drop_summaries(self, conversation_ids: Collection[int] | None = None) -> None:
        """Delete what was written of some conversations (None: of all), and what replies quote."""
        chosen = "" if conversation_ids is None else _CHOSEN
        values = () if conversation_ids is None else (to_json(sorted(conversation_ids)),)
        with self._db.transaction():
            for table in ("conversation_summaries", "summaries_looked"):
                self._db.write(f"DELETE FROM {table} WHERE true{chosen}", values)  # noqa: S608
            quoting = self._db.read(
                f"SELECT id, provenance FROM messages WHERE {_QUOTING}{chosen}",  # noqa: S608
                values,
            )
            for id_, provenance in quoting:
                self._db.write(
                    "UPDATE messages SET provenance = ? WHERE id = ?", (_unread(provenance), id_)
                )

    def _forget_in_summaries(self, message_ids: Collection[int], stood_in: Collection[int]) -> None:
        """Delete what was written of the conversations of `message_ids`, which rest on something.

        Those in whose prompt it `stood_in` are left out of what is written anew.
        """
        if not message_ids:
            return
        rows = self._db.read(
            "SELECT DISTINCT conversation_id FROM messages"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (to_json(sorted(message_ids)),),
        )
        self.drop_summaries([int(row[0]) for row in rows])
        self._db.write(
            "INSERT OR IGNORE INTO not_summarised (message_id)"
            " SELECT id FROM messages WHERE id IN (SELECT value FROM json_each(?))",
            (to_json(sorted(stood_in)),),
        )

    def _last(self, conversation_id: int) -> int | None:
        rows = self._db.read(
            "SELECT max(id) FROM messages WHERE conversation_id = ?", (conversation_id,)
        )
        return None if rows[0][0] is None else int(rows[0][0])


def _unread(provenance: str) -> str:
    known = msgspec.json.decode(provenance, type=Provenance)
    assert known.earlier is not None
    earlier = msgspec.structs.replace(known.earlier, text="")
    return to_json(msgspec.structs.replace(known, earlier=earlier))
