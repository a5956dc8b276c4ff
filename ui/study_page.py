"""Study page: what the night did, what waits, Study now, the session as it runs, its report."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QTimer

from app.protocol import ErrorInfo, Rollback, SeeMorning, Status
from ui.backend import State
from ui.controls import Button
from ui.empty_state import EmptyState
from ui.forget_sheet import ForgetSheet
from ui.morning_card import MorningCard
from ui.night_line import NightLine
from ui.page import Page
from ui.report_card import ReportCard
from ui.session import Session
from ui.study_progress import StudyProgress
from ui.study_start import StudyStart
from ui.theme import Theme
from ui.trouble import Trouble
from ui.version_row import in_use

TOLD = (
    "Studying trains a small private addition to the model on your lessons, examines it on "
    "questions it has never seen, and uses it only if it helps."
)
STEPS = (
    ("pencil", "text_soft", "Correct an answer in the chat: each correction becomes a lesson."),
    ("study", "text_soft", "Study them here when it suits you; it takes some minutes."),
    ("learned", "text_soft", "The next, different request then comes out right by itself."),
)


class StudyPage(Page):
    """The session itself lives in `Session`, so it goes on while other pages are looked at."""

    def __init__(self, theme: Theme, session: Session) -> None:
        self.history = Button(theme, "Hi&story", "link", tip="Every session, and what it came to")
        super().__init__(theme, session, "Study", TOLD, self.history)
        self.history.clicked.connect(lambda: self.page_wanted.emit("history"))
        self.start = StudyStart(theme)
        self.start.start_wanted.connect(session.start_study)
        self.progress = StudyProgress(theme)
        self.progress.cancel_wanted.connect(session.stop_study)
        self.ended = Trouble(theme)
        self.ended.again.hide()
        self.report = ReportCard(theme)
        self.report.rollback_wanted.connect(self._roll_back)
        self.morning = self._morning_card()
        talk = Button(theme, "Go to t&he chat", "primary")
        talk.clicked.connect(lambda: self.page_wanted.emit("chat"))
        self.empty = EmptyState(theme, "study", "There is nothing to study yet", talk, steps=STEPS)
        self.night = NightLine(theme)
        self.night.settings_wanted.connect(lambda: self.page_wanted.emit("settings"))
        self.night.go_on_wanted.connect(lambda: session.pause_night(until_tomorrow=False))
        above = (self.progress, self.ended, self.empty, self.morning)
        for part in (*above, self.start, self.night, self.report):
            self.body.addWidget(part)
        self._running = self._figures = False
        for signal in (
            session.lessons_changed,
            session.adapters_changed,
            session.report_changed,
            session.trouble_changed,
            session.study_changed,
            session.night_changed,
            session.morning_changed,
        ):
            signal.connect(self.refresh)
        session.status_changed.connect(lambda _: self.refresh())
        session.study_ended.connect(self._show_end)
        session.backend.state_changed.connect(lambda _: self.refresh())
        self.trouble.again_wanted.connect(self._read_again)
        self.refresh()

    def refresh(self) -> None:
        """Show the session, or what could be studied, and the newest report."""
        session = self.session
        known = self.show_state("lessons", "report")
        running = session.study is not None
        if running and not self._running:
            self.progress.begin()
        self._running = running
        if running and session.progress is not None:
            self.progress.show_progress(session.progress)
        had_focus = self.start.go.hasFocus()
        self.progress.setVisible(running)
        if running and had_focus:
            self.progress.cancel.setFocus()
        self.empty.setVisible(known and not running and not session.lessons)
        self.start.setVisible(known and not running and bool(session.lessons))
        self.night.show_report(session.night if known else None)
        self.ended.show_error(None if running else session.study_error)
        if not running:
            able = session.backend.state is State.READY
            elsewhere = session.status is not None and session.status.studying
            self.start.show_lessons(session.lessons, able=able, elsewhere=elsewhere)
        self.morning.refresh()
        told = self.morning.isVisibleTo(self) and not self._figures
        self.report.show_report(session.report if known and not told else None, session.adapters)

    # ------------------------------------------------------------------ the morning

    def _morning_card(self) -> MorningCard:
        made = MorningCard(self.theme, self.session)
        made.keep_wanted.connect(self._keep)
        made.rollback_wanted.connect(self._roll_back)
        made.forget_wanted.connect(self._forget)
        made.figures_wanted.connect(self._show_figures)
        return made

    def _keep(self) -> None:
        """The morning was read; it is not told again."""
        morning = self.morning.morning
        if morning is None or morning.night.ended is None:
            return
        self._figures = False
        self.session.take_morning(msgspec.structs.replace(morning, seen=True))
        request = SeeMorning(id="", ended=morning.night.ended)
        self.session.backend.send(request, type(None)).then(lambda _: None, self.session.failed)

    def _show_figures(self) -> None:
        self._figures = True
        self.refresh()
        QTimer.singleShot(0, self, lambda: self.bring_into_sight(self.report))

    def _forget(self, lesson_id: str) -> None:
        if (lesson := self.session.lesson(lesson_id)) is not None:
            sheet = ForgetSheet(self.theme, self.window(), self.session, lesson)
            sheet.forgotten.connect(lambda told: self.note.emit("Forgotten", told))
            self.show_sheet(sheet, sheet.confirm)

    def _show_end(self) -> None:
        QTimer.singleShot(0, self, self.to_top)

    def _read_again(self) -> None:
        for what in list(self.session.troubles):
            self.session.read(what)

    def _roll_back(self) -> None:
        self._set_able(False)
        call = self.session.backend.send(Rollback(id=""), Status)
        call.then(self._rolled_back, self._not_rolled_back)

    def _rolled_back(self, status: Status) -> None:
        self._set_able(True)
        self.session.take_status(status)
        self.note.emit("Rolled back", in_use(status.adapter))
        self._keep()

    def _not_rolled_back(self, error: ErrorInfo) -> None:
        self._set_able(True)
        self.session.failed(error)

    def _set_able(self, able: bool) -> None:
        self.report.rollback.setEnabled(able)
        self.morning.rollback.setEnabled(able)
