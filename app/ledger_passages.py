"""Passages: the pieces of documents in the ledger, found by their words, with their vectors."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.document_records import Passage
from app.ledger_database import Row, Table

_PASSAGE = """
SELECT p.id, p.document_id, d.title, d.path, d.type, p.text, p.start, p.finish, p.heading, p.page
FROM passages p JOIN documents d ON d.id = p.document_id
"""


class Passages(Table):
    """What was read of documents, piece by piece; ids are never given twice."""

    def passages_of(self, document_id: int) -> list[int]:
        """The ids of a document's passages, in its order."""
        rows = self._db.read(
            "SELECT id FROM passages WHERE document_id = ? ORDER BY start, id", (document_id,)
        )
        return [int(row[0]) for row in rows]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Passages in the order of `ids`; those that are gone are left out."""
        rows = self._db.read(
            f"{_PASSAGE} WHERE p.id IN (SELECT value FROM json_each(?))",  # noqa: S608
            (json.dumps(list(ids)),),
        )
        found = {passage.id: passage for passage in map(_passage, rows)}
        return [found[id_] for id_ in ids if id_ in found]

    def fingerprints(self, ids: Sequence[int]) -> dict[int, int]:
        """The fingerprint of each passage's words."""
        rows = self._db.read(
            "SELECT id, fingerprint FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {int(id_): int(fingerprint) for id_, fingerprint in rows}

    def passages_within(
        self,
        *,
        document_ids: Sequence[int] = (),
        folder_ids: Sequence[int] = (),
        types: Sequence[str] = (),
        since_ns: int = 0,
    ) -> NDArray[np.int64] | None:
        """The ids of all passages a search is limited to, in order; None for no limit.

        A document counts when it is among `document_ids` or in one of `folder_ids` (where any are
        given), is of one of `types` and was changed since.
        """
        if not (document_ids or folder_ids or types or since_ns):
            return None
        rows = self._db.read(
            "SELECT p.id FROM passages p JOIN documents d ON d.id = p.document_id"
            " WHERE (?1 OR d.id IN (SELECT value FROM json_each(?2))"
            "   OR d.folder_id IN (SELECT value FROM json_each(?3)))"
            " AND (?4 OR d.type IN (SELECT value FROM json_each(?5)))"
            " AND d.modified_ns >= ?6 ORDER BY p.id",
            (
                not (document_ids or folder_ids),
                json.dumps(list(document_ids)),
                json.dumps(list(folder_ids)),
                not types,
                json.dumps(list(types)),
                since_ns,
            ),
        )
        return np.array([row[0] for row in rows], dtype=np.int64)

    def word_search(
        self, query: str, limit: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The passages that have words of `query` (an FTS5 expression), the best first.

        With their BM25 scores, larger for better; headings count twice.
        """
        limited = "" if within is None else " AND rowid IN (SELECT value FROM json_each(?3))"
        values: tuple[object, ...] = (query, limit)
        if within is not None:
            values = (*values, json.dumps(within.tolist()))
        rows = self._db.read(
            "SELECT rowid, -bm25(passage_words, 2.0, 1.0) AS score FROM passage_words"  # noqa: S608
            f" WHERE passage_words MATCH ?1{limited}"
            " ORDER BY score DESC, rowid LIMIT ?2",
            values,
        )
        return [(int(id_), float(score)) for id_, score in rows]

    def vectors(self, after: int, limit: int) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
        """Up to `limit` passages with an id above `after`: ids and vectors (n, width)."""
        rows = self._db.read(
            "SELECT passage_id, vector FROM passage_vectors WHERE passage_id > ?"
            " ORDER BY passage_id LIMIT ?",
            (after, limit),
        )
        ids = np.array([row[0] for row in rows], dtype=np.int64)
        data = b"".join(row[1] for row in rows)
        vectors = np.frombuffer(data, dtype="<f2").reshape(len(rows), -1 if rows else 0)
        return ids, vectors

    def count_passages(self) -> int:
        """How many passages there are."""
        return int(self._db.read("SELECT count(*) FROM passage_vectors")[0][0])


def _passage(row: Row) -> Passage:
    id_, document_id, title, path, type_, text, start, end, heading, page = row
    return Passage(
        id=id_,
        document_id=document_id,
        title=title,
        path=path,
        type=type_,
        text=text,
        start=start,
        end=end,
        heading=heading,
        page=page,
    )
