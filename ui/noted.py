"""Noted: the quiet card under a corrected answer, with the person's version and Undo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.protocol import LessonRecord
from ui.controls import Button, Picture, empty, label, row
from ui.kind_switch import KindSwitch, words_of
from ui.plain_text import PlainView, fold
from ui.theme import Theme

TOLD = {
    "new": "Noted. It counts from your next question, and waits for the next study session.",
    "learned": "Learned.",
    "in_context": "Kept in context.",
    "superseded": "Replaced by a newer correction.",
    "forgotten": "Forgotten.",
}


class Noted(QFrame):
    """One lesson under its answer: what it became, which can be changed, and Undo.

    Emits `undo` with the lesson's id, and `kind_wanted` with id and kind.
    """

    undo = Signal(str)
    kind_wanted = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lesson: LessonRecord | None = None
        self.kind: KindSwitch | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 10, 12, 12)
        self._layout.setSpacing(6)
        self.setProperty("role", "learn-card")
        self.hide()

    @property
    def lesson(self) -> LessonRecord | None:
        """The lesson shown."""
        return self._lesson

    def show_lesson(self, lesson: LessonRecord | None) -> None:
        """Show a lesson, or nothing."""
        if lesson == self._lesson:
            return
        self._lesson = lesson
        empty(self._layout)
        self.setVisible(lesson is not None)
        if lesson is not None:
            self._fill(lesson)

    def _fill(self, lesson: LessonRecord) -> None:
        told = TOLD[lesson.state]
        if lesson.state == "learned" and lesson.adapter:
            told = f"Learned in version {lesson.adapter}."
        elif lesson.state == "superseded" and lesson.reason:
            told = lesson.reason
        undo = Button(self._theme, "&Undo", "quiet-learn", tip="Forget this correction")
        undo.clicked.connect(lambda: self.undo.emit(lesson.id))
        said = label(told, "learn", wrap=True)
        line = row(Picture(self._theme, "check", "learn_text", 16), said, gap=8)
        line.setStretch(1, 1)
        line.addWidget(undo)
        undo.setVisible(lesson.state == "new")  # once it has a place: else it is a window
        self._layout.addLayout(line)
        view = PlainView()
        view.show_text(fold(lesson.corrected) or lesson.corrected)
        self._layout.addLayout(row(24, view, gap=0))
        if lesson.note:
            note = label(f"“{lesson.note}”", "small", wrap=True)
            self._layout.addLayout(row(24, note, gap=0))
        self._layout.addLayout(self._sorted_as(lesson))
        self.setAccessibleName(f"{told} {lesson.note}")
        self._layout.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _sorted_as(self, lesson: LessonRecord) -> QHBoxLayout:
        self.kind = KindSwitch(self._theme, lesson.kind)
        self.kind.chosen.connect(lambda kind: self.kind_wanted.emit(lesson.id, kind))
        kept = label(words_of(lesson.kind).told, "caption", wrap=True)
        line = row(24, label("Sorted as", "small"), self.kind, kept, gap=6)
        line.setStretch(line.count() - 1, 1)
        return line
