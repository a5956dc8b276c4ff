"""Answer view: one reply with its quiet actions, its correction, and what stood behind it."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from app.protocol import ChatMessage, LessonRecord, PartReading, Reading
from ui.answer_actions import AnswerActions
from ui.answer_layers import AnswerLayers
from ui.answer_sources import AnswerSources
from ui.comparison import Comparison
from ui.controls import Button, Hoverable, label, row
from ui.correction_editor import CorrectionEditor
from ui.drafts import CorrectionDraft
from ui.markdown_view import MarkdownView
from ui.noted import Noted
from ui.theme import Theme
from ui.thinking import Thinking
from ui.tokens import COLUMN, WIDE_COLUMN

NARROW = 600
"""Below this width two answers are too narrow to read beside each other."""

ENDED_EARLY = {
    "stopped": "You stopped this answer.",
    "broken": "This answer broke off when the assistant stopped. Regenerate it to try again.",
}


class AnswerView(Hoverable):
    """One reply: streaming while `message` is None, complete afterwards."""

    correct_wanted = Signal(object)
    regenerate_wanted = Signal(object)
    compare_wanted = Signal(object)
    layers_wanted = Signal(object)
    retry_wanted = Signal(object)
    rated = Signal(object, bool)
    copied = Signal(object)
    saved = Signal(object, object)
    draft_changed = Signal(object)
    undo = Signal(str)
    kind_wanted = Signal(str, str)
    grew = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(self._attended)
        self._theme = theme
        self.message: ChatMessage | None = None
        self.editor: CorrectionEditor | None = None
        self.comparison: Comparison | None = None
        self._wanted = False
        self._newest = False
        self.markdown = MarkdownView(theme)
        self.markdown.grew.connect(self._on_grew)
        self._thinking = Thinking(theme)
        self._state = label("", "caption", wrap=True)
        self._state.hide()
        self._retry = Button(theme, "Answer &it again", "", icon="redo")
        self._retry.clicked.connect(lambda: self.retry_wanted.emit(self))
        self._retry.hide()
        self.layers = AnswerLayers(theme)
        self.layers.hide()
        self.layers.compare_wanted.connect(lambda: self.compare_wanted.emit(self))
        self.sources = AnswerSources(theme)
        self.sources.grew.connect(self.grew)
        self.layers.passages_wanted.connect(lambda: self.sources.more.setChecked(True))
        self.markdown.cited.connect(self.sources.choose)
        self.noted = Noted(theme)
        self.noted.undo.connect(self.undo)
        self.noted.kind_wanted.connect(self.kind_wanted)
        self.tools = AnswerActions(theme)
        self.tools.copy.clicked.connect(self._copy)
        self.tools.unhelpful.clicked.connect(lambda on: self.rated.emit(self, on))
        self.tools.correct.clicked.connect(lambda: self.correct_wanted.emit(self))
        self.tools.regenerate.clicked.connect(lambda: self.regenerate_wanted.emit(self))
        self.tools.compare.clicked.connect(lambda: self.compare_wanted.emit(self))
        self.tools.behind.toggled.connect(self._show_layers)
        self._lay_out()
        self.setMaximumWidth(COLUMN)

    def _lay_out(self) -> None:
        inner = QVBoxLayout()
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        self._with = label("With what you taught", "small-strong")
        self._with.setContentsMargins(0, 14, 0, 0)  # level with the other one's title in its card
        self._with.hide()
        for part in (self._with, self._thinking, self.markdown, self._state, self.sources):
            inner.addWidget(part)
        inner.addLayout(row(self._retry, -1))
        inner.addWidget(self.noted)
        inner.addWidget(self.tools)
        inner.addWidget(self.layers)
        inner.addStretch(1)
        self._inner = inner
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(20)
        self._beside.addLayout(inner, 1)

    # ------------------------------------------------------------------ life of the reply

    def show_reading(self, reading: Reading) -> None:
        """The prompt is being read."""
        self._thinking.show_reading(reading)

    def show_part(self, part: PartReading) -> None:
        """A document is being read part by part."""
        self._thinking.show_part(part)

    def append(self, text: str) -> None:
        """More of the reply."""
        self._thinking.hide()
        self.markdown.append(text)

    def complete(self, message: ChatMessage, *, drawn: bool = False) -> None:
        """The reply is complete; `drawn` when all of it was streamed here."""
        self.message = message
        self._thinking.hide()
        if drawn and self.markdown.text() == message.text:
            self.markdown.finish()
        else:
            self.markdown.set_text(message.text)
        self._state.setText(ENDED_EARLY.get(message.state, ""))
        self._state.setVisible(bool(self._state.text()))
        self.sources.show_provenance(message.provenance)
        self.markdown.cite(self.sources.numbers())
        self.show_rating(unhelpful=message.unhelpful)
        self._show_actions()
        self.setAccessibleName("Answer: " + message.text[:400])

    def _show_layers(self, on: bool) -> None:
        if on:
            self.layers_wanted.emit(self)
        self.layers.setVisible(on)
        self.grew.emit()

    def break_off(self, why: str) -> None:
        """The reply ended without a result; what came stays readable, and can be asked again."""
        self._thinking.hide()
        self._retry.show()
        self.markdown.finish()
        self._state.setText(why)
        self._state.setVisible(bool(why))

    def show_rating(self, *, unhelpful: bool) -> None:
        """Show whether the person marked it as not helpful."""
        self.tools.unhelpful.setChecked(unhelpful)

    def set_newest(self, newest: bool) -> None:
        """The newest answer's actions are always in sight."""
        self._newest = newest
        self._show_actions()

    def keep_sources(self, documents: Collection[int]) -> None:
        """Of all other documents nothing is quoted any more: they were forgotten."""
        if self.sources.keep_only(documents):
            self.markdown.cite(self.sources.numbers())

    def show_lesson(self, lesson: LessonRecord | None) -> None:
        """The lesson made of this answer."""
        self.noted.show_lesson(lesson)

    # ------------------------------------------------------------------ correcting

    def edit(self, draft: CorrectionDraft, *, able: bool, focus: bool = True) -> None:
        """Make the answer editable in place; `focus` when the person asked for it just now."""
        if self.editor is not None:
            self.editor.focus()
            return
        self.editor = CorrectionEditor(self._theme, draft)
        self.editor.set_able(able)
        self.editor.cancelled.connect(self._cancel)
        self.editor.saved.connect(lambda made: self.saved.emit(self, made))
        self.editor.edited.connect(lambda: self.draft_changed.emit(self))
        self._inner.insertWidget(self._inner.indexOf(self.markdown), self.editor)
        self.markdown.hide()
        self._show_actions()
        if focus:
            self.editor.focus()

    def _cancel(self) -> None:
        self.end_edit()
        self.draft_changed.emit(self)

    def end_edit(self) -> None:
        """Back to the answer as it is."""
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
        self.markdown.show()
        self._show_actions()

    # ------------------------------------------------------------------ beside it

    def compare(self, comparison: Comparison) -> None:
        """Show a comparison on the right."""
        self.end_comparison()
        self.comparison = comparison
        comparison.closed.connect(self.end_comparison)
        comparison.grew.connect(self.grew)
        self._beside.addWidget(comparison, 1)
        self._with.show()
        self.setMaximumWidth(WIDE_COLUMN)

    def end_comparison(self) -> None:
        """Put the comparison away."""
        if self.comparison is not None:
            self.comparison.hide()
            self.comparison.deleteLater()
            self.comparison = None
            self._with.hide()
            self.setMaximumWidth(COLUMN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two answers stand side by side where there is room, else one below the other."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        way = QBoxLayout.Direction
        self._beside.setDirection(way.TopToBottom if narrow else way.LeftToRight)

    def sizeHint(self) -> QSize:
        """As wide as it may be, so that the column does not jump while words arrive."""
        return QSize(self.maximumWidth(), super().sizeHint().height())

    # ------------------------------------------------------------------ small things

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.markdown.text())
        self.tools.say_copied()
        self.copied.emit(self)

    def first_action(self) -> QWidget:
        return self.tools.correct

    def _attended(self, on: bool) -> None:
        self._wanted = on
        self._show_actions()

    def _show_actions(self) -> None:
        ready = self.message is not None and self.message.id >= 0 and self.editor is None
        self.tools.show_if(ready, seen=self._wanted or self._newest)

    def _on_grew(self) -> None:
        self._thinking.setVisible(self._thinking.isVisible() and not self.markdown.text())
        self.grew.emit()
