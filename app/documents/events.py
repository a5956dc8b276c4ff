"""Events: what a source of the system's own word on changes promises to a watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.documents.ignore import Ignore

OnEvent = Callable[[bool], None]
"""Called, from some thread, for every change; True when it was the list of what to ignore."""


class NoEventsError(Exception):
    """The system cannot tell of changes here; the message is a sentence for a person."""


class Events(Protocol):
    """Tells of changes below one folder, as long as it lives."""

    def start(self) -> None:
        """Tell from here on. Raises NoEventsError, or OSError when the folder is not there."""

    def stop(self) -> None:
        """Let go of everything; may be called twice."""

    def refused(self) -> str:
        """A sentence when folders that came later go unwatched, for want of room; else empty."""

    def ended(self) -> bool:
        """Whether nothing is told any more, because the folder was removed."""

    def crashed(self) -> bool:
        """Whether nothing is told any more, for a reason of the library's own."""


class Source(Protocol):
    """Makes the events of one folder.

    `room` is how many folders may be watched at most, a share of the system's limit if None.
    `given_up` is asked now and then while a large tree is set up; True breaks it off.
    """

    def __call__(
        self,
        ignore: Ignore,
        on_event: OnEvent,
        *,
        room: int | None,
        given_up: Callable[[], bool],
    ) -> Events: ...
