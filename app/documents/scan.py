"""Scan: every file of a folder by its stat alone; nothing is opened, no link is followed."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.documents.ignore import Ignore

_MOUNT_POINT = 0xA0000003
"""IO_REPARSE_TAG_MOUNT_POINT: a junction, Windows' link to another folder."""


@dataclass(frozen=True)
class Found:
    """A regular file: `size` in bytes, `mtime_ns` in nanoseconds since 1970.

    `inode` and `device` name the file's bytes whatever it is called; 0 where a system has none.
    """

    path: Path
    size: int
    mtime_ns: int
    inode: int
    device: int


@dataclass(frozen=True)
class Unreadable:
    """A file or folder that could not be looked at, and a sentence why.

    `path` is for people and the ledger: bytes that are no UTF-8 are written as `\\xe9`.
    """

    path: str
    reason: str


def scan(
    root: Path, wanted: Callable[[Path], bool], ignore: Ignore
) -> Iterator[Found | Unreadable]:
    """The files below `root` that are `wanted` and not ignored, and what could not be looked at.

    Folder by folder, in the order of names. What vanishes meanwhile is left out. `root` itself may
    be a link; links below it are not followed: a target inside is found under its own name, one
    outside is none of our business. An unreadable `root` is one `Unreadable`.
    """
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        if _seen_before(folder, seen, link_too=folder == root):
            continue
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
        except (FileNotFoundError, NotADirectoryError) as error:
            if folder == root:
                yield _unreadable(folder, error)
            continue
        except OSError as error:
            yield _unreadable(folder, error)
            continue
        inside: list[Path] = []
        for entry in reversed(entries):
            found = _look(entry, wanted, ignore)
            if isinstance(found, Path):
                inside.append(found)
            elif found is not None:
                yield found
        waiting.extend(reversed(inside))


def shown(path: str | os.PathLike[str]) -> str:
    """A path as text that any encoder takes, the same for the same bytes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _look(
    entry: os.DirEntry[str], wanted: Callable[[Path], bool], ignore: Ignore
) -> Found | Unreadable | Path | None:
    """What an entry is: a file, a folder still to be listed, trouble, or nothing of interest."""
    path = Path(entry.path)
    try:
        folder = entry.is_dir(follow_symlinks=False)
        if not folder and not entry.is_file(follow_symlinks=False):
            return None  # a link, a pipe, a socket, a device
        if ignore.folder(path) if folder else ignore.file(path):
            return None
        if not folder and not wanted(path):
            return None
        if not _is_text(entry.name):
            return Unreadable(
                shown(path),
                "Its name is not valid UTF-8; rename it to have it read.",
            )
        # On Windows a listing knows no inode, and hidden files are an attribute.
        status = os.lstat(path) if sys.platform == "win32" else entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _unreadable(path, error)
    if _hidden(status) or getattr(status, "st_reparse_tag", 0) == _MOUNT_POINT:
        return None
    if folder:
        return path
    return Found(path, status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)


def _seen_before(folder: Path, seen: set[tuple[int, int]], *, link_too: bool) -> bool:
    """Bind mounts, and hard-linked folders on macOS, can lead back up without any link.

    A folder that became a link since it was listed counts as seen, too; only a root may be one.
    """
    try:
        status = os.stat(folder, follow_symlinks=link_too)  # noqa: PTH116
    except OSError:
        return False  # the listing will say why
    identity = (status.st_dev, status.st_ino)
    if identity in seen or stat.S_ISLNK(status.st_mode):
        return True
    if status.st_ino:
        seen.add(identity)
    return False


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _hidden(status: os.stat_result) -> bool:
    attributes: int = getattr(status, "st_file_attributes", 0)
    flags: int = getattr(status, "st_flags", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN or flags & stat.UF_HIDDEN)


def _unreadable(path: Path, error: OSError) -> Unreadable:
    reasons = {
        PermissionError: "You may not look into it; change its permissions to have it read.",
        FileNotFoundError: "It is not there.",
        NotADirectoryError: "It is not a folder.",
    }
    fallback = f"It could not be looked at: {error.strerror or type(error).__name__}."
    return Unreadable(shown(path), reasons.get(type(error), fallback))
