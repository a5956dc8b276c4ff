"""XML as a stream of events, without a tree, entities of its own, or anything from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol
from xml.parsers import expat

from app.documents import refusals

Attributes = dict[str, str]
"""By local name; those of the relationships' namespace as "r:name" ("r:id" beside "id")."""


class Handler(Protocol):
    """Hears of elements by their local names, in the order of the file."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, data: str) -> None:
        """Characters within it, in one piece or several."""


def parse(pieces: Iterable[bytes], handler: Handler) -> None:
    """Tell `handler` all. Raises DocumentError for what is no XML, or declares entities."""
    for _ in stepwise(pieces, handler):
        pass


def stepwise(pieces: Iterable[bytes], handler: Handler) -> Iterator[None]:
    """As `parse`, with a pause after every piece for taking out what the handler has by then."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, found: handler.start(
        _local(name), {_attribute(key): value for key, value in found.items()}
    )
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    # Entities are what "billion laughs" is made of; no office program writes any.
    parser.EntityDeclHandler = _refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise refusals.damaged("its XML is broken") from error
    yield


def _refuse(*_: object) -> None:
    raise refusals.damaged("its XML declares entities, which no document needs")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(name: str) -> str:
    space, _, local = name.rpartition("}")
    return f"r:{local}" if space.endswith("/relationships") else local
