"""Inotify: Linux tells of changes, folder by folder, with watchdog's reader underneath."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.documents.events import NoEventsError, OnEvent
from app.documents.ignore import OWN_LIST, Ignore

if sys.platform == "linux":
    from watchdog.observers.inotify_c import InotifyConstants, InotifyFD

_FULL = (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")


@dataclass(frozen=True)
class _Held:
    """A watched folder, and the id under which the reader calls us for it."""

    path: Path
    id: int


class InotifyEvents:
    """The events of one folder tree on Linux.

    watchdog's own observer watches ignored folders too, passes over every folder it has no room for
    without a word, and loses count when folders replace each other (7.1, run); all that is wanted
    here is "something changed", so this stands on its reader and its calls alone.
    """

    def __init__(
        self,
        ignore: Ignore,
        on_event: OnEvent,
        *,
        room: int | None = None,
        given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ignore = ignore
        self._on_event = on_event
        self._room = _half_of_all() if room is None else room
        self._given_up = given_up
        self._reader: Any = None
        self._stopping = False
        self._handling = threading.RLock()
        self._guard = threading.Lock()
        self._held: dict[int, _Held] = {}
        self._watches: dict[Path, int] = {}
        self._count = 0
        self._refused = ""

    def start(self) -> None:
        """Watch every folder that is not ignored. Raises NoEventsError or OSError."""
        try:
            self._reader = InotifyFD()
            self._reader.start()
            self._add_tree(self._ignore.root)
        except OSError as error:
            self.stop()
            if error.errno in _FULL:
                raise NoEventsError(_too_many(error)) from error
            raise
        except NoEventsError:
            self.stop()
            raise

    def stop(self) -> None:
        """Let go of everything; may be called twice."""
        self._stopping = True
        reader = self._reader
        if reader is None or not reader.is_alive():
            return
        with self._handling:  # or a folder would be added to a descriptor that is closed, or reused
            reader.stop()
        reader.join()

    def refused(self) -> str:
        """A sentence when folders that came later go unwatched, for want of room; else empty."""
        return self._refused

    def ended(self) -> bool:
        """Whether the folder itself is watched no more."""
        with self._guard:
            return self._ignore.root not in self._watches

    def crashed(self) -> bool:
        """Whether the reader ended of itself."""
        return self._reader is not None and not self._reader.is_alive()

    # ------------------------------------------------------------------ called by the reader

    def on_event(self, event: Any) -> None:
        """Something happened in a watched folder; `event.name` is empty for the folder itself."""
        with self._handling:
            held = self._held.get(event.wd)
            if held is None or self._stopping:
                return
            path = held.path / os.fsdecode(event.name) if event.name else held.path
            if event.name and event.is_directory:
                if event.is_moved_from:
                    self._drop_tree(path)
                elif event.is_create or event.is_moved_to:
                    self._add_later(path)
        if not self._ignore.anywhere(path, folder=event.is_directory):
            self._on_event(path == self._ignore.root / OWN_LIST)

    def on_watch_deleted(self, watch: int) -> None:
        """A folder is gone."""
        with self._guard:
            held = self._held.pop(watch, None)
            if held is not None and self._watches.get(held.path) == watch:
                del self._watches[held.path]

    def on_queue_overflow(self) -> None:
        """The kernel lost events; a scan finds what changed, but folders may have come."""
        with self._handling:
            if not self._stopping:
                self._add_later(self._ignore.root)
        self._on_event(False)

    # ------------------------------------------------------------------ folders

    def _add_later(self, path: Path) -> None:
        """Watch what came; where that fails for want of room, say so instead."""
        try:
            self._add_tree(path)
        except OSError as error:
            if error.errno in _FULL:
                self._refused = _too_many(error)
        except NoEventsError:
            return  # it is being stopped

    def _add_tree(self, top: Path) -> None:
        """Watch `top` and the folders below.

        Raises OSError for the root or for want of room, and NoEventsError when it is broken off.
        """
        waiting = [top]
        while waiting:
            if self._stopping or self._given_up():
                raise NoEventsError("It was stopped.")
            folder = waiting.pop()
            if folder != self._ignore.root and self._ignore.anywhere(folder, folder=True):
                continue
            try:
                self._add(folder)
                with os.scandir(folder) as listing:
                    inside = [one.path for one in listing if one.is_dir(follow_symlinks=False)]
            except OSError as error:
                if error.errno in _FULL or folder == self._ignore.root:
                    raise
                continue  # it vanished, or may not be looked into: a scan says which
            waiting.extend(map(Path, inside))

    def _add(self, folder: Path) -> None:
        # Serialised: the reader calls while the tree is still being set up.
        with self._handling:
            if folder in self._watches:
                return
            if len(self._watches) >= self._room:
                raise OSError(errno.ENOSPC, "more folders than our share")
            self._count += 1
            mask = _mask(follow=folder == self._ignore.root)
            watch = self._reader.add_callback(os.fsencode(folder), mask, self, self._count)
            if watch < 0:  # how the reader says that we may not look into it
                self._reader.remove_callbacks([(watch, self._count)])
                return
            with self._guard:
                former = self._held.get(watch)
                self._held[watch] = _Held(folder, self._count)
                self._watches[folder] = watch
                if former is not None and self._watches.get(former.path) == watch:
                    del self._watches[former.path]
            if former is not None:  # the news of its move is still to come
                self._reader.remove_callbacks([(watch, former.id)])

    def _drop_tree(self, top: Path) -> None:
        """It was moved away: out of sight, or to where it will be watched anew in a moment."""
        with self._guard:
            gone = [path for path in self._watches if path.is_relative_to(top)]
            watches = [self._watches.pop(path) for path in gone]
            held = [(watch, self._held.pop(watch)) for watch in watches if watch in self._held]
        self._reader.remove_callbacks([(watch, one.id) for watch, one in held])


def _mask(*, follow: bool) -> int:
    """What changes a file, and nothing that only reads it: our own reading is no news."""
    kinds = InotifyConstants
    mask: int = (
        kinds.IN_CREATE
        | kinds.IN_DELETE
        | kinds.IN_MODIFY
        | kinds.IN_ATTRIB
        | kinds.IN_CLOSE_WRITE
        | kinds.IN_MOVE
        | kinds.IN_DELETE_SELF
        | kinds.IN_ONLYDIR
        | kinds.IN_EXCL_UNLINK
    )
    return mask if follow else mask | kinds.IN_DONT_FOLLOW


def _half_of_all() -> int:
    """Editors and file managers of the same person need inotify too."""
    try:
        return int(_LIMIT.read_bytes()) // 2
    except (OSError, ValueError):
        return 4096


def _too_many(error: OSError) -> str:
    what = "programs" if error.errno in (errno.EMFILE, errno.ENFILE) else "folders"
    return f"There are more {what} to watch than the system allows, so it is looked at regularly."
