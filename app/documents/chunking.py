"""Chunking: a document's text is cut into passages along its sections, paragraphs and sentences."""

from __future__ import annotations

import bisect
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.documents.extracted import Chunk, Extracted, Heading, Span
from app.documents.formats import Family

Count = Callable[[str], int]

_PROSE = (
    re.compile(r"\n[^\S\n]*\n\s*"),  # between paragraphs
    re.compile(r"(?<=[.!?…。！？])[\"'”’»)\]」』]*(?:\s+|(?<=[。！？」』]))|(?<=[.:;])\n"),
    re.compile(r"\n"),
    re.compile(r"\s+|(?<=[、，；：])"),
)
_CODE = (
    re.compile(r"\n[^\S\n]*\n(?=[^\s)\]}])"),  # before what is not indented
    re.compile(r"\n[^\S\n]*\n"),
    re.compile(r"\n"),
    re.compile(r"\s+"),
)
_PROSE_TYPES = {family.value for family in Family} - {Family.CODE.value}
"""Every other type is the name of a programming language."""

_ROWS = (re.compile(r"\n"), re.compile(r"\s+"))
_SMALLEST = 0.45
"""No cut before this share of a passage's size, unless a heading, page or table asks for it."""

_AIM = 0.95
_ENOUGH = 0.75
_SAMPLE = 2000


def chunks(extracted: Extracted, count: Count, size: int = 220) -> list[Chunk]:
    """Passages of at most `size` tokens, as `count` counts them, in the order of the text.

    A passage never crosses a heading or a page, so that its source can be named. Small paragraphs
    of a section stay together; tables and code blocks are whole if they fit, else cut at rows and
    lines. Only blanks lie between passages. `count` is called about twice a passage.
    """
    return list(_Cutter(extracted, count, max(1, size)).cut())


@dataclass(frozen=True)
class _Section:
    """A stretch of text between two cuts that must be, and the headings above it."""

    start: int
    end: int
    heading: str
    page: int | None


class _Cutter:
    """One document being cut; learns on its way how many tokens a character has."""

    def __init__(self, extracted: Extracted, count: Count, size: int) -> None:
        self._extracted = extracted
        self._text = extracted.text
        self._count = count
        self._size = size
        self._patterns = _PROSE if extracted.type in _PROSE_TYPES else _CODE
        self._spans = [span for span in extracted.whole if span.end > span.start]
        self._span_starts = [span.start for span in self._spans]
        self._fitting: dict[int, bool] = {}
        sample = self._text[:_SAMPLE]
        self._rate = max(0.01, count(sample) / len(sample)) if sample.strip() else 0.25

    def cut(self) -> Iterator[Chunk]:
        for section in _sections(self._extracted):
            at = self._skip_blanks(section.start, section.end)
            while at < section.end:
                end = self._next_cut(at, section.end)
                last = at + len(self._text[at:end].rstrip())
                yield Chunk(
                    text=self._text[at:last],
                    start=at,
                    end=last,
                    page=section.page,
                    heading=section.heading,
                )
                at = self._skip_blanks(end, section.end)

    def _next_cut(self, start: int, limit: int) -> int:
        """The end of the passage that begins at `start`: guessed, counted, and guessed anew."""
        room = max(1, int(self._size * _AIM / self._rate))
        best = 0
        while True:
            end = self._place(start, min(limit, start + room), limit)
            length = end - start
            tokens = self._count(self._text[start:end].rstrip())
            if tokens > self._size and length > 1:
                if best:
                    return best
                room = max(1, min(length * 3 // 4, length * self._size // tokens))
            else:
                best = max(best, end)
                grown = int(length * self._size * _AIM / max(1, tokens))
                if end >= limit or tokens >= _ENOUGH * self._size or grown <= room:
                    self._learn(tokens, length)
                    return best
                room = grown

    def _learn(self, tokens: int, characters: int) -> None:
        self._rate = max(0.01, 0.7 * self._rate + 0.3 * tokens / max(1, characters))

    def _place(self, start: int, end: int, limit: int) -> int:
        """The best place for a cut at or before `end`, which is past `start`."""
        span = self._span_around(start, end)
        if span is not None and self._fits(span):
            return span.start if span.start > start else min(span.end, limit)
        if end >= limit:
            return limit
        lowest = start + max(1, int((end - start) * _SMALLEST))
        if span is not None and span.start > start and span.start >= lowest:
            return span.start
        patterns = _ROWS if span is not None else self._patterns
        for pattern in patterns:
            found = self._last_break(pattern, lowest, end)
            if found is not None:
                return found
        return self._whole_characters(start, end, limit)

    def _span_around(self, start: int, end: int) -> Span | None:
        """The table or code block that a cut at `end` would divide, if it has begun by then."""
        index = bisect.bisect_left(self._span_starts, end) - 1
        if index < 0:
            return None
        span = self._spans[index]
        return span if span.end > end and span.end > start else None

    def _fits(self, span: Span) -> bool:
        """Whether a table or code block is no larger than a passage."""
        known = self._fitting.get(span.start)
        if known is None:
            guess = (span.end - span.start) * self._rate
            text = self._text[span.start : span.end]
            known = guess <= 3 * self._size and self._count(text) <= self._size
            self._fitting[span.start] = known
        return known

    def _last_break(self, pattern: re.Pattern[str], lowest: int, end: int) -> int | None:
        """The last match's end in the window that divides no table or code block."""
        ends = [found.end() for found in pattern.finditer(self._text, lowest, end)]
        for at in reversed(ends):
            span = self._span_around(lowest, at)
            if span is None or not self._fits(span):
                return at
        return None

    def _whole_characters(self, start: int, end: int, limit: int) -> int:
        """`end`, moved so that no accent is parted from its letter."""
        for at in range(end, max(start, end - 16), -1):
            if at >= limit or not unicodedata.combining(self._text[at]):
                return at
        return end

    def _skip_blanks(self, start: int, end: int) -> int:
        while start < end and self._text[start].isspace():
            start += 1
        return start


def _sections(extracted: Extracted) -> Iterator[_Section]:
    """The text between headings and page starts.

    A heading with nothing under it but a lower heading belongs to the lower one's section.
    """
    text, pages = extracted.text, extracted.page_starts
    above = _paths(extracted.headings)
    paths = dict(zip((one.start for one in extracted.headings), above, strict=True))
    cuts = sorted({0, *pages, *paths, len(text)})
    begun: int | None = None
    heading = ""
    for start, end in itertools.pairwise(cuts):
        heading = paths.get(start, heading)
        begin = start if begun is None else begun
        lower = end not in pages and paths.get(end, "").startswith(heading + _SEPARATOR)
        if start in paths and lower and _is_bare(text[start:end]):
            begun = begin
            continue
        begun = None
        page = bisect.bisect_right(pages, begin)
        yield _Section(begin, end, heading, page or None)


_SEPARATOR = " › "


def _is_bare(text: str) -> bool:
    """Whether a section is nothing but its heading, with the lines that may be drawn around it."""
    return sum(1 for line in text.splitlines() if any(map(str.isalnum, line))) <= 1


def _paths(headings: tuple[Heading, ...]) -> list[str]:
    """For every heading the way to it, "Chapter › Section"."""
    stack: list[Heading] = []
    found = []
    for heading in headings:
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        stack.append(heading)
        found.append(_SEPARATOR.join(one.text for one in stack))
    return found
