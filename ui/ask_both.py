"""Ask both: one question to two versions of what was learned, answered side by side."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout

from ui.beside import Beside
from ui.controls import Button, column, label, row
from ui.session import Session
from ui.theme import Theme
from ui.version_answer import VersionAnswer
from ui.version_picker import VersionPicker

TOLD = (
    "Any question, from what each version has learned alone: no lesson and no document is shown to "
    "the model. Nothing is saved, and what is in use stays in use."
)


class AskBoth(QFrame):
    """Asking again takes the place of the answers before."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self.answers: list[VersionAnswer] = []
        self._beside: Beside | None = None
        self._known = False
        self.setProperty("role", "card")
        self.left, self.right = VersionPicker(theme, "left"), VersionPicker(theme, "right")
        self.field = QLineEdit()
        self.field.setPlaceholderText("A question for both")
        self.field.setAccessibleName("A question for both versions")
        self.field.setMaxLength(4000)
        self.go = Button(theme, "&Ask both", "primary")
        self.field.returnPressed.connect(self._ask)
        self.go.clicked.connect(self._act)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(18, 14, 18, 16)
        self._layout.setSpacing(10)
        head = column(label("Ask both", "small-strong"), label(TOLD, "small", wrap=True), gap=2)
        self._layout.addLayout(head)
        chosen = row(self.left, label("and", "small"), self.right, -1)
        self._layout.addLayout(chosen)
        asked = row(self.field, self.go)
        asked.setStretch(0, 1)
        self._layout.addLayout(asked)
        self.field.textChanged.connect(self._show_ability)
        session.adapters_changed.connect(self.refresh)
        session.status_changed.connect(lambda _: self._show_ability())
        self.refresh()

    def refresh(self) -> None:
        """Offer the versions there are: at first the untouched model and the one in use."""
        records = self._session.adapters
        for picker in (self.left, self.right):
            picker.show_versions(records)
        if records and not self._known:
            self._known = True
            newest = records[0].version
            self.right.take(next((r.version for r in records if r.active), newest))
        if not records:
            self._known = False
        self._show_ability()

    @property
    def asking(self) -> bool:
        """Whether one of them still answers."""
        return any(not answer.over for answer in self.answers)

    def _act(self) -> None:
        if self.asking:
            for answer in self.answers:
                answer.stop()
        else:
            self._ask()

    def _ask(self) -> None:
        question = self.field.text().strip()
        if not question or self.asking or not self._session.able:
            return
        self.clear()
        backend = self._session.backend
        self.answers = [
            VersionAnswer(self._theme, backend, question, picker.version)
            for picker in (self.left, self.right)
        ]
        for answer in self.answers:
            answer.ended.connect(self._show_ability)
        self._beside = Beside(*self.answers)
        self._layout.addWidget(self._beside)
        self._show_ability()

    def clear(self) -> None:
        """Take the answers away."""
        if self._beside is not None:
            self._layout.removeWidget(self._beside)
            self._beside.hide()
            self._beside.deleteLater()
        self._beside, self.answers = None, []

    def _show_ability(self) -> None:
        asking = self.asking
        able = self._session.able and bool(self.field.text().strip())
        self.go.setText("&Stop" if asking else "&Ask both")
        self.go.setAccessibleName("Stop" if asking else "Ask both")
        self.go.setEnabled(asking or able)
