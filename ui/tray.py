"""Tray: our icon in the desktop's tray, with what is done now and a short menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ui.icons import app_icon, pixmap
from ui.lesson_words import to_study
from ui.session import Session
from ui.standing import standing
from ui.study_start import BUDGETS, USUAL

LONGEST = 90
"""Letters of a tooltip; Windows shows 127 at most."""


class Tray(QObject):
    """Made only where there is a tray; everything in its menu can also be done in the window."""

    show_wanted = Signal()
    ask_wanted = Signal()
    settings_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.menu = QMenu()
        self.status = self._add("")
        self.status.setEnabled(False)
        self.menu.addSeparator()
        self.ask = self._add("Ask…", self.ask_wanted.emit)
        self.study = self._add("Study now", self._study)
        self.pause = self._add("Pause until tomorrow", self._pause)
        self.menu.addSeparator()
        self.settings = self._add("Settings", self.settings_wanted.emit)
        self.quit = self._add("Quit", self.quit_wanted.emit)
        self.icon = QSystemTrayIcon(tray_icon(), self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        for signal in (
            session.status_changed,
            session.study_changed,
            session.night_changed,
            session.lessons_changed,
            session.backend.state_changed,
        ):
            signal.connect(lambda *_: self.refresh())
        self.refresh()
        self.icon.show()

    def close(self) -> None:
        """Take the icon away."""
        self.icon.hide()
        self.menu.deleteLater()

    def refresh(self) -> None:
        """Say what is done now, and offer what can be done about it."""
        session = self._session
        said = standing(session)
        self.status.setText(said)
        self.icon.setToolTip(f"Nightschool: {said}"[:LONGEST])
        studying = session.study is not None
        self.study.setText("Stop studying" if studying else "Study now")
        self.study.setEnabled(studying or self._can_study())
        night = session.night
        paused = night is not None and night.paused
        self.pause.setText("Go on now" if paused else "Pause until tomorrow")
        self.pause.setEnabled(night is not None and night.wishes.on)

    def _can_study(self) -> bool:
        session = self._session
        elsewhere = session.status is not None and session.status.studying
        return session.able and not elsewhere and bool(to_study(session.lessons))

    def _add(self, text: str, action: Callable[[], object] | None = None) -> QAction:
        made = QAction(text, self.menu)
        if action is not None:
            made.triggered.connect(lambda: action())
        self.menu.addAction(made)
        return made

    def _study(self) -> None:
        if self._session.study is not None:
            self._session.stop_study()
        else:
            self._session.start_study(BUDGETS[USUAL][1])

    def _pause(self) -> None:
        night = self._session.night
        self._session.pause_night(until_tomorrow=night is None or not night.paused)

    def _activated(self, how: QSystemTrayIcon.ActivationReason) -> None:
        # On macOS a click opens the menu, and nothing else may come of it.
        if how == QSystemTrayIcon.ActivationReason.Trigger and not _on_macos():
            self.show_wanted.emit()


def tray_icon() -> QIcon:
    """The app's own tile, which has a ground of its own for panels of any colour.

    No system tells whether its panel is light or dark, but macOS, which colours a drawing itself.
    """
    if not _on_macos():
        return app_icon()
    made = QIcon()
    for size in (18, 36):
        made.addPixmap(pixmap("mark", "#000000", size))
    made.setIsMask(True)
    return made


def _on_macos() -> bool:
    return QGuiApplication.platformName() == "cocoa"
