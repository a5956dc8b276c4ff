"""Watch: says when a folder is to be scanned again, by events or by the clock."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.documents.events import Events, NoEventsError, Source
from app.documents.ignore import Ignore
from app.documents.mount import mount_of
from app.documents.pace import Due, Pace
from app.errors import NightschoolError

if sys.platform == "linux":
    from app.documents.inotify import InotifyEvents

    SOURCE: Source = InotifyEvents
else:
    from app.documents.observed import ObservedEvents

    SOURCE: Source = ObservedEvents

WatchState = Literal["starting", "watching", "paused", "missing", "stopped"]

_DEATHS = 3
"""So often events that ended of themselves are begun again before the clock takes over."""


@dataclass(frozen=True)
class WatchStatus:
    """How a folder is watched; `why` says in a sentence why not by events, or why it is missing.

    `trouble` is what the last scan ended with, empty when it went well.
    """

    state: WatchState
    how: Literal["events", "polling"] = "events"
    why: str = ""
    trouble: str = ""


class Watch:
    """Follows one folder in a thread of its own and calls `on_change` when a scan is due.

    `on_change` is called once when watching begins, again when it is resumed or the folder comes
    back, and after changes; never two at a time. It may take its time, and may raise OSError or
    NightschoolError, which is shown as `trouble` and tried again. What is ignored, or lies in
    `apart` (Nightschool's home), calls for no scan. `device` is where the folder's files were last
    seen: an empty folder on another one is where a drive that is away would appear, so `missing`.
    `on_status` is called with every change of the status, like `on_change` from the thread.
    """

    def __init__(
        self,
        root: Path,
        on_change: Callable[[], None],
        *,
        apart: tuple[Path, ...] = (),
        device: int | None = None,
        pace: Pace | None = None,
        room: int | None = None,
        source: Source = SOURCE,
        on_status: Callable[[WatchStatus], None] | None = None,
    ) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100 (keeps symlinks)
        self._on_change = on_change
        self._apart = apart
        self._device = device
        self._pace = pace or Pace()
        self._room = room
        self._source = source
        self._on_status = on_status
        self._due = Due(self._pace)
        self._status = WatchStatus("starting")
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._paused = False
        self._list_changed = False
        self._events: Events | None = None
        self._deaths = 0
        self._armed: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="folder-watch", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def pause(self) -> None:
        """Follow nothing until `resume`; what the system holds for us is given back."""
        self._paused = True
        self._wake.set()

    def resume(self) -> None:
        """Go on, with a scan for what changed meanwhile."""
        self._paused = False
        self._wake.set()

    def stop(self) -> None:
        """End; waits a second at most, so a scan under way may still come to its own end."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout=1.0)

    def status(self) -> WatchStatus:
        """How things stand now."""
        with self._guard:
            return self._status

    @property
    def alive(self) -> bool:
        """Whether the thread is still there."""
        return self._thread.is_alive()

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._step()
                self._wake.wait(min(self._pace.look, self._due.seconds_left() or self._pace.look))
                self._wake.clear()
        finally:
            self._disarm()
            self._tell(state="stopped")

    def _step(self) -> None:
        if self._paused:
            self._disarm()
            self._tell(state="paused", why="")
            return
        identity = self._identity()
        if identity is None:
            self._disarm()
            return
        if identity != self._armed:
            self._disarm()
            self._arm(identity)
        else:
            self._tend(identity)
        given_up = self._stopping or self._paused  # while the events were set up
        if self._armed is not None and not given_up and not self._due.seconds_left():
            self._scan()

    def _identity(self) -> tuple[int, int] | None:
        """Device and inode of the root, or None where it is missing, with the reason told."""
        try:
            status = os.stat(self.root)  # noqa: PTH116 (one system call; a link is followed)
            with os.scandir(self.root) as listing:
                empty = next(listing, None) is None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._tell(state="missing", why=f"The folder cannot be reached: {reason}.")
            return None
        if empty and self._device not in (None, status.st_dev):
            self._tell(state="missing", why="The drive it lies on is not connected.")
            return None
        self._device = status.st_dev
        return status.st_dev, status.st_ino

    def _arm(self, identity: tuple[int, int]) -> None:
        """Begin to follow the folder as it is now, and have it scanned."""
        self._list_changed = False
        why = "" if mount_of(self.root).events else "It lies on a drive that tells of no changes."
        if not why:
            self._events = self._source(
                Ignore.of(self.root, self._apart),
                self._changed,
                room=self._room,
                given_up=lambda: self._stopping or self._paused,
            )
            try:
                self._events.start()
            except NoEventsError as error:
                if self._stopping or self._paused:
                    return
                why = str(error)
            except OSError:
                return  # it vanished, or was locked up, this very moment: the next look will tell
        if why:
            self._poll(why)
        else:
            self._due.polling = False
            self._tell(state="watching", how="events", why="")
        self._armed = identity
        self._due.at_once()

    def _tend(self, identity: tuple[int, int]) -> None:
        """Begin anew where the list of what to ignore changed or the events ended."""
        if self._events is None:
            return
        refused = self._events.refused()
        if refused:
            self._poll(refused)
            self._due.at_once()
            return
        crashed = self._events.crashed()
        if self._list_changed or crashed or self._events.ended():
            self._deaths += crashed
            self._disarm()
            self._arm(identity)
        if self._deaths > _DEATHS:
            self._poll("The system stopped telling of changes, so it is looked at regularly.")

    def _poll(self, why: str) -> None:
        if self._events is not None:
            self._events.stop()
            self._events = None
        self._due.polling = True
        self._tell(state="watching", how="polling", why=why)

    def _disarm(self) -> None:
        if self._events is not None:
            self._events.stop()
            self._events = None
        self._armed = None

    def _scan(self) -> None:
        self._due.begin()
        trouble = ""
        try:
            self._on_change()
        except NightschoolError as error:
            trouble = error.message
        except OSError as error:
            trouble = f"The scan failed: {error.strerror or type(error).__name__}."
        self._due.end(again=bool(trouble))
        self._tell(trouble=trouble)

    def _changed(self, list_changed: bool) -> None:
        """Called from the events' own thread."""
        if list_changed:
            self._list_changed = True
        if self._due.changed():
            self._wake.set()

    def _tell(self, **changes: object) -> None:
        with self._guard:
            before = self._status
            self._status = now = replace(before, **changes)  # type: ignore[arg-type]
        if now != before and self._on_status is not None:
            self._on_status(now)
