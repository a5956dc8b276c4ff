"""Reading HTML: what a person would see, without scripts, styles and hidden elements."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from app.documents.draft import Draft, line_of
from app.documents.flow import Flow
from app.documents.read_text import decoded

_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.I
)
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_UNSEEN = frozenset(
    "script style noscript template svg iframe object audio video canvas select button nav"
    " datalist dialog".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset"
    " figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section summary"
    " table tbody td tfoot th thead tr ul".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_HEADING = re.compile(r"h[1-6]")


def read_html(data: bytes, draft: Draft) -> None:
    """A page."""
    declared = _CHARSET.search(data[:4096])
    encoding = "" if declared is None else declared.group(1).decode("ascii", "replace")
    page = write_html(decoded(data, encoding), draft)
    draft.title = draft.title or page


def write_html(text: str, draft: Draft) -> str:
    """Write a page's text; its title is the answer, "" for none."""
    page = _Page(draft)
    page.feed(text)
    page.close()
    page.finish()
    return page.title


class _Page(HTMLParser):
    """Keeps no tree and no stack, so that nesting costs nothing."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._flow = Flow(draft)
        self._words: list[str] = []
        self._block = ""
        self._in_title = False
        self._unseen = ""
        self._unseen_depth = 0
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen and not self._is_seen_again(tag):
            return
        if tag in _UNSEEN or (tag not in _VOID and _is_hidden(attrs)):
            self._unseen, self._unseen_depth = tag, 1
        elif tag == "title":
            self._in_title = not self.title
        elif tag == "br":
            self._words.append("\n")
        elif tag in _BLOCKS:
            self._end_block()
            self._begin(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID or tag in _BLOCKS:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            if tag == self._unseen:
                self._unseen_depth -= 1
                if self._unseen_depth == 0:
                    self._unseen = ""
            return
        if tag == "title":
            self._in_title = False
        elif tag in _BLOCKS:
            self._end_block()
            if tag == "table":
                self._flow.close_table()
            elif tag == "pre":
                self._pre = max(0, self._pre - 1)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._in_title:
            self.title += data
        else:
            self._words.append(data if self._pre else re.sub(r"\s+", " ", data))

    def finish(self) -> None:
        """The page ends, whatever is open."""
        self._end_block()
        self._flow.finish()
        self.title = line_of(self.title)

    def _is_seen_again(self, tag: str) -> bool:
        """Whether a new element ends the unseen one; a <p> needs no end of its own."""
        if tag == self._unseen:
            self._unseen_depth += 1
        if self._unseen in ("p", "li", "td", "tr", "dd", "dt") and tag == self._unseen:
            self._unseen = ""
        return not self._unseen

    def _begin(self, tag: str) -> None:
        if tag == "table":
            self._flow.open_table()
        elif tag == "tr":
            self._flow.open_row()
        elif tag in ("td", "th"):
            self._flow.open_cell()
        elif tag == "pre":
            self._pre += 1
        self._block = tag

    def _end_block(self) -> None:
        """What was gathered is a block of the kind that began last."""
        text, kind = "".join(self._words), self._block
        self._words, self._block = [], ""
        if not text.strip():
            return
        if self._pre:
            self._flow.code(text)
        elif _HEADING.fullmatch(kind):
            self._flow.heading(int(kind[1]), text)
        else:
            lines = "\n".join(line_of(line) for line in text.split("\n")).strip()
            self._flow.paragraph(f"- {lines}" if kind == "li" else lines)


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    return any(
        name == "hidden" or (name == "style" and _HIDING.search(value or "") is not None)
        for name, value in attrs
    )
