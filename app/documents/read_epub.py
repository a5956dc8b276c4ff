"""Reading EPUB: the book's chapters in the order in which they are read."""

from __future__ import annotations

import posixpath
import urllib.parse

from app.documents import refusals
from app.documents.archive import Archive
from app.documents.draft import Draft
from app.documents.office_parts import one_text
from app.documents.read_html import write_html
from app.documents.read_text import decoded
from app.documents.xml_stream import Attributes, parse

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"


def read_epub(archive: Archive, draft: Draft) -> None:
    """A book. Raises DocumentError, also when its chapters are locked (DRM)."""
    if _CONTAINER not in archive.names:
        raise refusals.damaged("its table of contents is missing")
    pointer = _Collected("rootfile", "full-path")
    parse(archive.pieces(_CONTAINER), pointer)
    package = pointer.values[0] if pointer.values else ""
    if package not in archive.names:
        raise refusals.damaged("its table of contents is missing")
    draft.title = one_text(archive, package, "title")
    book = _Book(posixpath.dirname(package))
    parse(archive.pieces(package), book)
    chapters = [book.members[id_] for id_ in book.order if id_ in book.members]
    if _locked(archive) & set(chapters):
        raise refusals.locked()
    for member in chapters:
        if member in archive.names:
            write_html(decoded(archive.read(member)), draft)


def _locked(archive: Archive) -> set[str]:
    """Members that are encrypted; fonts often are, in books that anyone may read."""
    if _ENCRYPTION not in archive.names:
        return set()
    found = _Collected("CipherReference", "URI")
    parse(archive.pieces(_ENCRYPTION), found)
    return {posixpath.normpath(urllib.parse.unquote(uri)) for uri in found.values}


class _Collected:
    """One attribute of all elements of a name."""

    def __init__(self, element: str, attribute: str) -> None:
        self.values: list[str] = []
        self._element = element
        self._attribute = attribute

    def start(self, name: str, attributes: Attributes) -> None:
        if name == self._element:
            self.values.append(attributes.get(self._attribute, ""))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _Book:
    """The package file: which members are chapters, and their order."""

    def __init__(self, folder: str) -> None:
        self.members: dict[str, str] = {}
        self.order: list[str] = []
        self._folder = folder

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "item" and "html" in attributes.get("media-type", ""):
            path = urllib.parse.unquote(attributes.get("href", ""))
            member = posixpath.normpath(posixpath.join(self._folder, path))
            self.members[attributes.get("id", "")] = member
        elif name == "itemref":
            self.order.append(attributes.get("idref", ""))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass
