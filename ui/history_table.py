"""History table: every study session in words and figures, newest first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.protocol import StudyHistory, StudyReport
from ui.history_series import version_of
from ui.morning_words import spent
from ui.words import duration, moment

COLUMNS = (
    "When",
    "Version",
    "Learned",
    "In context",
    "Time",
    "Drift",
    "Similar",
    "Held",
    "General",
    "Used",
    "What came of it",
)
ROWS = 14
"""Rows in sight at once; the others are scrolled to."""


class HistoryTable(QTableWidget):
    """What the charts show, for who would rather read or hear it."""

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self.setAccessibleName("Every study session")
        self.setHorizontalHeaderLabels(COLUMNS)
        self.verticalHeader().hide()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)

    def show_history(self, history: StudyHistory) -> None:
        """Fill it anew."""
        reports = history.reports
        self.setRowCount(len(reports))
        learned = history.held()
        for place, report in enumerate(reports):
            for column, text in enumerate(cells(report, learned[place])):
                self.setItem(place, column, QTableWidgetItem(text))
        self.resizeColumnsToContents()
        height = self.horizontalHeader().sizeHint().height() + 18
        self.setFixedHeight(height + min(ROWS, max(1, len(reports))) * self.rowHeight(0))


def cells(report: StudyReport, learned: int) -> tuple[str, ...]:
    """One session, a text for each of `COLUMNS`; `learned` are those in the version in use then."""
    exam = report.exam
    return (
        f"{moment(report.started)}{', by itself' if report.by_night else ''}",
        version_of(report),
        str(learned),
        str(report.in_context),
        duration(report.seconds),
        f"{exam.drift:.3f}" if exam else "–",
        _of(exam.near_clean, exam.near_asked) if exam else "–",
        _of(exam.held, exam.held_asked) if exam else "–",
        _of(exam.known, exam.known_asked) if exam else "–",
        ", ".join(spent(report.usage)) or "–",
        report.decision,
    )


def _of(right: int, asked: int) -> str:
    return f"{right} of {asked}" if asked else "–"
