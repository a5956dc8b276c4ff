"""Read-through sheet: the question that is answered by reading every part of a document."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.protocol import DocumentRecord
from ui.controls import Button, label
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.words import count

USUAL = "Summarise this document."
TOLD = (
    "Every part of it is read in turn, and what helps is noted and put together. With a long"
    " document this takes minutes; the chat shows how far it is, and you can stop it there."
)


class ReadThroughSheet(Sheet):
    """Emits `asked` with the question."""

    asked = Signal(str)

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, document: DocumentRecord
    ) -> None:
        title = " ".join(document.title.split())
        super().__init__(theme, window, f"Read “{title[:80]}” through", width=480)
        self._session = session
        extent = count(document.pages, "page") if document.pages else ""
        size = ", ".join(filter(None, (extent, count(document.passages, "passage"))))
        self.body.addWidget(label(f"{size}. {TOLD}", "soft", wrap=True))
        self.field = QLineEdit(USUAL)
        self.field.setMaxLength(1000)
        self.field.setAccessibleName("Question")
        self.field.selectAll()
        self.field.textChanged.connect(self._show_ability)
        self.field.returnPressed.connect(self._ask)
        self.body.addWidget(self.field)
        self.confirm = Button(theme, "&Read it through", "primary")
        self.confirm.clicked.connect(self._ask)
        self.add_buttons(self.confirm)
        session.status_changed.connect(self._show_ability)
        self._show_ability()

    def _show_ability(self) -> None:
        self.confirm.setEnabled(self._session.able and bool(self.field.text().strip()))

    def _ask(self) -> None:
        if self.confirm.isEnabled():
            text = self.field.text().strip()
            self.close_sheet()
            self.asked.emit(text)
