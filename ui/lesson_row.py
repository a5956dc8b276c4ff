"""Lesson row: one lesson with its state, its kind and Forget; its texts when it is opened."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.protocol import LessonRecord
from ui.beside import Beside, panel
from ui.controls import Button, clear, column, empty, label, row, set_role
from ui.flowing_text import FlowingText
from ui.kind_switch import KindSwitch, words_of
from ui.lesson_words import dates, standing, title_of
from ui.theme import Theme
from ui.words import moment

INDENT = 41


class LessonRow(QFrame):
    """Emits `forget_wanted` and `dates_wanted` with the id, `kind_wanted` with id and kind."""

    forget_wanted = Signal(str)
    dates_wanted = Signal(str)
    kind_wanted = Signal(str, str)

    def __init__(self, theme: Theme, lesson: LessonRecord) -> None:
        super().__init__()
        self._theme = theme
        self.lesson = lesson
        self.setProperty("role", "card")
        self.more = Button(theme, "", "quiet", icon="right", size=14)
        self.more.clicked.connect(self.toggle)
        self._title = label("", "small-strong", wrap=True)
        self._asked = label("", "caption", wrap=True)
        self._chip = label("")
        self._told = label("", "caption", wrap=True)
        self.kind = KindSwitch(theme, lesson.kind)
        self.kind.chosen.connect(lambda kind: self.kind_wanted.emit(self.lesson.id, kind))
        self.forget = Button(theme, "", "quiet", icon="trash", tip="Forget this lesson…", size=16)
        self.forget.clicked.connect(lambda: self.forget_wanted.emit(self.lesson.id))
        self._since = label("", "caption", wrap=True)
        self.dates = Button(theme, "Change…", "link-small")
        self.dates.clicked.connect(lambda: self.dates_wanted.emit(self.lesson.id))
        self._details = QVBoxLayout()
        self._details.setContentsMargins(INDENT, 8, 8, 10)
        self._details.setSpacing(10)
        self._holder = clear(self._details)
        self._holder.hide()
        self._lay_out()
        self.show_lesson(lesson)

    def _lay_out(self) -> None:
        top = Qt.AlignmentFlag.AlignTop
        state = row(gap=8)
        state.addWidget(self._chip, 0, top)
        state.addWidget(self._told, 1)
        dated = row(gap=6)
        dated.addWidget(self._since, 1)
        dated.addWidget(self.dates, 0, top)
        words = column(self._title, self._asked, 4, state, dated, gap=3)
        words.setContentsMargins(0, 4, 0, 4)
        head = row(gap=6)
        head.addWidget(self.more, 0, top)
        head.addLayout(words, 1)
        head.addWidget(self.kind, 0, top)
        head.addWidget(self.forget, 0, top)
        layout = column(head, self._holder, gap=4)
        layout.setContentsMargins(8, 8, 10, 8)
        self.setLayout(layout)

    def show_lesson(self, lesson: LessonRecord, newer: LessonRecord | None = None) -> None:
        """Show the lesson as it is now; `newer` is what took its place."""
        changed = lesson != self.lesson
        self.lesson = lesson
        title, now = title_of(lesson), standing(lesson)
        self._title.setText(title)
        asked = " ".join(lesson.prompt.split())
        self._asked.setText(f"Asked: {asked[:140]}" + ("…" if len(asked) > 140 else ""))
        self._asked.setVisible(bool(lesson.note))
        self._chip.setText(now.word)
        set_role(self._chip, now.role)
        self._told.setText(now.told)
        self.kind.show_kind(lesson.kind, title)
        self.forget.setAccessibleName(f"Forget: {title}")
        since = dates(lesson, newer)
        self._since.setText(since)
        for widget in (self._since, self.dates):
            widget.setVisible(bool(since))
        self.dates.setAccessibleName(f"Change the dates: {title}")
        self.setAccessibleName(f"{title}. {now.word}. {now.told} {since}".rstrip())
        self._name_more()
        if changed and self.opened:
            self._fill()

    @property
    def opened(self) -> bool:
        """Whether its texts are in sight."""
        return not self._holder.isHidden()

    def toggle(self) -> None:
        """Show or hide the texts."""
        opening = not self.opened
        if opening:
            self._fill()
        self._holder.setVisible(opening)
        self.more.set_icon("down" if opening else "right")
        self._name_more()

    def _name_more(self) -> None:
        verb = "Hide" if self.opened else "Show"
        self.more.setToolTip(f"{verb} what was said")
        self.more.setAccessibleName(f"{verb} details: {title_of(self.lesson)}")

    def _fill(self) -> None:
        """Made when first wanted: a list of hundreds stays quick."""
        empty(self._details)
        lesson = self.lesson
        self._details.addWidget(self._part("You asked", lesson.prompt))
        wanted = panel("You wanted", FlowingText(self._theme, lesson.corrected), "learn-card")
        if lesson.rejected:
            said = panel("It answered", FlowingText(self._theme, lesson.rejected), "quiet-card")
            self._details.addWidget(Beside(said, wanted))
        else:
            self._details.addWidget(wanted)
        if lesson.note:
            self._details.addWidget(self._part("What to learn from it", lesson.note))
        now = words_of(lesson.kind)
        self._details.addWidget(label(f"{now.name}: {now.told}", "caption", wrap=True))
        self._details.addWidget(label(f"Taught {moment(lesson.created)}", "caption"))

    def _part(self, title: str, text: str) -> QWidget:
        return clear(column(label(title, "overline"), FlowingText(self._theme, text), gap=3))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole head opens the row, not only its arrow."""
        below = self.opened and event.position().y() > self._holder.y()
        if event.button() == Qt.MouseButton.LeftButton and not below:
            self.toggle()
        else:
            super().mousePressEvent(event)
