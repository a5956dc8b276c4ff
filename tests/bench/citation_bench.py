"""Citation bench: 50 questions over ten documents, asked in the real service with a real model.

    python -m tests.bench.citation_bench [--model FILE] [--only-documents] [--answers FILE]

The documents and questions are in tests/data/citations. 38 questions have their answer in one
passage; 12 have it nowhere in the documents, so that a chip on them is a false one. `--answers`
keeps all replies and their sources as JSON lines.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from app import protocol
from app.models import STARTER
from app.paths import starter_models
from tests.app.service_client import Client, service

QUESTIONS = Path(__file__).parents[1] / "data" / "citations"


class Question(msgspec.Struct, frozen=True):
    """What is asked; `quote` stands in the one right passage, `answer` is a pattern. "" is none."""

    question: str
    document: str
    quote: str
    answer: str


class Asked(msgspec.Struct, frozen=True):
    """A question and what came of it; `found` and `chips` are the passages' texts."""

    question: Question
    reply: str
    found: tuple[str, ...]
    chips: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether the reply has the answer."""
        return bool(re.search(self.question.answer, self.reply))

    @property
    def right_chips(self) -> int:
        """Chips on the right passage."""
        return sum(holds(chip, self.question.quote) for chip in self.chips)


def main() -> None:
    """Ask everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=starter_models() / STARTER)
    parser.add_argument("--only-documents", action="store_true", help="answers from them alone")
    parser.add_argument("--answers", type=Path, help="a file for all replies")
    options = parser.parse_args()
    rows = (QUESTIONS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [msgspec.json.decode(row, type=Question) for row in rows]
    with tempfile.TemporaryDirectory() as folder, service(Path(folder) / "home") as client:
        client.open()
        teach(client, Path(folder) / "documents")
        client.call(protocol.UseModel, name=str(options.model))
        mode = "only" if options.only_documents else "auto"
        asked = [_ask(client, one, mode) for one in questions]
    if options.answers:
        options.answers.write_text(
            "".join(
                json.dumps(msgspec.to_builtins(one), ensure_ascii=False) + "\n" for one in asked
            ),
            encoding="utf-8",
        )
    _print(options.model.stem, asked)


def teach(client: Client, folder: Path) -> None:
    """Take in the ten documents, and wait until they are read."""
    folder.mkdir()
    for path in QUESTIONS.iterdir():
        if path.suffix != ".jsonl":
            shutil.copy(path, folder)
    records = client.call(protocol.Teach, paths=[str(folder)])
    while any(one["state"] in ("waiting", "reading") for one in _documents(client)):
        time.sleep(0.2)
    assert [one["state"] for one in _documents(client)] == ["ready"] * len(records)


def _documents(client: Client) -> list[dict[str, Any]]:
    return list(client.call(protocol.ListDocuments))


def _ask(client: Client, question: Question, mode: str) -> Asked:
    done = client.call(protocol.Ask, text=question.question, documents=mode)
    sources = done["provenance"]["sources"]
    return Asked(
        question=question,
        reply=done["text"],
        found=tuple(source["text"] for source in sources),
        chips=tuple(source["text"] for source in sources if source["used"]),
    )


def _print(model: str, asked: Sequence[Asked]) -> None:
    there = [one for one in asked if one.question.quote]
    nowhere = [one for one in asked if not one.question.quote]
    chips = [(one, len(one.chips), one.right_chips) for one in there]
    all_chips = sum(count for _, count, _ in chips)
    print(f"\n{model}: {len(there)} questions with their answer in one passage\n")
    rows = {
        "the right passage was shown to the model": sum(
            any(holds(text, one.question.quote) for text in one.found) for one in there
        ),
        "answered rightly": sum(one.right for one in there),
        "… of these, with a chip on the right passage": sum(
            one.right and one.right_chips > 0 for one in there
        ),
        "with any chip": sum(count > 0 for _, count, _ in chips),
        "… of these, on the right passage": sum(right > 0 for _, _, right in chips),
        "… of these, on no other passage": sum(
            right > 0 and right == count for _, count, right in chips
        ),
    }
    for name, count in rows.items():
        print(f"| {name} | {count} |")
    print(f"| all chips, right ones | {all_chips}, {sum(right for _, _, right in chips)} |")
    print(f"\n{len(nowhere)} questions that the documents do not answer\n")
    print(f"| with a chip | {sum(bool(one.chips) for one in nowhere)} |")
    print(f"| with passages shown to the model | {sum(bool(one.found) for one in nowhere)} |")


def holds(text: str, quote: str) -> bool:
    """Whether a passage has the quote, however its lines are broken."""
    return " ".join(quote.split()) in " ".join(text.split())


if __name__ == "__main__":
    main()
