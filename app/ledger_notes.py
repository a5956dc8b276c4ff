"""Notes: what a model wrote about documents, kept as it is written and gone with the document."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.document_records import DocumentNotes, NotedQuestion
from app.ledger_database import Table, now


class NotesDraft(NamedTuple):
    """Where notes stand: their text's SHA-256, notes on parts by number, the summary if written.

    `tried` are the passages that were asked for a question.
    """

    sha256: str
    part_notes: dict[int, str]
    summary: str | None
    tried: frozenset[int]


class AskedPassage(NamedTuple):
    """A kept question as other documents' are compared with it; `vector` is of length 1."""

    document_id: int
    title: str
    noted: NotedQuestion
    text: str
    vector: NDArray[np.float16]


_UNNOTED = """
SELECT d.id FROM documents d JOIN passages p ON p.document_id = d.id
WHERE d.state IN ('ready', 'missing')
  AND NOT EXISTS (
    SELECT 1 FROM document_notes n WHERE n.document_id = d.id AND n.made IS NOT NULL)
GROUP BY d.id ORDER BY count(*), d.id
"""

_QUESTION = """
SELECT p.id, q.question, q.answer, p.start, p.finish, p.page, q.document_id, d.title, p.text,
       q.vector
FROM document_questions q JOIN passages p ON p.id = q.passage_id
JOIN documents d ON d.id = q.document_id
WHERE q.question <> ''
"""


class NoteRecords(Table):
    """Everything is of one text: keeping anything of another is refused, by giving False."""

    def without_notes(self) -> list[int]:
        """The documents that have text and no finished notes, the smallest first."""
        return [int(row[0]) for row in self._db.read(_UNNOTED)]

    def begin_notes(
        self, document_id: int, model: str, parts: int, parts_read: int
    ) -> NotesDraft | None:
        """Begin notes, or go on with those that the same model began of the same text.

        None where the document is gone. Finished ones are begun anew.
        """
        with self._db.transaction():
            sha256 = self._text_hash(document_id)
            if sha256 is None:
                return None
            same = self._db.read(
                "SELECT summary FROM document_notes WHERE document_id = ? AND sha256 = ?"
                " AND model = ? AND parts = ? AND parts_read = ? AND made IS NULL",
                (document_id, sha256, model, parts, parts_read),
            )
            if not same:
                self.drop_notes(document_id)
                self._db.write(
                    "INSERT INTO document_notes (document_id, sha256, model, parts, parts_read)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (document_id, sha256, model, parts, parts_read),
                )
            notes = self._db.read(
                "SELECT part, note FROM document_part_notes WHERE document_id = ?", (document_id,)
            )
            tried = self._db.read(
                "SELECT passage_id FROM document_questions WHERE document_id = ?", (document_id,)
            )
            return NotesDraft(
                sha256,
                {int(part): str(note) for part, note in notes},
                same[0][0] if same else None,
                frozenset(int(row[0]) for row in tried),
            )

    def drop_notes(self, document_id: int) -> None:
        """Delete a document's notes, finished or not."""
        self._db.write("DELETE FROM document_notes WHERE document_id = ?", (document_id,))

    def keep_part_note(self, document_id: int, sha256: str, part: int, note: str) -> bool:
        """Keep what was noted of one part, until the summary is written."""
        with self._db.transaction():
            if not self._is_of(document_id, sha256):
                return False
            self._db.write(
                "INSERT OR REPLACE INTO document_part_notes (document_id, part, note)"
                " VALUES (?, ?, ?)",
                (document_id, part, note),
            )
            return True

    def keep_summary(self, document_id: int, sha256: str, summary: str) -> bool:
        """Keep the summary; the notes on parts it was written from are no longer needed."""
        with self._db.transaction():
            if not self._is_of(document_id, sha256):
                return False
            self._db.write(
                "UPDATE document_notes SET summary = ? WHERE document_id = ?",
                (summary, document_id),
            )
            self._db.write("DELETE FROM document_part_notes WHERE document_id = ?", (document_id,))
            return True

    def keep_question(
        self,
        document_id: int,
        sha256: str,
        passage_id: int,
        question: str = "",
        answer: str = "",
        vector: bytes = b"",
    ) -> bool:
        """Keep a passage's question with its vector, or that none of it was worth keeping."""
        with self._db.transaction():
            there = self._db.read("SELECT 1 FROM passages WHERE id = ?", (passage_id,))
            if not there or not self._is_of(document_id, sha256):
                return False
            self._db.write(
                "INSERT OR REPLACE INTO document_questions"
                " (passage_id, document_id, question, answer, vector) VALUES (?, ?, ?, ?, ?)",
                (passage_id, document_id, question, answer, vector),
            )
            return True

    def finish_notes(self, document_id: int, sha256: str) -> bool:
        """The notes are whole."""
        with self._db.transaction():
            if not self._is_of(document_id, sha256):
                return False
            self._db.write(
                "UPDATE document_notes SET made = ? WHERE document_id = ?", (now(), document_id)
            )
            return True

    # -------------------------------------------------------------------------------- being read

    def notes(self, document_id: int) -> DocumentNotes | None:
        """A document's notes once they are finished, without contradictions."""
        rows = self._db.read(
            "SELECT summary, model, made, parts, parts_read FROM document_notes"
            " WHERE document_id = ? AND made IS NOT NULL",
            (document_id,),
        )
        if not rows:
            return None
        summary, model, made, parts, parts_read = rows[0]
        return DocumentNotes(
            document_id=document_id,
            summary=summary,
            model=model,
            made=made,
            parts=parts,
            parts_read=parts_read,
            questions=tuple(one.noted for one in self.asked_passages(document_id)),
        )

    def asked_passages(self, document_id: int | None = None) -> list[AskedPassage]:
        """The kept questions of a document in its order, or (None) of all documents."""
        rows = self._db.read(
            f"{_QUESTION} AND (?1 IS NULL OR q.document_id = ?1) ORDER BY q.document_id, p.start",
            (document_id,),
        )
        return [
            AskedPassage(
                document_id=of,
                title=title,
                noted=NotedQuestion(
                    passage_id=id_,
                    question=question,
                    answer=answer,
                    start=start,
                    end=end,
                    page=page,
                ),
                text=text,
                vector=np.frombuffer(vector, "<f2"),
            )
            for id_, question, answer, start, end, page, of, title, text, vector in rows
        ]

    def _text_hash(self, document_id: int) -> str | None:
        rows = self._db.read(
            "SELECT text FROM document_texts WHERE document_id = ?", (document_id,)
        )
        return hashlib.sha256(str(rows[0][0]).encode()).hexdigest() if rows else None

    def _is_of(self, document_id: int, sha256: str) -> bool:
        """Whether these notes are still wanted: neither forgotten, nor begun anew of a new text."""
        return bool(
            self._db.read(
                "SELECT 1 FROM document_notes WHERE document_id = ? AND sha256 = ?",
                (document_id, sha256),
            )
        )
