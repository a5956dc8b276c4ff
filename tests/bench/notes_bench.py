"""Notes bench: whether questions a model wrote about passages help to find the right passage.

    python -m tests.bench.notes_bench [--model FILE]

The ten documents and the 38 questions with an answer in one passage of tests/data/citations are
searched in the real service before and after notes are made.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app import protocol
from app.models import STARTER
from app.paths import starter_models
from tests.app.service_client import Client, service
from tests.bench.citation_bench import QUESTIONS, Question, holds, teach

LIMIT = 20


def main() -> None:
    """Search everything twice, and print a table and the notes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=starter_models() / STARTER)
    options = parser.parse_args()
    rows = (QUESTIONS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    every = [msgspec.json.decode(row, type=Question) for row in rows]
    questions = [one for one in every if one.quote]
    with tempfile.TemporaryDirectory() as folder, service(Path(folder) / "home") as client:
        client.open()
        teach(client, Path(folder) / "documents")
        client.call(protocol.UseModel, name=str(options.model))
        before = [_rank(client, one) for one in questions]
        started = time.monotonic()
        made = client.outcome(client.send(protocol.MakeNotes))
        seconds = time.monotonic() - started
        assert isinstance(made, protocol.Done), made
        after = [_rank(client, one) for one in questions]
        _print_notes(client)
    print(f"\n{options.model.stem}: notes of {made.result} documents in {seconds:.0f} s\n")
    print("| the right passage | without notes | with notes |\n|---|---|---|")
    for most in (1, 3, 5):
        print(f"| among the first {most} | {_among(before, most)} | {_among(after, most)} |")
    print(f"| mean of 1 / rank | {_mean(before):.3f} | {_mean(after):.3f} |")
    better = sum(new < old for old, new in zip(before, after, strict=True))
    worse = sum(new > old for old, new in zip(before, after, strict=True))
    print(f"\nrank better {better} times, worse {worse} times, of {len(questions)}")


def _rank(client: Client, question: Question) -> int:
    found = client.call(protocol.Search, text=question.question, limit=LIMIT)
    places = (at for at, one in enumerate(found, 1) if holds(one["text"], question.quote))
    return next(places, LIMIT + 1)


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
