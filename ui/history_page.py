"""History page: charts over all study sessions, the same as a table, and asking two versions."""

from __future__ import annotations

from datetime import date

from PySide6.QtWidgets import QGridLayout

from ui.ask_both import AskBoth
from ui.chart import Chart
from ui.controls import Button, clear, label, row
from ui.empty_state import EmptyState
from ui.history_series import figures
from ui.history_table import HistoryTable
from ui.page import Page
from ui.session import Session
from ui.theme import Theme

TOLD = "What study sessions came to, from the first to the last, and what they cost."
STEPS = (
    ("pencil", "text_soft", "Correct answers in the chat: each correction becomes a lesson."),
    ("study", "text_soft", "Study: every session leaves its figures here."),
)


class HistoryPage(Page):
    """The charts are made anew when a session ended; they have no life of their own."""

    def __init__(self, theme: Theme, session: Session) -> None:
        self.back = Button(theme, "Back to Stud&y", "link")
        super().__init__(theme, session, "History", TOLD, self.back)
        self.back.clicked.connect(lambda: self.page_wanted.emit("study"))
        study = Button(theme, "&Go to Study", "primary")
        study.clicked.connect(lambda: self.page_wanted.emit("study"))
        self.empty = EmptyState(theme, "study", "No session yet", study, steps=STEPS)
        self.charts: list[Chart] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)
        for place in (0, 1):
            self._grid.setColumnStretch(place, 1)
        self._drawn = clear(self._grid)
        self.as_table = Button(theme, "Show as a &table", "link")
        self.as_table.clicked.connect(self._toggle)
        self.table = HistoryTable()
        self.table.hide()
        self.both = AskBoth(theme, session)
        self._about = clear(row(label("Every session", "overline"), -1, self.as_table))
        for part in (self.empty, self._about, self._drawn, self.table, self.both):
            self.body.addWidget(part)
        session.history_changed.connect(self._fill)
        session.adapters_changed.connect(self.refresh)
        session.trouble_changed.connect(self.refresh)
        session.opened.connect(self._read)
        self.trouble.again_wanted.connect(self._read)
        self._read()

    def _read(self) -> None:
        self.session.read("history")
        self.refresh()

    def refresh(self) -> None:
        """Show what there is, or that there is nothing yet."""
        known = self.show_state("history")
        history = self.session.history
        some = known and bool(history.reports or history.nights)
        table = not self.table.isHidden()
        self.empty.setVisible(known and not some)
        self._about.setVisible(some and bool(history.reports))
        self._drawn.setVisible(some and not table)
        if not history.reports:
            self.table.hide()
        self.both.setVisible(known and bool(self.session.adapters))

    def _fill(self) -> None:
        for chart in self.charts:
            self._grid.removeWidget(chart)
            chart.hide()
            chart.deleteLater()
        history = self.session.history
        self.charts = [
            Chart(self.theme, figure) for figure in figures(history, date.today()) if figure.places
        ]
        for place, chart in enumerate(self.charts):
            self._grid.addWidget(chart, place // 2, place % 2)
        self.table.show_history(history)
        self.refresh()

    def _toggle(self) -> None:
        """The charts, or the same as a table."""
        table = self.table.isHidden()
        self.table.setVisible(table)
        self.as_table.setText("Show as &charts" if table else "Show as a &table")
        self.as_table.setAccessibleName(self.as_table.text().replace("&", ""))
        self.refresh()
