"""Document check sheet: looks whether anything of a file is left in the record and the home."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.protocol import Finding, VerifyDocument
from ui.check_sheet import CheckSheet
from ui.controls import Button
from ui.document_words import short_path
from ui.session import Session
from ui.theme import Theme
from ui.words import count

TITLE = "Check that nothing is left"


class DocumentCheckSheet(CheckSheet):
    """Begins at once: the file's own words are looked for everywhere."""

    def __init__(self, theme: Theme, window: QWidget, session: Session, path: str) -> None:
        about = f"The words of {short_path(path)} are read from the file and looked for everywhere."
        super().__init__(theme, window, session, TITLE, about)
        self._path = path
        self.again = Button(theme, "Check &again", icon="redo")
        self.again.clicked.connect(self.check)
        self.add_close(self.stop, self.again, self.copy)
        self.check()

    def check(self) -> None:
        """Look, from the beginning."""
        self.again.hide()
        self.run(VerifyDocument(id="", path=self._path), list[Finding]).then(self._found)

    def ended(self) -> None:
        self.again.show()

    def _found(self, findings: list[Finding]) -> None:
        places = sum(finding.severity == "problem" for finding in findings)
        if places:
            verdict = f"Something of it was found: {count(places, 'place')}"
            self.show_findings(verdict, findings, icon="alert", colour="bad")
        else:
            verdict = "Nothing of it was found"
            self.show_findings(verdict, findings, icon="check", colour="good")
