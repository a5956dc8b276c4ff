"""Office parts: how the parts of a DOCX, PPTX or XLSX name each other."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from app.documents.archive import Archive
from app.documents.xml_stream import Attributes, parse

_CORE = "docProps/core.xml"


class Relation(NamedTuple):
    """One part's link to another: its id, the last word of its kind, the member it leads to."""

    id: str
    kind: str
    target: str


def relations(archive: Archive, part: str) -> list[Relation]:
    """A part's links within the container; "" asks for the container's own."""
    folder, _, name = part.rpartition("/")
    member = posixpath.join(folder, "_rels", f"{name}.rels")
    if member not in archive.names:
        return []
    links = _Links(folder)
    parse(archive.pieces(member), links)
    return links.found


def core_title(archive: Archive) -> str:
    """The title from the document's properties, "" for none."""
    if _CORE not in archive.names:
        return ""
    return one_text(archive, _CORE, "title")


def one_text(archive: Archive, member: str, element: str) -> str:
    """The text of the first `element` of a member."""
    found = _OneText(element)
    parse(archive.pieces(member), found)
    return "".join(found.parts)


class _Links:
    def __init__(self, folder: str) -> None:
        self.found: list[Relation] = []
        self._folder = folder

    def start(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.join(self._folder, target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.found.append(Relation(attributes.get("Id", ""), kind, posixpath.normpath(path)))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _OneText:
    def __init__(self, element: str) -> None:
        self.parts: list[str] = []
        self._element = element
        self._inside = False
        self._done = False

    def start(self, name: str, attributes: Attributes) -> None:
        self._inside = self._inside or (name == self._element and not self._done)

    def end(self, name: str) -> None:
        if name == self._element and self._inside:
            self._inside, self._done = False, True

    def text(self, data: str) -> None:
        if self._inside:
            self.parts.append(data)
