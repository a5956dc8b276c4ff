"""Reading DOCX: paragraphs, headings by their styles, tables and notes of a Word document."""

from __future__ import annotations

import re

from app.documents import refusals
from app.documents.archive import Archive
from app.documents.draft import Draft
from app.documents.flow import Flow
from app.documents.office_parts import core_title, relations
from app.documents.xml_stream import Attributes, parse

_HEADING = re.compile(r"heading (\d)", re.I)
_UNSEEN = frozenset(("del", "moveFrom", "Fallback", "tabs", "instrText", "delText"))
_DEEPEST = 9


def read_docx(archive: Archive, draft: Draft) -> None:
    """A Word document. Raises DocumentError."""
    main = next(
        (one.target for one in relations(archive, "") if one.kind == "officeDocument"),
        "word/document.xml",
    )
    if main not in archive.names:
        raise refusals.damaged("its text is missing")
    draft.title = core_title(archive)
    folder = main.rpartition("/")[0]
    styles = _Styles()
    if f"{folder}/styles.xml" in archive.names:
        parse(archive.pieces(f"{folder}/styles.xml"), styles)
    flow = Flow(draft)
    for name in (main, f"{folder}/footnotes.xml", f"{folder}/endnotes.xml"):
        if name in archive.names:
            parse(archive.pieces(name), _Body(flow, styles.levels()))
            flow.finish()


class _Styles:
    """Which styles are headings, by name, outline level, or the style they are based on."""

    def __init__(self) -> None:
        self._own: dict[str, int] = {}
        self._based: dict[str, str] = {}
        self._id = ""

    def start(self, name: str, attributes: Attributes) -> None:
        value = attributes.get("val", "")
        if name == "style":
            self._id = attributes.get("styleId", "")
        elif name == "basedOn":
            self._based[self._id] = value
        elif name == "outlineLvl" and value.isdigit() and int(value) < _DEEPEST:
            self._own[self._id] = int(value) + 1
        elif name == "name":
            found = _HEADING.fullmatch(value)
            if found is not None or value.lower() == "title":
                self._own[self._id] = 1 if found is None else int(found.group(1))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass

    def levels(self) -> dict[str, int]:
        """Heading levels by style id."""
        found = dict(self._own)
        for style in self._based:
            at, steps = style, 0
            while at not in self._own and at in self._based and steps < _DEEPEST:
                at, steps = self._based[at], steps + 1
            if at in self._own:
                found[style] = self._own[at]
        return found


class _Body:
    """The events of a document's body or notes; deleted text and field codes are left out."""

    def __init__(self, flow: Flow, levels: dict[str, int]) -> None:
        self._flow = flow
        self._levels = levels
        self._open: list[list[str]] = []
        self._level: int | None = None
        self._unseen = 0
        self._in_text = False
        self._note = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if self._unseen or name in _UNSEEN:
            self._unseen += 1
            return
        if name == "p":
            self._open.append([self._note] if self._note else [])
            self._level, self._note = None, ""
        elif name in ("tbl", "tr", "tc"):
            self._table(name)
        elif name == "pStyle":
            self._level = self._levels.get(attributes.get("val", ""))
        elif name == "outlineLvl":
            value = attributes.get("val", "")
            if value.isdigit() and int(value) < _DEEPEST:
                self._level = int(value) + 1
        elif name in ("footnote", "endnote"):
            special = "type" in attributes  # the lines that part notes from the text
            self._note = "" if special else f"[{attributes.get('id', '')}] "
        elif name == "t":
            self._in_text = True
        elif self._open:
            self._open[-1].append(_sign(name, attributes))

    def end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p" and self._open:
            text = "".join(self._open.pop())
            if self._level is None:
                self._flow.paragraph(text)
            else:
                self._flow.heading(self._level, text)
            self._level = None
        elif name == "tbl":
            self._flow.close_table()

    def text(self, data: str) -> None:
        if self._in_text and self._open and not self._unseen:
            self._open[-1].append(data)

    def _table(self, name: str) -> None:
        if name == "tbl":
            self._flow.open_table()
        elif name == "tr":
            self._flow.open_row()
        else:
            self._flow.open_cell()


def _sign(name: str, attributes: Attributes) -> str:
    """What an empty element stands for."""
    if name in ("footnoteReference", "endnoteReference"):
        return f"[{attributes.get('id', '')}]"
    return {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}.get(name, "")
