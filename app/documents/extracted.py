"""Extracted: what reading a file gives, before it is cut into passages."""

from __future__ import annotations

import msgspec


class Heading(msgspec.Struct, frozen=True):
    """A heading: where its line begins in the text, its level (1 is the highest), its words."""

    start: int
    level: int
    text: str


class Span(msgspec.Struct, frozen=True):
    """Characters `start` to `end` (not included) of the text."""

    start: int
    end: int


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """A file's text and its structure; all positions are characters of `text`.

    `type` is the short name of the format ("pdf", "docx", "text", "python"…). `page_starts` has
    the beginning of every page, empty where a format has none. `whole` are tables and code
    blocks that are better not cut. `note` is a sentence a person should read ("It is a scan
    without text."), empty for none.
    """

    text: str
    type: str
    title: str = ""
    page_starts: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    whole: tuple[Span, ...] = ()
    note: str = ""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """A passage to be found: `text` is `extracted.text[start:end]`, `page` counts from 1."""

    text: str
    start: int
    end: int
    page: int | None = None
    heading: str = ""
