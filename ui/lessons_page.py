"""Lessons page: everything that was taught, how each lesson fares, and Forget."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout

from app.protocol import (
    AddLessons,
    ErrorInfo,
    FindProposals,
    ForgottenLesson,
    KindName,
    LessonRecord,
    SetLessonKind,
)
from ui.controls import Button, clear, label, row
from ui.empty_state import EmptyState
from ui.forget_sheet import ForgetSheet
from ui.forgotten_lessons import ForgottenLessons
from ui.lesson_check_sheet import LessonCheckSheet
from ui.lesson_row import LessonRow
from ui.lesson_words import matches
from ui.offered_lessons import OfferedLessons
from ui.page import Page
from ui.segments import Segments
from ui.session import Session
from ui.theme import Theme
from ui.validity_sheet import ValiditySheet
from ui.words import count

TOLD = "What you taught, by correcting answers. Newest first."
STEPS = (
    ("chat", "text_soft", "Ask for something in the chat."),
    (
        "pencil",
        "text_soft",
        "Under an answer you don’t like, press Correct… and change it to what you wanted.",
    ),
    (
        "study",
        "text_soft",
        "It counts from your next question on. After a study session, the model has learned it.",
    ),
)
OFFERED = "Accept, edit or dismiss each; nothing is learned before."
LOOKED = "Your chats of the last days were looked through; at most three lessons a day are offered."
COUNTS = "It counts from your next question on, and waits for the next study session."
FILTERS = (
    ("All", "Every lesson"),
    ("New", "Lessons that wait to be studied"),
    ("Learned", "Lessons the model has learned"),
    ("In context", "Lessons that are shown to the model instead"),
)
STATES = (None, "new", "learned", "in_context")
MANY = 5
"""From this many lessons on, there is something to search."""

AT_ONCE = 40
"""Rows made at a time, so that a list of thousands opens at once."""


class LessonsPage(Page):
    """Rows are kept while their lesson is, so that an open one stays open."""

    conversation_wanted = Signal(int)

    def __init__(self, theme: Theme, session: Session) -> None:
        self.add = Button(
            theme, "&Import…", icon="file", tip="Add the lessons of a file (JSON lines)"
        )
        self.look = Button(
            theme, "&Find in chats", icon="search", tip="Look for what you said against answers"
        )
        super().__init__(theme, session, "Lessons", TOLD, self.look, self.add)
        self.add.clicked.connect(self._import)
        self.look.clicked.connect(self._find)
        self.rows: dict[str, LessonRow] = {}
        self._limit = AT_ONCE
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("Search lessons")
        self.search.setAccessibleName("Search lessons")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)  # files are the window's to take
        self.search.textChanged.connect(self._search_again)
        self.filter = Segments(theme, "Show", FILTERS)
        self.filter.chosen.connect(self._search_again)
        tools = row(self.search, self.filter, gap=10)
        tools.setStretch(0, 1)
        self._tools = clear(tools)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self._none = label("No lesson fits.", "soft")
        self.more = Button(theme, "Show more", "link")
        self.more.clicked.connect(self._show_more)
        self.empty = self._empty_state()
        self.offered = OfferedLessons(theme, session)
        self.offered.conversation_wanted.connect(self.conversation_wanted)
        self.offered.accepted.connect(self._accepted)
        self.body.addWidget(self.offered)
        self.body.addWidget(self._tools)
        self.body.addLayout(self._list)
        self.body.addWidget(self._none)
        self.body.addLayout(row(self.more, -1))
        self.body.addWidget(self.empty)
        self.forgotten = ForgottenLessons(theme, session)
        self.forgotten.check_wanted.connect(self._check)
        self.body.addWidget(self.forgotten)
        session.lessons_changed.connect(self.refresh)
        session.trouble_changed.connect(self.refresh)
        self.trouble.again_wanted.connect(lambda: session.read("lessons"))
        self.refresh()

    def _empty_state(self) -> EmptyState:
        talk = Button(self.theme, "Go to t&he chat", "primary")
        talk.clicked.connect(lambda: self.page_wanted.emit("chat"))
        load = Button(self.theme, "Import a lesson file…", icon="file")
        load.clicked.connect(self._import)
        title = "Nothing taught yet"
        return EmptyState(self.theme, "lessons", title, talk, load, steps=STEPS)

    # ------------------------------------------------------------------ the list

    def refresh(self) -> None:
        """Show the lessons as they are now."""
        known = self.show_state("lessons")
        everything = [x for x in self.session.lessons if x.state != "forgotten"]
        found = self._found(everything)
        self._tools.setVisible(len(everything) > MANY)
        self.add.setVisible(bool(everything))
        self.empty.setVisible(known and not everything)
        self._none.setVisible(bool(everything) and not found)
        self._show(found[: self._limit])
        rest = len(found) - self._limit
        self.more.setVisible(rest > 0)
        self.more.setText(f"Show {count(min(rest, AT_ONCE), 'more', 'more')} of {rest:,}")

    def _found(self, everything: list[LessonRecord]) -> list[LessonRecord]:
        if len(everything) <= MANY:
            return everything
        state = STATES[self.filter.taken()]
        words = self.search.text()
        return [x for x in everything if state in (None, x.state) and matches(x, words)]

    def _show(self, lessons: list[LessonRecord]) -> None:
        wanted = {lesson.id for lesson in lessons}
        for gone in [key for key in self.rows if key not in wanted]:
            made = self.rows.pop(gone)
            self._list.removeWidget(made)
            made.hide()
            made.deleteLater()
        for place, lesson in enumerate(lessons):
            made = self.rows.get(lesson.id) or self._make(lesson)
            made.show_lesson(lesson, self.session.lesson(lesson.superseded_by))
            if self._list.indexOf(made) != place:
                self._list.insertWidget(place, made)

    def _make(self, lesson: LessonRecord) -> LessonRow:
        made = LessonRow(self.theme, lesson)
        made.forget_wanted.connect(self._forget)
        made.kind_wanted.connect(self._sort)
        made.dates_wanted.connect(self._date)
        self.rows[lesson.id] = made
        return made

    def _search_again(self) -> None:
        self._limit = AT_ONCE
        self.refresh()

    def _show_more(self) -> None:
        self._limit += AT_ONCE
        self.refresh()

    # ------------------------------------------------------------------ acts

    def _sort(self, lesson_id: str, kind: KindName) -> None:
        request = SetLessonKind(id="", lesson_id=lesson_id, kind=kind)
        call = self.session.backend.send(request, LessonRecord)
        call.then(lambda _: None, self._not_sorted)

    def _not_sorted(self, error: ErrorInfo) -> None:
        self.refresh()
        self.session.failed(error)

    def _forget(self, lesson_id: str) -> None:
        lesson = self.session.lesson(lesson_id)
        if lesson is None:
            return
        sheet = ForgetSheet(self.theme, self.window(), self.session, lesson)
        sheet.forgotten.connect(partial(self._forgot, lesson_id))
        self.show_sheet(sheet, sheet.confirm)

    def _date(self, lesson_id: str) -> None:
        lesson = self.session.lesson(lesson_id)
        if lesson is not None and lesson.valid_from is not None:
            sheet = ValiditySheet(self.theme, self.window(), self.session, lesson)
            self.show_sheet(sheet, sheet.since)

    def _forgot(self, lesson_id: str, told: str) -> None:
        def check() -> None:
            self._check(self.forgotten.named(lesson_id))

        self.checkable.emit("Forgotten", told, check)

    def _check(self, lesson: ForgottenLesson) -> None:
        sheet = LessonCheckSheet(self.theme, self.window(), self.session, lesson)
        self.show_sheet(sheet, sheet.quick)

    def _find(self) -> None:
        self.look.setEnabled(False)
        call = self.session.backend.send(FindProposals(id=""), int)
        call.then(self._looked, self.session.failed)
        call.done.connect(self._findable)
        call.failed.connect(self._findable)

    def _findable(self) -> None:
        self.look.setEnabled(True)

    def _looked(self, made: int) -> None:
        told = f"{count(made, 'lesson')} offered" if made else "Nothing new to offer"
        self.note.emit(told, OFFERED if made else LOOKED)

    def _accepted(self) -> None:
        self.note.emit("Noted", COUNTS)

    def _import(self) -> None:
        kinds = "Lessons (*.jsonl);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self, "Import a lesson file", "", kinds)
        if path:
            self.add.setEnabled(False)
            call = self.session.backend.send(AddLessons(id="", path=path), list[LessonRecord])
            call.then(self._imported, self.session.failed)
            call.done.connect(self._importable)
            call.failed.connect(self._importable)

    def _importable(self) -> None:
        self.add.setEnabled(True)

    def _imported(self, lessons: list[LessonRecord]) -> None:
        self.note.emit(f"{count(len(lessons), 'lesson')} added", COUNTS)
        QTimer.singleShot(0, self, self.to_top)
