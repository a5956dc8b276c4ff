"""The index's process: Chroma behind a pipe, because a damaged index can end its process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import chromadb
import msgspec
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError

from app.memory import index_wire as wire

NAME = "passages"

_BATCH = 4096
"""Vectors given to Chroma at a time; it refuses more than about 5,400."""

_HNSW = {"space": "ip", "ef_construction": 200, "max_neighbors": 32, "ef_search": 200}
"""Chosen for a recall of 0.98 and more at 100,000 vectors (docs/benchmarks.md, Memory)."""


class Index:
    """One generation that is open; ids are written as text, for Chroma knows no others."""

    def __init__(self) -> None:
        self._collection: Any = None

    def answer(self, call: wire.AnyCall) -> wire.Reply:
        """Do what is asked."""
        if isinstance(call, wire.Open):
            return self._open(Path(call.folder), create=call.create)
        if isinstance(call, wire.Add):
            vectors = np.frombuffer(call.vectors, dtype="<f4").reshape(-1, call.width)
            ids = _ids(call.ids)
            for start in range(0, len(ids), _BATCH):
                part = slice(start, start + _BATCH)
                self._collection.upsert(ids=ids[part], embeddings=vectors[part])
            return wire.Reply()
        if isinstance(call, wire.Remove):
            ids = _ids(call.ids)
            for start in range(0, len(ids), _BATCH):
                self._collection.delete(ids=ids[start : start + _BATCH])
            return wire.Reply()
        vector = np.frombuffer(call.vector, dtype="<f4")
        k = min(call.k, self._collection.count())
        if k < 1:
            return wire.Reply()
        found = self._collection.query(
            query_embeddings=[vector], n_results=k, include=["distances"]
        )
        return wire.Reply(
            ids=tuple(int(id_) for id_ in found["ids"][0]),
            cosines=tuple(1.0 - float(distance) for distance in found["distances"][0]),
        )

    def _open(self, folder: Path, *, create: bool) -> wire.Reply:
        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        client = chromadb.PersistentClient(path=str(folder), settings=settings)
        if create:
            self._collection = client.create_collection(
                NAME, embedding_function=None, configuration={"hnsw": _HNSW}
            )
        else:
            self._collection = client.get_collection(NAME, embedding_function=None)
        return wire.Reply(count=self._collection.count())


def serve(source: BinaryIO, out: BinaryIO) -> None:
    """Answer until the other end closes."""
    index = Index()
    decoder = msgspec.msgpack.Decoder(wire.AnyCall)
    while (data := wire.receive(source)) is not None:
        try:
            reply = index.answer(decoder.decode(data))
        except (ChromaError, ValueError, OSError, RuntimeError, KeyError) as error:
            reply = wire.Reply(error=f"{type(error).__name__}: {error}"[:500])
        wire.send(out, reply)


def _ids(data: bytes) -> list[str]:
    return [str(id_) for id_ in np.frombuffer(data, dtype="<i8").tolist()]


def main() -> int:
    """Serve the process that started this one, over standard input and output."""
    os.umask(0o077)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
