"""Keeping: which versions stay after a study and why, a pure function of what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.protocol import Kept

USUAL = 5
"""How many of the last versions are kept where nothing else was set."""

MOST = 100


@dataclass(frozen=True)
class Candidate:
    """A version to be kept or not; `parent` is the version to go back to from it, 0 for none."""

    version: int
    parent: int
    base_sha256: str
    active: bool
    pinned: bool


def keeping(versions: Sequence[Candidate], last: int) -> dict[int, Kept]:
    """Why each version is kept, by its number; "" for those that are not.

    Besides the one in use, the one it goes back to and those that are pinned, `last` more are
    kept, the newest ones. Of another model than the active version's the newest stays as well:
    its shards need not be trained again when that model is chosen.
    """
    newest = sorted(versions, key=lambda one: one.version, reverse=True)
    active = next((one for one in newest if one.active), None)
    why: dict[int, Kept] = {one.version: "" for one in newest}
    for one in {one.base_sha256: one for one in reversed(newest)}.values():
        if active is None or one.base_sha256 != active.base_sha256:
            why[one.version] = "model"
    others = [one for one in newest if not one.active and not one.pinned]
    for one in others[:last]:
        why[one.version] = "last"
    if active is not None:
        if active.parent in why:
            why[active.parent] = "before"
        why[active.version] = "active"
    for one in newest:
        if one.pinned and not one.active:
            why[one.version] = "pinned"
    return why
