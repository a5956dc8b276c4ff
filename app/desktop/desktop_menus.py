"""Desktop menus: the command `nightschool desktop install|remove|status`, and what it prints."""

from __future__ import annotations

from collections.abc import Sequence

from app import log
from app.desktop.integration import Integration
from app.desktop.reports import DesktopReport
from app.paths import Home
from app.terminal import Terminal

_OUTSIDE = (
    "What is listed here lies outside Nightschool's own folder, where your file manager looks for"
    " it; Nightschool writes nothing else there. `nightschool desktop remove` takes it away again."
)


def run(action: str, only: str, home: Home, terminal: Terminal) -> int:
    """Do it and print each piece; 0 when all went well. Raises NightschoolError."""
    integration = Integration.of_this_user(home)
    if action == "status":
        reports = integration.status()
        terminal.result(reports, _lines(reports, "not installed", "damaged"))
        return 0
    integration.refuse_another()  # before the home is made with another user's rights
    home.create()
    log.start(home.logs, "terminal")
    if action == "remove":
        reports = integration.remove()
        text = _lines(reports, "removed", "not fully removed") or "There is nothing to remove."
    else:
        reports = integration.install([name for name in only.split(",") if name])
        text = _installed(reports)
    terminal.result(reports, text)
    failed = any(one.problem for one in reports) or (action == "install" and not reports)
    return 1 if failed else 0


def _installed(reports: Sequence[DesktopReport]) -> str:
    if not reports:
        return "No file manager that Nightschool knows was found. Name one with --only."
    lines = _lines(reports, "not installed", "not installed")
    return f"{lines}\n{_OUTSIDE}" if any(one.installed for one in reports) else lines


def _lines(reports: Sequence[DesktopReport], otherwise: str, failed: str) -> str:
    return "\n".join(paragraph(one, "installed", otherwise, failed) for one in reports)


def paragraph(report: DesktopReport, installed: str, otherwise: str, failed: str) -> str:
    """One entry: one of these three words for its state, each piece, and what is wrong."""
    state = installed if report.installed else failed if report.problem else otherwise
    note = f" {report.note}" if report.note else ""
    lines = [f"{report.title}: {state}.{note}"]
    lines += [f"  {piece.state:<10} {piece.name}" for piece in report.pieces]
    if report.problem:
        lines += [f"  {report.problem}", f"  → {report.next_step}"]
    return "\n".join(lines)
