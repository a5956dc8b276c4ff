"""Explorer: a verb for files and one for folders in Windows' registry, for this user."""

from __future__ import annotations

from app.desktop.command import TITLE, Command
from app.desktop.pieces import Piece, RegistryKey
from app.desktop.places import Places

_KEYS = (
    r"Software\Classes\*\shell\Nightschool.Teach",
    r"Software\Classes\Directory\shell\Nightschool.Teach",
)


def present(places: Places) -> bool:
    """Whether this is Windows."""
    return places.registry is not None


def pieces(places: Places, command: Command) -> list[Piece]:
    """Each verb and its command; "Player" offers it for many files, once started for each."""
    if places.registry is None:
        return []
    made: list[Piece] = []
    for key in _KEYS:
        shown = {"": TITLE, "MultiSelectModel": "Player"}
        made.append(RegistryKey(places.registry, key, shown))
        made.append(RegistryKey(places.registry, rf"{key}\command", {"": command.for_windows()}))
    return made
