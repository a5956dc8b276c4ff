"""Session: what the window knows of the record (status, conversations, lessons, versions)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from app.protocol import (
    AdapterRecord,
    Changed,
    ConversationSummary,
    ErrorInfo,
    LastReport,
    LessonRecord,
    ListAdapters,
    ListConversations,
    ListLessons,
    Progress,
    Status,
    Study,
    StudyReport,
)
from app.protocol import GetStatus as StatusRequest
from ui.backend import Backend
from ui.calls import Call


class Session(QObject):
    """Reads again what changed, and tells the pages; every error of a request ends here too."""

    status_changed = Signal(object)
    conversations_changed = Signal()
    lessons_changed = Signal()
    adapters_changed = Signal()
    models_changed = Signal()
    opened = Signal()
    study_changed = Signal()
    report_changed = Signal()
    error = Signal(object)

    def __init__(self, backend: Backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.backend = backend
        self.status: Status | None = None
        self.conversations: list[ConversationSummary] = []
        self.lessons: list[LessonRecord] = []
        self.adapters: list[AdapterRecord] = []
        self.report: StudyReport | None = None
        self.study: Call[StudyReport] | None = None
        self.progress: Progress | None = None
        self._open = False
        backend.greeted.connect(self.take_status)
        backend.changed.connect(self._on_changed)
        backend.lost.connect(self._closed)
        backend.gave_up.connect(self._closed)

    def _closed(self, _outcome: object) -> None:
        self._open = False

    def take_status(self, status: Status) -> None:
        """A new status; the first one with an open ledger reads everything."""
        self.status = status
        self.status_changed.emit(status)
        if status.key != "open":
            self._open = False
        elif not self._open:
            self._open = True
            self.opened.emit()
            self._read("conversations", "lessons", "adapters")
            self.read_report()

    def failed(self, error: ErrorInfo) -> None:
        """The one place where errors of requests arrive; a stop the person asked for is none."""
        if error.code != "stopped":
            self.error.emit(error)

    def lesson(self, lesson_id: str | None) -> LessonRecord | None:
        """A lesson by its id."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)

    def refresh_status(self) -> None:
        """Ask where the assistant stands."""
        self.backend.send(StatusRequest(id=""), Status).then(self.take_status, self.failed)

    def read_report(self) -> None:
        """Read the newest study report."""
        self.backend.send(LastReport(id=""), StudyReport | None).then(self._take_report)  # type: ignore[arg-type]

    def _on_changed(self, event: Changed) -> None:
        self._read(*event.what)

    def _read(self, *what: str) -> None:
        send: Any = self.backend.send
        if "status" in what:
            self.refresh_status()
        if "conversations" in what:
            wanted = list[ConversationSummary]
            send(ListConversations(id=""), wanted).then(self._take_conversations, self.failed)
        if "lessons" in what:
            send(ListLessons(id=""), list[LessonRecord]).then(self._take_lessons, self.failed)
        if "adapters" in what:
            send(ListAdapters(id=""), list[AdapterRecord]).then(self._take_adapters, self.failed)
        if "models" in what:
            self.models_changed.emit()

    def _take_conversations(self, found: list[ConversationSummary]) -> None:
        self.conversations = found
        self.conversations_changed.emit()

    def _take_lessons(self, found: list[LessonRecord]) -> None:
        self.lessons = found
        self.lessons_changed.emit()

    def _take_adapters(self, found: list[AdapterRecord]) -> None:
        self.adapters = found
        self.adapters_changed.emit()

    def _take_report(self, report: StudyReport | None) -> None:
        self.report = report
        self.report_changed.emit()

    # ------------------------------------------------------------------ study

    def start_study(self, minutes: float) -> None:
        """Begin a study session; `study_changed` follows it to its end."""
        if self.study is not None:
            return
        self.progress = None
        self.study = self.backend.send(Study(id="", budget_minutes=minutes), StudyReport)
        self.study.progress.connect(self._take_progress)
        self.study.then(self._studied, self._study_failed)
        self.study_changed.emit()

    def stop_study(self) -> None:
        """Ask the running study session to stop."""
        if self.study is not None:
            self.backend.stop(self.study)

    def _take_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.study_changed.emit()

    def _studied(self, report: StudyReport) -> None:
        self.study = None
        self.report = report
        self.study_changed.emit()
        self.report_changed.emit()

    def _study_failed(self, error: ErrorInfo) -> None:
        self.study = None
        self.study_changed.emit()
        self.failed(error)
