"""Night card: whether, when and how long Nightschool may study by itself."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt, QTime
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QSpinBox, QTimeEdit, QWidget

from app.protocol import ErrorInfo, NightReport, SetNight, Wishes
from ui.controls import Button, clear, column, label, row
from ui.session import Session
from ui.theme import Theme
from ui.trouble import Trouble

TOLD = (
    "While Nightschool is open, in sight or in the tray, and nobody uses the computer: new lessons "
    "first, then notes of your documents and summaries of long conversations, and once a night a "
    "copy of your record. It stops at once when you are back, and goes on from there the next time."
)
USUAL_HOURS = ("22:00", "07:00")
USUAL_BATTERY = 60


class NightCard(QFrame):
    """Every change is kept at once; what the service made of it is shown."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._session = session
        self._newest: SetNight | None = None
        self.setProperty("role", "card")
        self.on = QCheckBox("Study by itself")
        self.idle = _number("Minutes without input before it begins", 1, 720, " min")
        self.budget = _number("Minutes of study in one night", 1, 1440, " min")
        self.on_battery = QCheckBox("Also on battery, from")
        self.battery = _number("Charge from which on it may run on battery", 0, 100, " %")
        self.at_hours = QCheckBox("Only between")
        self.first, self.last = _clock("Begin of the hours"), _clock("End of the hours")
        self._reason = label("", "caption", wrap=True)
        self.pause = Button(theme, "", "link-small", name="Pause")
        self.pause.clicked.connect(self._pause)
        self.trouble = Trouble(theme)
        self.trouble.again.hide()
        self._more = clear(self._details())
        head = column(row(self.on, -1), label(TOLD, "small", wrap=True), gap=4)
        layout = column(head, self._more, self._now(), self.trouble, gap=10)
        layout.setContentsMargins(18, 14, 14, 14)
        self.setLayout(layout)
        self._connect()
        session.night_changed.connect(self.refresh)
        self.refresh()

    def _details(self) -> Any:
        and_ = label("and", "small")
        return column(
            _line(label("Begin after", "small"), self.idle, label("without input", "small")),
            _line(label("At most", "small"), self.budget, label("a night", "small")),
            _line(self.at_hours, self.first, and_, self.last),
            _line(self.on_battery, self.battery, label("charge on", "small")),
            gap=6,
        )

    def _now(self) -> QHBoxLayout:
        line = row(self._reason, self.pause, gap=10)
        line.setStretch(0, 1)
        line.setAlignment(self.pause, Qt.AlignmentFlag.AlignTop)
        return line

    def _connect(self) -> None:
        for box in (self.on, self.on_battery, self.at_hours):
            box.toggled.connect(self._change)
        for number in (self.idle, self.budget, self.battery):
            number.editingFinished.connect(self._change)
        for clock in (self.first, self.last):
            clock.editingFinished.connect(self._change)

    def refresh(self) -> None:
        """Show what is set, and why it studies or not."""
        report = self._session.night
        self.setEnabled(report is not None)
        if report is not None:
            self._show(report.wishes)
        self._reason.setText(f"Now: {report.reason}" if report and report.wishes.on else "")
        self._reason.setVisible(bool(self._reason.text()))
        self.pause.setText("Go on now" if report and report.paused else "Pause until tomorrow")
        self.pause.setAccessibleName(self.pause.text())
        self.pause.setVisible(self._reason.isVisibleTo(self))

    def _show(self, wishes: Wishes) -> None:
        parts = (self.on, self.idle, self.budget, self.on_battery, self.battery)
        blocked = [QSignalBlocker(x) for x in (*parts, self.at_hours, self.first, self.last)]
        self.on.setChecked(wishes.on)
        self._more.setVisible(wishes.on)
        for number, value in (
            (self.idle, wishes.idle_minutes),
            (self.budget, wishes.budget_minutes),
        ):
            if not number.hasFocus():  # somebody may be typing
                number.setValue(value)
        self.on_battery.setChecked(wishes.battery is not None)
        self.battery.setEnabled(wishes.battery is not None)
        if not self.battery.hasFocus():
            self.battery.setValue(USUAL_BATTERY if wishes.battery is None else wishes.battery)
        self.at_hours.setChecked(wishes.hours is not None)
        for clock, text in zip((self.first, self.last), wishes.hours or USUAL_HOURS, strict=True):
            clock.setEnabled(wishes.hours is not None)
            if not clock.hasFocus():
                clock.setTime(_time(text))
        del blocked

    def wishes(self) -> Wishes:
        """What the card says."""
        hours = (self.first.time().toString("HH:mm"), self.last.time().toString("HH:mm"))
        report = self._session.night
        return msgspec.structs.replace(
            report.wishes if report is not None else Wishes(),
            on=self.on.isChecked(),
            idle_minutes=self.idle.value(),
            battery=self.battery.value() if self.on_battery.isChecked() else None,
            hours=hours if self.at_hours.isChecked() else None,
            budget_minutes=self.budget.value(),
        )

    def _pause(self) -> None:
        report = self._session.night
        self._session.pause_night(until_tomorrow=report is None or not report.paused)

    def _change(self) -> None:
        report = self._session.night
        if report is None or self.wishes() == report.wishes:
            return
        request = SetNight(id="", wishes=self.wishes())
        self._session.take_night(msgspec.structs.replace(report, wishes=request.wishes))
        self._newest = request
        call = self._session.backend.send(request, NightReport)
        call.then(lambda report: self._changed(request, report), self._failed)

    def _changed(self, request: SetNight, report: NightReport) -> None:
        self.trouble.show_error(None)
        if request is self._newest:  # else what was set since would be shown as it was before
            self._session.take_night(report)

    def _failed(self, error: ErrorInfo) -> None:
        self.trouble.show_error(error)
        self._session.read("night")


def _line(*parts: QWidget) -> QHBoxLayout:
    return row(*parts, -1, gap=8)


def _number(name: str, least: int, most: int, unit: str) -> QSpinBox:
    made = QSpinBox()
    made.setRange(least, most)
    made.setSuffix(unit)
    made.setAccessibleName(name)
    made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    made.setMinimumWidth(92)
    return made


def _clock(name: str) -> QTimeEdit:
    made = QTimeEdit()
    made.setDisplayFormat("HH:mm")
    made.setAccessibleName(name)
    made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    made.setMinimumWidth(76)
    return made


def _time(text: str) -> QTime:
    hour, _, minute = text.partition(":")
    return QTime(int(hour), int(minute or 0))
