"""Morning card: what was done while nobody was there, and keeping it, going back, or forgetting."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout

from app.protocol import LessonResult, Morning, StudyReport
from ui import morning_words as words
from ui.controls import Button, Picture, column, empty, label, row, rule, set_role
from ui.flow import Flow
from ui.night_answers import NightAnswers, shows
from ui.session import Session
from ui.theme import Theme
from ui.words import shortened


class MorningCard(QFrame):
    """Hidden once it was read; `forget_wanted` carries a lesson's id."""

    keep_wanted = Signal()
    rollback_wanted = Signal()
    forget_wanted = Signal(str)
    figures_wanted = Signal()

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._shown: tuple[Morning, int, str] | None = None
        self.answers: NightAnswers | None = None
        self.setProperty("role", "card")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(22, 18, 22, 18)
        self._layout.setSpacing(12)
        self._make_buttons()
        self.hide()

    def _make_buttons(self) -> None:
        theme = self._theme
        self.keep = Button(theme, "&Keep it", "primary")
        self.keep.clicked.connect(self.keep_wanted)
        self.rollback = Button(
            theme, "&Roll back", icon="rollback", tip="Use what was in use before this night"
        )
        self.rollback.clicked.connect(self.rollback_wanted)
        self.forget = Button(theme, "For&get a lesson…", icon="trash")
        self.forget.setMenu(QMenu(self.forget))
        self.figures = Button(theme, "All &figures", "link")
        self.figures.clicked.connect(self.figures_wanted)

    @property
    def morning(self) -> Morning | None:
        """What is shown."""
        return self._shown[0] if self._shown else None

    def refresh(self) -> None:
        """Show the last night, unless it was read or still goes on."""
        morning, night = self._session.morning, self._session.night
        goes_on = night is not None and night.doing is not None
        wanted = morning is not None and not morning.seen and not goes_on
        self.setVisible(wanted)
        if not wanted or morning is None:
            self._shown = None
            return
        active = self._session.status.adapter if self._session.status else 0
        wanted_now = (morning, active, self._own_question(morning))
        if self._shown != wanted_now:
            self._shown = wanted_now
            self._fill(morning, active)

    def _own_question(self, morning: Morning) -> str:
        """What the person asked in the lesson that is compared, once the lessons were read."""
        told = _compared(words.study_of(morning))
        lesson = self._session.lesson(told.lesson_id) if told else None
        return lesson.prompt if lesson else ""

    def _fill(self, morning: Morning, active: int) -> None:
        for kept in (self.keep, self.rollback, self.forget, self.figures):
            kept.setParent(None)
        empty(self._layout)
        self.answers = None
        report, title = words.study_of(morning), words.headline(morning)
        when = words.when(morning.night, datetime.now())
        self.setAccessibleName(f"{when}: {title}")
        if words.is_brief(morning):
            self._fill_briefly(f"{when}: {title[0].lower()}{title[1:]}.", words.cost(morning.night))
            return
        self._layout.addLayout(column(label(when, "overline"), label(title, "title", wrap=True)))
        for line in words.lines(morning):
            self._add_line(line)
        self._layout.addWidget(label(words.cost(morning.night), "caption", wrap=True))
        self._add_buttons(report, active)
        if (told := _compared(report)) is not None:
            self._add_answers(told)

    def _fill_briefly(self, told: str, cost: str) -> None:
        """A night that came to little is told in a line."""
        text = column(label(told, "small", wrap=True), label(cost, "caption", wrap=True), gap=1)
        self._name_keep(in_use=False)
        line = row(Picture(self._theme, "moon", "text_faint", 16), text, self.keep, gap=12)
        line.setStretch(1, 1)
        self._layout.addLayout(line)

    def _add_line(self, line: words.Line) -> None:
        text = column(label(line.text, "small-strong", wrap=True), gap=1)
        if line.more:
            text.addWidget(label(line.more, "caption", wrap=True))
        picture = Picture(self._theme, line.icon, line.colour, 16)
        made = row(picture, text, gap=10)
        made.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        made.setStretch(1, 1)
        self._layout.addLayout(made)

    def _add_answers(self, told: LessonResult) -> None:
        question = self._shown[2] if self._shown else ""
        self._layout.addWidget(rule())
        self.answers = NightAnswers(self._theme, told, question)
        self._layout.addWidget(self.answers)

    def _add_buttons(self, report: StudyReport | None, active: int) -> None:
        used = report is not None and report.activated
        in_use = report is not None and report.adapter == active and used
        learned = words.newly_learned(report) if report is not None and used else []
        self._name_keep(in_use=in_use)
        self._fill_menu(learned)
        line = Flow(8)
        for button in (self.keep, self.rollback, self.forget, self.figures):
            line.addWidget(button)
        self.rollback.setVisible(in_use)
        self.forget.setVisible(bool(learned))
        self.figures.setVisible(report is not None)
        self._layout.addLayout(line)

    def _name_keep(self, *, in_use: bool) -> None:
        """Where nothing was put to use there is nothing to keep."""
        words_of = "Keep it" if in_use else "All right"
        self.keep.setText(f"&{words_of}")
        self.keep.setAccessibleName(words_of)
        set_role(self.keep, "primary" if in_use else "")

    def _fill_menu(self, learned: list[LessonResult]) -> None:
        menu = self.forget.menu()
        menu.clear()
        for one in learned:
            action = menu.addAction(shortened(one.title, 60).replace("&", "&&"))
            action.triggered.connect(partial(self.forget_wanted.emit, one.lesson_id))


def _compared(report: StudyReport | None) -> LessonResult | None:
    """The lesson whose answers are shown: newly learned, and with the person's own example."""
    if report is None or not report.activated:
        return None
    told = [one for one in words.newly_learned(report) if shows(one)]
    return next((one for one in told if one.own_after.strip()), told[0] if told else None)
