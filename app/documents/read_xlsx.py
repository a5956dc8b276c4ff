"""Reading XLSX: every sheet is a heading and a table, a line a row."""

from __future__ import annotations

from collections.abc import Iterator

from app.documents import refusals
from app.documents.archive import Archive
from app.documents.cell_formats import CellFormats
from app.documents.draft import Draft
from app.documents.office_parts import core_title, relations
from app.documents.xml_stream import Attributes, parse, stepwise

_MAIN = "xl/workbook.xml"
_WIDEST_GAP = 20
"""Empty cells that are shown as such; wider gaps are closed."""


def read_xlsx(archive: Archive, draft: Draft) -> None:
    """A workbook. Raises DocumentError."""
    if _MAIN not in archive.names:
        raise refusals.damaged("its list of sheets is missing")
    draft.title = core_title(archive)
    links = relations(archive, _MAIN)
    targets = {one.id: one.target for one in links}
    members = {one.kind: one.target for one in links if one.target in archive.names}
    book, strings, formats = _Book(), _Strings(), CellFormats()
    parse(archive.pieces(_MAIN), book)
    if "sharedStrings" in members:
        parse(archive.pieces(members["sharedStrings"]), strings)
    if "styles" in members:
        parse(archive.pieces(members["styles"]), formats)
    formats.from_1904 = book.from_1904
    for name, id_ in book.sheets:
        member = targets.get(id_, "")
        if member in archive.names:
            draft.heading(1, name)
            draft.table(_rows(archive, member, _Sheet(strings.found, formats)))


def _rows(archive: Archive, member: str, sheet: _Sheet) -> Iterator[list[str]]:
    for _ in stepwise(archive.pieces(member), sheet):
        rows, sheet.rows = sheet.rows, []
        yield from rows


class _Book:
    """The sheets' names and ids, in order."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("r:id", "")))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _Strings:
    """The texts that cells name by number; readings printed above Japanese words are left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._in_text = False
        self._in_reading = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._in_reading = True
        elif name == "t":
            self._in_text = not self._in_reading

    def end(self, name: str) -> None:
        if name == "si":
            self.found.append("".join(self._parts))
        elif name == "rPh":
            self._in_reading = False
        elif name == "t":
            self._in_text = False

    def text(self, data: str) -> None:
        if self._in_text:
            self._parts.append(data)


class _Sheet:
    """The events of a sheet; whole rows are put into `rows` for others to take."""

    def __init__(self, strings: list[str], formats: CellFormats) -> None:
        self.rows: list[list[str]] = []
        self._strings = strings
        self._formats = formats
        self._row: list[str] = []
        self._parts: list[str] = []
        self._kind = ""
        self._style = ""
        self._in_value = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._row = []
        elif name == "c":
            self._parts = []
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            gap = _column(attributes.get("r", "")) - len(self._row)
            if 0 < gap <= _WIDEST_GAP:
                self._row.extend([""] * gap)
        elif name in ("v", "t"):
            self._in_value = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._in_value = False
        elif name == "c":
            self._row.append(self._shown("".join(self._parts)))
        elif name == "row":
            self.rows.append(self._row)

    def text(self, data: str) -> None:
        if self._in_value:
            self._parts.append(data)

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            known = value.isdigit() and int(value) < len(self._strings)
            return self._strings[int(value)] if known else ""
        if self._kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        return self._formats.shown(value, self._style) if self._kind == "n" else value


def _column(reference: str) -> int:
    """The column of "B2", from 0; -1 for none."""
    number = 0
    for letter in reference[:3].upper():
        if "A" <= letter <= "Z":
            number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
