"""Banner: the one place for errors and for what happened to the service, over the page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame

from app.protocol import ErrorInfo
from ui.controls import Button, Picture, clear, column, label, row, set_role
from ui.outcome import Outcome
from ui.theme import Theme
from ui.thinking import Dots
from ui.words import breakable

GOOD_NEWS_MS = 10_000
"""How long it is told that the assistant is back."""


class Banner(QFrame):
    """Calm: a title, a sentence, a next step. Errors go when dismissed, restarts by themselves."""

    again_wanted = Signal()
    shown = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._about_service = False
        self.setProperty("role", "bad-card")
        self._picture = Picture(theme, "alert", "bad", 20)
        self._dots = Dots(theme)
        self._title = label("", "small-strong", wrap=True)
        self._text = label("", "small", wrap=True, select=True)
        self._enough = QTimer(self, singleShot=True, interval=GOOD_NEWS_MS)
        self._enough.timeout.connect(self.hide)
        self._again = Button(theme, "&Try again")
        self._again.clicked.connect(self._try_again)
        self.undo = Button(theme, "&Undo", "link")
        self.undo.clicked.connect(self._undo)
        self._on_undo: Callable[[], None] | None = None
        self.check = Button(theme, "Chec&k that nothing is left", "link")
        self.check.clicked.connect(self._check)
        self._on_check: Callable[[], None] | None = None
        self._away = Button(theme, "", "quiet", icon="close", tip="Dismiss", size=14)
        self._away.clicked.connect(self.hide)
        words = clear(column(self._title, self._text, gap=2))
        acts = (self._again, self.check, self.undo, self._away)
        line = row(self._picture, self._dots, words, *acts, gap=12)
        line.setStretch(2, 1)
        line.setContentsMargins(16, 10, 10, 10)
        self.setLayout(line)
        self.hide()

    def show_error(self, error: ErrorInfo) -> None:
        """An error of a request; one about the lost service is told by `show_lost` already."""
        if error.code == "service_lost":
            return
        self._about_service = False
        self._say("bad-card", error.title, f"{error.message} {error.next_step}")
        self._away.show()

    def show_lost(self, outcome: Outcome) -> None:
        """The service ended and is being started again."""
        self._about_service = True
        self._say("learn-card", outcome.title(), outcome.while_restarting())
        self._dots.show()
        self._picture.hide()

    def show_gave_up(self, outcome: Outcome) -> None:
        """Starting again did not help."""
        self._about_service = True
        self._say("bad-card", outcome.title(), outcome.after_giving_up())
        self._again.show()

    def show_back(self) -> None:
        """The service is back: say so only if it had gone."""
        # Not whether it is in sight: the gate may be before it, or the window in the tray.
        if self._about_service and not self.isHidden():
            self._say("accent-card", "The assistant is back", "You can go on where you were.")
            self._picture.show_icon("check", "accent")
            self._away.show()
            self._enough.start()

    def show_note(
        self,
        title: str,
        text: str,
        undo: Callable[[], None] | None = None,
        *,
        check: Callable[[], None] | None = None,
    ) -> None:
        """Something good that should be known, with Undo or a check of it where there is one."""
        self._about_service = False
        self._say("accent-card", title, text)
        self._picture.show_icon("check", "accent")
        self._away.show()
        self._on_undo = undo
        self.undo.setVisible(undo is not None)
        self._on_check = check
        self.check.setVisible(check is not None)

    def _say(self, role: str, title: str, text: str) -> None:
        self._enough.stop()
        set_role(self, role)
        self._title.setText(breakable(title))
        self._text.setText(breakable(text))
        self._picture.show_icon("alert", "bad")
        self._picture.show()
        self._dots.hide()
        self._again.hide()
        self.undo.hide()
        self.check.hide()
        self._away.hide()
        self.show()
        self.setAccessibleName(f"{title}. {text}")

    def setVisible(self, visible: bool) -> None:
        super().setVisible(visible)
        self.shown.emit(visible)

    def _undo(self) -> None:
        self.hide()
        if self._on_undo is not None:
            self._on_undo()

    def _check(self) -> None:
        self.hide()
        if self._on_check is not None:
            self._on_check()

    def _try_again(self) -> None:
        self.hide()
        self.again_wanted.emit()
