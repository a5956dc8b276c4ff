"""Reading reStructuredText: the text as it is, with its headings, code and tables found."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from app.documents.draft import Draft
from app.documents.extracted import Heading, Span
from app.documents.read_text import decoded

_RULE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*")
_BLOCK = re.compile(
    r"(?!\s*\.\. ).*::\s*|\s*\.\. (?:code|code-block|sourcecode|parsed-literal)::.*"
)
_GRID = re.compile(r"\s*\+[-=+]{3,}\+\s*")
_COLUMNS = re.compile(r"=+(?: +=+)+\s*")


def read_rst(data: bytes, draft: Draft) -> None:
    """A reStructuredText file."""
    text = decoded(data)
    lines = text.split("\n")
    starts = [0, *itertools.accumulate(len(line) + 1 for line in lines)]
    blocks = list(_blocks(lines))
    inside = {number for first, end in blocks for number in range(first, end)}
    headings = [
        Heading(start=starts[number], level=level, text=words)
        for number, level, words in _headings(lines, inside)
    ]
    whole = [Span(starts[first], starts[end - 1] + len(lines[end - 1])) for first, end in blocks]
    draft.title = headings[0].text if headings else ""
    draft.raw(text, headings, whole)


def _headings(lines: list[str], inside: set[int]) -> Iterator[tuple[int, int, str]]:
    """First line, level and words; levels are in the order of meeting, as in docutils."""
    kinds: list[tuple[str, bool]] = []
    for number in range(1, len(lines)):
        words, under = lines[number - 1].strip(), lines[number].rstrip()
        if number in inside or not _RULE.fullmatch(under) or len(under) < len(words):
            continue
        if not any(map(str.isalnum, words)):
            continue
        over = number > 1 and lines[number - 2].rstrip() == under
        if lines[number - 1][:1].isspace() and not over:
            continue
        if (under[0], over) not in kinds:
            kinds.append((under[0], over))
        yield number - 2 if over else number - 1, kinds.index((under[0], over)) + 1, words


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First line, and the line behind the last, of code blocks and tables."""
    number = 0
    while number < len(lines):
        end = _end_of_block(lines, number)
        if end > number:
            yield number, end
        number = max(end, number + 1)


def _end_of_block(lines: list[str], first: int) -> int:
    """The line behind the block that begins at `first`, which is `first` if none does."""
    line = lines[first]
    if _GRID.fullmatch(line):
        end = first
        while end < len(lines) and lines[end].lstrip()[:1] in ("+", "|") and lines[end].strip():
            end += 1
        return end
    if _COLUMNS.fullmatch(line):
        rules = 0
        for number in range(first, len(lines)):
            rules += _COLUMNS.fullmatch(lines[number]) is not None
            after = lines[number + 1].strip() if number + 1 < len(lines) else ""
            if rules >= 2 and not after:
                return number + 1
            if not lines[number].strip() and rules < 2:
                return first
        return first
    return _end_of_indented(lines, first) if _BLOCK.fullmatch(line) else first


def _end_of_indented(lines: list[str], first: int) -> int:
    depth = _indent(lines[first])
    end = first
    for number in range(first + 1, len(lines)):
        if lines[number].strip():
            if _indent(lines[number]) <= depth:
                break
            end = number + 1
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
