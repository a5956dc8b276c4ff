"""Recall: passages found by meaning and by words, in one ranking."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.document_records import Passage
from app.errors import IndexDiedError, NightschoolError, StoppedError
from app.ledger import Ledger
from app.memory.embedder import Embedder
from app.memory.exact import ExactIndex
from app.memory.fusion import fused
from app.memory.vector_index import VectorIndex
from app.memory.words import query

logger = logging.getLogger("recall")

CANDIDATES = 60
"""Passages each search brings to the fusion."""

BATCH = 4096
"""Vectors read from the ledger at a time: 3 MB."""

GENERATION = "index_generation"
"""The setting that names the index's generation in use."""

Batch = tuple[NDArray[np.int64], NDArray[np.float16]]


class Related(msgspec.Struct, frozen=True):
    """A passage and how near its meaning is to the question's: cosine, 1 for the same."""

    passage: Passage
    cosine: float


class Recall:
    """All passages of the ledger, to be searched; safe to use from many threads.

    Vectors are held in memory for exact search. The index beside them is disposable: while it is
    missing, damaged or being built, exact search answers.
    """

    def __init__(self, ledger: Ledger, embedder: Embedder, index: VectorIndex) -> None:
        self._ledger = ledger
        self._embedder = embedder
        self._exact = ExactIndex()
        self._index = index
        self._indexed = False
        self._unsaved = False
        self._changing = threading.RLock()
        self._builder: threading.Thread | None = None
        self._again = False
        self._missed: list[tuple[NDArray[np.int64], NDArray[np.float16] | None]] = []
        self._closed = threading.Event()

    # ------------------------------------------------------------------------------- its life

    def load(self) -> None:
        """Take all vectors into memory, then open the index or begin to build it anew."""
        with self._changing:
            for ids, vectors in self._batches():
                self._exact.add(ids, vectors)
            generation = self._ledger.setting(GENERATION)
            self._indexed = bool(generation) and self._opens(str(generation))
            if not self._indexed:
                self._rebuild()

    def stop(self) -> None:
        """Leave off loading and building."""
        self._closed.set()

    def close(self) -> None:
        """Stop building, and put the index away in good order."""
        self.stop()
        builder = self._builder
        if builder is not None:
            builder.join()
        self._index.close()

    @property
    def indexed(self) -> bool:
        """Whether the index answers; exact search does otherwise."""
        return self._indexed

    def __len__(self) -> int:
        return len(self._exact)

    # ------------------------------------------------------------------------------ its contents

    def add(self, ids: Sequence[int], vectors: NDArray[np.float16]) -> None:
        """Passages that are in the ledger now; `vectors` (n, width) of length 1."""
        self._change(np.asarray(ids, dtype=np.int64), vectors)

    def drop(self, ids: Sequence[int]) -> None:
        """Passages whose document was read anew; their vectors may stay in the index's files."""
        self._change(np.asarray(ids, dtype=np.int64), None)

    def _change(self, ids: NDArray[np.int64], vectors: NDArray[np.float16] | None) -> None:
        if not len(ids):
            return
        with self._changing:
            if vectors is None:
                self._exact.remove(ids)
            else:
                self._exact.add(ids, vectors)
            if self._builder is not None:
                self._missed.append((ids, vectors))
            if not self._indexed:
                return
            try:
                if vectors is None:
                    self._index.remove(ids)
                else:
                    self._index.add(ids, vectors)
                self._unsaved = True
            except IndexDiedError as error:
                self._give_up(error)

    def save(self) -> None:
        """Make the index outlive a kill as it is now; without it, the next start builds it anew."""
        with self._changing:
            if not (self._indexed and self._unsaved):
                return
            self._unsaved = False
            try:
                self._index.save()
            except IndexDiedError as error:
                self._give_up(error)

    def forget(self, ids: Sequence[int]) -> None:
        """Passages that must be nowhere: every generation that knew them is erased at once.

        Chroma leaves deleted vectors in its files, so the index is built anew without them.
        """
        with self._changing:
            self._exact.remove(np.asarray(ids, dtype=np.int64))
            self._indexed = False
            self._again = True  # a generation being built knows them, too: it is left at once
            self._ledger.set_setting(GENERATION, "")
            self._index.erase()
            self._rebuild()

    # --------------------------------------------------------------------------------- searching

    def search(
        self, question: str, limit: int, within: NDArray[np.int64] | None = None
    ) -> list[Related]:
        """The passages that fit a question, best first; near-duplicates once.

        `within` limits the search to these passages. Raises ModelError, IndexDiedError (the
        memory's process ended twice over this question), LedgerError.
        """
        if not question.strip() or not len(self) or (within is not None and not len(within)):
            return []
        vector = self._embedder.query(question)
        near = [id_ for id_, _ in self.near(vector, CANDIDATES, within)]
        asked = query(question)
        words = dict(self._ledger.word_search(asked, CANDIDATES, within)) if asked else {}
        found = list(dict.fromkeys((*near, *words)))
        cosines = dict(zip(found, self._exact.cosines(vector, found), strict=True))
        kept = self._folded([id_ for id_, _ in fused(cosines, words)], limit)
        return [Related(passage, cosines[passage.id]) for passage in self._ledger.passages(kept)]

    def near(
        self, vector: NDArray[np.float32], k: int, within: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """The `k` passages whose meaning is nearest, with their cosines."""
        if within is None and self._indexed:
            try:
                return self._index.search(vector, k)
            except IndexDiedError as error:
                with self._changing:
                    self._give_up(error)
        return self._exact.search(vector, k, within)

    def _folded(self, ranked: Sequence[int], limit: int) -> list[int]:
        """The first `limit` passages that do not say the same as one before them."""
        prints = self._ledger.fingerprints(ranked)
        kept: dict[int, int] = {}
        for id_ in ranked:
            if id_ in prints:
                kept.setdefault(prints[id_], id_)
        return list(kept.values())[:limit]

    # ------------------------------------------------------------------------------ its index

    def _opens(self, generation: str) -> bool:
        try:
            return self._index.open(generation, len(self._exact))
        except NightschoolError as error:
            logger.warning("the index did not open: %s", error.code)
            return False

    def _give_up(self, error: IndexDiedError) -> None:
        """Do without the index until it is built anew."""
        logger.warning("the index is built anew: %s", error.code)
        self._indexed = False
        self._rebuild()

    def _rebuild(self) -> None:
        """Begin to build, or once more when a generation is being built that is worth nothing."""
        if self._closed.is_set():
            return
        self._again = True
        if self._builder is None:
            self._builder = threading.Thread(target=self._build, name="index", daemon=True)
            self._builder.start()

    def _build(self) -> None:
        while self._begun():
            generation = secrets.token_hex(8)
            try:
                self._index.build(generation, self._snapshot())
                self._take_over(generation)
            except StoppedError:
                continue
            except NightschoolError as error:
                logger.warning("the index could not be built: %s", error.code)
                with self._changing:
                    if self._again:  # something was forgotten meanwhile, and waits for this thread
                        continue
                    # Exact search goes on; the next start, or the next trouble, tries again.
                    self._builder = None
                return

    def _snapshot(self) -> Iterator[Batch]:
        """All vectors, until the generation they are for is worth nothing any more."""
        for batch in self._batches():
            if self._again or self._closed.is_set():
                raise StoppedError("Stopped", "The index is not wanted.", "It is built again.")
            yield batch

    def _begun(self) -> bool:
        """Note what changes from now on; False when there is no more to do, and the thread ends."""
        with self._changing:
            if self._closed.is_set() or not self._again:
                self._builder = None
                return False
            self._again = False
            self._missed = []
            return True

    def _take_over(self, generation: str) -> None:
        """Serve from a new generation, once it has what came and went meanwhile."""
        with self._changing:
            if self._again or self._closed.is_set():
                return
            for ids, vectors in self._missed:
                if vectors is None:
                    self._index.remove(ids)
                else:
                    self._index.add(ids, vectors)
            if self._missed:
                self._index.save()
            self._missed, self._unsaved = [], False
            self._ledger.set_setting(GENERATION, generation)
            self._indexed = True

    def _batches(self) -> Iterator[Batch]:
        after = 0
        while not self._closed.is_set():
            ids, vectors = self._ledger.vectors(after, BATCH)
            if not len(ids):
                return
            after = int(ids[-1])
            yield ids, vectors
