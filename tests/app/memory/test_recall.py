"""Recall with the real embedding model and the real index: by meaning, by words, and forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from app.documents.extracted import Chunk, Extracted
from app.erase import find_bytes
from app.ledger import Ledger
from app.ledger_documents import Indexed
from app.memory.embedder import Embedder
from app.memory.memory_client import MemoryClient
from app.memory.recall import GENERATION, Recall
from app.memory.vector_index import VectorIndex
from tests.app.documents_in_ledger import stat
from tests.app.storage import opened

TEXTS = (
    "The spare key lies under the blue flower pot beside the cellar door.",
    "Invoices above five thousand francs are signed by Priya Raman.",
    "Water the tomatoes in the evening, never in the sun.",
    "Article QX-7741 is delivered in boxes of twelve.",
    "Article QX-7742 is delivered in boxes of twenty.",
)


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


@pytest.fixture
def made(
    ledger: Ledger, embedder: Embedder, client: MemoryClient, tmp_path: Path
) -> Iterator[Callable[[], Recall]]:
    """Makes a recall over the ledger, as after a start; all of them are closed."""
    every: list[Recall] = []

    def make() -> Recall:
        every.append(Recall(ledger, embedder, VectorIndex(tmp_path / "index", client)))
        every[-1].load()
        return every[-1]

    yield make
    for recall in every:
        recall.close()


def kept(ledger: Ledger, embedder: Embedder, name: str, *texts: str) -> tuple[int, list[int]]:
    """A document of these passages, as ingestion keeps it."""
    id_ = ledger.add_document(f"/{name}", name, stat())
    vectors = embedder.embed(texts).astype("<f2")
    passages = [
        Indexed(
            chunk=Chunk(text=text, start=0, end=len(text)),
            fingerprint=sum(text.casefold().encode()),
            vector=vector.tobytes(),
        )
        for text, vector in zip(texts, vectors, strict=True)
    ]
    extracted = Extracted(text="\n".join(texts), type="text")
    return id_, ledger.keep_document(id_, extracted, passages, title=name, sha256="ab")


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def first(recall: Recall, question: str) -> str:
    return recall.search(question, 5)[0].passage.text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where did we hide the thing that opens the house?", 0),
        ("Who approves large bills?", 1),
        ("When should vegetables get water?", 2),
        ("QX-7742", 4),
        ("How many are in a box of QX-7741?", 3),
    ],
)
def test_passages_are_found_by_meaning_and_by_words(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall], question: str, expected: int
) -> None:
    kept(ledger, embedder, "notes", *TEXTS)
    assert first(made(), question) == TEXTS[expected]


def test_the_index_is_built_in_the_background_and_gives_what_exact_search_gives(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall], tmp_path: Path
) -> None:
    kept(ledger, embedder, "notes", *TEXTS)
    recall = made()
    vector = embedder.embed(["boxes of articles"])[0]
    exact = recall.near(vector, 3)
    until(lambda: recall.indexed)
    indexed = recall.near(vector, 3)
    assert [id_ for id_, _ in indexed] == [id_ for id_, _ in exact]
    assert np.allclose([c for _, c in indexed], [c for _, c in exact], atol=1e-3)
    generation = ledger.setting(GENERATION)
    recall.close()
    again = made()
    assert again.indexed, "a generation that is whole is opened again, not built"
    assert ledger.setting(GENERATION) == generation
    assert not find_bytes(tmp_path / "index", [b"flower", b"QX-7741"]), "no text in Chroma"


def test_a_saved_index_outlives_the_kill_of_its_process(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall], client: MemoryClient
) -> None:
    kept(ledger, embedder, "notes", *TEXTS[:2])
    recall = made()
    until(lambda: recall.indexed)
    generation = ledger.setting(GENERATION)
    _, ids = kept(ledger, embedder, "more", TEXTS[2])
    _, vectors = ledger.vectors(ids[0] - 1, 1)
    recall.add(ids, vectors)
    recall.save()
    psutil.Process(client.pid).kill()
    until(lambda: client.pid == 0)
    again = made()
    assert again.indexed, "what was saved is opened again, not built"
    assert ledger.setting(GENERATION) == generation
    assert again.near(embedder.embed([TEXTS[2]])[0], 1)[0][0] == ids[0]


def test_what_comes_while_the_index_is_built_is_in_it(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall]
) -> None:
    kept(ledger, embedder, "notes", *TEXTS[:2])
    recall = made()
    _, ids = kept(ledger, embedder, "more", TEXTS[2])
    _, vectors = ledger.vectors(ids[0] - 1, 1)
    recall.add(ids, vectors)
    assert first(recall, "watering tomatoes") == TEXTS[2]
    until(lambda: recall.indexed)
    assert recall.near(embedder.embed([TEXTS[2]])[0], 1)[0][0] == ids[0]


def test_a_forgotten_passage_is_found_no_more_and_its_generation_is_erased(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall], tmp_path: Path
) -> None:
    gone, ids = kept(ledger, embedder, "gone", TEXTS[0])
    kept(ledger, embedder, "stays", *TEXTS[1:])
    recall = made()
    until(lambda: recall.indexed)
    before = {path.name for path in (tmp_path / "index").iterdir()}
    ledger.forget_documents([gone])
    recall.forget(ids)
    assert not before & {path.name for path in (tmp_path / "index").iterdir()}
    assert all(one.passage.id not in ids for one in recall.search("spare key", 10))
    until(lambda: recall.indexed)
    assert all(id_ not in ids for id_, _ in recall.near(embedder.embed([TEXTS[0]])[0], 10))


@pytest.mark.parametrize("harm", ["truncated", "noise"])
def test_a_damaged_index_is_built_anew_while_searching_goes_on(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall], tmp_path: Path, harm: str
) -> None:
    kept(ledger, embedder, "notes", *TEXTS)
    recall = made()
    until(lambda: recall.indexed)
    generation = ledger.setting(GENERATION)
    recall.close()
    for path in (tmp_path / "index").rglob("*"):
        if path.is_file() and harm == "truncated":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif path.is_file():
            path.write_bytes(bytes(range(256)) * (path.stat().st_size // 256 + 1))
    recall = made()
    assert first(recall, "who signs invoices?") == TEXTS[1]
    until(lambda: recall.indexed and ledger.setting(GENERATION) != generation)
    assert first(recall, "who signs invoices?") == TEXTS[1]


def test_the_same_words_in_two_documents_are_found_once(
    ledger: Ledger, embedder: Embedder, made: Callable[[], Recall]
) -> None:
    kept(ledger, embedder, "notes", *TEXTS)
    kept(ledger, embedder, "copy", TEXTS[0].upper())
    found = made().search("spare key", 10)
    assert len([one for one in found if "key" in one.passage.text.casefold()]) == 1
