"""Uca: Thunar's file of custom actions, changed by one action and not by a byte more."""

from __future__ import annotations

from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

UNIQUE = "nightschool-teach-1"
EMPTY = b'<?xml version="1.0" encoding="UTF-8"?>\n<actions>\n</actions>\n'

_KINDS = ("directories", "audio-files", "image-files", "other-files", "text-files", "video-files")


class UcaError(Exception):
    """The file is none that one action could be put into; the message is a sentence."""


@dataclass(frozen=True)
class Action:
    """An action and where it stands: bytes `start` to `end` (not included) of the file."""

    start: int
    end: int
    unique: str
    name: str
    command: str


def with_action(content: bytes, name: str, command: str) -> bytes:
    """`content` with our action at the end, or in the place of our former one. Raises UcaError."""
    reader = _read(content)
    block = _block(name, command)
    former = reader.ours()
    if former is not None:
        return content[: former.start] + block + content[former.end :]
    before, rest = content[: reader.end], content[reader.end :]
    if rest.startswith(b"</"):
        return before + block + b"\n" + rest
    # `<actions/>`, which has to be opened first.
    opened = before.removesuffix(b"/>").rstrip() + b">\n"
    return opened + block + b"\n</actions>" + rest


def without_action(content: bytes) -> bytes:
    """`content` without our action; what `with_action` was given. Raises UcaError."""
    ours = _read(content).ours()
    if ours is None:
        return content
    rest = content[ours.end :]
    return content[: ours.start] + rest.removeprefix(b"\n")


def our_action(content: bytes) -> Action | None:
    """Our action in `content`, if it is there. Raises UcaError."""
    return _read(content).ours()


def _block(name: str, command: str) -> bytes:
    """An action as Thunar itself writes it; in ASCII, which is right in every encoding it takes."""
    lines = [
        "<action>",
        f"\t<name>{escape(name)}</name>",
        f"\t<unique-id>{UNIQUE}</unique-id>",
        f"\t<command>{escape(command)}</command>",
        f"\t<description>{escape(name)}</description>",
        "\t<patterns>*</patterns>",
        *(f"\t<{kind}/>" for kind in _KINDS),
        "</action>",
    ]
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace")


def _read(content: bytes) -> _Reader:
    if b"\0" in content:
        raise UcaError("It is in an encoding of two bytes a letter.")
    reader = _Reader()
    try:
        reader.read(content)
    except expat.ExpatError as error:
        raise UcaError(f"It is no sound XML: {error}.") from error
    if reader.end < 0:
        raise UcaError("It holds no list of actions.")
    return reader


class _Reader:
    """Where the actions stand, in bytes; `end` is where the list's closing tag begins.

    Expat tells the end of `<actions/>` behind it, for there is no closing tag.
    """

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.end = -1
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._parser.CharacterDataHandler = self._says
        self._path: list[str] = []
        self._start = 0
        self._texts: dict[str, str] = {}
        self._content = b""

    def read(self, content: bytes) -> None:
        self._content = content
        self._parser.Parse(content, True)

    def ours(self) -> Action | None:
        return next((action for action in self.actions if action.unique == UNIQUE), None)

    def _begins(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if self._path == ["actions", "action"]:
            self._start = self._parser.CurrentByteIndex
            self._texts = {}

    def _ends(self, tag: str) -> None:
        if self._path == ["actions", "action"]:
            end = self._parser.CurrentByteIndex
            if self._content.startswith(b"</", end):  # else `<action/>`, which ends here
                end = self._content.index(b">", end) + 1
            self.actions.append(
                Action(
                    self._start,
                    end,
                    self._texts.get("unique-id", "").strip(),
                    self._texts.get("name", ""),
                    self._texts.get("command", ""),
                )
            )
        elif self._path == ["actions"]:
            self.end = self._parser.CurrentByteIndex
        self._path.pop()

    def _says(self, text: str) -> None:
        if self._path[:2] == ["actions", "action"] and len(self._path) == 3:
            self._texts[self._path[2]] = self._texts.get(self._path[2], "") + text
