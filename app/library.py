"""Library: documents taken in, searched, read, followed in their folders and forgotten."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from app import protocol
from app.contradictions import contradictions
from app.document_records import DocumentNotes, DocumentRecord, DocumentText, FolderRecord, Passage
from app.documents.formats import is_known
from app.documents.ignore import Ignore
from app.documents.scan import Found, scan
from app.errors import BadRequestError, DocumentError, NightschoolError
from app.folders import FolderKeeper, stat_of
from app.ingestion import Ingestion, file_stat
from app.ledger import Ledger
from app.ledger_documents import FileStat
from app.memory.embedder import Embedder
from app.memory.memory_client import MemoryClient
from app.memory.recall import Recall, Related
from app.memory.vector_index import VectorIndex
from app.paths import Home, starter_models
from app.text import clean

logger = logging.getLogger("library")

MOST_RESULTS = 200

Announce = Callable[[Sequence[protocol.What]], None]


class Library:
    """The use cases about documents. Its methods may be called from several threads."""

    def __init__(
        self,
        home: Path,
        ledger: Ledger,
        recall: Recall,
        embedder: Embedder,
        client: MemoryClient,
        announce: Announce,
    ) -> None:
        self._client = client
        self._embedder = embedder
        self._home = home
        self._ledger = ledger
        self._recall = recall
        self._announce = announce
        self._ingestion = Ingestion(
            ledger, recall, embedder, on_change=lambda: announce(("documents", "folders"))
        )
        self._keeper = FolderKeeper(
            ledger,
            home,
            forget=lambda ids: self.forget(ids, for_good=False),
            queued=self._ingestion.wake,
            changed=lambda: announce(("folders", "documents")),
        )
        self._loader = threading.Thread(target=self._load, name="library")
        self._loaded = threading.Event()

    @classmethod
    def over(cls, home: Home, ledger: Ledger, announce: Announce) -> Library:
        """The library of a home, with a memory process of its own; nothing is started yet."""
        client = MemoryClient()
        embedder = Embedder(client, starter_models())
        recall = Recall(ledger, embedder, VectorIndex(home.index, client))
        return cls(home.root, ledger, recall, embedder, client, announce)

    # -------------------------------------------------------------------------------- its life

    def start(self) -> None:
        """Take the passages into memory, then read what waits and follow the folders."""
        self._loader.start()

    def _load(self) -> None:
        try:
            self._recall.load()
        except NightschoolError as error:
            logger.warning("the passages could not be loaded: %s", error.code)
        finally:
            self._loaded.set()
        self._ingestion.start()
        self._keeper.start()

    def close(self) -> None:
        """Stop following and reading; what waits goes on at the next start."""
        self._recall.stop()
        self._loader.join()
        self._keeper.close()
        self._ingestion.close()
        self._recall.close()
        self._client.close()

    # ------------------------------------------------------------------------------ taking in

    def teach(self, paths: Sequence[str]) -> list[DocumentRecord]:
        """Queue files, and the files of folders; what cannot be taken is told in the list.

        Raises BadRequestError when nothing is named.
        """
        if not paths:
            raise BadRequestError("Nothing to teach", "No file is named.", "Choose a file.")
        found = [record for path in paths for record in self._teach(Path(path).expanduser())]
        self._ingestion.wake()
        self._announce(("documents",))
        return found

    def _teach(self, path: Path) -> list[DocumentRecord]:
        path = path.absolute()
        if path.is_dir():
            return [
                self._queued(found.path, stat_of(found))
                for found in scan(path, is_known, Ignore.of(path, (self._home,)))
                if isinstance(found, Found)
            ]
        try:
            return [self._queued(path, file_stat(path))]
        except DocumentError as error:
            return [_refused(path, error)]

    def _queued(self, path: Path, stat: FileStat) -> DocumentRecord:
        self._ledger.let_in(str(path))
        return self._ledger.document(self._ledger.add_document(str(path), path.name, stat))

    def teach_text(self, text: str, title: str) -> DocumentRecord:
        """Keep a text as a document; safe when this returns. Raises BadRequestError."""
        text, title = clean(text).strip(), " ".join(clean(title).split())
        if not text:
            raise BadRequestError("Nothing to teach", "The text is empty.", "Select some text.")
        first = " ".join(text[:200].split())
        record = self._ledger.document(self._ledger.add_text((title or first)[:120], text))
        self._ingestion.wake()
        self._announce(("documents",))
        return record

    def read_again(self, document_id: int) -> None:
        """Read a document once more."""
        self._ledger.read_again(document_id)
        self._ingestion.wake()
        self._announce(("documents",))

    def wait(self, stop: threading.Event) -> None:
        """Return when everything that waits was read, or on `stop`."""
        self._loaded.wait()
        self._ingestion.wake()
        self._ingestion.wait(stop)

    def settle(self, stop: threading.Event) -> None:
        """The same, once every folder was looked through."""
        self._loaded.wait()
        while not stop.wait(0.1) and any(f.state == "scanning" for f in self.folders()):
            pass
        self.wait(stop)

    # ---------------------------------------------------------------------------- looking into

    def documents(self) -> list[DocumentRecord]:
        """All documents, newest first."""
        return [self._shown(record) for record in self._ledger.documents()]

    def document(self, document_id: int) -> DocumentText:
        """A document with its text."""
        found = self._ledger.document_text(document_id)
        return msgspec.structs.replace(found, document=self._shown(found.document))

    def _shown(self, record: DocumentRecord) -> DocumentRecord:
        if record.id == self._ingestion.at and record.state == "waiting":
            return msgspec.structs.replace(record, state="reading")
        return record

    def search(self, request: protocol.Search) -> list[Passage]:
        """Passages that fit, best first. Raises BadRequestError for a date that is none."""
        within = self._ledger.passages_within(
            document_ids=request.document_ids,
            folder_ids=request.folder_ids,
            types=request.types,
            since_ns=_since(request.since),
        )
        limit = min(max(1, request.limit), MOST_RESULTS)
        self._loaded.wait()
        found = self._recall.search(clean(request.text), limit, within)
        return [
            msgspec.structs.replace(related.passage, score=1.0 / rank)
            for rank, related in enumerate(found, start=1)
        ]

    def related(
        self, question: str, limit: int, document_ids: Sequence[int], folder_ids: Sequence[int]
    ) -> list[Related]:
        """Passages for an answer, with how near they are to the question."""
        within = self._ledger.passages_within(document_ids=document_ids, folder_ids=folder_ids)
        return self._recall.search(question, limit, within)

    @property
    def settled(self) -> bool:
        """Whether everything is loaded, and no document waits to be read."""
        return self._loaded.is_set() and self._ingestion.idle

    # ---------------------------------------------------------------------------------- notes

    def found_by(self, question: str, passage_id: int, among: int) -> NDArray[np.float32] | None:
        """The question's vector (width,) where it finds the passage among the first so many."""
        self._loaded.wait()
        found = self._recall.search(question, among)
        there = any(one.passage.id == passage_id for one in found)
        return self._embedder.query(question) if there else None

    def notes(self, document_id: int) -> DocumentNotes | None:
        """A document's notes, with what other documents seem to say otherwise; None without any."""
        self._ledger.document(document_id)
        found = self._ledger.notes(document_id)
        if found is None:
            return None
        every = self._ledger.asked_passages()
        mine = [one for one in every if one.document_id == document_id]
        return msgspec.structs.replace(found, contradictions=contradictions(mine, every))

    @property
    def empty(self) -> bool:
        """Whether there is no passage at all; waits for those there are to be loaded."""
        self._loaded.wait()
        return not len(self._recall)

    # ------------------------------------------------------------------------------ forgetting

    def forget(self, document_ids: Sequence[int], *, for_good: bool = True) -> None:
        """Forget documents: text, passages, vectors and the index's files, quotes in replies.

        `for_good` keeps a watched folder from taking the same files in again.
        """
        for document_id in document_ids:
            self._ledger.document(document_id)
            self._ingestion.leave(document_id)
        gone = self._ledger.forget_documents(document_ids, for_good=for_good)
        self._recall.forget(gone)
        self._ledger.scrub()
        self._announce(("documents", "folders", "conversations"))

    # --------------------------------------------------------------------------------- folders

    def folders(self) -> list[FolderRecord]:
        """All watched folders and how far they are."""
        return self._keeper.records()

    def watch_folder(self, path: str) -> FolderRecord:
        """Take in a folder and follow it. Raises BadRequestError."""
        record = self._keeper.add(Path(path).expanduser().absolute())
        self._announce(("folders",))
        return record

    def pause_folder(self, folder_id: int, paused: bool) -> FolderRecord:
        """Stop following a folder for now, or go on."""
        record = self._keeper.pause(folder_id, paused)
        self._announce(("folders",))
        return record

    def unwatch_folder(self, folder_id: int, *, forget: bool) -> None:
        """Follow a folder no more; its documents are forgotten, or stay."""
        ids = [known.id for known in self._ledger.known_files(folder_id)] if forget else []
        self._keeper.remove(folder_id)
        if ids:
            self.forget(ids, for_good=False)
        self._announce(("folders", "documents"))


def _since(date: str) -> int:
    """An ISO date as nanoseconds since 1970, 0 for none."""
    if not date:
        return 0
    try:
        found = datetime.fromisoformat(date)
    except ValueError as error:
        raise BadRequestError(
            "This is no date", f"“{date[:40]}” cannot be read.", "Write it like 2026-01-31."
        ) from error
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1e9)


def _refused(path: Path, error: DocumentError) -> DocumentRecord:
    """A path that was not taken in, with the reason; it has no id."""
    return DocumentRecord(
        id=0,
        title=path.name,
        path=str(path),
        type="",
        size=0,
        added="",
        changed="",
        state="failed",
        reason=f"{error.title}. {error.message} {error.next_step}",
    )
