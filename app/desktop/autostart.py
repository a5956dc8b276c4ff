"""Autostart: Nightschool starts out of sight when its person logs in, where they chose so."""

from __future__ import annotations

import plistlib

from app.desktop.command import Command
from app.desktop.desktops import Desktop
from app.desktop.integration import Integration
from app.desktop.pieces import Piece, RegistryValue, WholeFile
from app.desktop.places import Places
from app.paths import Home

NAME = "autostart"
TITLE = "Start when you log in"
WHERE = "From the next log-in on, in the tray; where there is no tray, minimised."

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
LABEL = "nightschool.autostart"

ENTRY = """\
# Written by `nightschool autostart on`; `nightschool autostart off` takes it away again.
[Desktop Entry]
Type=Application
Name=Nightschool
Comment=Studies what you taught it while nobody uses the computer
Exec={command}
Terminal=false
"""


def of_this_user(home: Home) -> Integration:
    """The start at log-in of whoever runs this."""
    command = Command.of_the_window(None if home == Home.usual() else home.root)
    return of(home, Places.of_this_user(), command)


def of(home: Home, places: Places, command: Command) -> Integration:
    """The start at log-in of one person, kept in the same record as their menus' entries."""
    return Integration(home, places, command, AUTOSTARTS)


def _always(places: Places) -> bool:
    return True


def _entry(places: Places, command: Command) -> list[Piece]:
    """Desktop Application Autostart Specification, freedesktop.org."""
    text = ENTRY.format(command=command.for_desktop_entry())
    return [WholeFile(places.config / "autostart" / "nightschool.desktop", text.encode())]


def _agent(places: Places, command: Command) -> list[Piece]:
    """launchd.plist(5); it is started at log-in, and not again when it is quit."""
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(command.arguments),
        "RunAtLoad": True,
        "LimitLoadToSessionType": "Aqua",
        "ProcessType": "Interactive",
    }
    path = places.user / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    return [WholeFile(path, plistlib.dumps(agent))]


def _run(places: Places, command: Command) -> list[Piece]:
    """The key “Run” of this user, in which every program has a value."""
    if places.registry is None:
        return []
    return [RegistryValue(places.registry, RUN, "Nightschool", command.alone_for_windows())]


AUTOSTARTS = (
    Desktop(NAME, TITLE, WHERE, _always, _entry),
    Desktop(NAME, TITLE, WHERE, _always, _run, "win32"),
    Desktop(NAME, TITLE, WHERE, _always, _agent, "darwin"),
)
