"""Desktops: the file managers whose menus can hold an entry of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.desktop import dolphin, explorer, finder, nautilus, nemo, thunar
from app.desktop.command import Command
from app.desktop.pieces import Piece
from app.desktop.places import Places


@dataclass(frozen=True)
class Desktop:
    """A file manager: its `name` on the command line, its `title` for people, its platform.

    `where` tells, once the entry is there, how to find it.
    """

    name: str
    title: str
    where: str
    present: Callable[[Places], bool]
    pieces: Callable[[Places, Command], list[Piece]]
    platform: str = ""

    def possible(self, places: Places) -> bool:
        """Whether it can be there at all: Explorer's entry is for Windows, Finder's for macOS."""
        own = self.platform == places.platform
        return own if self.platform else places.platform not in ("win32", "darwin")


DESKTOPS = (
    Desktop(
        "nautilus", "Files (GNOME)", "Right-click, then Scripts.", nautilus.present, nautilus.pieces
    ),
    Desktop(
        "dolphin",
        "Dolphin (KDE)",
        "Right-click, perhaps under Actions.",
        dolphin.present,
        dolphin.pieces,
    ),
    Desktop("nemo", "Nemo (Cinnamon)", "Right-click.", nemo.present, nemo.pieces),
    Desktop(
        "thunar",
        "Thunar (Xfce)",
        "Right-click; Thunar has to be started anew (thunar -q).",
        thunar.present,
        thunar.pieces,
    ),
    Desktop(
        "explorer",
        "Explorer (Windows)",
        "Right-click, on Windows 11 under Show more options.",
        explorer.present,
        explorer.pieces,
        "win32",
    ),
    Desktop(
        "finder",
        "Finder (macOS)",
        "Right-click, under Quick Actions.",
        finder.present,
        finder.pieces,
        "darwin",
    ),
)
