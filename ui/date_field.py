"""Date field: a day that can be typed, stepped with the arrow keys, or picked from a calendar."""

from __future__ import annotations

from PySide6.QtCore import QDate, QSize, Qt
from PySide6.QtGui import QIcon, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QDateEdit, QToolButton

FIRST = QDate(1000, 1, 1)
CALENDAR = QSize(300, 220)
WEEKEND = (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday)
STEPS = {"qt_calendar_prevmonth": "‹", "qt_calendar_nextmonth": "›"}
"""Qt's own names of its buttons, and what they show: its arrows are black in the dark, too."""


class DateField(QDateEdit):
    """Days are ISO dates, without a clock or a zone."""

    def __init__(self, name: str, day: str | None) -> None:
        super().__init__(_date(day) if day else QDate.currentDate())
        self.setDisplayFormat("d MMMM yyyy")
        self.setMinimumDate(FIRST)
        self.setCalendarPopup(True)
        self.setMinimumWidth(210)
        self.setAccessibleName(name)
        _calm(self.calendarWidget())

    def day(self) -> str:
        """The day shown."""
        return self.date().toString(Qt.DateFormat.ISODate)

    def show_day(self, day: str) -> None:
        """Show another day."""
        self.setDate(_date(day))


def _calm(calendar: QCalendarWidget) -> None:
    """A frame, no red weekends, no week numbers, and buttons in the colours of the theme."""
    calendar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if (inside := calendar.layout()) is not None:
        inside.setContentsMargins(6, 6, 6, 6)
    calendar.setMinimumSize(CALENDAR)  # Qt does not count the margins
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    for weekday in WEEKEND:
        calendar.setWeekdayTextFormat(weekday, QTextCharFormat())
    for name, text in STEPS.items():
        button = calendar.findChild(QToolButton, name)
        if isinstance(button, QToolButton):
            button.setIcon(QIcon())
            button.setText(text)


def _date(day: str) -> QDate:
    return QDate.fromString(day, Qt.DateFormat.ISODate)
