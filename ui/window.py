"""The main window: a conversation, its corrections, studying, and what can be undone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QInputDialog,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.protocol import (
    Answer,
    Ask,
    Correct,
    ErrorInfo,
    LessonRecord,
    PreviewReset,
    Reset,
    ResetPreview,
    Rollback,
    Status,
    StudyReport,
    Unlock,
)
from ui.calls import Call
from ui.controls import Button, card, centred, clear, label, row, set_role
from ui.outcome import Outcome
from ui.session import Session
from ui.theme import Theme

COLUMN = 720
STUDY_MINUTES = 30.0


class Window(QMainWindow):
    """One conversation with everything that can be done to it."""

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._conversation: int | None = None
        self._call: Call[Answer] | None = None
        self._answer: Answer | None = None
        self._text = ""
        self.setWindowTitle("Nightschool")
        self.resize(980, 700)
        self.input = QLineEdit()
        self.input.setPlaceholderText("Ask anything")
        self.input.setAccessibleName("Question")
        self.input.returnPressed.connect(self.ask)
        self.state = label("Starting…", "small", wrap=True)
        self._messages = QVBoxLayout()
        self._messages.setSpacing(14)
        self._messages.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(clear(self._messages))
        self._build()
        self._connect()

    def _build(self) -> None:
        self.study = Button(self._theme, "&Study now", "learn", icon="study", colour="on_learn")
        self.stop = Button(self._theme, "S&top", icon="stop")
        self.correct = Button(self._theme, "&Correct…", icon="pencil")
        self.undo = Button(self._theme, "&Roll back", "quiet", icon="rollback")
        self.reset = Button(self._theme, "&Privacy reset…", "danger-quiet")
        self.stop.setEnabled(False)
        self.correct.setEnabled(False)
        bar = row(self.state, -1, self.correct, self.study, self.undo, self.reset)
        page = QWidget()
        set_role(page, "page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.addLayout(bar)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(centred(clear(row(self.input, self.stop)), COLUMN))
        self.setCentralWidget(page)
        self.input.setFocus()

    def _connect(self) -> None:
        self.study.clicked.connect(self._study)
        self.stop.clicked.connect(self._stop)
        self.correct.clicked.connect(self._open_correction)
        self.undo.clicked.connect(self._roll_back)
        self.reset.clicked.connect(self._preview_reset)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._stop)
        QShortcut(QKeySequence("Ctrl+E"), self, self._open_correction)
        self._session.status_changed.connect(self._show_status)
        self._session.study_changed.connect(self._show_study)
        self._session.report_changed.connect(self._show_report)
        self._session.error.connect(self._show_error)
        self._session.backend.lost.connect(self._show_outcome)
        self._session.backend.gave_up.connect(self._show_outcome)

    # ------------------------------------------------------------------ asking

    def ask(self) -> None:
        """Send what is typed; it comes back into the field when it could not be asked."""
        text = self.input.text().strip()
        if not text or self._call is not None:
            return
        self.input.clear()
        self._add(text, "strong")
        self._text = ""
        shown = self._add("…", "body")
        request = Ask(id="", text=text, conversation_id=self._conversation)
        self._call = self._session.backend.send(request, Answer)
        self.stop.setEnabled(True)

        def on_token(piece: str) -> None:
            self._text += piece
            shown.setText(self._text)
            bar = self._scroll.verticalScrollBar()
            bar.setValue(bar.maximum())

        def on_failed(error: ErrorInfo) -> None:
            self._ended()
            if not self.input.text():
                self.input.setText(text)
            self._session.failed(error)

        self._call.token.connect(on_token)
        self._call.then(self._answered, on_failed)

    def _answered(self, answer: Answer) -> None:
        self._answer = answer
        self._conversation = answer.conversation_id
        self.correct.setEnabled(True)
        self._ended()

    def _ended(self) -> None:
        self._call = None
        self.stop.setEnabled(False)

    def _stop(self) -> None:
        if self._call is not None:
            self._session.backend.stop(self._call)
        else:
            self._session.stop_study()

    # ------------------------------------------------------------------ correcting

    def _open_correction(self) -> None:
        answer = self._answer
        if answer is None or answer.message_id is None:
            return
        message_id = answer.message_id
        frame = card("learn-card")
        edit = QPlainTextEdit(answer.text)
        edit.setAccessibleName("The answer as it should have been")
        note = QLineEdit()
        note.setPlaceholderText("What should I learn from this? (optional)")
        save = Button(self._theme, "Save", "learn")
        cancel = Button(self._theme, "Cancel")
        layout = QVBoxLayout(frame)
        for widget in (label("Correct this answer", "strong"), edit, note):
            layout.addWidget(widget)
        layout.addLayout(row(-1, cancel, save))
        self._place(frame)
        edit.setFocus()

        def saved(lesson: LessonRecord) -> None:
            frame.deleteLater()
            self._add(f"Noted as a lesson of {lesson.kind}.", "learn")

        def on_save() -> None:
            request = Correct(
                id="", answer=edit.toPlainText(), message_id=message_id, note=note.text()
            )
            self._session.backend.send(request, LessonRecord).then(saved, self._session.failed)

        cancel.clicked.connect(frame.deleteLater)
        save.clicked.connect(on_save)

    # ------------------------------------------------------------------ studying and undoing

    def _study(self) -> None:
        if self._session.study is None:
            self._session.start_study(STUDY_MINUTES)
        else:
            self._session.stop_study()

    def _show_study(self) -> None:
        running = self._session.study is not None
        self.study.setText("Cancel" if running else "&Study now")
        if (progress := self._session.progress) is not None and running:
            left = f" · {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
            self.state.setText(f"{progress.detail} {progress.step}/{progress.steps}{left}")

    def _show_report(self) -> None:
        report: StudyReport | None = self._session.report
        if report is None:
            return
        lines = [report.decision] + [
            f"{r.title}: {r.before} of {r.asked} before, {r.after} after. {r.reason}"
            for r in report.lessons
        ]
        self._add("\n".join(lines), "learn")
        self._session.refresh_status()

    def _roll_back(self) -> None:
        self._session.backend.send(Rollback(id=""), Status).then(
            self._session.take_status, self._session.failed
        )

    def _preview_reset(self) -> None:
        request = PreviewReset(id="", scope="learned")
        self._session.backend.send(request, ResetPreview).then(
            self._confirm_reset, self._session.failed
        )

    def _confirm_reset(self, preview: ResetPreview) -> None:
        text = (
            f"{preview.adapters} versions of what was learned will be destroyed. The texts of"
            f" {preview.lessons} lessons stay and can be studied again."
        )
        if QMessageBox.question(self, "Privacy reset", text) == QMessageBox.StandardButton.Yes:
            self._session.backend.send(Reset(id="", scope="learned"), Status).then(
                self._session.take_status, self._session.failed
            )

    # ------------------------------------------------------------------ what is shown

    def _show_status(self, status: Status) -> None:
        version = f"v{status.adapter} learned" if status.adapter else "nothing learned yet"
        self.state.setText(f"{status.model} · {version} · {status.lessons_new} lessons waiting")
        if status.key in ("passphrase", "new_passphrase"):
            self._ask_passphrase(create=status.key == "new_passphrase")
        elif status.problem is not None:
            self._show_error(status.problem)

    def _ask_passphrase(self, *, create: bool) -> None:
        words = "Choose a passphrase (there is no keyring here):" if create else "Passphrase:"
        given, agreed = QInputDialog.getText(
            self, "Nightschool", words, QLineEdit.EchoMode.Password
        )
        if not agreed:
            self.close()
            return
        request = Unlock(id="", passphrase=given, create=create)
        self._session.backend.send(request, Status).then(self._session.take_status, self._refused)

    def _refused(self, error: ErrorInfo) -> None:
        self._show_error(error)
        self._session.refresh_status()

    def _show_outcome(self, outcome: Outcome) -> None:
        self._show_error(outcome.error_info())

    def _show_error(self, error: ErrorInfo) -> None:
        self._add(f"{error.title}. {error.message} {error.next_step}", "bad")

    def _add(self, text: str, role: str) -> QLabel:
        shown = label(text, role, wrap=True, select=True)
        self._place(shown)
        return shown

    def _place(self, widget: QWidget) -> None:
        self._messages.insertWidget(self._messages.count() - 1, clear(centred(widget, COLUMN)))
