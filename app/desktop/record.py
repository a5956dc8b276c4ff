"""Record: what was written outside the home, so that just this can be taken away again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from app.desktop.pieces import Kind
from app.errors import DesktopError
from app.message import Message
from app.paths import Home, write_atomic


class Written(Message, frozen=True):
    """One piece: `digests` are what it may hold and still be ours.

    There are two of them only while one is put in the place of the other. `folders` were made for
    it, outermost first; `made` says that the shared file it stands in was, too.
    """

    desktop: str
    kind: Kind
    name: str
    digests: tuple[str, ...]
    folders: tuple[str, ...] = ()
    made: bool = False


class Record:
    """The pieces that were written from this home, in the order of writing."""

    def __init__(self, home: Home) -> None:
        self._path = home.desktop

    def all(self) -> tuple[Written, ...]:
        """Everything recorded. Raises DesktopError when the record is damaged."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[Written, ...])
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DesktopError(
                "The record of the menu entries cannot be read",
                f"“{self._path}” is damaged or locked, so what was written is not known: {error}.",
                "Delete this file; docs/desktop.md names what to remove by hand.",
            ) from error

    def of(self, desktop: str) -> tuple[Written, ...]:
        """What was written for one desktop."""
        return tuple(row for row in self.all() if row.desktop == desktop)

    def keep(self, desktop: str, rows: Iterable[Written]) -> None:
        """Let `rows` be all of `desktop`; durable when this returns. Raises NightschoolError."""
        others = [row for row in self.all() if row.desktop != desktop]
        kept = [*others, *rows]
        if kept:
            write_atomic(self._path, msgspec.json.format(msgspec.json.encode(kept)))
        else:
            Path(self._path).unlink(missing_ok=True)
