"""Transcript: the scrolling conversation; only the newest messages are live widgets."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import ChatMessage
from ui.answer_view import AnswerView
from ui.controls import Button, centred, clear
from ui.question_view import QuestionView
from ui.scroll import Scroll
from ui.text_menu import text_at, text_menu
from ui.theme import Theme

LIVE = 40
SLICE_S = 0.008
"""Messages shown at first, and how long one stretch of building them may take."""

View = QuestionView | AnswerView


class Transcript(Scroll):
    """Shows messages oldest first; keeps to the end while the person is there."""

    edit_wanted = Signal(object)
    teach_wanted = Signal(str)

    def __init__(self, theme: Theme, answer: Callable[[ChatMessage | None], AnswerView]) -> None:
        super().__init__()
        self._theme = theme
        self._make_answer = answer
        self._hidden: list[ChatMessage] = []
        self._queue: deque[ChatMessage] = deque()
        self.views: list[View] = []
        self._focused: View | None = None
        self._at_end = True
        self._from_end = 0
        self._body = clear()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(self.edge, 24, self.edge, 24)
        self._column.setSpacing(24)
        self._earlier = Button(theme, "Show ea&rlier messages", "link")
        self._earlier.clicked.connect(self._show_earlier)
        self._earlier_row = clear(centred(self._earlier, 240))
        self._column.addWidget(self._earlier_row)
        self._column.addStretch(1)
        self._earlier_row.hide()
        self.setWidget(self._body)
        self._slice = QTimer(self, singleShot=True, interval=0)
        self._slice.timeout.connect(self._build)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._keep)
        bar.valueChanged.connect(self._moved)
        self._down = Button(theme, "", "", icon="arrow-down", tip="To the newest message", size=16)
        self._down.setParent(self)
        self._down.setFixedSize(34, 34)
        self._down.setStyleSheet("border-radius: 17px; padding: 0;")
        self._down.clicked.connect(self.to_end)
        self._down.hide()

    def follow_focus(self, now: QWidget | None) -> None:
        """A message shows its actions while the focus is in it."""
        inside = next((view for view in self.views if now and view.isAncestorOf(now)), None)
        if inside is self._focused:
            return
        before, self._focused = self._focused, inside
        if before is not None and before in self.views:
            before.hold(False)
        if inside is not None and now is not None:
            inside.hold(True)
            self.ensureWidgetVisible(now)

    # ------------------------------------------------------------------ content

    def clear(self) -> None:
        """Show nothing."""
        self._slice.stop()
        self._queue.clear()
        self._hidden = []
        for view in self.views:
            self._drop(view)
        self.views = []
        self._earlier_row.hide()
        self._at_end = True

    def show_messages(self, messages: Sequence[ChatMessage]) -> None:
        """Show a conversation: the newest at once, the rest while nothing else is to do."""
        self.clear()
        self._hidden = list(messages[:-LIVE])
        self._queue = deque(messages[-LIVE:])
        self._build()

    def shows(self, messages: Sequence[ChatMessage]) -> bool:
        """Whether exactly the newest of these are in sight already, each as it is."""
        shown = [_message(view) for view in self.views]
        newest = messages[-len(shown) :] if shown else messages
        return self.settled() and [(m.id, m.text, m.state) for m in newest] == [
            (m.id, m.text, m.state) for m in shown if m is not None
        ]

    def settled(self) -> bool:
        """Whether every message to be shown was built and drawn."""
        return not self._queue and all(view.markdown.drawn for view in self.answers())

    def add_question(self, text: str, message_id: int | None) -> QuestionView:
        """Append a question just asked."""
        self._trim()
        view = self._question(text, message_id)
        self._place(view, len(self.views))
        _chain(self.views[-2:])
        self.to_end()
        return view

    def add_answer(self) -> AnswerView:
        """Append an answer that will stream."""
        view = self._make_answer(None)
        self._place(view, len(self.views))
        _chain(self.views[-2:])
        self.to_end()
        return view

    def cut_from(self, message_id: int) -> None:
        """Remove a message and all after it."""
        at = next((i for i, view in enumerate(self.views) if _id(view) == message_id), None)
        if at is not None:
            for view in self.views[at:]:
                self._drop(view)
            del self.views[at:]

    def remove(self, view: View) -> None:
        """Remove one view."""
        if view in self.views:
            self.views.remove(view)
            self._drop(view)

    def answers(self) -> list[AnswerView]:
        """The answers in sight, oldest first."""
        return [view for view in self.views if isinstance(view, AnswerView)]

    def to_end(self) -> None:
        """Scroll to the newest message and stay there."""
        self._at_end = True
        self._keep()

    # ------------------------------------------------------------------ building

    def _build(self) -> None:
        """Build from the newest upwards, a few milliseconds at a time."""
        until = time.monotonic() + SLICE_S
        while self._queue:
            self._place(self._view_of(self._queue.pop()), 0)
            if time.monotonic() > until:
                break
        self._earlier_row.setVisible(bool(self._hidden) and not self._queue)
        if self._queue:
            self._slice.start()
        else:
            _chain(self.views)

    def _view_of(self, message: ChatMessage) -> View:
        if message.role == "user":
            return self._question(message.text, message.id)
        return self._make_answer(message)

    def _question(self, text: str, message_id: int | None) -> QuestionView:
        view = QuestionView(self._theme, text, message_id)
        view.edit_wanted.connect(self.edit_wanted)
        return view

    def _place(self, view: View, at: int) -> None:
        holder = clear(centred(view, view.maximumWidth()))
        self._column.insertWidget(at + 1, holder)
        self.views.insert(at, view)

    def _drop(self, view: View) -> None:
        holder = view.parentWidget()
        if holder is not None:
            self._column.removeWidget(holder)
            holder.hide()
            holder.deleteLater()

    def _show_earlier(self) -> None:
        self._hold()
        self._queue = deque(self._hidden[-LIVE:])
        del self._hidden[-LIVE:]
        self._build()

    def _trim(self) -> None:
        """Back to the newest messages when a new one comes."""
        while len(self.views) > LIVE + 8 and not self._queue:
            view = self.views.pop(0)
            message = _message(view)
            if message is not None:
                self._hidden.append(message)
            self._drop(view)
        self._earlier_row.setVisible(bool(self._hidden))

    # ------------------------------------------------------------------ scrolling

    def _hold(self) -> None:
        """Keep what is in sight where it is while messages are put above it."""
        bar = self.verticalScrollBar()
        self._at_end = False
        self._from_end = bar.maximum() - bar.value()

    def _keep(self, *_: int) -> None:
        bar = self.verticalScrollBar()
        if self._at_end:
            bar.setValue(bar.maximum())
        elif self._queue:
            bar.setValue(bar.maximum() - self._from_end)
        self._show_down()

    def _moved(self, value: int) -> None:
        bar = self.verticalScrollBar()
        self._at_end = value >= bar.maximum() - 24
        self._from_end = bar.maximum() - value
        self._show_down()

    def _show_down(self) -> None:
        bar = self.verticalScrollBar()
        self._down.setVisible(bar.maximum() - bar.value() > 160)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the text under the pointer; what is selected there can be taught."""
        text = text_at(self, event)
        if text is not None:
            text_menu(text, self.teach_wanted.emit).popup(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        at_end = self._at_end
        super().resizeEvent(event)
        self._down.move(self.width() // 2 - 17, self.height() - 48)
        self._at_end = at_end
        self._keep()


def _chain(views: Sequence[View]) -> None:
    """Tab goes through messages from top to bottom, in whatever order they were built."""
    stops = [
        part
        for view in views
        for part in (view, *view.findChildren(QWidget))
        if part is view or part.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def _id(view: View) -> int | None:
    if isinstance(view, AnswerView):
        return view.message.id if view.message else None
    return view.message_id


def _message(view: View) -> ChatMessage | None:
    if isinstance(view, AnswerView):
        return view.message
    if view.message_id is None:
        return None
    return ChatMessage(id=view.message_id, role="user", text=view.text, created="")
