"""Autostart command: `nightschool autostart on|off|status`, and what it prints."""

from __future__ import annotations

from app import log
from app.desktop import autostart
from app.desktop.desktop_menus import paragraph
from app.paths import Home
from app.terminal import Terminal

_OUTSIDE = (
    "What is listed here lies outside Nightschool's own folder, where your system looks for what to"
    " start. `nightschool autostart off` takes it away again."
)


def run(action: str, home: Home, terminal: Terminal) -> int:
    """Do it and print each piece; 0 when all went well. Raises NightschoolError."""
    start = autostart.of_this_user(home)
    if action == "status":
        report = start.status()[0]
    else:
        start.refuse_another()  # before the home is made with another user's rights
        home.create()
        log.start(home.logs, "terminal")
        report = start.change(autostart.NAME, install=action == "on")
    text = paragraph(report, "on", "off", "damaged" if action == "status" else "not changed")
    if action == "on" and report.installed:
        text += f"\n{_OUTSIDE}"
    terminal.result(report, text)
    return 1 if report.problem and action != "status" else 0
