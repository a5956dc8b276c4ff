"""Lesson check sheet: proves that a lesson is forgotten, quickly or with the weights made again."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from app.protocol import ForgottenLesson, ProbeAnswers, Verification, Verify
from ui.beside import Beside, panel
from ui.check_sheet import CheckSheet
from ui.controls import Button, clear, column, label
from ui.flowing_text import FlowingText
from ui.session import Session
from ui.theme import Theme
from ui.words import moment

TITLE = "Check that nothing is left"
KINDS = (
    "The quick check looks through every file and your record. The full check also makes the "
    "weights in use again, from the other lessons alone, and compares them byte for byte: that can "
    "take as long as studying these lessons did. Both change nothing."
)
ASK = "A question, to be asked as well (may be left empty)"


class LessonCheckSheet(CheckSheet):
    """Asks which check, then runs it."""

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, lesson: ForgottenLesson
    ) -> None:
        when = moment(lesson.forgotten)
        about = (
            f"Of the lesson forgotten {when}, only its number ({lesson.id}) and the time are kept."
        )
        super().__init__(theme, window, session, TITLE, about)
        self._lesson = lesson
        self.probe = QLineEdit()
        self.probe.setPlaceholderText(ASK)
        self.probe.setAccessibleName(ASK)
        self.start = clear(column(label(KINDS, "small", wrap=True), self.probe, gap=12))
        self.body.insertWidget(2, self.start)
        self.quick = Button(theme, "&Quick check", icon="search")
        self.full = Button(theme, "&Full check", icon="shield")
        self.quick.clicked.connect(lambda: self.check(quick=True))
        self.full.clicked.connect(lambda: self.check(quick=False))
        self.add_close(self.quick, self.full, self.stop, self.copy)

    def check(self, *, quick: bool) -> None:
        """Prove it; a full check takes long."""
        for part in (self.start, self.quick, self.full):
            part.hide()
        probe = self.probe.text().strip()
        request = Verify(id="", lesson_id=self._lesson.id, probe=probe, quick=quick)
        self.run(request, Verification).then(self._found)
        self.stop.setFocus()

    def ended(self) -> None:
        self.quick.show()
        self.full.show()

    def _found(self, found: Verification) -> None:
        icon, colour = ("check", "good") if found.proven else ("alert", "bad")
        if found.pending:
            icon, colour = "info", "learn_text"
        asked = [_asked(self.theme, answers) for answers in found.answers]
        self.show_findings(
            found.decision, list(found.findings), icon=icon, colour=colour, more=asked
        )


def _asked(theme: Theme, answers: ProbeAnswers) -> QWidget:
    """The answer as it is now beside that of the untouched model."""
    now = panel("It answers now", FlowingText(theme, answers.now), "quiet-card")
    base = panel("The untouched model", FlowingText(theme, answers.base), "quiet-card")
    asked = label(f"Asked: {answers.probe}", "small-strong", wrap=True)
    return clear(column(asked, Beside(now, base), gap=8))
