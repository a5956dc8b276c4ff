"""Reading ODT: paragraphs, headings, lists and tables of a LibreOffice text."""

from __future__ import annotations

from app.documents import refusals
from app.documents.archive import Archive
from app.documents.draft import Draft
from app.documents.flow import Flow
from app.documents.office_parts import one_text
from app.documents.xml_stream import Attributes, parse

_UNSEEN = frozenset(("tracked-changes", "annotation", "title", "desc", "script", "note-citation"))
_MOST_SPACES = 100
_MANIFEST = "META-INF/manifest.xml"


def read_odt(archive: Archive, draft: Draft) -> None:
    """An OpenDocument text. Raises DocumentError."""
    if "content.xml" not in archive.names:
        raise refusals.damaged("its text is missing")
    if _MANIFEST in archive.names and b":encryption-data" in archive.read(_MANIFEST):
        raise refusals.locked()
    if "meta.xml" in archive.names:
        draft.title = one_text(archive, "meta.xml", "title")
    flow = Flow(draft)
    parse(archive.pieces("content.xml"), _Body(flow))
    flow.finish()


class _Body:
    """The events of content.xml; a paragraph may hold others, in notes and frames."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._open: list[list[str]] = []
        self._levels: list[int] = []
        self._unseen = 0
        self._notes = 0
        self._items = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if self._unseen or name in _UNSEEN:
            self._unseen += 1
        elif name in ("p", "h"):
            level = attributes.get("outline-level", "1")
            self._levels.append(int(level) if name == "h" and level.isdigit() else 0)
            self._open.append([])
        elif name == "note":
            self._notes += 1
        elif name == "list-item":
            self._items += 1
        elif name == "table":
            self._flow.open_table()
        elif name == "table-row":
            self._flow.open_row()
        elif name in ("table-cell", "covered-table-cell"):
            self._flow.open_cell()
        elif self._open:
            self._open[-1].append(_sign(name, attributes))

    def end(self, name: str) -> None:
        if self._unseen:
            self._unseen -= 1
        elif name in ("p", "h") and self._open:
            self._close("".join(self._open.pop()), self._levels.pop())
        elif name == "note":
            self._notes -= 1
        elif name == "list-item":
            self._items -= 1
        elif name == "table":
            self._flow.close_table()

    def text(self, data: str) -> None:
        if self._open and not self._unseen:
            self._open[-1].append(data.replace("\n", " "))

    def _close(self, text: str, level: int) -> None:
        if self._notes and self._open:
            self._open[-1].append(f" [{text.strip()}]")
        elif level:
            self._flow.heading(level, text)
        elif self._items and text.strip() and not self._flow.in_table:
            self._flow.paragraph(f"- {text}")
        else:
            self._flow.paragraph(text)


def _sign(name: str, attributes: Attributes) -> str:
    """What an empty element stands for."""
    if name == "s":
        count = attributes.get("c", "1")
        return " " * min(int(count) if count.isdigit() else 1, _MOST_SPACES)
    return {"tab": "\t", "line-break": "\n"}.get(name, "")
