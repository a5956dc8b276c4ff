"""Kept: what a long run made, in a folder from which the next run takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

Made = TypeVar("Made", bound=msgspec.Struct)


def stamped(folder: Path | None, *circumstances: object) -> Path | None:
    """The folder within `folder` for what is made under these circumstances and no others."""
    if folder is None:
        return None
    return folder / hashlib.sha256(msgspec.json.encode(circumstances)).hexdigest()[:12]


def kept(folder: Path | None, name: str, kind: type[Made], make: Callable[[], Made]) -> Made:
    """What lies in `folder` under this name, or is made now and put there; None keeps nothing."""
    file = folder / f"{name}.json" if folder else None
    if file is not None and file.exists():
        return msgspec.json.decode(file.read_bytes(), type=kind)
    made = make()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.encode(made))
    return made
