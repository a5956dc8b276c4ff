"""Laid text: a document's text as Qt can show it quickly, and where each of its places then is."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

LONG_LINE = 2000
"""A line is broken after this many characters: laying out a longer one stalls the window."""

_STRETCH = re.compile(rf"[^\r\n]{{1,{LONG_LINE}}}")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_TABLE = str.maketrans(
    {"\0": "\N{SYMBOL FOR NULL}", "\r": "\n", "\x0c": "\n", "\ufdd0": "\ufffd", "\ufdd1": "\ufffd"}
)
"""What Qt would take for the end of the text, or of a part of it."""


@dataclass(frozen=True)
class LaidText:
    """`text` is what is shown; `pages` are Qt positions at which pages begin."""

    text: str
    pages: tuple[int, ...]
    _at: tuple[int, ...]
    _shift: tuple[int, ...]
    _wide: tuple[int, ...]

    def position(self, offset: int) -> int:
        """Where a character of the document's own text is shown, in Qt's UTF-16 positions."""
        step = bisect_right(self._at, offset)
        shown = offset + (self._shift[step - 1] if step else 0)
        shown = max(0, min(shown, len(self.text)))
        return shown + bisect_right(self._wide, shown - 1)


def lay_out(text: str, page_starts: Sequence[int] = ()) -> LaidText:
    """Pages begin on lines of their own, endless lines are broken, line ends are made one."""
    breaks = {match.end() for match in _STRETCH.finditer(text)}
    breaks = {at for at in breaks if at < len(text) and text[at] not in "\r\n"}
    breaks |= {at for at in page_starts if 0 < at < len(text) and text[at - 1] not in "\r\n"}
    carriage = {match.start() for match in re.finditer("\r\n", text)}
    parts: list[str] = []
    at: list[int] = []
    shift: list[int] = []
    before = moved = 0
    for place in sorted(breaks | carriage):
        parts.append(text[before:place])
        before = place
        if place in breaks:
            parts.append("\n")
            moved += 1
            at.append(place)
            shift.append(moved)
        if place in carriage:
            before = place + 1
            moved -= 1
            at.append(place + 1)
            shift.append(moved)
    parts.append(text[before:])
    shown = "".join(parts).translate(_TABLE)
    wide = tuple(match.start() for match in _ASTRAL.finditer(shown))
    laid = LaidText(shown, (), tuple(at), tuple(shift), wide)
    pages = tuple(laid.position(start) for start in page_starts)
    return LaidText(shown, pages, laid._at, laid._shift, wide)
