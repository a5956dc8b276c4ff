"""Snippet: the piece of a passage around the words that were searched, and where they stand."""

from __future__ import annotations

import re
import unicodedata
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


def snippet_of(text: str, words: str) -> Snippet:
    """The part of a passage that shows best why it was found."""
    line = " ".join(text.split())
    marks = marks_in(line, words)
    start = max(0, marks[0][0] - BEFORE) if marks and len(line) > LONG else 0
    if start:
        start = line.find(" ", start, marks[0][0]) + 1 or start
    end = min(len(line), start + LONG)
    before, after = "… " if start else "", " …" if end < len(line) else ""
    shift = len(before) - start
    kept = tuple((at + shift, size) for at, size in marks if at >= start and at + size <= end)
    return Snippet(f"{before}{line[start:end].rstrip()}{after}", kept)
