"""Events: the system's own word that something below a folder changed (inotify and its like)."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchdog import events as happened
from watchdog.observers.api import BaseObserver

from app.documents.ignore import OWN_LIST, Ignore

if sys.platform == "linux":
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import InotifyFD
else:
    from watchdog.observers import Observer

_FULL = (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")

_WANTED = [
    happened.FileCreatedEvent,
    happened.FileModifiedEvent,
    happened.FileAttribEvent,
    happened.FileClosedEvent,
    happened.FileMovedEvent,
    happened.FileDeletedEvent,
    happened.DirCreatedEvent,
    happened.DirAttribEvent,
    happened.DirMovedEvent,
    happened.DirDeletedEvent,
]
"""Not that a file was opened or closed unchanged: our own reading would call for the next scan."""


class NoEventsError(Exception):
    """The system cannot tell of changes here; the message is a sentence for a person."""


class Events:
    """Calls `on_event(list_changed)` when something below the root changes that is not ignored.

    The call comes from a thread of its own; `list_changed` says that it was the folder's own list
    of what to ignore.
    """

    def __init__(
        self,
        ignore: Ignore,
        on_event: Callable[[bool], None],
        *,
        room: int | None = None,
        given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """`room` is how many folders may be watched at most; half of the person's share if None.

        `given_up` is asked for every folder, so that setting up a large tree can be broken off.
        """
        self._ignore = ignore
        self._real = Path(os.path.realpath(ignore.root))
        self._on_event = on_event
        self._room = _half_of_all() if room is None else room
        self._given_up = given_up
        self._observer: Any = None
        self._inotify: _Inotify | None = None

    def start(self) -> None:
        """Watch from here on. Raises NoEventsError, or OSError when the folder is not there."""
        try:
            self._observer = self._made()
            self._observer.start()
            self._observer.schedule(self, str(self._real), recursive=True, event_filter=_WANTED)
        except (OSError, NoEventsError) as error:
            self.stop()
            if isinstance(error, OSError) and error.errno in _FULL:
                raise NoEventsError(_too_many(error)) from error
            raise
        if self._inotify is not None:
            self._inotify.settled = True

    def stop(self) -> None:
        """Let go of everything; never raises, may be called twice."""
        observer, self._observer = self._observer, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join()
        inotify, self._inotify = self._inotify, None
        if inotify is not None:
            inotify.close()

    def trouble(self) -> str | None:
        """A sentence when folders go unwatched, "" when it must be started anew, None if well."""
        if self._inotify is not None and self._inotify.refused:
            return self._inotify.refused
        observer = self._observer
        threads = [observer, *observer.emitters] if observer is not None else []
        if self._inotify is not None:
            threads.append(self._inotify.thread)
        return None if threads and all(thread.is_alive() for thread in threads) else ""

    def dispatch(self, event: Any) -> None:
        """watchdog's call for every event; the name is its own."""
        for raw in filter(None, (event.src_path, event.dest_path)):
            path = self._as_given(raw)
            if not self._ignore.anywhere(path, folder=event.is_directory):
                self._on_event(path == self._ignore.root / OWN_LIST)
                return

    def _as_given(self, raw: str | bytes) -> Path:
        path = Path(os.fsdecode(raw))
        if path.is_relative_to(self._real):
            return self._ignore.root / path.relative_to(self._real)
        return path

    def _made(self) -> Any:
        if sys.platform != "linux":
            return Observer()
        self._inotify = _Inotify(self._room, self._skip, lambda: self._on_event(False))
        return BaseObserver(InotifyEmitter, inotify_fd=self._inotify)

    def _skip(self, raw: bytes) -> bool:
        setting_up = self._inotify is not None and not self._inotify.settled
        if setting_up and self._given_up():
            raise NoEventsError("It was stopped.")
        return self._ignore.anywhere(self._as_given(raw), folder=True)


class _Inotify:
    """watchdog's inotify with what it lacks: ignored folders are left out, full ones are told of.

    watchdog passes over every folder that could not be watched, also for want of room
    (`InotifyWatchGroup._add_callback`, 7.1); so its two calls go through here.
    """

    def __init__(self, room: int, skip: Callable[[bytes], bool], lost: Callable[[], None]) -> None:
        self._room = room
        self._skip = skip
        self._lost = lost
        self._held: set[int] = set()
        self._counted: dict[int, _Counted] = {}
        self.refused = ""
        self.settled = False
        self.thread = InotifyFD()
        self.thread.start()

    def add_callback(self, path: bytes, mask: int, callback: Any, id_: int) -> int:
        if self._skip(path):
            raise FileNotFoundError(errno.ENOENT, "ignored")
        if len(self._held) >= self._room:
            self._refuse(OSError(errno.ENOSPC, "more folders than our share"))
        counted = self._counted.setdefault(id_, _Counted(callback, self._held, self._lost))
        try:
            watch: int = self.thread.add_callback(path, mask, counted, id_)
        except OSError as error:
            if error.errno in _FULL:
                self._refuse(error)
            raise
        self._held.add(watch)
        return watch

    def remove_callbacks(self, callbacks: list[tuple[int, int]]) -> None:
        self._held.difference_update(watch for watch, _ in callbacks)
        self.thread.remove_callbacks(callbacks)

    def close(self) -> None:
        if self.thread.is_alive():
            self.thread.stop()
            self.thread.join()

    def _refuse(self, error: OSError) -> None:
        self.refused = _too_many(error)
        if not self.settled:  # ends the walk through the tree; an OSError would be passed over
            raise NoEventsError(self.refused)
        raise error


class _Counted:
    """One of watchdog's callbacks; keeps count of its folders and tells of lost events."""

    def __init__(self, callback: Any, held: set[int], lost: Callable[[], None]) -> None:
        self._held = held
        self._lost = lost
        self._callback = callback
        self.on_event = callback.on_event

    def on_watch_deleted(self, watch: int) -> None:
        self._held.discard(watch)
        self._callback.on_watch_deleted(watch)

    def on_queue_overflow(self) -> None:
        self._lost()
        self._callback.on_queue_overflow()


def _half_of_all() -> int:
    """Editors and file managers of the same person need inotify too."""
    try:
        return int(_LIMIT.read_text(encoding="ascii")) // 2
    except (OSError, ValueError):
        return 4096


def _too_many(error: OSError) -> str:
    what = "programs" if error.errno in (errno.EMFILE, errno.ENFILE) else "folders"
    return f"There are more {what} to watch than the system allows, so it is looked at regularly."
