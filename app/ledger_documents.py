"""Documents: files and pasted texts in the ledger, their passages and what these mean."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from app.document_records import DocumentRecord, DocumentText
from app.documents.extracted import Chunk, Extracted
from app.errors import BadRequestError
from app.ledger_database import Row, now
from app.ledger_passages import Passages
from app.memory.words import indexed

StoredState = Literal["waiting", "ready", "failed", "missing"]

_DOCUMENT = """
SELECT d.id, d.title, d.path, d.type, d.size, d.added, d.modified_ns, d.state, d.reason,
       d.folder_id, d.pages, (SELECT count(*) FROM passages p WHERE p.document_id = d.id)
FROM documents d
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


class Documents(Passages):
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
        # Of one that was read in part (a scan without Tesseract) the same bytes may give more now.
        self._db.write(
            "UPDATE documents SET sha256 = CASE WHEN reason = '' THEN sha256 ELSE '' END,"
            " state = 'waiting', reason = '', size = ?, modified_ns = ?,"
            " inode = ?, device = ?, folder_id = coalesce(?, folder_id) WHERE id = ?",
            (stat.size, stat.modified_ns, stat.inode, stat.device, folder_id, document_id),
        )

    def is_left_out(self, path: str) -> bool:
        """Whether the document of a file was forgotten for good."""
        return bool(self._db.read("SELECT 1 FROM left_out WHERE digest = ?", (_digest(path),)))

    def leave_out(self, path: str) -> None:
        """Do not take a file in again by itself."""
        self._db.write("INSERT OR IGNORE INTO left_out (digest) VALUES (?)", (_digest(path),))

    def let_in(self, path: str) -> None:
        """Take a file in again: it was taught by hand."""
        self._db.write("DELETE FROM left_out WHERE digest = ?", (_digest(path),))

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
        # Notes are of a text that is no more: they go with it, and are made anew of the next.
        self._db.write("DELETE FROM document_notes WHERE document_id = ?", (document_id,))
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


def _digest(path: str) -> bytes:
    return hashlib.sha256(path.encode()).digest()


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
