"""Forgotten lessons: the little that is kept of each, and the check that nothing else is left."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import ErrorInfo, ForgottenLesson, ListForgotten
from ui.controls import Button, Picture, column, empty, label, row
from ui.session import Session
from ui.theme import Theme
from ui.words import moment

TOLD = (
    "Their texts are erased. A number and the time are kept, so that you can check that nothing "
    "else is left."
)
FEW = 3
"""Rows shown before all are asked for."""


class ForgottenLessons(QFrame):
    """Hidden while there are none; emits `check_wanted` with the `ForgottenLesson`."""

    check_wanted = Signal(object)

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._all = False
        self.lessons: list[ForgottenLesson] = []
        self.checks: dict[str, Button] = {}
        self.setProperty("role", "quiet-card")
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.more = Button(theme, "", "link")
        self.more.clicked.connect(self._show_all)
        title = label("Forgotten lessons", "small-strong")
        words = column(title, label(TOLD, "small", wrap=True), gap=2)
        layout = column(words, self._list, row(self.more, -1), gap=10)
        layout.setContentsMargins(18, 14, 14, 14)
        self.setLayout(layout)
        self.hide()
        session.lessons_changed.connect(self.read)
        self.read()

    def read(self) -> None:
        """Ask for what is kept; a record that is closed has none to show."""
        status = self._session.status
        if status is None or status.key != "open":
            self._show([])
            return
        request = self._session.backend.send(ListForgotten(id=""), list[ForgottenLesson])
        request.then(self._show, self._failed)

    def named(self, lesson_id: str) -> ForgottenLesson:
        """What is kept of a lesson; of one just forgotten, what will be."""
        unread = ForgottenLesson(id=lesson_id, forgotten="", pending=False)
        return next((x for x in self.lessons if x.id == lesson_id), unread)

    def _failed(self, error: ErrorInfo) -> None:
        if error.code not in ("service_lost", "locked"):
            self._session.failed(error)

    def _show(self, lessons: list[ForgottenLesson]) -> None:
        self.lessons = lessons
        shown = lessons if self._all else lessons[:FEW]
        empty(self._list)
        self.checks.clear()
        for lesson in shown:
            self._list.addLayout(self._line(lesson))
        self.more.setText(f"Show all {len(lessons):,}")
        self.more.setVisible(len(lessons) > len(shown))
        self.setVisible(bool(lessons))

    def _line(self, lesson: ForgottenLesson) -> QVBoxLayout:
        when = f"Forgotten {moment(lesson.forgotten)}"
        waits = "  ·  study to make the weights without it" if lesson.pending else ""
        check = Button(self._theme, "Check…", "link", name=f"Check the lesson {lesson.id}. {when}")
        check.clicked.connect(lambda: self.check_wanted.emit(lesson))
        self.checks[lesson.id] = check
        told = label(f"{when}  ·  {lesson.id}{waits}", "caption", wrap=True)
        line = row(Picture(self._theme, "trash", "text_faint", 16), told, check, gap=12)
        line.setStretch(1, 1)
        return column(line)

    def _show_all(self) -> None:
        self._all = True
        self._show(self.lessons)
