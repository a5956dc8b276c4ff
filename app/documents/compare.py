"""Compare: what became of known files, judged by their stats alone."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.documents.scan import Found


@dataclass(frozen=True)
class Known:
    """A file as the ledger remembers it; `id` is the document's. 0 for no inode or device."""

    id: int
    path: str
    size: int
    mtime_ns: int
    inode: int
    device: int


@dataclass(frozen=True)
class Changes:
    """What a scan says: files to read, to read again, to call by another name, to miss.

    Every known file is in at most one of `changed`, `moved` and `gone`; the rest are as before.
    """

    new: tuple[Found, ...] = ()
    changed: tuple[tuple[Known, Found], ...] = ()
    moved: tuple[tuple[Known, Found], ...] = ()
    gone: tuple[Known, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.moved or self.gone)


def compare(
    known: Iterable[Known],
    found: Iterable[Found],
    *,
    unseen: Iterable[str] = (),
    inodes: bool = True,
) -> Changes:
    """What changed between the ledger and the disk; opens nothing, so it costs no reading.

    A file is as before while path, size, time and inode are; an atomic save (a new inode under the
    old name) is a change. One that kept inode, device, size and time under another path was moved.
    `unseen` are the paths of `scan`'s `Unreadable`: what is known there or below is not gone, only
    out of sight. Without `inodes` (file systems that deal them out anew) paths alone name a file,
    and a move is one gone and one new.
    """
    files = sorted(found, key=lambda file: file.path)
    rows = {row.path: row for row in known}
    left = dict(rows)
    pending: list[Found] = []
    for file in files:
        row = rows.get(str(file.path))
        if row is not None and _as_before(row, file, inodes):
            del left[row.path]
        else:
            pending.append(file)
    moved = _moves(left, pending) if inodes else []
    arrived = {file.path for _, file in moved}
    new: list[Found] = []
    changed: list[tuple[Known, Found]] = []
    for file in pending:
        if file.path in arrived:
            continue
        replaced = left.pop(str(file.path), None)
        if replaced is None:
            new.append(file)
        else:
            changed.append((replaced, file))
    gone = _out_of_sight(left, tuple(unseen))
    return Changes(tuple(new), tuple(changed), tuple(moved), gone)


def _as_before(row: Known, file: Found, inodes: bool) -> bool:
    # The device is left out: its number changes with every start of some machines.
    same_file = not inodes or row.inode == file.inode or not row.inode or not file.inode
    return same_file and (row.size, row.mtime_ns) == (file.size, file.mtime_ns)


def _moves(left: dict[str, Known], pending: list[Found]) -> list[tuple[Known, Found]]:
    """Pairs of a known file and where it lies now; takes these rows out of `left`."""
    by_identity: dict[tuple[int, int, int, int], list[Known]] = defaultdict(list)
    for row in left.values():
        by_identity[row.device, row.inode, row.size, row.mtime_ns].append(row)
    moves: list[tuple[Known, Found]] = []
    for file in pending:
        rows = by_identity.get((file.device, file.inode, file.size, file.mtime_ns))
        if file.inode and rows:
            row = rows.pop()
            del left[row.path]
            moves.append((row, file))
    return moves


def _out_of_sight(left: dict[str, Known], unseen: tuple[str, ...]) -> tuple[Known, ...]:
    """The rows that are really gone: not one that is, or lies below, what could not be seen."""
    hidden = set(unseen)

    def covered(path: str) -> bool:
        while path not in hidden:
            above = os.path.dirname(path)  # noqa: PTH120 (text is faster than Path here)
            if above == path:
                return False
            path = above
        return True

    return tuple(row for row in left.values() if not (hidden and covered(row.path)))
