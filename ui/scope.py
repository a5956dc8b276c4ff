"""Scope: which documents a question may be answered from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Mode = Literal["auto", "only", "none"]


@dataclass(frozen=True)
class Limit:
    """One document, or one watched folder, that a question is about."""

    kind: Literal["document", "folder"]
    id: int
    title: str


@dataclass(frozen=True)
class Scope:
    """`auto` uses what fits; `only` answers from documents or not at all; `none` leaves them."""

    mode: Mode = "auto"
    limits: tuple[Limit, ...] = ()

    @property
    def document_ids(self) -> tuple[int, ...]:
        """The documents it is limited to."""
        return tuple(limit.id for limit in self.limits if limit.kind == "document")

    @property
    def folder_ids(self) -> tuple[int, ...]:
        """The watched folders it is limited to."""
        return tuple(limit.id for limit in self.limits if limit.kind == "folder")

    def within(self, limit: Limit) -> Scope:
        """About one document or folder: it is answered from there."""
        return Scope("only", (limit,))

    def without(self, limit: Limit) -> Scope:
        """No longer limited to this; without any limit left, as at the start."""
        rest = tuple(one for one in self.limits if one != limit)
        return replace(self, limits=rest) if rest else Scope()

    def choose(self, mode: Mode) -> Scope:
        """Another mode; leaving the documents alone takes the limits away."""
        return Scope(mode, () if mode == "none" else self.limits)
