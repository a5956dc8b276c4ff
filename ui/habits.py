"""Habits: what the person chose of the window's own behaviour, kept in `<home>/window.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from ui import window_file

NAME = "window.json"


class Chosen(msgspec.Struct, frozen=True):
    """`keep_running` in the tray when the window is closed; `told` that it does, once.

    `notices` tell of a study that ended out of sight.
    """

    keep_running: bool = False
    notices: bool = True
    told: bool = False


class Habits(QObject):
    """What was chosen, and whether there is a tray here; `changed` tells of both."""

    changed = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._tray = False
        self.chosen = _read(home)

    @property
    def tray(self) -> bool:
        """Whether there is a tray here that shows our icon."""
        return self._tray

    @tray.setter
    def tray(self, there: bool) -> None:
        self._tray = there
        self.changed.emit()

    @property
    def stays(self) -> bool:
        """Whether closing the window only hides it."""
        return self._tray and self.chosen.keep_running

    def choose(self, chosen: Chosen) -> None:
        """Keep what was chosen."""
        self.chosen = chosen
        window_file.write(self._home, NAME, msgspec.json.encode(chosen) + b"\n")
        self.changed.emit()


def _read(home: Path) -> Chosen:
    """What is usual, where nothing usable is kept."""
    try:
        return msgspec.json.decode(window_file.read(home, NAME), type=Chosen)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Chosen()
