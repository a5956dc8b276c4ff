"""Report card: what a study session came to, lesson by lesson, and what the exam found."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.protocol import AdapterRecord, ExamFigures, StudyReport
from ui.controls import Button, Picture, clear, column, empty, label, row, rule
from ui.morning_words import spent
from ui.result_row import ResultRow
from ui.theme import Theme
from ui.words import duration, moment


class ReportCard(QFrame):
    """Emits `rollback_wanted` while the version it tells of is the one in use."""

    rollback_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._report: StudyReport | None = None
        self.results: list[ResultRow] = []
        self.setProperty("role", "card")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(22, 18, 22, 18)
        self._layout.setSpacing(12)
        self._where = label("", "title", wrap=True)
        self.rollback = Button(
            theme, "&Roll back", icon="rollback", tip="Use what was in use before this session"
        )
        self.rollback.clicked.connect(self.rollback_wanted)

    @property
    def report(self) -> StudyReport | None:
        """The report in sight."""
        return self._report

    def show_report(self, report: StudyReport | None, adapters: list[AdapterRecord]) -> None:
        """Show a report as it stands against the versions there are now."""
        self.setVisible(report is not None)
        if report is not None and report != self._report:
            self._fill(report)
        self._report = report
        if report is None:
            return
        found = next((a for a in adapters if a.version == report.adapter), None)
        active = found is not None and found.active
        if report.adapter is None or not report.activated:
            where = "Nothing was changed"
        elif found is None:
            where = f"Version {report.adapter} was learned, and is gone since"
        elif active:
            where = f"Version {report.adapter} is in use"
        else:
            where = f"Version {report.adapter} was learned, but is not in use now"
        self._where.setText(where)
        self.rollback.setVisible(active)
        self.setAccessibleName(f"Last study session. {where}. {report.decision}")

    def _fill(self, report: StudyReport) -> None:
        for kept in (self._where, self.rollback):
            kept.setParent(None)
        empty(self._layout)
        self._layout.addWidget(label(f"Last session  ·  {moment(report.started)}", "overline"))
        head = row(gap=12)
        head.addWidget(self._where, 1)
        head.addWidget(self.rollback)
        self._layout.addLayout(column(head, label(report.decision, "soft", wrap=True), gap=4))
        self.results = []
        for result in report.lessons:
            # What holds for the whole session is said once, above.
            again = result.reason == report.decision
            shown = msgspec.structs.replace(result, reason="") if again else result
            made = ResultRow(self._theme, shown)
            self.results.append(made)
            self._layout.addWidget(rule())
            self._layout.addWidget(made)
        if report.exam is not None:
            self._layout.addWidget(rule())
            self._layout.addLayout(self._exam(report.exam, used=report.activated))
        self._layout.addWidget(label(_made(report), "caption", wrap=True, select=True))

    def _exam(self, exam: ExamFigures, *, used: bool) -> QHBoxLayout:
        short = "info" if used else "alert"
        line = row(gap=16)
        for part in (
            self._figure(
                "check" if exam.drift <= exam.drift_limit else short,
                f"{exam.drift:.3f}",
                f"Change of unrelated answers; at most {exam.drift_limit:g} is allowed",
            ),
            self._figure(
                "check" if exam.near_clean == exam.near_asked else short,
                f"{exam.near_clean} of {exam.near_asked}",
                "Similar questions that should stay as they were, and did",
            ),
            self._figure(
                ("check" if exam.held == exam.held_asked else short) if exam.held_asked else "dot",
                f"{exam.held} of {exam.held_asked}" if exam.held_asked else "None yet",
                "Lessons learned before that are still learned",
            ),
        ):
            line.addWidget(part, 1)
        return line

    def _figure(self, icon: str, figure: str, told: str) -> QWidget:
        colour = {"check": "good", "alert": "bad"}.get(icon, "text_soft")
        made = clear(
            column(
                row(Picture(self._theme, icon, colour, 16), label(figure, "figure"), -1, gap=6),
                label(told, "caption", wrap=True),
                -1,
                gap=2,
            )
        )
        made.setAccessibleName(f"{told}: {figure}")
        return made


def _made(report: StudyReport) -> str:
    parts = [f"Took {duration(report.seconds)}"]
    if report.peak_memory_mb:
        parts.append(f"{report.peak_memory_mb / 1000:.1f} GB of memory")
    parts += spent(report.usage)
    if report.exam is not None and report.activated:
        parts.append(f"strength {report.exam.scale:.0%}")
    if report.sha256:
        parts.append(f"fingerprint {report.sha256[:12]}")
    return "  ·  ".join(parts)
