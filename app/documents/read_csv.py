"""Reading CSV: one table, a line a row, with the delimiter found from the first lines."""

from __future__ import annotations

import csv
import io

from app.documents import refusals
from app.documents.draft import Draft
from app.documents.read_text import decoded

_SAMPLE = 16 * 1024
_DELIMITERS = ",;\t|"
_LONGEST_CELL = 1 << 20


def read_csv(data: bytes, draft: Draft) -> None:
    """A CSV or TSV file. Raises DocumentError when a cell never ends."""
    text = decoded(data)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        draft.table(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise refusals.damaged("a cell has no end") from error


def _delimiter(text: str) -> str:
    """What occurs equally often, at least once, on most of the first lines."""
    lines = [line for line in text[:_SAMPLE].split("\n")[:20] if line.strip()]
    best, score = ",", 0.0
    for mark in _DELIMITERS:
        counts = [line.count(mark) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        share = counts.count(usual) / len(counts) if usual else 0.0
        if share > score:
            best, score = mark, share
    return best
