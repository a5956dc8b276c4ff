"""Forget sheet: says what goes when a lesson is forgotten, and asks."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.protocol import ErrorInfo, Forget, LessonRecord, Status
from ui.controls import Button, Picture, label, row
from ui.lesson_words import title_of
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.trouble import Trouble
from ui.words import listed


class ForgetSheet(Sheet):
    """Emits `forgotten` with a sentence about what went."""

    forgotten = Signal(str)

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, lesson: LessonRecord
    ) -> None:
        super().__init__(theme, window, "Forget this lesson?", width=500)
        self._session = session
        self._lesson = lesson
        held = [str(a.version) for a in session.adapters if lesson.id in a.lesson_ids]
        self._versions = held[::-1]
        self.body.addWidget(label(f"“{title_of(lesson)}”", "soft", wrap=True))
        self.body.addSpacing(4)
        for icon, told in self._told():
            line = row(Picture(theme, icon, "text_soft", 18), label(told, "small", wrap=True))
            line.setStretch(1, 1)
            line.setSpacing(12)
            self.body.addLayout(line)
        self.trouble = Trouble(theme)
        self.trouble.again.hide()
        self.body.addWidget(self.trouble)
        self.confirm = Button(theme, "&Forget it", "danger")
        self.confirm.clicked.connect(self._forget)
        self.add_buttons(self.confirm)

    def _told(self) -> list[tuple[str, str]]:
        told = [("trash", "It goes out of use at once, and its text is erased from your record.")]
        if self._versions:
            versions = listed("Version", self._versions)
            go, hold, them = (
                ("are", "hold", "their keys")
                if len(self._versions) > 1
                else ("is", "holds", "its key")
            )
            told += [
                ("key", f"{versions}, which {hold} it, {go} destroyed together with {them}."),
                (
                    "study",
                    "Your other lessons stay: the model is shown them until you study again, "
                    "which learns them anew without this one.",
                ),
            ]
        if self._session.study is not None:
            told.append(("stop", "The study session that runs now is stopped."))
        return told

    def _forget(self) -> None:
        self.confirm.setEnabled(False)
        self.confirm.setText("Forgetting…")
        self.trouble.show_error(None)
        call = self._session.backend.send(Forget(id="", lesson_id=self._lesson.id), Status)
        call.then(self._done, self._failed)

    def _done(self, status: Status) -> None:
        self._session.take_status(status)
        told = "Its text is erased."
        if self._versions:
            gone = listed("Version", self._versions)
            told = f"{told} {gone} went with it; study again to learn the other lessons anew."
        self.close_sheet()
        self.forgotten.emit(told)

    def _failed(self, error: ErrorInfo) -> None:
        self.confirm.setEnabled(True)
        self.confirm.setText("&Forget it")
        self.trouble.show_error(error)
