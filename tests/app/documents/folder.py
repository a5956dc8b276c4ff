"""A watched folder as tests make and look at it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from app.documents.compare import Changes, Known, compare
from app.documents.ignore import Ignore
from app.documents.pace import Pace
from app.documents.scan import Found, Unreadable, scan
from app.documents.watch import Watch, WatchStatus

QUICK = Pace(quiet=0.1, patience=0.5, look=0.05, poll=0.2, safety=60)


def put(path: Path, text: str = "Some words.") -> Path:
    """A file with its folders, written in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def save_atomically(path: Path, text: str) -> None:
    """As editors save: another file, renamed over the old one."""
    temporary = path.with_name(f".{path.name}.swp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def everything(root: Path) -> list[Found | Unreadable]:
    return list(scan(root, lambda path: True, Ignore.of(root)))


def found(root: Path) -> list[Found]:
    return [one for one in everything(root) if isinstance(one, Found)]


def unreadable(root: Path) -> list[Unreadable]:
    return [one for one in everything(root) if isinstance(one, Unreadable)]


def names(root: Path) -> list[str]:
    return [one.path.relative_to(root).as_posix() for one in found(root)]


class Memory:
    """What a ledger would know of a folder: taken over from each scan."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rows: list[Known] = []

    def rescan(self) -> Changes:
        seen = found(self.root)
        unseen = [one.path for one in unreadable(self.root)]
        changes = compare(self.rows, seen, unseen=unseen)
        self.rows = [
            Known(number, os.fspath(one.path), one.size, one.mtime_ns, one.inode, one.device)
            for number, one in enumerate(seen)
        ]
        return changes


class Watcher:
    """A running watch whose calls can be waited for."""

    def __init__(self, root: Path, **options: object) -> None:
        self.calls = 0
        self._changed = threading.Condition()
        options.setdefault("pace", QUICK)
        self.watch = Watch(root, self._called, on_status=self._told, **options)  # type: ignore[arg-type]
        self.watch.start()

    def scanned(self, times: int, seconds: float = 20.0) -> None:
        """Waits until `times` scans were called for in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= times, seconds), self.calls

    def is_state(self, state: str, seconds: float = 20.0) -> WatchStatus:
        with self._changed:
            assert self._changed.wait_for(lambda: self.watch.status().state == state, seconds)
        return self.watch.status()

    def is_how(self, how: str, seconds: float = 20.0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.watch.status().how == how, seconds)

    def _called(self) -> None:
        with self._changed:
            self.calls += 1
            self._changed.notify_all()

    def _told(self, status: WatchStatus) -> None:
        with self._changed:
            self._changed.notify_all()
