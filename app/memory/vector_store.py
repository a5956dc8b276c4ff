"""Vector store: the index in Chroma's files, inside the memory's process."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import chromadb
import msgspec
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from app.errors import IndexDiedError
from app.paths import write_atomic

MARKER = "finished.json"
"""Written last, it names every byte: a change that was broken off does not match it."""

_NAME = "passages"
_GRAPH = {
    "space": "ip",
    "max_neighbors": 24,
    "ef_construction": 100,
    "ef_search": 200,
    "sync_threshold": 1000,
}
"""Measured at 100,000 passages: docs/benchmarks.md, “Memory”. Vectors have length 1, so the inner
product is the cosine."""

_CHROMA_FAILS = (ChromaError, ValueError, OSError, KeyError, RuntimeError)


class _Mark(msgspec.Struct, frozen=True):
    """What a finished index is: its passages, and for each file its size and SHA-256."""

    held: int
    files: dict[str, tuple[int, str]]


class VectorStore:
    """At most one open index; changes come from one thread, searches from any.

    Whatever Chroma fails with becomes IndexDiedError; after a change that failed, or before the
    first `save`, nothing that is open is ever marked as finished.
    """

    def __init__(self) -> None:
        self._folder = Path()
        self._client: Any = None
        self._passages: Any = None
        self._whole = False
        self._searching = threading.Lock()
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def open(self, folder: Path) -> int:
        """Open a finished index; gives what it holds, or -1 when any byte of it is in doubt."""
        self.let_go()
        mark = _read_mark(folder)
        self._known = {}
        if mark is None or self._files(folder) != mark.files:
            return -1
        try:
            self._connect(folder)
            held = self._count()
        except IndexDiedError:
            held = -1
        if held != mark.held:
            self.let_go()
            return -1
        return self.save()  # opening alone changes a file

    def begin(self, folder: Path) -> int:
        """Make an empty index without a mark in a new folder."""
        self.let_go()
        self._known = {}
        folder.mkdir(mode=0o700)
        self._connect(folder)
        return 0

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float16]) -> int:
        """Add passages or replace their vectors; gives how many there are."""
        passages = self._opened()
        try:
            passages.upsert(ids=list(map(str, ids.tolist())), embeddings=vectors.astype(np.float32))
        except _CHROMA_FAILS as error:
            raise _failed() from error
        return self._count()

    def remove(self, ids: NDArray[np.int64]) -> int:
        """Take passages out; gives how many there are."""
        passages = self._opened()
        try:
            passages.delete(ids=list(map(str, ids.tolist())))
        except _CHROMA_FAILS as error:
            self.let_go()
            raise _failed() from error
        return self._count()

    def search(
        self, vector: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ids of the `k` nearest, the nearest first, and their cosines."""
        with self._searching:
            passages = self._opened()
            try:
                found = passages.query(
                    query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"]
                )
            except _CHROMA_FAILS as error:
                raise _failed() from error
        ids = np.array([int(id_) for id_ in found["ids"][0]], np.int64)
        return ids, 1.0 - np.array(found["distances"][0], np.float32)

    def save(self) -> int:
        """Mark what the index holds as finished; gives how many that is."""
        held = self._count()
        mark = _Mark(held, self._files(self._folder))
        write_atomic(self._folder / MARKER, msgspec.json.encode(mark))
        self._whole = True
        return held

    def close(self, keep: bool) -> int:
        """Let go of the index's files, marked as finished if it is whole and to be kept."""
        if self._passages is None or not self._whole or not keep:
            self.let_go()
            return 0
        held = self._count()
        folder = self._folder
        self.let_go()
        write_atomic(folder / MARKER, msgspec.json.encode(_Mark(held, self._files(folder))))
        return held

    def let_go(self) -> None:
        """Close Chroma's files and mark nothing."""
        with self._searching:
            client, self._client, self._passages = self._client, None, None
            self._whole = False
            if client is not None:
                client.close()

    def _connect(self, folder: Path) -> None:
        settings = Settings(
            anonymized_telemetry=False, chroma_otel_collection_endpoint="", is_persistent=True
        )
        try:
            client = chromadb.PersistentClient(str(folder), settings=settings)
            passages = client.get_or_create_collection(
                _NAME, embedding_function=None, configuration={"hnsw": _GRAPH}
            )
        except _CHROMA_FAILS as error:
            raise _failed() from error
        self._folder, self._client, self._passages = folder, client, passages

    def _opened(self) -> Any:
        if self._passages is None:
            raise _failed()
        return self._passages

    def _count(self) -> int:
        try:
            return int(self._opened().count())
        except _CHROMA_FAILS as error:
            raise _failed() from error

    def _files(self, folder: Path) -> dict[str, tuple[int, str]]:
        """Size and SHA-256 of every file but the mark; only what changed is read again."""
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.name == MARKER or not path.is_file():
                continue
            facts = path.stat()
            stamp = (facts.st_size, facts.st_mtime_ns)
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                with path.open("rb") as file:
                    known = (stamp, hashlib.file_digest(file, "sha256").hexdigest())
                self._known[path] = known
            found[path.relative_to(folder).as_posix()] = (facts.st_size, known[1])
        return found


def _read_mark(folder: Path) -> _Mark | None:
    try:
        return msgspec.json.decode((folder / MARKER).read_bytes(), type=_Mark)
    except (OSError, msgspec.DecodeError):
        return None


def _failed() -> IndexDiedError:
    return IndexDiedError(
        "The memory's index failed",
        "The index of passages is not open, or its files could not be used.",
        "Nothing is lost: it is made anew from the ledger.",
    )
