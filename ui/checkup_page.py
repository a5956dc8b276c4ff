"""Check-up page: every part looked at, each problem with what to do, and a copy as text."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import Doctor, ErrorInfo, Finding
from ui.controls import Button, Picture, card, clear, column, empty, label, row, rule
from ui.copy_button import CopyButton
from ui.finding_row import FindingRow, as_text, by_severity
from ui.page import Page
from ui.session import Session
from ui.theme import Theme
from ui.words import count

TOLD = "Looks at every part of Nightschool on this machine. Nothing leaves it."


class CheckupPage(Page):
    """Looks again each time it comes into sight."""

    def __init__(self, theme: Theme, session: Session) -> None:
        self.copy = CopyButton(theme, lambda: as_text(self.findings))
        self.again = Button(theme, "Check &again", icon="redo")
        super().__init__(theme, session, "Check-up", TOLD, self.copy, self.again)
        self.findings: list[Finding] = []
        self.rows: list[FindingRow] = []
        self._looking = False
        self.copy.setEnabled(False)
        self.again.clicked.connect(self.look)
        self._mark = Picture(theme, "check", "good", 20)
        self.verdict = label("", "title", wrap=True)
        summary = row(self._mark, self.verdict, gap=10)
        summary.setStretch(1, 1)
        self._summary = clear(summary)
        self._summary.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.body.addWidget(self._summary)
        self.body.addLayout(self._list)
        self.trouble.again_wanted.connect(self.look)
        session.opened.connect(self._look_if_seen)
        session.models_changed.connect(self._look_if_seen)

    def refresh(self) -> None:
        """Look at everything."""
        self.look()

    def look(self) -> None:
        """Ask for a check-up, unless one is under way."""
        if self._looking:
            return
        self._looking = True
        self.again.setEnabled(False)
        self.again.setText("Checking…")
        self.trouble.show_error(None)
        self.loading.setVisible(not self.findings)
        self.session.backend.send(Doctor(id=""), list[Finding]).then(self._show, self._failed)

    def _look_if_seen(self) -> None:
        if self.isVisible():
            self.look()

    def _over(self) -> None:
        self._looking = False
        self.loading.hide()
        self.again.setEnabled(True)
        self.again.setText("Check &again")

    def _failed(self, error: ErrorInfo) -> None:
        self._over()
        self.trouble.show_error(error)

    def _show(self, findings: list[Finding]) -> None:
        self._over()
        self.findings = by_severity(findings)
        empty(self._list)
        self.rows = [FindingRow(self.theme, finding) for finding in self.findings]
        fine = [made for made in self.rows if made.finding.severity == "ok"]
        for made in self.rows:
            if made not in fine:
                self._list.addWidget(made)
        if fine:
            self._list.addWidget(self._together(fine))
        problems = sum(finding.severity == "problem" for finding in findings)
        words = count(problems, "thing needs", "things need") + " your attention"
        self.verdict.setText(words if problems else "Everything is in order")
        self._mark.show_icon("alert" if problems else "check", "bad" if problems else "good")
        self._summary.show()
        self.copy.setEnabled(bool(findings))

    def _together(self, rows: list[FindingRow]) -> QFrame:
        made = card()
        inner = column(gap=0)
        for number, each in enumerate(rows):
            if number:
                inner.addWidget(rule())
            inner.addWidget(each)
        inner.setContentsMargins(1, 2, 1, 2)
        made.setLayout(inner)
        return made
