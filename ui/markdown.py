"""Markdown: a reply cut into finished blocks, code and a tail while it is still being written."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

LONG_TAIL = 6000
"""Characters after which an unfinished paragraph or list is cut, so that a flush stays cheap."""


@dataclass(frozen=True)
class Prose:
    """Finished blocks, to be drawn once."""

    tokens: Sequence[Token]


@dataclass(frozen=True)
class Tail:
    """The block still being written; replaces the former tail."""

    tokens: Sequence[Token]


@dataclass(frozen=True)
class CodeStart:
    """A code block begins."""

    language: str


@dataclass(frozen=True)
class CodeMore:
    """Code to append to the open code block."""

    text: str


@dataclass(frozen=True)
class CodeEnd:
    """The open code block is complete."""


Piece = Prose | Tail | CodeStart | CodeMore | CodeEnd


def parser() -> MarkdownIt:
    """CommonMark with tables and strikethrough; raw HTML is shown as the text it is."""
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


class Splitter:
    """Takes a reply in pieces of any size; only the unfinished end is ever parsed again."""

    def __init__(self) -> None:
        self._parser = parser()
        self._pending = ""
        self._closing: re.Pattern[str] | None = None
        self._mid_line = False
        self.was_cut = False

    def feed(self, text: str, *, last: bool = False) -> Iterator[Piece]:
        """What to draw now; with `last`, nothing is left over. A closing Tail clears the former."""
        self._pending += text.replace("\r\n", "\n").replace("\0", "\N{SYMBOL FOR NULL}")
        moved = True
        while moved:
            if self._closing is not None:
                moved = yield from self._code(last)
            else:
                moved = yield from self._prose(last)

    # ------------------------------------------------------------------ code

    def _code(self, last: bool) -> Generator[Piece, None, bool]:
        """Hand on complete lines; hold back an end that may become the closing fence."""
        out: list[str] = []
        closed = False
        assert self._closing is not None
        while (end := self._pending.find("\n")) >= 0:
            line, self._pending = self._pending[: end + 1], self._pending[end + 1 :]
            if not self._mid_line and self._closing.fullmatch(line[:-1]):
                closed = True
                break
            self._mid_line = False
            out.append(line)
        if not closed and last and not self._mid_line:
            closed = bool(self._closing.fullmatch(self._pending))
            self._pending = "" if closed else self._pending
        if not closed and (last or self._pending.lstrip(" ").strip("`~")):
            out.append(self._pending)
            self._mid_line = self._mid_line or bool(self._pending)
            self._pending = ""
        if out:
            yield CodeMore("".join(out))
        if closed or last:
            self._closing = None
            self._mid_line = False
            yield CodeEnd()
        return closed

    # ------------------------------------------------------------------ prose

    def _prose(self, last: bool) -> Generator[Piece, None, bool]:
        """Draw blocks that are complete; keep the last one as the tail."""
        whole = self._pending if last else _closed_up(self._pending)
        blocks = _top_level(self._parser.parse(whole))
        if not blocks:
            yield Tail(())
            return False
        *finished, ending = blocks
        yield from _drawn(finished)
        if ending[0].type == "fence":
            yield Tail(())
            return (yield from self._open_fence(ending[0], last))
        if last:
            self._pending = ""
            yield Tail(())
            yield from _drawn([ending])
        elif len(self._pending) > LONG_TAIL and ending[0].type != "table_open":
            yield from self._cut()
        else:
            self._keep_from(ending[0])
            yield Tail(ending)
        return False

    def _open_fence(self, fence: Token, last: bool) -> Generator[Piece, None, bool]:
        self._keep_from(fence)
        head, newline, rest = self._pending.partition("\n")
        if not newline and not last:
            return False
        self._pending = rest
        mark = re.escape(fence.markup[0])
        self._closing = re.compile(rf" {{0,3}}{mark}{{{len(fence.markup)},}}\s*")
        yield CodeStart(_language(head.strip().strip("`~")))
        return True

    def _keep_from(self, token: Token) -> None:
        start = token.map[0] if token.map else 0
        at = 0
        for _ in range(start):
            at = self._pending.find("\n", at) + 1
        self._pending = self._pending[at:]

    def _cut(self) -> Iterator[Piece]:
        """Draw all but the newest of a very long paragraph or list as if it were finished."""
        self.was_cut = True
        near_end = len(self._pending) - 400
        at = max(self._pending.rfind("\n", 0, near_end), self._pending.rfind(" ", 0, near_end))
        at = at + 1 if at > 0 else near_end
        finished, self._pending = self._pending[:at], self._pending[at:]
        yield Prose(self._parser.parse(finished))
        yield Tail(self._parser.parse(self._pending))


def _closed_up(text: str) -> str:
    """Markup that is open in the last block is closed, so that the tail shows no stray marks."""
    block = text[text.rfind("\n\n") + 1 :]
    if block.lstrip("\n ").startswith(("```", "~~~")):
        return text
    if block.count("`") % 2:
        return text[:-1] if text.endswith("`") else text + "`"
    if block.count("**") % 2:
        return text[:-2] if text.endswith("**") else text.rstrip(" ") + "**"
    return text


def _language(info: str) -> str:
    return info.split()[0] if info.split() else ""


def _top_level(tokens: Sequence[Token]) -> list[list[Token]]:
    """Tokens grouped by the top-level block they belong to."""
    blocks: list[list[Token]] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            blocks.append([])
        blocks[-1].append(token)
    return blocks


def _drawn(blocks: Sequence[Sequence[Token]]) -> Iterator[Piece]:
    run: list[Token] = []
    for block in blocks:
        if block[0].type in ("fence", "code_block"):
            if run:
                yield Prose(run)
                run = []
            yield CodeStart(_language(block[0].info))
            yield CodeMore(block[0].content)
            yield CodeEnd()
        else:
            run.extend(block)
    if run:
        yield Prose(run)
