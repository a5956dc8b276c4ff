"""Document proof: looks for a file's own words in everything the home holds."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.copies import Copies
from app.documents.reader import Reader
from app.erase import find_bytes, find_in_ledger
from app.ledger import Ledger
from app.looking import Looking
from app.paths import Home
from app.protocol import Finding

NEEDLES = 40
"""Pieces of the text that are looked for; drawn at random, always the same for a text."""

_PIECE = re.compile(r"\S+(?:\s+\S+){2,6}")
_LONGEST = 80


def traces(
    home: Home, ledger: Ledger, key: bytes, path: Path, looking: Looking, stop: threading.Event
) -> Iterator[Finding]:
    """What is left of a file in the home: one finding a place, or that there is nothing.

    The file is read from where it lies; its own words are looked for in every file as it is on the
    disk, in the ledger's rows, and in its decrypted pages, where deleted rows would still show.
    Words that other documents or chats hold as well are found there, too. The last finding says
    what was looked through. Raises DocumentError, and StoppedError when `stop` is set.
    """
    with closing(Reader()) as reader:
        text = reader.read(path, stop).text
    needles = pieces(text)
    record = ledger.document_at(str(path))
    found = [*_in_rows(ledger, needles), *_in_files(home, key, needles, looking)]
    if not needles:
        found = [
            _problem("No text", "It has no words to be looked for.", "Check another copy of it.")
        ]
    if record is not None:
        told = f"“{record.title}” is among your documents."
        found.insert(0, _problem("Taught", told, "Forget it first, then check again."))
    yield from found
    if not found:
        yield Finding(
            severity="ok",
            title="Nothing is left",
            message=f"None of {_pieces(needles)} of it stands anywhere in {home.root}.",
        )
    yield Finding(
        severity="ok",
        title="Looked through",
        message=f"{looking.told()}, and every row in it, for {_pieces(needles)} of the text.",
    )


def _in_rows(ledger: Ledger, needles: list[str]) -> Iterator[Finding]:
    """A finding for each table that has a piece."""
    rows = [table for needle in needles for table in ledger.rows_naming(needle)]
    for table in sorted(set(rows)):
        yield _problem(
            "Ledger",
            f"“{table}” has {rows.count(table)} of {_pieces(needles)} of it.",
            "Delete the conversation that quotes it, or the document that says the same.",
        )


def _in_files(home: Home, key: bytes, needles: list[str], looking: Looking) -> Iterator[Finding]:
    """A finding for each file that has a piece in the clear, or in a page that was decrypted."""
    found = [needle.encode() for needle in needles]
    hits = find_bytes(home.root, found, looking.file)
    pages = [
        hit
        for file in (home.ledger, *Copies(home).ledgers())
        for hit in find_in_ledger(file, key, found, looking.page)
    ]
    for places, told in (
        (hits, "Words of it can be read in this file."),
        (pages, "Words of it stand in its pages, which only your key decrypts."),
    ):
        for file in sorted({file for file, _ in places}):
            yield _problem(
                str(file.relative_to(home.root)),
                told,
                "Forget the document again; `nightschool doctor` looks at the ledger.",
            )


def _problem(title: str, message: str, next_step: str) -> Finding:
    return Finding(severity="problem", title=title, message=message, next_step=next_step)


def pieces(text: str) -> list[str]:
    """Runs of three to seven words, short enough to lie on one page of the ledger."""
    found = [match.group()[:_LONGEST].strip() for match in _PIECE.finditer(text)]
    whole = [text.strip()[:_LONGEST]] if text.strip() else []
    long = [piece for piece in found if len(piece) >= 12] or found or whole
    return random.Random(len(text)).sample(long, min(NEEDLES, len(long)))  # noqa: S311


def _pieces(needles: list[str]) -> str:
    return "1 piece" if len(needles) == 1 else f"{len(needles)} pieces"
