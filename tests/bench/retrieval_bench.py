"""Retrieval bench: meaning alone, words alone, and both in one ranking, on a public question set.

    python -m tests.bench.retrieval_bench [--texts squad_val.json] [--questions 2000]
        [--shares 0.3,0.5]

SQuAD's passages in a real ledger, one a document; a question's own passage is the right one. The
questions are drawn once, and every route is asked the same.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.documents.extracted import Chunk, Extracted
from app.documents.near_duplicates import fingerprint
from app.ledger import Ledger
from app.ledger_documents import FileStat, Indexed
from app.memory.embedder import Embedder
from app.memory.exact import ExactIndex
from app.memory.fusion import MEANING, fused
from app.memory.memory_client import MemoryClient
from app.memory.recall import CANDIDATES
from app.memory.words import query
from app.paths import Home, starter_models

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "bench" / "squad_val.json"
AT = (1, 5, 10)


def main() -> None:
    """Measure and print a row a route."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, default=TEXTS)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--shares", default="0.3,0.5", help="other shares of meaning to try")
    asked = parser.parse_args()
    rows = json.loads(asked.texts.read_text(encoding="utf-8"))
    pairs = [(number, text) for number, row in enumerate(rows) for text in _questions(row)]
    pairs = random.Random(0).sample(pairs, min(asked.questions, len(pairs)))
    client = MemoryClient()
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(rows, pairs, Embedder(client, starter_models()), Path(folder), asked.shares)
    finally:
        client.close()


def _measure(
    rows: Sequence[dict[str, Any]],
    pairs: Sequence[tuple[int, str]],
    embedder: Embedder,
    folder: Path,
    shares: str,
) -> None:
    home = Home(folder / "home")
    home.create()
    ledger = Ledger.open(home, bytes(32))
    texts = [row["context"] for row in rows]
    vectors = embedder.embed(texts)
    ids = [
        _kept(ledger, number, text, vector.astype("<f2").tobytes())
        for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]
    exact = ExactIndex()
    exact.add(np.array(ids, dtype=np.int64), vectors)
    asked = embedder.embed([question for _, question in pairs])
    meaning = [[id_ for id_, _ in exact.search(vector, CANDIDATES)] for vector in asked]
    words = [dict(ledger.word_search(query(question), CANDIDATES)) for _, question in pairs]
    right = [ids[number] for number, _ in pairs]
    ledger.close()
    print(f"{len(ids)} passages, {len(pairs)} questions, recall:\n")
    print("| route | " + " | ".join(f"@{k}" for k in AT) + " |")
    print("|---|" + "---|" * len(AT))
    _row("meaning alone", meaning, right)
    plain = [list(found) for found in words]
    _row("words alone", plain, right)
    ours: list[list[int]] = []
    for share in (MEANING, *map(float, shares.split(","))):
        both = []
        for near, found, vector in zip(meaning, words, asked, strict=True):
            every = list(dict.fromkeys((*near, *found)))
            cosines = dict(zip(every, exact.cosines(vector, every), strict=True))
            both.append([id_ for id_, _ in fused(cosines, found, share)])
        _row(f"both, meaning {share:g}", both, right)
        ours = ours or both
    print()
    for name, other in (("meaning alone", meaning), ("words alone", plain)):
        _paired(name, ours, other, right)


def _paired(
    name: str, ours: Sequence[Sequence[int]], other: Sequence[Sequence[int]], right: Sequence[int]
) -> None:
    """McNemar's exact test of @5 on the same questions."""
    hits = [(id_ in a[:5], id_ in b[:5]) for a, b, id_ in zip(ours, other, right, strict=True)]
    won, lost = hits.count((True, False)), hits.count((False, True))
    tail = sum(math.comb(won + lost, k) for k in range(min(won, lost) + 1))
    chance = min(1.0, 2 * tail / 2 ** (won + lost))
    print(f"@5, both against {name}: {won} questions won, {lost} lost; by chance {chance:.1g}")


def _row(name: str, found: Sequence[Sequence[int]], right: Sequence[int]) -> None:
    shares = [
        sum(id_ in ranking[:k] for ranking, id_ in zip(found, right, strict=True)) / len(right)
        for k in AT
    ]
    print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |", flush=True)


def _questions(row: dict[str, Any]) -> list[str]:
    """What is asked of a row's passage."""
    return [str(one["question"]) for one in row["questions"]]


def _kept(ledger: Ledger, number: int, text: str, vector: bytes) -> int:
    id_ = ledger.add_document(f"/{number}.txt", f"{number}.txt", FileStat(len(text), 0))
    passage = Indexed(
        chunk=Chunk(text=text, start=0, end=len(text)),
        fingerprint=fingerprint(text),
        vector=vector,
    )
    extracted = Extracted(text=text, type="text")
    return ledger.keep_document(id_, extracted, [passage], title=str(number), sha256="")[0]


if __name__ == "__main__":
    main()
