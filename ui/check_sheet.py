"""Check sheet: a check that runs, can be stopped, and then says what it found, a row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from app.protocol import ErrorInfo, Finding, Progress, Request
from ui.calls import Call
from ui.controls import Button, Picture, clear, column, empty, label, row
from ui.copy_button import CopyButton
from ui.finding_row import FindingRow, as_text, by_severity
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.thinking import Dots
from ui.trouble import Trouble
from ui.words import breakable, duration

T = TypeVar("T")

AROUND = 270
"""Pixels of the window's height that the rest of the sheet takes."""


class CheckSheet(Sheet):
    """Subclasses call `run` and, with its result, `show_findings`; closing it stops the check."""

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, title: str, about: str
    ) -> None:
        super().__init__(theme, window, title, width=620)
        self.session = session
        self.rows: list[FindingRow] = []
        self._call: Call[Any] | None = None
        self._text = ""
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the check")
        self._doing = label("", "small", wrap=True)
        self._left = label("", "caption")
        doing = row(Dots(theme), self._doing, self._left, gap=12)
        doing.setStretch(1, 1)
        self.working = clear(column(doing, self.bar, gap=10))
        self.trouble = Trouble(theme)
        self.trouble.again.hide()
        self._mark = Picture(theme, "check", "good", 20)
        self.verdict = label("", "strong", wrap=True)
        summary = row(self._mark, self.verdict, gap=10)
        summary.setStretch(1, 1)
        self._summary = clear(summary)
        self._scroll = self._findings_area()
        self.body.addWidget(label(breakable(about), "soft", wrap=True))
        for part in (self.working, self.trouble, self._summary, self._scroll):
            self.body.addWidget(part)
            part.hide()
        self.stop = Button(theme, "&Stop", tip="Stop the check; nothing is changed")
        self.stop.clicked.connect(self._stop)
        self.copy = CopyButton(theme, lambda: self._text)
        self.stop.hide()
        self.copy.hide()

    def _findings_area(self) -> QScrollArea:
        self.list = QVBoxLayout()
        self.list.setSpacing(4)
        self.list.setContentsMargins(0, 0, 10, 0)
        self._inner = clear(self.list)
        made = QScrollArea()
        made.setWidgetResizable(True)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setAccessibleName("What was found")
        made.setWidget(self._inner)
        return made

    # ------------------------------------------------------------------ running

    @property
    def running(self) -> bool:
        """Whether the check is under way."""
        return self._call is not None

    def run(self, request: Request, result: type[T]) -> Call[T]:
        """Send the request of the check and show how far it is."""
        self.trouble.show_error(None)
        self._summary.hide()
        self._scroll.hide()
        self.copy.hide()
        self._doing.setText("Starting…")
        self._left.clear()
        self.bar.setRange(0, 0)
        self.working.show()
        self.stop.setEnabled(True)
        self.stop.setText("&Stop")
        self.stop.show()
        call = self.session.backend.send(request, result)
        call.progress.connect(self._show_progress)
        call.failed.connect(self._failed)
        self._call = call
        return call

    def _show_progress(self, progress: Progress) -> None:
        under_way = progress.step < progress.steps
        self.bar.setRange(0, progress.steps if under_way else 0)
        self.bar.setValue(progress.step if under_way else -1)
        if self.stop.isEnabled():
            self._doing.setText(breakable(progress.detail))
        left = progress.seconds_left
        self._left.setText("" if left is None else f"About {duration(left)} left")

    def _stop(self) -> None:
        if self._call is not None:
            self.stop.setEnabled(False)
            self.stop.setText("Stopping…")
            self._doing.setText("Stopping…")
            self.session.backend.stop(self._call)

    def _over(self) -> None:
        self._call = None
        if self.stop.hasFocus():
            self.setFocus()  # or else Escape would go to the window
        self.working.hide()
        self.stop.hide()

    def _failed(self, error: ErrorInfo) -> None:
        self._over()
        self.trouble.show_error(error)
        self.ended()

    def close_sheet(self) -> None:
        """Put it away; a check that runs is stopped."""
        if self._call is not None:
            self.session.backend.stop(self._call)
            self._call = None
        super().close_sheet()

    def ended(self) -> None:
        """The check ended, well or not; for subclasses that offer it again."""

    # ------------------------------------------------------------------ what was found

    def show_findings(
        self,
        verdict: str,
        findings: list[Finding],
        *,
        icon: str,
        colour: str,
        more: Sequence[QWidget] = (),
    ) -> None:
        """Show a sentence that sums up, each finding, problems first, and what belongs to them."""
        self._over()
        self.verdict.setText(verdict)
        self._mark.show_icon(icon, colour)
        self._summary.show()
        empty(self.list)
        ordered = by_severity(findings)
        self.rows = [FindingRow(self.theme, finding) for finding in ordered]
        for made in (*self.rows, *more):
            self.list.addWidget(made)
        self._text = f"{verdict}\n{as_text(ordered)}"
        self._scroll.show()
        self.copy.show()
        self.ended()
        QTimer.singleShot(0, self._inner, self.fit)

    def fit(self) -> None:
        """As high as the findings are, and no higher than the window has room for."""
        wide = self._scroll.viewport().width()
        needed = self._inner.heightForWidth(wide)
        room = self.window().height() - AROUND - self.more_around()
        self._scroll.setFixedHeight(max(80, min(needed, room)))

    def more_around(self) -> int:
        """Pixels that a subclass shows above the findings."""
        return 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget() and self.rows:
            self.fit()
        return super().eventFilter(watched, event)
