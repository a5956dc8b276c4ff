"""Conversation sheets: renaming a conversation and confirming that one is deleted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.protocol import ConversationSummary, DeleteConversation, RenameConversation
from ui.controls import Button, label
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.words import count


def _found(session: Session, conversation: int) -> ConversationSummary | None:
    return next((c for c in session.conversations if c.id == conversation), None)


class RenameSheet(Sheet):
    """One field with the title."""

    def __init__(self, theme: Theme, window: QWidget, session: Session, conversation: int) -> None:
        super().__init__(theme, window, "Rename this conversation", width=440)
        self._session = session
        self._conversation = conversation
        found = _found(session, conversation)
        self.field = QLineEdit(found.title if found else "")
        self.field.setMaxLength(200)
        self.field.setAccessibleName("Title")
        self.field.selectAll()
        self.field.returnPressed.connect(self._rename)
        go = Button(theme, "&Rename", "primary")
        go.clicked.connect(self._rename)
        self.body.addWidget(self.field)
        self.add_buttons(go)

    def _rename(self) -> None:
        title = self.field.text().strip()
        if title:
            request = RenameConversation(id="", conversation_id=self._conversation, title=title)
            self._session.backend.send(request, type(None)).then(
                lambda _: None, self._session.failed
            )
            self.close_sheet()


class DeleteSheet(Sheet):
    """Says what goes and what stays."""

    deleted = Signal(int)

    def __init__(self, theme: Theme, window: QWidget, session: Session, conversation: int) -> None:
        super().__init__(theme, window, "Delete this conversation?", width=440)
        self._session = session
        self._conversation = conversation
        found = _found(session, conversation)
        name = f"“{' '.join(found.title.split())[:80]}”" if found else "This conversation"
        size = f" and its {count(found.messages, 'message')}" if found and found.messages else ""
        told = f"{name}{size} will be erased. Lessons you made of its answers stay."
        self.body.addWidget(label(told, "soft", wrap=True))
        self.confirm = Button(theme, "&Delete", "danger")
        self.confirm.clicked.connect(self._delete)
        self.add_buttons(self.confirm)

    def _delete(self) -> None:
        request = DeleteConversation(id="", conversation_id=self._conversation)
        call = self._session.backend.send(request, type(None))
        call.then(lambda _: self.deleted.emit(self._conversation), self._session.failed)
        self.hide()
        call.done.connect(self.close_sheet)
        call.failed.connect(self.close_sheet)
