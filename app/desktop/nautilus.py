"""Nautilus: a script in GNOME's file manager, under “Scripts” in its menu."""

from __future__ import annotations

from app.desktop.command import TITLE, Command
from app.desktop.pieces import Piece, WholeFile
from app.desktop.places import Places

SCRIPT = """\
#!/bin/sh
# Written by `nightschool desktop install`; `nightschool desktop remove` takes it away again.

teach() {{ exec {command} "$@"; }}

# Nautilus lists whole paths, one a line; a name with a line break makes more lines than files.
listed() {{
    [ "$selected" -eq 0 ] || [ "$#" -eq "$selected" ] || return 0
    for path in "$@"; do
        case $path in /*) ;; *) return 0 ;; esac
        [ -e "$path" ] || return 0
    done
    [ "$#" -eq 0 ] || teach "$@"
}}
selected=$#
set -f
IFS='
'
# shellcheck disable=SC2086 # taken apart at the line breaks on purpose
listed $NAUTILUS_SCRIPT_SELECTED_FILE_PATHS
unset IFS

# Then by name, in the folder that is shown, which is the working directory.
for path in "$@"; do
    shift
    case $path in /*) ;; *) path=$PWD/$path ;; esac
    set -- "$@" "$path"
done
[ "$#" -eq 0 ] || teach "$@"
"""


def present(places: Places) -> bool:
    """Whether this person has Nautilus."""
    return places.program("nautilus") or (places.data / "nautilus").is_dir()


def pieces(places: Places, command: Command) -> list[Piece]:
    """The script; its file name is what the menu shows."""
    content = SCRIPT.format(command=command.for_shell()).encode()
    return [WholeFile(places.data / "nautilus" / "scripts" / TITLE, content, 0o700)]
