"""Draft: the text of a file while a reader writes it, with its pages, headings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.documents.extracted import Extracted, Heading, Span
from app.documents.limits import Limits
from app.text import clean

_BLANKS = re.compile(r"\s+")
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\v\f]")
_TRAILING = re.compile(r"[^\S\n]+(?=\n|\Z)")
_MANY_BREAKS = re.compile(r"\n{3,}")

LONGEST_HEADING = 200
"""Characters; what is longer was marked as a heading only for its looks."""


class DraftFullError(Exception):
    """The limit of characters or pages is reached; what was written until then stands."""


class Draft:
    """Collects text block by block; blocks are separated by an empty line.

    Whatever passes the limits raises DraftFullError, with all before it kept, so that a reader
    needs no check of its own.
    """

    def __init__(self, limits: Limits) -> None:
        self.title = ""
        self.note = ""
        self._limits = limits
        self._parts: list[str] = []
        self._length = 0
        self._page_starts: list[int] = []
        self._headings: list[Heading] = []
        self._whole: list[Span] = []

    @property
    def length(self) -> int:
        """Characters written so far."""
        return self._length

    def page(self) -> None:
        """Whatever comes next is on a new page."""
        if len(self._page_starts) >= self._limits.pages:
            raise DraftFullError
        self._page_starts.append(self._separated())

    def heading(self, level: int, text: str) -> None:
        """A heading, on a line of its own."""
        text = line_of(text)
        if not text:
            return
        if len(text) > LONGEST_HEADING:
            self.paragraph(text)
            return
        start = self._block(text)
        self._headings.append(Heading(start=start, level=max(1, level), text=clean(text)))

    def paragraph(self, text: str) -> None:
        """Running text; empty lines within it begin paragraphs, blanks at ends of lines go."""
        self._block(tidy(text))

    def code(self, text: str) -> None:
        """Text whose lines stay as they are, better not cut."""
        text = _BREAKS.sub("\n", text).strip("\n").rstrip()
        self._whole_block(text)

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """One line a row, cells parted by " | "; empty rows are left out."""
        start = end = -1
        try:
            for row in rows:
                line = row_of(row)
                if line:
                    at = self._block(line, "\n" if start >= 0 else "\n\n")
                    start, end = (at if start < 0 else start), self._length
        finally:  # rows may come from a reader that meets the limit midway
            if start >= 0:
                self._whole.append(Span(start=start, end=max(end, self._length)))

    def raw(self, text: str, headings: Iterable[Heading] = (), whole: Iterable[Span] = ()) -> None:
        """A text that is its own form (Markdown, code); positions count from its beginning."""
        text = clean(text)
        start = self._separated()
        end = start + len(text)
        try:
            self._block(text)
        finally:
            end = min(end, self._length)
            for heading in headings:
                if start + heading.start < end:
                    self._headings.append(
                        Heading(start + heading.start, max(1, heading.level), clean(heading.text))
                    )
            for span in whole:
                if start + span.start < end:
                    self._whole.append(Span(start + span.start, min(start + span.end, end)))

    def finish(self, kind: str) -> Extracted:
        """All that was written, as a value."""
        text = "".join(self._parts)
        return Extracted(
            text=text,
            type=kind,
            title=clean(line_of(self.title))[:LONGEST_HEADING],
            page_starts=tuple(min(start, len(text)) for start in self._page_starts),
            headings=tuple(self._headings),
            whole=tuple(self._whole),
            note=self.note,
        )

    # --------------------------------------------------------------------------------- its parts

    def _whole_block(self, text: str) -> None:
        if not text:
            return
        start = self._separated()
        try:
            self._block(text)
        finally:
            if self._length > start:
                self._whole.append(Span(start=start, end=self._length))

    def _separated(self) -> int:
        """Where the next block will begin."""
        return self._length + 2 if self._parts else 0

    def _block(self, text: str, separator: str = "\n\n") -> int:
        """Write a block and give its beginning; nothing for an empty one."""
        if not text:
            return self._length
        if self._parts:
            self._parts.append(separator)
            self._length += len(separator)
        start = self._length
        text = clean(text)
        room = self._limits.characters - self._length
        self._parts.append(text[: max(0, room)])
        self._length += len(self._parts[-1])
        if len(text) > room:
            raise DraftFullError
        return start


def line_of(text: str) -> str:
    """`text` on one line, blanks folded."""
    return _BLANKS.sub(" ", text).strip()


def row_of(cells: Sequence[str]) -> str:
    """A table's row as one line; "" if all cells are empty."""
    lines = [line_of(cell) for cell in cells]
    while lines and not lines[-1]:
        lines.pop()
    return " | ".join(lines) if any(lines) else ""


def tidy(text: str) -> str:
    """Line breaks as "\\n", no blanks at ends of lines, one empty line at most."""
    text = _TRAILING.sub("", _BREAKS.sub("\n", text))
    return _MANY_BREAKS.sub("\n\n", text).strip("\n")
