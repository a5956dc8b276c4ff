"""Observed: macOS and Windows tell of changes below a folder, through watchdog's observer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchdog import events as happened
from watchdog.observers import Observer

from app.documents.events import OnEvent
from app.documents.ignore import OWN_LIST, Ignore

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
"""Not that a file was opened or closed unchanged: our own reading is no news."""


class ObservedEvents:
    """The events of one folder tree where the system itself watches whole trees."""

    def __init__(
        self,
        ignore: Ignore,
        on_event: OnEvent,
        *,
        room: int | None = None,
        given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ignore = ignore
        self._real = Path(os.path.realpath(ignore.root))
        self._on_event = on_event
        self._observer: Any = None

    def start(self) -> None:
        """Watch the tree. Raises OSError when the folder is not there."""
        self._observer = Observer()
        self._observer.start()
        try:
            self._observer.schedule(self, str(self._real), recursive=True, event_filter=_WANTED)
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Let go of everything; may be called twice."""
        observer, self._observer = self._observer, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join()

    def refused(self) -> str:
        """Nothing: a tree is one watch."""
        return ""

    def ended(self) -> bool:
        """Whether the folder itself is watched no more."""
        return self._observer is None or not all(one.is_alive() for one in self._observer.emitters)

    def crashed(self) -> bool:
        """Whether the observer ended of itself."""
        return self._observer is not None and not self._observer.is_alive()

    def dispatch(self, event: Any) -> None:
        """watchdog's call for every event; the name is its own."""
        for raw in filter(None, (event.src_path, event.dest_path)):
            path = self._as_given(Path(os.fsdecode(raw)))
            if not self._ignore.anywhere(path, folder=event.is_directory):
                self._on_event(path == self._ignore.root / OWN_LIST)
                return

    def _as_given(self, path: Path) -> Path:
        """Under the name the folder was given by, where that is a link."""
        if path.is_relative_to(self._real):
            return self._ignore.root / path.relative_to(self._real)
        return path
