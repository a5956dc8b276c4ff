"""Dolphin: a service menu of KDE's file manager."""

from __future__ import annotations

from app.desktop.command import TITLE, Command
from app.desktop.pieces import Piece, WholeFile
from app.desktop.places import Places

SERVICE = """\
# Written by `nightschool desktop install`; `nightschool desktop remove` takes it away again.
[Desktop Entry]
Type=Service
Name=Nightschool
X-KDE-ServiceTypes=KonqPopupMenu/Plugin
X-KDE-Protocols=file
MimeType=application/octet-stream;inode/directory;
Actions=teach

[Desktop Action teach]
Name={title}
Exec={command}
"""


def present(places: Places) -> bool:
    """Whether this person has Dolphin."""
    return places.program("dolphin") or (places.config / "dolphinrc").is_file()


def pieces(places: Places, command: Command) -> list[Piece]:
    """The service menu; KDE runs a person's own only when it is executable (Frameworks 5.85)."""
    text = SERVICE.format(title=TITLE, command=command.for_desktop_entry("%F"))
    path = places.data / "kio" / "servicemenus" / "nightschool-teach.desktop"
    return [WholeFile(path, text.encode(), 0o700)]
