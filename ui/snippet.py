"""Snippet: the piece of a passage around the words that were searched, and where they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONG = 300
"""Characters of a snippet."""

BEFORE = 70
"""Characters shown before the first word that fits."""

SHORTEST = 2
"""Letters from which on a word is marked: one letter would be marked everywhere."""


@dataclass(frozen=True)
class Snippet:
    """`marks` are (start, length) of what fits in `text`."""

    text: str
    marks: tuple[tuple[int, int], ...]


def flat(text: str) -> str:
    """Letters without accents and capitals, one for one, so that places stay the same."""
    return "".join(unicodedata.normalize("NFD", letter.lower())[:1] or letter for letter in text)


def marks_in(text: str, words: str) -> tuple[tuple[int, int], ...]:
    """Where words that begin as one of `words` does stand; without spaces (CJK) anywhere."""
    wanted = [word for word in re.findall(r"\w+", flat(words)) if len(word) >= SHORTEST]
    wanted += [word for word in re.findall(r"\w", words) if ord(word) > 0x2E7F]
    if not wanted:
        return ()
    parts = [
        re.escape(word) if ord(word[0]) > 0x2E7F else rf"(?<!\w){re.escape(word)}\w*"
        for word in sorted(set(wanted), key=len, reverse=True)
    ]
    found = re.finditer("|".join(parts), flat(text))
    return tuple((match.start(), match.end() - match.start()) for match in found)


def _richest(marks: Sequence[tuple[int, int]]) -> int:
    """The mark after which the most others stand near."""
    room = LONG - BEFORE
    near = [sum(at <= other < at + room for other, _ in marks) for at, _ in marks]
    return marks[near.index(max(near))][0] if marks else 0


def snippet_of(text: str, words: str) -> Snippet:
    """The part of a passage that shows best why it was found."""
    line = " ".join(text.split())
    marks = marks_in(line, words)
    first = _richest(marks) if len(line) > LONG else 0
    start = max(0, first - BEFORE)
    if start:
        start = line.find(" ", start, first) + 1 or start
    end = min(len(line), start + LONG)
    if end < len(line):
        end = max(line.rfind(" ", start, end), start + LONG // 2)
    before, after = "… " if start else "", " …" if end < len(line) else ""
    shift = len(before) - start
    kept = tuple((at + shift, size) for at, size in marks if at >= start and at + size <= end)
    return Snippet(f"{before}{line[start:end].rstrip()}{after}", kept)
