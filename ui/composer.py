"""Composer: where a question is typed; Enter sends, long pasted texts become a chip."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.clipboard import paths_in
from ui.controls import Button, card, clear, empty, label, row, set_role
from ui.drafts import QuestionDraft
from ui.elided import Elided
from ui.flow import Flow
from ui.growing_edit import GrowingEdit
from ui.paste_offer import PasteOffer
from ui.plain_text import size_of
from ui.scope import Limit, Mode, Scope
from ui.scope_switch import ScopeSwitch
from ui.theme import Theme

PASTE_LIMIT = 6000
MAX_LINES = 9
NARROW = 560
"""Below this width the field needs the room that words on its control would take."""


class QuestionEdit(GrowingEdit):
    """The text field: Enter sends, long pasted texts and pasted files are handed over."""

    send = Signal()
    pasted = Signal(str)
    inserted = Signal(str)
    files = Signal(list)
    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__(1, MAX_LINES)
        self.setProperty("role", "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Your question")
        self.setPlaceholderText("Ask anything, then correct what you don’t like")
        self.document().setDocumentMargin(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.send.emit()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Only plain text goes in; a long one is handed over instead of being laid out."""
        text = source.text()
        if paths := paths_in(source):
            self.files.emit(paths)
        elif len(text) > PASTE_LIMIT:
            self.pasted.emit(text)
        else:
            self.insertPlainText(text)
            self.inserted.emit(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)


class Composer(QFrame):
    """The input at the foot of the chat."""

    sent = Signal(object)
    stop_wanted = Signal()
    edited = Signal()
    keep_wanted = Signal(str)
    files_pasted = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._scope = Scope()
        self._documents = False
        self._pasted: list[str] = []
        self._editing: int | None = None
        self._busy = False
        self._able = True
        self._why_not = ""
        self.setProperty("role", "composer")
        self.field = QuestionEdit()
        self.field.send.connect(self._send)
        self.field.pasted.connect(self.add_pasted)
        self.field.textChanged.connect(self._changed)
        self.field.focused.connect(self._show_focus)
        self.field.files.connect(self.files_pasted)
        self.offer = PasteOffer(theme)
        self.offer.keep_wanted.connect(self.keep_wanted)
        self.field.inserted.connect(self.offer.offer)
        self.field.pasted.connect(self.offer.offer)
        self.switch = ScopeSwitch(theme)
        self.switch.setFixedHeight(34)  # as the button beside it
        self.switch.chosen.connect(self._choose)
        self._button = Button(
            theme, "", "send", icon="send", colour="on_accent", tip="Send (Enter)", size=18
        )
        self._button.setFixedSize(34, 34)
        self._button.clicked.connect(self._pressed)
        self._chips = clear(Flow())
        self._note = label("Editing your question: what came after it will be replaced.", "learn")
        self._cancel = Button(theme, "&Keep as it was", "link")
        self._cancel.clicked.connect(self.clear)
        self._editing_row = clear(row(self._note, -1, self._cancel))
        field_row = row(self.field, self.switch, self._button, gap=8)
        field_row.setAlignment(self.switch, Qt.AlignmentFlag.AlignBottom)
        field_row.setAlignment(self._button, Qt.AlignmentFlag.AlignBottom)
        field_row.setAlignment(self.field, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 10, 10, 10)
        layout.setSpacing(8)
        layout.addWidget(self._editing_row)
        layout.addWidget(self._chips)
        layout.addLayout(field_row)
        layout.addWidget(self.offer)
        self.setFocusProxy(self.field)
        self._refresh()

    # ------------------------------------------------------------------ content

    def draft(self) -> QuestionDraft:
        """What stands here now."""
        text = self.field.toPlainText()
        return QuestionDraft(text, tuple(self._pasted), self._editing, self._scope)

    def put(self, draft: QuestionDraft) -> None:
        """Show a draft; a long text becomes a chip."""
        long = len(draft.text) > PASTE_LIMIT
        self._pasted = [*draft.pasted, *([draft.text] if long else [])]
        self._editing = draft.editing
        self._scope = draft.scope
        self.offer.hide()
        self.field.setPlainText("" if long else draft.text)
        cursor = self.field.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.field.setTextCursor(cursor)
        self._show_chips()
        self._refresh()

    def clear(self) -> None:
        """Empty it; what it is limited to holds for the next question too."""
        self.put(QuestionDraft(scope=self._scope))

    def add_pasted(self, text: str) -> None:
        """Keep a long pasted text beside the field."""
        self._pasted.append(text)
        self._show_chips()
        self._changed()

    # ------------------------------------------------------------------ documents

    @property
    def scope(self) -> Scope:
        """Which documents the next question is answered from."""
        return self._scope

    def limit(self, limit: Limit) -> None:
        """The next questions are about one document or folder."""
        self._set_scope(self._scope.within(limit))

    def show_documents(self, present: Collection[int], folders: Collection[int]) -> None:
        """What can be chosen from; what was forgotten limits nothing any more."""
        self._documents = bool(present)
        kept = self._scope
        for limit in self._scope.limits:
            if limit.id not in (present if limit.kind == "document" else folders):
                kept = kept.without(limit)
        self._set_scope(kept)

    def _choose(self, mode: Mode) -> None:
        self._set_scope(self._scope.choose(mode))

    def _set_scope(self, scope: Scope) -> None:
        if scope != self._scope:
            self._scope = scope
            self._show_chips()
        self._refresh()

    # ------------------------------------------------------------------ state

    def set_busy(self, busy: bool) -> None:
        """While an answer is being written the button stops it."""
        self._busy = busy
        self._refresh()

    def set_able(self, able: bool, why_not: str = "") -> None:
        """Whether a question can be sent; typing is always possible."""
        self._able = able
        self._why_not = why_not
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.switch.show_words(self.width() > NARROW)

    def _show_focus(self, on: bool) -> None:
        set_role(self, "composer-active" if on else "composer")

    def _changed(self) -> None:
        self._refresh()
        self.edited.emit()

    def _refresh(self) -> None:
        ready = self._able and not self.draft().empty
        self._button.set_icon("stop" if self._busy else "send", "on_accent")
        self._button.setToolTip(self._why_not or ("Stop (Esc)" if self._busy else "Send (Enter)"))
        self._button.setAccessibleName("Stop" if self._busy else "Send")
        self._button.setEnabled(self._busy or ready)
        self._editing_row.setVisible(self._editing is not None)
        self._chips.setVisible(bool(self._pasted or self._scope.limits))
        self.switch.show_mode(self._scope.mode)
        self.switch.setVisible(self._documents or self._scope != Scope())

    def _pressed(self) -> None:
        if self._busy:
            self.stop_wanted.emit()
        else:
            self._send()

    def _send(self) -> None:
        draft = self.draft()
        if not draft.empty and self._able and not self._busy:
            self.clear()
            self.sent.emit(draft)

    def _show_chips(self) -> None:
        layout = self._chips.layout()
        assert layout is not None
        empty(layout)
        for limit in self._scope.limits:
            away = self._away(f"Ask about everything, not only {limit.title}")
            away.clicked.connect(lambda _=False, one=limit: self._unlimit(one))
            name = Elided(f"in: {' '.join(limit.title.split())}", "small", middle=True)
            name.setToolTip(limit.title)
            layout.addWidget(_chip(name, away))
        for number, text in enumerate(self._pasted):
            away = self._away("Leave this text out")
            away.clicked.connect(lambda _=False, at=number: self._drop(at))
            layout.addWidget(_chip(label(f"Pasted text · {size_of(text)}", "small"), away))

    def _away(self, tip: str) -> Button:
        return Button(self._theme, "", "quiet", icon="close", tip=tip, size=12)

    def _unlimit(self, limit: Limit) -> None:
        self._set_scope(self._scope.without(limit))
        self.field.setFocus()

    def _drop(self, number: int) -> None:
        del self._pasted[number]
        self._show_chips()
        self._changed()


def _chip(told: QWidget, away: Button) -> QWidget:
    made = card("quiet-card")
    line = row(told, away, gap=4)
    line.setContentsMargins(12, 4, 4, 4)
    made.setLayout(line)
    return made
