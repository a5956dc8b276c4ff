"""Documents: files and pasted texts in the ledger, their passages and what these mean."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.document_records import DocumentRecord, DocumentText, Passage
from app.documents.extracted import Chunk, Extracted
from app.errors import BadRequestError
from app.ledger_database import Row, Table, now
from app.memory.words import indexed

StoredState = Literal["waiting", "ready", "failed", "missing"]

_DOCUMENT = """
SELECT d.id, d.title, d.path, d.type, d.size, d.added, d.modified_ns, d.state, d.reason,
       d.folder_id, d.pages, (SELECT count(*) FROM passages p WHERE p.document_id = d.id)
FROM documents d
"""

_PASSAGE = """
SELECT p.id, p.document_id, d.title, d.path, d.type, p.text, p.start, p.finish, p.heading, p.page
FROM passages p JOIN documents d ON d.id = p.document_id
"""


class FileStat(msgspec.Struct, frozen=True):
    """A file as it lay on the disk: size in bytes, time in nanoseconds, and where."""

    size: int
    modified_ns: int
    inode: int = 0
    device: int = 0


class KnownFile(msgspec.Struct, frozen=True):
    """A document's file as the ledger knows it."""

    id: int
    path: str
    stat: FileStat
    sha256: str
    state: StoredState


class Indexed(msgspec.Struct, frozen=True):
    """A passage ready to be kept: where it is, a fingerprint of its words, and its vector.

    `vector` is half precision, of length 1.
    """

    chunk: Chunk
    fingerprint: int
    vector: bytes


class Documents(Table):
    """What was taken in; every method raises BadRequestError for an id that does not exist."""

    # -------------------------------------------------------------------------- coming and going

    def add_document(
        self, path: str, title: str, stat: FileStat, folder_id: int | None = None
    ) -> int:
        """Queue a file to be read, once: a path that is known is read again. Gives its id."""
        with self._db.transaction():
            rows = self._db.read("SELECT id FROM documents WHERE path = ? AND path <> ''", (path,))
            if rows:
                self._queue(int(rows[0][0]), stat, folder_id)
                return int(rows[0][0])
            return self._db.write(
                "INSERT INTO documents (folder_id, path, title, type, size, modified_ns, inode,"
                " device, sha256, added, state) VALUES (?, ?, ?, '', ?, ?, ?, ?, '', ?, 'waiting')",
                (
                    folder_id,
                    path,
                    title,
                    stat.size,
                    stat.modified_ns,
                    stat.inode,
                    stat.device,
                    now(),
                ),
            )

    def add_text(self, title: str, text: str) -> int:
        """Queue a text that came without a file; it is kept from now on. Gives its id."""
        with self._db.transaction():
            stat = FileStat(size=len(text.encode()), modified_ns=time.time_ns())
            document_id = self.add_document("", title, stat)
            self._db.write(
                "INSERT INTO document_texts (document_id, text, page_starts) VALUES (?, ?, '[]')",
                (document_id, text),
            )
            return document_id

    def _queue(self, document_id: int, stat: FileStat, folder_id: int | None) -> None:
        self._db.write(
            "UPDATE documents SET state = 'waiting', reason = '', size = ?, modified_ns = ?,"
            " inode = ?, device = ?, folder_id = coalesce(?, folder_id) WHERE id = ?",
            (stat.size, stat.modified_ns, stat.inode, stat.device, folder_id, document_id),
        )

    def read_again(self, document_id: int) -> None:
        """Queue a document to be read once more, whatever was read of it."""
        with self._db.transaction():
            self.document(document_id)
            self._db.write(
                "UPDATE documents SET state = 'waiting', reason = '', sha256 = '' WHERE id = ?",
                (document_id,),
            )

    def next_waiting(self, without: Sequence[int] = ()) -> KnownFile | None:
        """The document that waits longest to be read."""
        rows = self._db.read(
            f"{_KNOWN} WHERE state = 'waiting'"  # noqa: S608
            " AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1",
            (json.dumps(list(without)),),
        )
        return _known(rows[0]) if rows else None

    def count_waiting(self) -> int:
        """How many wait to be read."""
        rows = self._db.read("SELECT count(*) FROM documents WHERE state = 'waiting'")
        return int(rows[0][0])

    def known_files(self, folder_id: int) -> list[KnownFile]:
        """The files known of a folder."""
        return [_known(r) for r in self._db.read(f"{_KNOWN} WHERE folder_id = ?", (folder_id,))]

    def keep_document(
        self,
        document_id: int,
        extracted: Extracted,
        passages: Sequence[Indexed],
        *,
        title: str,
        sha256: str,
    ) -> list[int]:
        """What was read of a document, in place of what was; gives the passages' ids.

        All or nothing: a crash leaves the document waiting, with what was read before.
        """
        with self._db.transaction():
            self.document(document_id)
            self._drop_passages(document_id)
            self._db.write(
                "INSERT OR REPLACE INTO document_texts (document_id, text, page_starts)"
                " VALUES (?, ?, ?)",
                (document_id, extracted.text, json.dumps(extracted.page_starts)),
            )
            ids = [self._add_passage(document_id, passage) for passage in passages]
            self._db.write(
                "UPDATE documents SET state = 'ready', reason = ?, type = ?, title = ?, pages = ?,"
                " sha256 = ? WHERE id = ?",
                (
                    extracted.note,
                    extracted.type,
                    title,
                    len(extracted.page_starts),
                    sha256,
                    document_id,
                ),
            )
            return ids

    def _add_passage(self, document_id: int, passage: Indexed) -> int:
        chunk = passage.chunk
        passage_id = self._db.write(
            "INSERT INTO passages (document_id, start, finish, page, heading, text, fingerprint)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                document_id,
                chunk.start,
                chunk.end,
                chunk.page,
                chunk.heading,
                chunk.text,
                passage.fingerprint,
            ),
        )
        self._db.write(
            "INSERT INTO passage_vectors (passage_id, vector) VALUES (?, ?)",
            (passage_id, passage.vector),
        )
        self._db.write(
            "INSERT INTO passage_words (rowid, heading, words) VALUES (?, ?, ?)",
            (passage_id, indexed(chunk.heading), indexed(chunk.text)),
        )
        return passage_id

    def settle_document(self, document_id: int, stat: FileStat) -> None:
        """A document whose file holds what was read of it already."""
        with self._db.transaction():
            self.note_stat(document_id, stat)
            self._db.write(
                "UPDATE documents SET state = 'ready' WHERE id = ? AND state = 'waiting'",
                (document_id,),
            )

    def note_stat(self, document_id: int, stat: FileStat, path: str | None = None) -> None:
        """How a document's file lies on the disk now; `path` when it was moved."""
        self._db.write(
            "UPDATE documents SET size = ?, modified_ns = ?, inode = ?, device = ?,"
            " path = coalesce(?, path) WHERE id = ?",
            (stat.size, stat.modified_ns, stat.inode, stat.device, path, document_id),
        )

    def fail_document(self, document_id: int, reason: str) -> list[int]:
        """Nothing could be read of a document, and what was read before holds no more.

        Gives the passages that went.
        """
        with self._db.transaction():
            self.document(document_id)
            gone = self._drop_passages(document_id)
            self._db.write(
                "UPDATE documents SET state = 'failed', reason = ?, sha256 = '', pages = 0"
                " WHERE id = ?",
                (reason, document_id),
            )
            # A pasted text is nowhere else: it stays, whatever could not be made of it.
            self._db.write(
                "DELETE FROM document_texts WHERE document_id = ?1 AND EXISTS"
                " (SELECT 1 FROM documents WHERE id = ?1 AND path <> '')",
                (document_id,),
            )
            return gone

    def _delete_document(self, document_id: int) -> list[int]:
        """Delete a document and all that was read of it; gives the passages that went."""
        self.document(document_id)
        gone = self._drop_passages(document_id)
        self._db.write("DELETE FROM documents WHERE id = ?", (document_id,))
        return gone

    def _merge_words(self) -> None:
        """Drop the words of deleted passages, which are only marked as such until then."""
        self._db.write("INSERT INTO passage_words (passage_words) VALUES ('optimize')")

    def _drop_passages(self, document_id: int) -> list[int]:
        ids = self.passages_of(document_id)
        for passage_id in ids:
            self._db.write("DELETE FROM passage_words WHERE rowid = ?", (passage_id,))
        self._db.write("DELETE FROM passages WHERE document_id = ?", (document_id,))
        return ids

    # -------------------------------------------------------------------------------- being read

    def document(self, document_id: int) -> DocumentRecord:
        """One document."""
        rows = self._db.read(f"{_DOCUMENT} WHERE d.id = ?", (document_id,))
        if not rows:
            raise BadRequestError(
                "No such document",
                "This document does not exist, or was forgotten.",
                "Look into the list of documents again.",
            )
        return _document(rows[0])

    def is_document(self, document_id: int) -> bool:
        """Whether there is such a document."""
        return bool(self._db.read("SELECT 1 FROM documents WHERE id = ?", (document_id,)))

    def document_at(self, path: str) -> DocumentRecord | None:
        """The document of a file, None where it was not taken in."""
        rows = self._db.read(f"{_DOCUMENT} WHERE d.path = ? AND d.path <> ''", (path,))
        return _document(rows[0]) if rows else None

    def documents(self) -> list[DocumentRecord]:
        """All documents, newest first."""
        return [_document(row) for row in self._db.read(f"{_DOCUMENT} ORDER BY d.id DESC")]

    def document_text(self, document_id: int) -> DocumentText:
        """A document with its text, empty while nothing was read of it."""
        record = self.document(document_id)
        rows = self._db.read(
            "SELECT text, page_starts FROM document_texts WHERE document_id = ?", (document_id,)
        )
        text, starts = rows[0] if rows else ("", "[]")
        return DocumentText(document=record, text=text, page_starts=tuple(json.loads(starts)))

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
    ) -> list[int]:
        """The passages that have words of `query` (an FTS5 expression), the best first.

        Ranked by BM25, headings counting twice.
        """
        limited = "" if within is None else " AND rowid IN (SELECT value FROM json_each(?3))"
        values: tuple[object, ...] = (query, limit)
        if within is not None:
            values = (*values, json.dumps(within.tolist()))
        rows = self._db.read(
            f"SELECT rowid FROM passage_words WHERE passage_words MATCH ?1{limited}"  # noqa: S608
            " ORDER BY bm25(passage_words, 2.0, 1.0), rowid LIMIT ?2",
            values,
        )
        return [int(row[0]) for row in rows]

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


_KNOWN = "SELECT id, path, size, modified_ns, inode, device, sha256, state FROM documents"


def _known(row: Row) -> KnownFile:
    id_, path, size, modified_ns, inode, device, sha256, state = row
    return KnownFile(id_, path, FileStat(size, modified_ns, inode, device), sha256, state)


def _document(row: Row) -> DocumentRecord:
    id_, title, path, type_, size, added, modified_ns, state, reason, folder, pages, passages = row
    changed = datetime.fromtimestamp(modified_ns / 1e9, UTC).isoformat(timespec="seconds")
    return DocumentRecord(
        id=id_,
        title=title,
        path=path,
        type=type_,
        size=size,
        added=added,
        changed=changed,
        state=state,
        reason=reason,
        folder_id=folder,
        pages=pages,
        passages=passages,
    )


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
