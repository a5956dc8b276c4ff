"""Proposals: lessons offered from chats, and the signs they rest on, in the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.errors import BadRequestError
from app.ledger_database import Row, Table, now
from app.proposal_records import ProposalRecord, Sign

_OFFERED = """
SELECT p.id, p.sign, p.told, p.note, q.text,
    iif(p.kept_id = p.message_id, s.replaced, m.text),
    iif(p.example <> '', p.example, coalesce(k.text, '')),
    p.created, c.id, c.title, m.id
FROM proposals p JOIN messages m ON m.id = p.message_id JOIN messages q ON q.id = p.prompt_id
JOIN conversations c ON c.id = m.conversation_id
LEFT JOIN messages k ON k.id = p.kept_id LEFT JOIN answer_signs s ON s.message_id = m.id
WHERE p.state = 'offered'
"""

_SETTLED = """
UPDATE proposals SET state = ?, prompt_id = NULL, message_id = NULL, told_id = NULL, kept_id = NULL,
    told = '', note = '', example = ''
"""


@dataclass(frozen=True)
class Offer:
    """A lesson to be offered: messages by their ids, and what is said of them.

    `kept_id` is the answer that was kept; the same as `message_id` where that one took the place
    of another. `fingerprint` (see there) tells whether it was decided on before.
    """

    sign: Sign
    prompt_id: int
    message_id: int
    fingerprint: bytes
    told_id: int | None = None
    kept_id: int | None = None
    told: str = ""
    note: str = ""
    example: str = ""


@dataclass(frozen=True)
class AskedAgain:
    """An answer that took the place of another, which was `disliked` or not; whether copied."""

    message_id: int
    conversation_id: int
    replaced: str
    disliked: bool
    copied: bool


def fingerprint(*parts: str) -> bytes:
    """Tells an offer from others without its words; only ever kept in the encrypted ledger."""
    told = hashlib.sha256()
    for part in parts:
        data = part.encode()
        told.update(len(data).to_bytes(8, "big") + data)
    return told.digest()


class Proposals(Table):
    """Texts stay in their messages, so an offer goes with its conversation.

    Of what was decided on only its fingerprint is left, so that it is never offered again.
    """

    # ------------------------------------------------------------------ signs

    def rate(self, message_id: int, *, unhelpful: bool) -> None:
        """Keep what the person thought of an answer. Raises BadRequestError."""
        with self._db.transaction():
            self._require_answer(message_id)
            self._sign(message_id, "unhelpful", unhelpful)
            self._sign(message_id, "looked", False)
            if not unhelpful:
                self._db.write(
                    "DELETE FROM proposals WHERE message_id = ? AND sign = 'unhelpful'",
                    (message_id,),
                )

    def note_copied(self, message_id: int) -> None:
        """An answer was copied, which tells something only where it took another's place."""
        self._db.write("UPDATE answer_signs SET copied = 1 WHERE message_id = ?", (message_id,))

    def replaced_answer(self, question_id: int) -> tuple[str, bool] | None:
        """The answer after a question, if it is whole, and whether it was not helpful."""
        rows = self._db.read(
            "SELECT m.text, coalesce(s.unhelpful, 0) FROM messages m"
            " LEFT JOIN answer_signs s ON s.message_id = m.id"
            " WHERE m.id = (SELECT min(n.id) FROM messages n JOIN messages q ON q.id = ?"
            "  WHERE n.conversation_id = q.conversation_id AND n.id > q.id)"
            " AND m.role = 'assistant' AND m.state = 'complete'",
            (question_id,),
        )
        return (str(rows[0][0]), bool(rows[0][1])) if rows else None

    def note_replaced(self, message_id: int, text: str, *, unhelpful: bool) -> None:
        """Keep the answer whose place another one takes, as long as that one is there."""
        self._sign(message_id, "replaced", text)
        self._sign(message_id, "disliked", unhelpful)

    def drop_replaced(self, before: str) -> None:
        """Delete replaced answers that are older, or of which nothing more is made."""
        self._db.write(
            "UPDATE answer_signs SET replaced = NULL WHERE replaced IS NOT NULL AND (looked OR"
            " message_id IN (SELECT id FROM messages WHERE created < ?)) AND message_id NOT IN"
            " (SELECT message_id FROM proposals WHERE state = 'offered')",
            (before,),
        )

    def look_away(self, message_id: int) -> None:
        """Nothing more is made of what was thought of an answer."""
        self._sign(message_id, "looked", True)

    def looked_at(self, message_id: int) -> bool:
        """Whether something was made of an answer already, or is to be made no more."""
        rows = self._db.read(
            "SELECT 1 FROM answer_signs WHERE message_id = ? AND looked"
            " UNION ALL SELECT 1 FROM lessons WHERE message_id = ?",
            (message_id, message_id),
        )
        return bool(rows)

    def unhelpful_answers(self) -> list[tuple[int, int]]:
        """Answers that were not helpful and are not looked at yet: their ids and conversations."""
        rows = self._db.read(
            "SELECT m.id, m.conversation_id FROM answer_signs s JOIN messages m"
            " ON m.id = s.message_id WHERE s.unhelpful AND NOT s.looked ORDER BY m.id"
        )
        return [(int(message), int(conversation)) for message, conversation in rows]

    def asked_again(self, since: str) -> list[AskedAgain]:
        """Answers that took another's place since a moment and are not looked at yet."""
        rows = self._db.read(
            "SELECT m.id, m.conversation_id, s.replaced, s.disliked, s.copied FROM answer_signs s"
            " JOIN messages m ON m.id = s.message_id WHERE s.replaced IS NOT NULL"
            " AND NOT s.looked AND m.state = 'complete' AND m.created >= ? ORDER BY m.id",
            (since,),
        )
        return [
            AskedAgain(int(id_), int(conversation), str(text), bool(disliked), bool(copied))
            for id_, conversation, text, disliked, copied in rows
        ]

    def follow_ups(self, after: int, since: str) -> list[tuple[int, int]]:
        """Questions with an answer before them: their ids and conversations, oldest first."""
        rows = self._db.read(
            "SELECT id, conversation_id FROM messages m WHERE id > ? AND created >= ?"
            " AND role = 'user' AND EXISTS (SELECT 1 FROM messages e"
            "  WHERE e.conversation_id = m.conversation_id AND e.id < m.id) ORDER BY id",
            (after, since),
        )
        return [(int(message), int(conversation)) for message, conversation in rows]

    def _sign(self, message_id: int, column: str, value: str | bool) -> None:
        self._db.write(
            f"INSERT INTO answer_signs (message_id, {column}) VALUES (?, ?)"  # noqa: S608
            f" ON CONFLICT (message_id) DO UPDATE SET {column} = excluded.{column}",
            (message_id, value),
        )

    def _require_answer(self, message_id: int) -> None:
        if not self._db.read(
            "SELECT 1 FROM messages WHERE id = ? AND role = 'assistant'", (message_id,)
        ):
            raise BadRequestError(
                "There is no such answer",
                "This is not an answer of the assistant, or it was deleted.",
                "Open the conversation again.",
            )

    # ------------------------------------------------------------------ proposals

    def offer(self, offer: Offer) -> bool:
        """Keep an offer, unless the same was made before; tells whether it is new."""
        with self._db.transaction():
            if self._db.read("SELECT 1 FROM proposals WHERE fingerprint = ?", (offer.fingerprint,)):
                return False
            self._db.write(
                "INSERT INTO proposals (sign, state, created, fingerprint, prompt_id, message_id,"
                " told_id, kept_id, told, note, example)"
                " VALUES (?, 'offered', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    offer.sign,
                    now(),
                    offer.fingerprint,
                    offer.prompt_id,
                    offer.message_id,
                    offer.told_id,
                    offer.kept_id,
                    offer.told,
                    offer.note,
                    offer.example,
                ),
            )
            return True

    def proposals(self) -> list[ProposalRecord]:
        """What is offered, newest first."""
        return [_record(row) for row in self._db.read(f"{_OFFERED} ORDER BY p.id DESC")]

    def proposal(self, proposal_id: int) -> ProposalRecord:
        """One offer. Raises BadRequestError where it is none, or none any more."""
        rows = self._db.read(f"{_OFFERED} AND p.id = ?", (proposal_id,))
        if not rows:
            raise BadRequestError(
                "This is not offered",
                "There is no such offer, or it was decided on, or its conversation was deleted.",
                "Look into the list of offers again.",
            )
        return _record(rows[0])

    def dismiss_proposal(self, proposal_id: int) -> None:
        """Never offer this again. Raises BadRequestError."""
        with self._db.transaction():
            self.proposal(proposal_id)
            self._db.write(f"{_SETTLED} WHERE id = ?", ("dismissed", proposal_id))

    def settle_proposals_of(self, message_id: int) -> None:
        """A lesson was made of this answer, so what was offered of it is taken."""
        self._db.write(
            f"{_SETTLED} WHERE state = 'offered' AND message_id = ?", ("accepted", message_id)
        )

    def withdraw_proposals(self) -> None:
        """Delete every offer; what was decided on stays decided."""
        self._db.write("DELETE FROM proposals WHERE state = 'offered'")

    def offered_today(self) -> int:
        """How many offers were made since midnight, whatever became of them."""
        rows = self._db.read(
            "SELECT count(*) FROM proposals WHERE date(created, 'localtime') ="
            " date('now', 'localtime')"
        )
        return int(rows[0][0])


def _record(row: Row) -> ProposalRecord:
    id_, sign, told, note, prompt, rejected, corrected, created, conversation, title, message = row
    return ProposalRecord(
        id=id_,
        sign=sign,
        told=told,
        note=note,
        prompt=prompt,
        rejected=rejected or "",
        corrected=corrected,
        created=created,
        conversation_id=conversation,
        title=title,
        message_id=message,
    )
