"""Reading Markdown: the text as it is, with its headings, code blocks and tables found."""

from __future__ import annotations

import itertools
import re

from markdown_it import MarkdownIt

from app.documents.draft import Draft, line_of
from app.documents.extracted import Heading, Span
from app.documents.read_text import decoded

_MARKS = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)|<[^>]{1,200}>")
_WHOLE = {"fence", "code_block", "table_open"}
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE)


def read_markdown(data: bytes, draft: Draft) -> None:
    """A Markdown file."""
    write_markdown(decoded(data), draft)


def write_markdown(text: str, draft: Draft) -> None:
    """Markdown that is already characters, with "\\n" for every line break."""
    front = _FRONT_MATTER.match(text)
    named = None if front is None else _TITLE.search(front.group())
    skip = 0 if front is None else front.end()
    headings, whole = structure(text, skip)
    if not draft.title:
        top = next((one.text for one in headings if one.level == 1), "")
        draft.title = named.group(1) if named is not None else top
    draft.raw(text, headings, whole)


def structure(text: str, skip: int = 0) -> tuple[list[Heading], list[Span]]:
    """Headings, and the spans of code blocks and tables, of `text` from `skip` on."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.disable("inline")  # only blocks are wanted; inline rules cost most of the time
    tokens = parser.parse(text[skip:])
    starts = _line_starts(text, skip)
    headings: list[Heading] = []
    whole: list[Span] = []
    for token, following in itertools.pairwise([*tokens, None]):
        if token is None or token.map is None:
            continue
        start, end = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type == "heading_open" and following is not None:
            words = line_of(_MARKS.sub(r"\1", following.content))
            if words:
                headings.append(Heading(start=start, level=int(token.tag[1]), text=words))
        elif token.type in _WHOLE and (not whole or start >= whole[-1].end):
            whole.append(Span(start=start, end=start + len(text[start:end].rstrip())))
    return headings, whole


def _line_starts(text: str, skip: int) -> list[int]:
    """Where each line begins, and the end."""
    starts = [skip]
    at = text.find("\n", skip)
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return [*starts, len(text)]
