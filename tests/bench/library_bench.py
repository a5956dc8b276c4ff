"""Library bench: 100,000 passages in the real service, from unlocking to the slowest search.

    python -m tests.bench.library_bench [--count 100000] [--searches 300] [--texts squad_val.json]

The passages are those of the memory bench, a hundred to a document, in an encrypted ledger. Timed
is the client's view: from the request's line to its result, texts included.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from app import protocol
from app.documents.extracted import Chunk, Extracted
from app.documents.near_duplicates import fingerprint
from app.keys import KeyStore
from app.ledger import Ledger
from app.ledger_documents import FileStat, Indexed
from app.memory.embedder import Embedder
from app.memory.memory_client import MemoryClient
from app.memory.recall import Recall
from app.memory.vector_index import VectorIndex
from app.paths import Home, starter_models
from tests.app.service_client import PASSPHRASE, Client, service
from tests.bench.memory_bench import TEXTS, Crowd, percentiles, population, say

A_DOCUMENT = 100


def main() -> None:
    """Fill a ledger, then measure what a person waits for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, default=TEXTS)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=300)
    asked = parser.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    rows = json.loads(asked.texts.read_text(encoding="utf-8"))
    client = MemoryClient()
    embedder = Embedder(client, starter_models())
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.create()
        keys = KeyStore(home)
        ledger = Ledger.open(home, keys.create(PASSPHRASE).subkey("ledger"))
        crowd = population(rows, embedder, asked.count)
        _fill(ledger, crowd)
        print(f"\n{asked.count} passages; load {os.getloadavg()[0]:.1f}\n")
        print("| measured | figure |\n|---|---|")
        index = VectorIndex(home.index, client)
        recall = Recall(ledger, embedder, index)
        start = time.perf_counter()
        recall.load()
        _built(recall)
        say("vectors loaded and index built in", f"{time.perf_counter() - start:.0f} s")
        questions = crowd.questions[:100]  # fewer than the building gives time for
        by_index = [_ranking(recall, question) for question in questions]
        index.erase()  # until it is built anew, search is exact
        by_exact = [_ranking(recall, question) for question in questions]
        assert not recall.indexed, "there were too many questions for the time of building"
        hits = sum(len(one & best) for one, best in zip(by_index, by_exact, strict=True))
        say(
            "fused ranking: recall@10 against exact search",
            f"{hits / sum(map(len, by_exact)):.4f}",
        )
        _built(recall)
        recall.close()
        ledger.close()
        client.close()
        _served(home, crowd, asked.searches)


def _fill(ledger: Ledger, crowd: Crowd) -> None:
    for start in range(0, len(crowd.texts), A_DOCUMENT):
        id_ = ledger.add_document(f"/{start}.txt", f"{start}.txt", FileStat(1, 0))
        passages, offset = [], 0
        for n in range(start, min(start + A_DOCUMENT, len(crowd.texts))):
            text = crowd.texts[n]
            passages.append(
                Indexed(
                    chunk=Chunk(text=text, start=offset, end=offset + len(text)),
                    fingerprint=fingerprint(text) & (2**63 - 1),
                    vector=crowd.vectors[n].astype("<f2").tobytes(),
                )
            )
            offset += len(text) + 1
        whole = Extracted(text="\n".join(one.chunk.text for one in passages), type="text")
        ledger.keep_document(id_, whole, passages, title=f"{start}", sha256="")


def _built(recall: Recall) -> None:
    while not recall.indexed:
        time.sleep(0.5)


def _ranking(recall: Recall, question: str) -> set[int]:
    return {one.passage.id for one in recall.search(question, 10)}


def _served(home: Home, crowd: Crowd, count: int) -> None:
    with service(home.root) as client:
        client.call(protocol.Hello, version=protocol.VERSION)
        start = time.perf_counter()
        client.call(protocol.Unlock, passphrase=PASSPHRASE)
        say("unlocked in", f"{time.perf_counter() - start:.2f} s")
        first = _search(client, crowd.questions[0])
        say("… and the first search answered", f"{time.perf_counter() - start:.2f} s")
        assert first
        times = []
        for question in crowd.questions[1 : count + 1]:
            start = time.perf_counter()
            assert _search(client, question)
            times.append(time.perf_counter() - start)
        say(f"{count} searches end to end", percentiles(times))
        say("slowest", f"{max(times) * 1000:.0f} ms")


def _search(client: Client, text: str) -> list[object]:
    return list(client.call(protocol.Search, text=text, limit=10))


if __name__ == "__main__":
    main()
