"""Folders: each watched one is compared with the ledger, and what changed is queued."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.document_records import FolderRecord, FolderState
from app.documents.compare import Changes, Known, compare
from app.documents.formats import is_known
from app.documents.ignore import Ignore, refusal
from app.documents.mount import mount_of
from app.documents.scan import Found, Unreadable, scan
from app.documents.watch import Watch
from app.errors import BadRequestError
from app.ledger import Ledger
from app.ledger_documents import FileStat, KnownFile
from app.ledger_folders import Folder

logger = logging.getLogger("folders")

MOST_REASONS = 3
"""Reasons named in a folder's row; the documents' own rows have all."""


class FolderKeeper:
    """Watches folders and brings the ledger up to date with each; reads no file itself.

    `forget` is told of documents whose file is gone, `queued` when something new waits.
    """

    def __init__(
        self,
        ledger: Ledger,
        home: Path,
        *,
        forget: Callable[[list[int]], None],
        queued: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._home = home
        self._forget = forget
        self._queued = queued
        self._changed = changed
        self._watches: dict[int, Watch] = {}
        self._unreadable: dict[int, tuple[Unreadable, ...]] = {}
        self._scanning: set[int] = set()
        self._guard = threading.RLock()

    def start(self) -> None:
        """Watch every folder of the ledger."""
        for folder in self._ledger.folders():
            self._watch(folder)

    def close(self) -> None:
        """Stop watching."""
        with self._guard:
            watches = list(self._watches.values())
            self._watches.clear()
        for watch in watches:
            watch.stop()

    # --------------------------------------------------------------------------- one folder

    def add(self, path: Path) -> FolderRecord:
        """Watch a folder. Raises BadRequestError: no folder, or one that lies in another."""
        if not path.is_dir():
            raise BadRequestError(
                "This is no folder",
                f"“{path}” is not there, or is not a folder.",
                "Choose a folder that exists.",
            )
        if why := refusal(path, (self._home,)):
            raise BadRequestError(
                "This folder cannot be watched", why, "Choose a folder that holds documents."
            )
        for other in self._ledger.folders():
            there = Path(other.path)
            if there != path and (there in path.parents or path in there.parents):
                raise BadRequestError(
                    "This folder is watched already",
                    f"“{other.path}” and “{path}” lie in one another.",
                    "Watch the outer one of them; stop watching the other first.",
                )
        folder = self._ledger.add_folder(str(path))
        self._watch(folder)
        return self.record(folder)

    def pause(self, folder_id: int, paused: bool) -> FolderRecord:
        """Stop following a folder for now, or go on. Raises BadRequestError."""
        folder = self._ledger.pause_folder(folder_id, paused)
        with self._guard:
            watch = self._watches.get(folder_id)
        if watch is not None:
            watch.pause() if paused else watch.resume()
        return self.record(folder)

    def remove(self, folder_id: int) -> None:
        """Watch a folder no more. Raises BadRequestError."""
        self._ledger.folder(folder_id)
        with self._guard:
            watch = self._watches.pop(folder_id, None)
            self._unreadable.pop(folder_id, None)
        if watch is not None:
            watch.stop()
        self._ledger.remove_folder(folder_id)

    def _watch(self, folder: Folder) -> None:
        with self._guard:
            if folder.id in self._watches:
                return
            known = self._ledger.known_files(folder.id)
            watch = Watch(
                Path(folder.path),
                lambda: self.rescan(folder.id),
                apart=(self._home,),
                device=next((one.stat.device for one in known if one.stat.device), None),
                on_status=lambda _: self._changed(),
            )
            self._watches[folder.id] = watch
        if folder.paused:
            watch.pause()
        watch.start()

    # ------------------------------------------------------------------------------- scanning

    def rescan(self, folder_id: int) -> None:
        """Compare a folder with the ledger and queue what changed.

        Raises OSError, NightschoolError; a folder that is not watched any more changes nothing.
        """
        root = Path(self._ledger.folder(folder_id).path)
        self._scanning.add(folder_id)
        self._changed()
        try:
            seen = list(scan(root, is_known, Ignore.of(root, (self._home,))))
        finally:
            self._scanning.discard(folder_id)
        unreadable = tuple(one for one in seen if isinstance(one, Unreadable))
        self._unreadable[folder_id] = unreadable
        changes = compare(
            map(_known, self._ledger.known_files(folder_id)),
            [_signed(one) for one in seen if isinstance(one, Found)],
            unseen=[one.path for one in unreadable],
            inodes=mount_of(root).steady_inodes,
        )
        self._apply(folder_id, changes)
        self._changed()

    def _apply(self, folder_id: int, changes: Changes) -> None:
        for known, found in changes.moved:
            self._ledger.note_stat(known.id, stat_of(found), str(found.path))
        new = [found for found in changes.new if not self._ledger.is_left_out(str(found.path))]
        for found in (*new, *(found for _, found in changes.changed)):
            self._ledger.add_document(str(found.path), found.path.name, stat_of(found), folder_id)
        if changes.gone:
            self._forget([known.id for known in changes.gone])
        if new or changes.changed:
            self._queued()

    # --------------------------------------------------------------------------- how they are

    def records(self) -> list[FolderRecord]:
        """All folders, in the order they were added."""
        return [self.record(folder) for folder in self._ledger.folders()]

    def record(self, folder: Folder) -> FolderRecord:
        """How far a folder is: what was found in it, read, failed, and is left."""
        counts = self._ledger.folder_counts(folder.id)
        unreadable = self._unreadable.get(folder.id, ())
        failed = counts.failed + len(unreadable)
        return FolderRecord(
            id=folder.id,
            path=folder.path,
            state=self._state(folder),
            found=counts.read + failed + counts.left,
            read=counts.read,
            failed=failed,
            left=counts.left,
            reason=self._reason(folder.id, unreadable),
        )

    def _state(self, folder: Folder) -> FolderState:
        watch = self._watches.get(folder.id)
        state = watch.status().state if watch is not None else "paused"
        if folder.paused:
            return "paused"
        if state == "missing":
            return "missing"
        return "scanning" if folder.id in self._scanning or state == "starting" else "watching"

    def _reason(self, folder_id: int, unreadable: tuple[Unreadable, ...]) -> str:
        watch = self._watches.get(folder_id)
        status = watch.status() if watch is not None else None
        told = [status.why, status.trouble] if status is not None else []
        told += [f"{one.path}: {one.reason}" for one in unreadable[:MOST_REASONS]]
        return " ".join(sentence for sentence in told if sentence)


def stat_of(found: Found) -> FileStat:
    """A file as the scan saw it."""
    return FileStat(found.size, found.mtime_ns, found.inode, found.device)


def _signed(found: Found) -> Found:
    return replace(found, inode=found.inode & _SIGNED, device=found.device & _SIGNED)


_SIGNED = 2**63 - 1
"""SQLite's integers have a sign; no inode that differs only in the highest bit matters."""


def _known(file: KnownFile) -> Known:
    stat = file.stat
    return Known(file.id, file.path, stat.size, stat.modified_ns, stat.inode, stat.device)
