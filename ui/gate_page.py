"""Gate page: before the record is open: choosing or entering the passphrase, a missing key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.protocol import ErrorInfo, Restore, Status, Unlock
from ui.backend import Backend, State
from ui.controls import Button, Picture, card, clear, label, row, set_role
from ui.outcome import Outcome
from ui.passphrase import Strength, strength_of
from ui.theme import Theme
from ui.thinking import Dots

CHOOSE = (
    "Choose a passphrase",
    "This computer has no keyring Nightschool can use, so your conversations and lessons are "
    "locked with a passphrase. You will be asked for it each time. Nobody can restore it for you.",
)
ENTER = ("Welcome back", "Enter your passphrase to open your conversations and lessons.")
STARTING = ("Opening Nightschool", "")
COPY_HELPS = ("ledger_damaged", "key_file")
"""Errors after which the copy of the record can be put back."""


class GatePage(QWidget):
    """One card in the middle of the window; `unlocked` carries the new status."""

    unlocked = Signal(object)
    again_wanted = Signal()

    def __init__(self, theme: Theme, backend: Backend) -> None:
        super().__init__()
        self._backend = backend
        self._creating = False
        self._busy = False
        self._copy = False
        self._lost: Outcome | None = None
        self.setProperty("role", "page")
        self._heading = label("", "heading", wrap=True)
        self._text = label("", "soft", wrap=True)
        self._dots = Dots(theme)
        self.field = self._secret("Passphrase")
        self.confirm = self._secret("The same once more")
        self._strength = Strength(theme)
        self._error = label("", "bad", wrap=True)
        self.go = Button(theme, "", "primary")
        self.go.clicked.connect(self._submit)
        self._again = Button(theme, "&Look again", "primary")
        self._again.clicked.connect(self.again_wanted)
        self.restore = Button(theme, "&Put the copy back", "primary")
        self.restore.clicked.connect(self._restore)
        self._lay_out(theme)
        backend.state_changed.connect(self._follow)
        backend.lost.connect(self._remember)
        self.show_starting()

    def _lay_out(self, theme: Theme) -> None:
        self._card: QFrame = card("card")
        self._card.setFixedWidth(440)
        inner = QVBoxLayout(self._card)
        inner.setContentsMargins(36, 32, 36, 32)
        inner.setSpacing(12)
        inner.addLayout(row(Picture(theme, "mark", "accent", 44), -1))
        inner.addSpacing(4)
        for part in (self._heading, self._text):
            inner.addWidget(part)
        inner.addLayout(row(self._dots, -1))
        inner.addSpacing(4)
        below: tuple[QWidget, ...] = (self.field, self.confirm, self._strength, self._error)
        for asked in below:
            inner.addWidget(asked)
        inner.addSpacing(4)
        inner.addLayout(row(self.go, self.restore, self._again, -1))
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(clear(row(-1, self._card, -1)))
        outer.addStretch(3)

    def _secret(self, placeholder: str) -> QLineEdit:
        made = QLineEdit()
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setPlaceholderText(placeholder)
        made.setAccessibleName(placeholder)
        made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
        made.textChanged.connect(self._changed)
        made.returnPressed.connect(self._submit)
        return made

    # ------------------------------------------------------------------ what it shows

    def show_starting(self) -> None:
        """The service is not there yet."""
        self._say(STARTING, fields=False)
        self._dots.show()

    def show_status(self, status: Status) -> None:
        """Ask for what the status needs: nothing once the record is open."""
        if status.key == "open":
            self._lost = None
            return
        self._copy = bool(status.backup)
        if status.key == "missing":
            problem = status.problem
            title = problem.title if problem else "The key to your record is gone"
            told = f"{problem.message}\n\n{problem.next_step}" if problem else ""
            self._say((title, told), fields=False)
            self._again.show()
            self._offer_copy(problem)
            return
        self._creating = status.key == "new_passphrase"
        self._say(CHOOSE if self._creating else self._welcome(), fields=True)
        self.confirm.setVisible(self._creating)
        self._strength.setVisible(self._creating)
        self.go.setText("&Lock with this passphrase" if self._creating else "&Open")
        self._changed()
        self.field.setFocus()

    def _welcome(self) -> tuple[str, str]:
        """Who was at work when the service ended is told why the passphrase is asked for again."""
        return (self._lost.title(), self._lost.at_the_gate()) if self._lost else ENTER

    def _say(self, words: tuple[str, str], *, fields: bool) -> None:
        self._heading.setText(words[0])
        self._text.setText(words[1])
        self._text.setVisible(bool(words[1]))
        self._error.hide()
        self._dots.hide()
        self._again.hide()
        self.restore.hide()
        self.field.setVisible(fields)
        self.go.setVisible(fields)
        self.confirm.hide()
        self._strength.hide()

    def _follow(self, state: State) -> None:
        if state in (State.STARTING, State.WAITING):
            self._busy = False
            self.show_starting()

    def _remember(self, outcome: Outcome) -> None:
        self._lost = outcome

    # ------------------------------------------------------------------ typing

    def _changed(self) -> None:
        typed, again = self.field.text(), self.confirm.text()
        self._strength.show_for(typed)
        matches = typed == again
        enough = strength_of(typed).enough and matches if self._creating else bool(typed)
        self.go.setEnabled(enough and not self._busy)
        set_role(self.field, "")
        wrong = self._creating and bool(again) and not typed.startswith(again)
        set_role(self.confirm, "wrong" if wrong else "")
        self._error.setText("The two are not the same." if wrong else "")
        self._error.setVisible(wrong)

    def _offer_copy(self, error: ErrorInfo | None) -> None:
        """The button for it, where there is a copy and it is a remedy."""
        helps = error is not None and error.code in COPY_HELPS and self._copy
        self.restore.setVisible(helps)
        self.restore.setEnabled(True)
        if helps:  # what is tried first is the button that stands out
            self.restore.setFocus()
        set_role(self._again, "" if helps else "primary")

    def _restore(self) -> None:
        self.restore.setEnabled(False)
        self._dots.show()
        request = Restore(id="", passphrase=self.field.text())
        self._backend.send(request, Status).then(self._restored, self._not_restored)

    def _restored(self, status: Status) -> None:
        if status.key == "open":
            self._opened(status)
        else:  # the key file is back, and wants the passphrase
            self.show_status(status)

    def _not_restored(self, error: ErrorInfo) -> None:
        self._dots.hide()
        self.restore.setEnabled(True)
        self._error.setText(f"{error.title}. {error.message} {error.next_step}")
        self._error.show()

    def _submit(self) -> None:
        if not self.go.isEnabled():
            if self._creating and self.field.text() and not self.confirm.text():
                self.confirm.setFocus()
            return
        self._busy = True
        self.go.setEnabled(False)
        self._dots.show()
        request = Unlock(id="", passphrase=self.field.text(), create=self._creating)
        self._backend.send(request, Status).then(self._opened, self._wrong)

    def _opened(self, status: Status) -> None:
        self._busy = False
        self._dots.hide()
        self.field.clear()
        self.confirm.clear()
        self.unlocked.emit(status)

    def _wrong(self, error: ErrorInfo) -> None:
        self._busy = False
        self._dots.hide()
        self.go.setEnabled(True)
        self._error.setText(f"{error.title}. {error.next_step}")
        self._error.show()
        self._offer_copy(error)
        if self.restore.isVisible():
            return
        set_role(self.field, "wrong")
        self.field.setFocus()
        self.field.selectAll()
