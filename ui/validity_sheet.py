"""Validity sheet: from which day a fact holds, and from which it no longer does."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QWidget

from app.protocol import ErrorInfo, LessonRecord, SetValidity
from ui.controls import Button, clear, column, label, row
from ui.date_field import DateField
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.trouble import Trouble
from ui.words import parse_time, shortened, whole_day

SAID = 160
"""Characters of the fact that is dated."""


class ValiditySheet(Sheet):
    """Two dates; what they change in the list comes with the list."""

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, lesson: LessonRecord
    ) -> None:
        super().__init__(theme, window, "When is this so?", width=460)
        self._session = session
        self._lesson = lesson
        self._taught = parse_time(lesson.created).date().isoformat()
        said = shortened(lesson.corrected, SAID)
        self.body.addWidget(label(f"“{said}”", "soft", wrap=True))
        self.since = DateField("Since", lesson.valid_from)
        self.taught = Button(theme, "The day it was taught", "link-small")
        self.taught.clicked.connect(lambda: self.since.show_day(self._taught))
        self.ended = QCheckBox("It is no longer so since")
        self.ended.setChecked(lesson.to_given)
        self.until = DateField("No longer so since", lesson.valid_to)
        self.until.setEnabled(lesson.to_given)
        self.ended.toggled.connect(self.until.setEnabled)
        self.body.addSpacing(4)
        first = row(self.since, self.taught, -1, gap=10)
        self.body.addWidget(clear(column(label("It is so since", "small-strong"), first, gap=6)))
        self.body.addWidget(clear(column(self.ended, row(self.until, -1), gap=6)))
        self.body.addWidget(label(self._told(), "caption", wrap=True))
        self.trouble = Trouble(theme)
        self.trouble.again.hide()
        self.body.addWidget(self.trouble)
        self.confirm = Button(theme, "&Save", "primary")
        self.confirm.clicked.connect(self._save)
        self.add_buttons(self.confirm)

    def _told(self) -> str:
        newer = self._session.lesson(self._lesson.superseded_by)
        if newer is not None and newer.valid_from is not None:
            day = whole_day(newer.valid_from)
            return f"Without an end, it ends on {day}, when what you taught later begins."
        return "Without an end, it ends when you teach something newer that contradicts it."

    def _save(self) -> None:
        self.confirm.setEnabled(False)
        self.trouble.show_error(None)
        since = self.since.day()
        request = SetValidity(
            id="",
            lesson_id=self._lesson.id,
            valid_from=None if since == self._taught else since,
            valid_to=self.until.day() if self.ended.isChecked() else None,
        )
        call = self._session.backend.send(request, LessonRecord)
        call.then(lambda _: self.close_sheet(), self._failed)

    def _failed(self, error: ErrorInfo) -> None:
        self.confirm.setEnabled(True)
        self.trouble.show_error(error)
