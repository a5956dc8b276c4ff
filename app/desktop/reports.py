"""Reports: how “Teach this” stands in a file manager, with every file written for it."""

from __future__ import annotations

from typing import Literal

from app.message import Message

PieceState = Literal["written", "unchanged", "missing", "removed", "changed"]


class PieceReport(Message, frozen=True):
    """A file or registry key and how it stands; `changed` is by somebody else, and left alone."""

    name: str
    state: PieceState


class DesktopReport(Message, frozen=True):
    """A file manager: whether it is there, whether our entry is, and each piece of it.

    `problem` and `next_step` are sentences, empty where all is well.
    """

    desktop: str
    title: str
    present: bool
    installed: bool
    pieces: tuple[PieceReport, ...] = ()
    note: str = ""
    problem: str = ""
    next_step: str = ""
