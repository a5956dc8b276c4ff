"""Nemo: an action of Cinnamon's file manager."""

from __future__ import annotations

from app.desktop.command import TITLE, Command
from app.desktop.pieces import Piece, WholeFile
from app.desktop.places import Places

ACTION = """\
# Written by `nightschool desktop install`; `nightschool desktop remove` takes it away again.
[Nemo Action]
Active=true
Name={title}
Comment={title}
Exec={command}
Selection=notnone
Extensions=any;
Quote=double
"""


def present(places: Places) -> bool:
    """Whether this person has Nemo."""
    folders = (places.data / "nemo", places.config / "nemo")
    return places.program("nemo") or any(folder.is_dir() for folder in folders)


def pieces(places: Places, command: Command) -> list[Piece]:
    """The action file.

    It asks for addresses (`file:///…`), for Nemo's releases differ in how they quote paths; an
    address holds neither spaces nor quotation marks, and Nemo starts programs without a shell.
    """
    quoted = command.for_shell().replace("%", "%%").replace("\\", "\\\\")
    text = ACTION.format(title=TITLE, command=f"{quoted} %U")
    return [
        WholeFile(places.data / "nemo" / "actions" / "nightschool-teach.nemo_action", text.encode())
    ]
