"""Notes bench: whether questions a model wrote about passages help to find the right passage.

    python -m tests.bench.notes_bench [--model FILE]

The real service makes notes of the ten documents of tests/data/citations. Then the 38 questions
with an answer in one passage, and 19 that say it in other words than the passage, are asked of the
same ledger: as the product searches, and with each kept question's vector as one more of its
passage.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np

from app import protocol
from app.keys import KeyStore
from app.ledger import Ledger
from app.memory.embedder import Embedder
from app.memory.fusion import fused
from app.memory.memory_client import MemoryClient
from app.memory.words import query
from app.models import STARTER
from app.paths import Home, starter_models
from tests.app.service_client import PASSPHRASE, Client, service
from tests.bench.citation_bench import QUESTIONS, Question, holds, teach

OTHER_WORDS = (
    ("What do I pay the landlord each month?", "The rent is 1,340 euros"),
    ("Can my puppy live with me?", "dogs are not"),
    ("How early must I announce that I move out?", "one calendar month"),
    ("Why does the heating show a chimney fault?", "the flue is blocked"),
    ("We go away for two weeks, how do I set the heater?", "snowflake key"),
    ("How often does a technician come for maintenance?", "every 24 months"),
    ("Who meets new colleagues?", "Noor Haddad"),
    ("How long may I be on vacation?", "27 days of leave"),
    ("What is the wifi for visitors?", "guest network is called Fjord"),
    ("I am ill, from when on must a physician confirm it?", "fourth day"),
    ("In what is the starter culture kept?", "blue jar"),
    ("How hot must the oven be first?", "Begin at 250 degrees"),
    ("When do the kids depart?", "Sunday 12 July at 7:45"),
    ("Whom do I tell that my son does not tolerate nuts?", "Okonjo"),
    ("Which clothes do singers wear on stage?", "burgundy scarf"),
    ("Who looks after the sheet music?", "Cedric Boateng"),
    ("How acid is the earth in my garden?", "pH of 5.9"),
    ("What keeps snails away?", "copper ring"),
    ("What do I get when my suitcase is lost?", "Baggage is insured up to 2,000"),
)
ROUTES = ("meaning and words", "meaning alone")


def main() -> None:
    """Make the notes, ask everything both ways, and print a table and the notes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=starter_models() / STARTER)
    options = parser.parse_args()
    rows = (QUESTIONS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    every = [msgspec.json.decode(row, type=Question) for row in rows]
    usual = [(one.question, one.quote) for one in every if one.quote]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with service(home) as client:
            client.open()
            teach(client, Path(folder) / "documents")
            client.call(protocol.UseModel, name=str(options.model))
            started = time.monotonic()
            made = client.call(protocol.MakeNotes)
            seconds = time.monotonic() - started
            _print_notes(client)
            client.close()
        print(f"\n{options.model.stem}: notes of {made} documents in {seconds:.0f} s")
        _compare(home, {"questions": usual, "in other words": list(OTHER_WORDS)})


def _compare(home: Path, sets: dict[str, list[tuple[str, str]]]) -> None:
    keys = KeyStore(Home(home)).root_key(PASSPHRASE)
    ledger = Ledger.open(Home(home), keys.subkey("ledger"))
    with closing(ledger), closing(MemoryClient()) as memory:
        embedder = Embedder(memory, starter_models())
        for name, asked in sets.items():
            for route in ROUTES:
                ways = [
                    [_rank(ledger, embedder, one, route, with_notes) for one in asked]
                    for with_notes in (False, True)
                ]
                _print(f"{len(asked)} {name}, {route}", *ways)


def _rank(
    ledger: Ledger, embedder: Embedder, asked: tuple[str, str], route: str, with_notes: bool
) -> int:
    """The place of the right passage, from 1."""
    question, quote = asked
    vector = embedder.query(question)
    ids, vectors = ledger.vectors(0, 10_000)
    cosines = dict(zip(ids.tolist(), (vectors.astype(np.float32) @ vector).tolist(), strict=True))
    for one in ledger.asked_passages() if with_notes else ():
        near = float(one.vector.astype(np.float32) @ vector)
        cosines[one.noted.passage_id] = max(cosines[one.noted.passage_id], near)
    words = dict(ledger.word_search(query(question), 60)) if route == ROUTES[0] else {}
    ranked = ledger.passages([id_ for id_, _ in fused(cosines, words)])
    return next(at for at, one in enumerate(ranked, 1) if holds(one.text, quote))


def _print(title: str, before: Sequence[int], after: Sequence[int]) -> None:
    print(f"\n| {title}: the right passage is | without notes | with notes |\n|---|---|---|")
    for most in (1, 3, 5):
        print(f"| among the first {most} | {_among(before, most)} | {_among(after, most)} |")
    print(f"| mean of 1 / rank | {_mean(before):.3f} | {_mean(after):.3f} |")
    better = sum(new < old for old, new in zip(before, after, strict=True))
    worse = sum(new > old for old, new in zip(before, after, strict=True))
    print(f"| rank better, worse | | {better}, {worse} |")


def _among(ranks: Sequence[int], most: int) -> int:
    return sum(rank <= most for rank in ranks)


def _mean(ranks: Sequence[int]) -> float:
    return sum(1 / rank for rank in ranks) / len(ranks)


def _print_notes(client: Client) -> None:
    for document in client.call(protocol.ListDocuments):
        notes = client.call(protocol.GetNotes, document_id=document["id"])
        print(f"\n{document['title']} ({document['passages']} passages): {notes['summary']}")
        for one in notes["questions"]:
            print(f"  {one['question']}  {one['answer']}")
        for one in notes["contradictions"]:
            print(f"  ! {one['question']}  {one['answer']} / {one['title']}: {one['other']}")


if __name__ == "__main__":
    main()
