"""Storage: what lies in the home, part by part: what it is, how protected, how large."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from app.erase import files_under, size_of
from app.paths import Home, disk_errors
from app.protocol import Storage, StoredPart


@dataclass(frozen=True)
class _Kind:
    """A part of the home: names in it (`*` for any ending), and words about what they are."""

    title: str
    names: tuple[str, ...]
    encrypted: bool
    told: str

    def has(self, path: Path) -> bool:
        return any(fnmatchcase(path.name, name) for name in self.names)


_KINDS = (
    _Kind(
        "Your record",
        ("ledger.db*",),
        True,
        "Conversations, lessons, the texts of your documents and their vectors.",
    ),
    _Kind(
        "Copy of your record",
        ("backups",),
        True,
        "Your record as it was when it was copied last, under the same key. It is destroyed before"
        " anything is forgotten, and made anew by night. Beside it: a copy of the key file, and"
        " damaged records that the copy took the place of.",
    ),
    _Kind("What was learned", ("adapters",), True, "The versions, and what they are made of."),
    _Kind(
        "Search index",
        ("index",),
        False,
        "Vectors of the sentences in your documents, without their words. Not encrypted: such"
        " vectors give away something of what the sentences say. Only the permissions of the files"
        " (0600 on Linux and macOS) keep other users of this computer from reading them.",
    ),
    _Kind(
        "Key file",
        ("keys.json",),
        False,
        "Where the key is and how to know it; the key itself is not in it.",
    ),
    _Kind("Logs", ("logs",), False, "What was done and how long it took, never what was said."),
    _Kind("Your own models", ("models",), False, "Model files that you put there."),
    _Kind(
        "Window and menus",
        ("window.ini", "window.json", "desktop.json"),
        False,
        "The window's place and habits, and what was written into your desktop.",
    ),
)
_OTHERS = _Kind("Other files", (), False, "What else lies in the folder, such as its lock.")


def storage(home: Home) -> Storage:
    """Every part of the home that has files, with its size in bytes. Raises LedgerError."""
    with disk_errors(home.root):
        entries = sorted(home.root.iterdir())
        parts = [_part(kind, [path for path in entries if kind.has(path)]) for kind in _KINDS]
        others = [path for path in entries if not any(kind.has(path) for kind in _KINDS)]
        parts.append(_part(_OTHERS, others))
        free = shutil.disk_usage(home.root).free
    return Storage(
        home=str(home.root), parts=tuple(part for part in parts if part.files), free=free
    )


def _part(kind: _Kind, paths: Sequence[Path]) -> StoredPart:
    files = [file for path in paths for file in files_under(path)]
    return StoredPart(
        title=kind.title,
        told=kind.told,
        names=tuple(path.name for path in paths),
        encrypted=kind.encrypted,
        files=len(files),
        size=sum(map(size_of, files)),
    )
