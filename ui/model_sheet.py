"""Model sheet: the model files that can be chosen, and opening another one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.protocol import ErrorInfo, ListModels, ModelRecord, Status, UseModel
from ui.controls import Button, card, clear, column, empty, label, row
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.words import file_size


class ModelSheet(Sheet):
    """Chooses with one click; errors are shown in the sheet."""

    def __init__(self, theme: Theme, window: QWidget, session: Session) -> None:
        super().__init__(theme, window, "Choose a model", width=560)
        self._session = session
        told = (
            "A model is one file on this machine. What you taught belongs to the model it was "
            "taught with; your lessons themselves stay and can be studied again with another one."
        )
        self.body.addWidget(label(told, "soft", wrap=True))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self._rows.addWidget(label("Looking…", "small"))
        self.body.addLayout(self._rows)
        self._error = label("", "bad", wrap=True)
        self._error.hide()
        self.body.addWidget(self._error)
        other = Button(theme, "Open a &file…", icon="file")
        other.clicked.connect(self._open_file)
        self.add_close(other)
        call = session.backend.send(ListModels(id=""), list[ModelRecord])
        call.then(self._fill, self._failed)

    def _fill(self, models: list[ModelRecord]) -> None:
        empty(self._rows)
        for model in models:
            self._rows.addWidget(self._row(model))
        if not models:
            self._rows.addWidget(label("No model file was found. Open one, or run set-up.", "soft"))

    def _row(self, model: ModelRecord) -> QWidget:
        made = card("accent-card" if model.in_use else "quiet-card")
        note = "  ·  ".join(part for part in (file_size(model.size), model.note) if part)
        words = clear(
            column(label(model.name, "small-strong"), label(note, "caption", wrap=True), gap=2)
        )
        line = row(words, gap=12)
        line.setStretch(0, 1)
        line.setContentsMargins(16, 10, 12, 10)
        if model.in_use:
            line.addWidget(label("In use", "chip-context"), 0, Qt.AlignmentFlag.AlignVCenter)
        else:
            use = Button(self.theme, "Use", name=f"Use {model.name}")
            use.clicked.connect(lambda: self._use(model.name))
            line.addWidget(use)
        made.setLayout(line)
        return made

    def _use(self, name: str) -> None:
        self.setEnabled(False)
        call = self._session.backend.send(UseModel(id="", name=name), Status)
        call.then(self._used, self._failed)

    def _used(self, status: Status) -> None:
        self._session.take_status(status)
        self.close_sheet()

    def _failed(self, error: ErrorInfo) -> None:
        self.setEnabled(True)
        self._error.setText(f"{error.title}. {error.message} {error.next_step}")
        self._error.show()

    def _open_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a model", "", "Models (*.gguf)")
        if path:
            self._use(path)
