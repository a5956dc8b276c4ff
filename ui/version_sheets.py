"""Version sheets: naming a version, exporting it under a passphrase, and importing one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from app.protocol import AdapterRecord, ChangeAdapter, ErrorInfo, ExportAdapter
from ui.controls import Button, label
from ui.passphrase import Strength, strength_of
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.trouble import Trouble
from ui.words import breakable

ENDING = ".nightschool"
EXPORT = (
    "One file with the version and the lessons in it, encrypted with a passphrase. Whoever has "
    "both can read these lessons. What you forget later is still in that file: delete it then."
)
IMPORT = (
    "Its lessons become lessons here, as if you taught them today. Then Nightschool studies: what "
    "the file has ready need not be trained again, but it is used only if it passes the exam here."
)


class _VersionSheet(Sheet):
    """A sheet that sends one request, and shows why it was refused."""

    def __init__(self, theme: Theme, window: QWidget, session: Session, title: str) -> None:
        super().__init__(theme, window, title, width=460)
        self._session = session
        self.trouble = Trouble(theme)
        self.trouble.again.hide()

    def _failed(self, error: ErrorInfo) -> None:
        self.card.setEnabled(True)
        self.trouble.show_error(error)

    def _wait(self) -> None:
        self.trouble.show_error(None)
        self.card.setEnabled(False)


class NameSheet(_VersionSheet):
    """One field; empty takes the name away."""

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, record: AdapterRecord
    ) -> None:
        super().__init__(theme, window, session, f"Name version {record.version}")
        self._version = record.version
        self.field = QLineEdit(record.name)
        self.field.setMaxLength(60)
        self.field.setPlaceholderText("Before the holidays")
        self.field.setAccessibleName("Name")
        self.field.selectAll()
        self.field.returnPressed.connect(self._save)
        self.confirm = Button(theme, "&Save", "primary")
        self.confirm.clicked.connect(self._save)
        self.body.addWidget(self.field)
        self.body.addWidget(self.trouble)
        self.add_buttons(self.confirm)

    def _save(self) -> None:
        self._wait()
        request = ChangeAdapter(id="", version=self._version, name=self.field.text())
        call = self._session.backend.send(request, AdapterRecord)
        call.then(self._saved, self._failed)

    def _saved(self, _: AdapterRecord) -> None:
        self.close_sheet()


class ExportSheet(_VersionSheet):
    """Emits `exported` with the file's path."""

    exported = Signal(str)

    def __init__(
        self, theme: Theme, window: QWidget, session: Session, record: AdapterRecord
    ) -> None:
        super().__init__(theme, window, session, f"Export version {record.version}")
        self._version = record.version
        self._path = ""
        self.field = _secret("Passphrase of the file")
        self.again = _secret("The same once more")
        self._strength = Strength(theme)
        self.confirm = Button(theme, "Choose &where…", "primary")
        self.confirm.clicked.connect(self._choose)
        self.body.addWidget(label(EXPORT, "soft", wrap=True))
        for part in (self.field, self.again, self._strength, self.trouble):
            self.body.addWidget(part)
        for field in (self.field, self.again):
            field.textChanged.connect(self._typed)
            field.returnPressed.connect(self._choose)
        self.add_buttons(self.confirm)
        self._typed()

    def _typed(self) -> None:
        self._strength.show_for(self.field.text())
        self.confirm.setEnabled(self._ready())

    def _ready(self) -> bool:
        same = self.field.text() == self.again.text()
        return same and strength_of(self.field.text()).enough

    def _choose(self) -> None:
        if not self._ready():
            return
        name = f"version {self._version}{ENDING}"
        path, _ = QFileDialog.getSaveFileName(self, "Export a version", name, _KINDS)
        if path:
            self._path = path
            self._wait()
            request = ExportAdapter(
                id="", version=self._version, path=path, passphrase=self.field.text()
            )
            self._session.backend.send(request, type(None)).then(self._done, self._failed)

    def _done(self, _: None) -> None:
        self.close_sheet()
        self.exported.emit(self._path)


class ImportSheet(_VersionSheet):
    """Emits `begun` when the file could be opened and the session has begun."""

    begun = Signal()

    def __init__(self, theme: Theme, window: QWidget, session: Session, path: str) -> None:
        super().__init__(theme, window, session, "Import a version")
        self._path = path
        self.field = _secret("Passphrase of the file")
        self.field.returnPressed.connect(self._import)
        self.confirm = Button(theme, "&Import and study", "primary")
        self.confirm.clicked.connect(self._import)
        self.body.addWidget(label(breakable(path), "small-strong", wrap=True))
        self.body.addWidget(label(IMPORT, "soft", wrap=True))
        self.body.addWidget(self.field)
        self.body.addWidget(self.trouble)
        self.add_buttons(self.confirm)

    def _import(self) -> None:
        self._wait()
        call = self._session.import_version(self._path, self.field.text())
        call.failed.connect(self._failed)
        call.progress.connect(self._began)

    def _began(self, _: object) -> None:
        if not self.isHidden():
            self.close_sheet()
            self.begun.emit()


_KINDS = f"Versions (*{ENDING});;All files (*)"


def file_to_import(window: QWidget) -> str:
    """The exported file that the person chooses, "" for none."""
    path, _ = QFileDialog.getOpenFileName(window, "Import a version", "", _KINDS)
    return path


def _secret(placeholder: str) -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setPlaceholderText(placeholder)
    made.setAccessibleName(placeholder)
    made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData)
    return made
