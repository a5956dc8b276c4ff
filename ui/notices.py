"""Notices: tells by the desktop's own means, in figures alone, of what ended out of sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from app.protocol import ErrorInfo, StudyReport
from ui.habits import Habits
from ui.session import Session
from ui.words import count

STAYED = (
    "Nightschool keeps running",
    "It stays in the tray. Quit ends it; Settings has the choice.",
)
FAILED = ("Studying could not go on", "Open the study page to see why.")


class Way(Protocol):
    """One means of the desktop."""

    def show(self, title: str, text: str, opened: Callable[[], None]) -> bool:
        """Show it; false where that cannot be done. `opened` is called when it is clicked."""


class TrayWay:
    """By the icon in the tray."""

    def __init__(self, icon: QSystemTrayIcon) -> None:
        self._icon = icon
        self._opened: Callable[[], None] = lambda: None
        icon.messageClicked.connect(lambda: self._opened())

    def show(self, title: str, text: str, opened: Callable[[], None]) -> bool:
        """See `Way`."""
        if not self._icon.supportsMessages():
            return False
        self._opened = opened
        self._icon.showMessage(title, text, self._icon.icon())
        return True


class Notices(QObject):
    """`in_sight` tells whether the person looks at the window; then nothing needs to be told.

    Never a word of a lesson, a message or a document: notices lie on locked screens.
    """

    report_wanted = Signal()
    window_wanted = Signal()

    def __init__(
        self, session: Session, habits: Habits, in_sight: Callable[[], bool], ways: Sequence[Way]
    ) -> None:
        super().__init__()
        self._habits = habits
        self._in_sight = in_sight
        self.ways = list(ways)
        session.studied.connect(self._studied)
        session.study_failed.connect(self._failed)

    def tell_it_stays(self) -> None:
        """The first time the window was closed into the tray; told once, even without notices."""
        self._show(STAYED, self.window_wanted.emit)

    def _studied(self, report: StudyReport) -> None:
        self._tell(("Studying is over", result(report)))

    def _failed(self, _: ErrorInfo) -> None:
        self._tell(FAILED)

    def _tell(self, notice: tuple[str, str]) -> None:
        if self._habits.chosen.notices and not self._in_sight():
            self._show(notice, self.report_wanted.emit)

    def _show(self, notice: tuple[str, str], opened: Callable[[], None]) -> None:
        """By the first way that can; where none can, the window has it all the same."""
        any(way.show(*notice, opened) for way in self.ways)


def result(report: StudyReport) -> str:
    """A session in figures."""
    if not report.activated or report.adapter is None:
        return "Nothing was changed. Open the report."
    learned = sum(result.decision == "learned" for result in report.lessons)
    total = count(len(report.lessons), "lesson")
    return f"Version {report.adapter} is in use: {learned} of {total} learned. Open the report."
