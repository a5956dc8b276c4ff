"""Ingestion: the queue of documents, read one after the other in the background."""

from __future__ import annotations

import hashlib
import logging
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.documents.chunking import chunks
from app.documents.extracted import Extracted
from app.documents.near_duplicates import fingerprint
from app.documents.reader import Reader
from app.errors import DocumentError, NightschoolError, StoppedError
from app.ledger import Ledger
from app.ledger_documents import FileStat, Indexed, KnownFile
from app.memory.embedder import Embedder
from app.memory.recall import Recall

logger = logging.getLogger("ingestion")

RETRY_SECONDS = 30.0
"""How long the queue rests when it cannot go on (a full disk, a model that does not load)."""

SETTLE_SECONDS = 2.0
"""A file that changes while it is read is read again after this time."""

_READ = 1 << 20


class Ingestion:
    """Reads what waits, oldest first, on a thread of its own; everything it knows is in the ledger.

    Killed at any point, it goes on with the document it was at: a document is kept whole, in one
    transaction, or still waits.
    """

    def __init__(
        self,
        ledger: Ledger,
        recall: Recall,
        embedder: Embedder,
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` hears of every document that was read or could not be."""
        self._ledger = ledger
        self._recall = recall
        self._embedder = embedder
        self._on_change = on_change
        self._reader = Reader()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._skip = threading.Event()
        self._at: int | None = None
        self._resting: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="ingestion")

    @property
    def at(self) -> int | None:
        """The document that is being read, if any."""
        return self._at

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be read."""
        return self._idle.is_set()

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new in the queue."""
        self._idle.clear()
        self._wake.set()

    def wait(self, stop: threading.Event) -> None:
        """Return when nothing waits any more, or on `stop`."""
        while not self._idle.wait(0.1):
            if stop.is_set() or self._stop.is_set():
                return

    def leave(self, document_id: int) -> None:
        """Stop reading this document, if it is the one; it is about to be forgotten."""
        if self._at == document_id:
            self._skip.set()

    def close(self) -> None:
        """Stop within a moment; what waits goes on waiting."""
        self._stop.set()
        self._skip.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._reader.close()

    # ----------------------------------------------------------------------------- its thread

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                known = self._next()
                if known is not None:
                    self._take(known)
                    continue
            except NightschoolError as error:
                logger.warning("the queue rests: %s", error.code)
                self._stop.wait(RETRY_SECONDS)
                continue
            if self._resting:
                self._wake.wait(SETTLE_SECONDS)
            else:
                self._recall.save()
                self._idle.set()
                self._wake.wait()

    def _next(self) -> KnownFile | None:
        now = time.monotonic()
        self._resting = {id_: until for id_, until in self._resting.items() if until > now}
        return self._ledger.next_waiting(without=tuple(self._resting))

    def _take(self, known: KnownFile) -> None:
        self._at = known.id
        self._skip.clear()
        self._on_change()
        try:
            self._read(known)
        except DocumentError as error:
            if self._ledger.is_document(known.id):
                self._recall.drop(self._ledger.fail_document(known.id, _told(error)))
        except StoppedError:
            logger.info("left a document unread")
        finally:
            self._at = None
            self._on_change()

    def _read(self, known: KnownFile) -> None:
        """Read a document and keep it. Raises DocumentError, StoppedError."""
        if not known.path:
            text = self._ledger.document_text(known.id)
            self._keep(known, Extracted(text=text.text, type="text"), known.sha256)
            return
        path = Path(known.path)
        before = file_stat(path)
        sha256 = _sha256(path, self._skip)
        if sha256 == known.sha256:
            self._ledger.settle_document(known.id, before)
            return
        extracted = self._reader.read(path, self._skip)
        if file_stat(path) != before:
            self._resting[known.id] = time.monotonic() + SETTLE_SECONDS
            return
        self._keep(known, extracted, sha256)
        self._ledger.note_stat(known.id, before)

    def _keep(self, known: KnownFile, extracted: Extracted, sha256: str) -> None:
        cut = chunks(extracted, self._embedder.count)
        parts = [f"{chunk.heading}\n{chunk.text}" if chunk.heading else chunk.text for chunk in cut]
        vectors = self._embedder.embed(parts, self._skip).astype("<f2")
        if self._skip.is_set():
            raise StoppedError("Stopped", "It is not read.", "Teach it again.")
        passages = [
            Indexed(
                chunk=chunk,
                fingerprint=fingerprint(chunk.text) & (2**63 - 1),
                vector=vector.tobytes(),
            )
            for chunk, vector in zip(cut, vectors, strict=True)
        ]
        old = self._ledger.passages_of(known.id)
        title = extracted.title.strip() or self._ledger.document(known.id).title
        ids = self._ledger.keep_document(known.id, extracted, passages, title=title, sha256=sha256)
        self._recall.drop(old)
        self._recall.add(ids, np.asarray(vectors, dtype=np.float16))


def file_stat(path: Path) -> FileStat:
    """A file as it lies there now. Raises DocumentError when it cannot be looked at."""
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise DocumentError(
            "The file is gone", "It was moved or deleted.", "Teach it again from where it is now."
        ) from error
    except OSError as error:
        raise _unreadable(error) from error
    if not stat.S_ISREG(found.st_mode):
        raise DocumentError(
            "This is no file",
            "It is a folder, a device or a pipe, which cannot be read as a document.",
            "Choose a file; a folder can be watched.",
        )
    return FileStat(
        size=found.st_size,
        modified_ns=found.st_mtime_ns,
        inode=found.st_ino & (2**63 - 1),
        device=found.st_dev & (2**63 - 1),
    )


def _sha256(path: Path, stop: threading.Event) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while data := file.read(_READ):
                digest.update(data)
                if stop.is_set():
                    raise StoppedError("Stopped", "It is not read.", "Teach it again.")
    except OSError as error:
        raise _unreadable(error) from error
    return digest.hexdigest()


def _unreadable(error: OSError) -> DocumentError:
    return DocumentError(
        "The file cannot be read",
        f"The system says: {error.strerror or type(error).__name__}.",
        "Check that the file is there and that you may read it.",
    )


def _told(error: DocumentError) -> str:
    return f"{error.title}. {error.message} {error.next_step}"
