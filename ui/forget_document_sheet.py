"""Forget document sheet: says exactly what goes when a document is forgotten, and asks."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.protocol import DocumentRecord, ErrorInfo, ForgetDocument
from ui.controls import Button, Picture, label, row
from ui.document_words import short_path
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.trouble import Trouble
from ui.words import breakable, count


class ForgetDocumentSheet(Sheet):
    """Emits `forgotten` with a sentence about what went."""

    forgotten = Signal(str)

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, document: DocumentRecord
    ) -> None:
        super().__init__(theme, window, "Forget this document?", width=500)
        self._session = session
        self._document = document
        self.body.addWidget(label(breakable(f"“{document.title}”"), "soft", wrap=True))
        self.body.addSpacing(4)
        for icon, told in self._told():
            line = row(
                Picture(theme, icon, "text_soft", 18), label(breakable(told), "small", wrap=True)
            )
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
        document = self._document
        held = f" its {count(document.passages, 'passage')}," if document.passages else ""
        told = [
            ("trash", f"Its text,{held} and all that search and notes know of it are erased."),
            ("quote", "Answers that quoted it keep their own words; the quotes are erased."),
        ]
        if document.path:
            told.append(("file", f"The file itself stays: {short_path(document.path)}"))
        folder = self._session.folder(document.folder_id)
        if folder is not None:
            told.append(
                (
                    "folder",
                    f"It lies in {short_path(folder.path)}, which is watched. It is not read again "
                    "unless you add it yourself.",
                )
            )
        return told

    def _forget(self) -> None:
        self.confirm.setEnabled(False)
        self.confirm.setText("Forgetting…")
        self.trouble.show_error(None)
        request = ForgetDocument(id="", document_id=self._document.id)
        self._session.backend.send(request, type(None)).then(self._done, self._failed)

    def _done(self, _: None) -> None:
        told = f"“{self._document.title}”: its text and what was made of it are erased."
        self.close_sheet()
        self.forgotten.emit(told)

    def _failed(self, error: ErrorInfo) -> None:
        self.confirm.setEnabled(True)
        self.confirm.setText("&Forget it")
        self.trouble.show_error(error)
