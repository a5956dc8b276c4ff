"""Session: what the window knows of the record: status, conversations, lessons, documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.protocol import (
    NIGHT,
    AdapterRecord,
    Changed,
    ConversationSummary,
    DocumentRecord,
    ErrorInfo,
    FolderRecord,
    GetMorning,
    GetNight,
    ImportAdapter,
    LastReport,
    LessonRecord,
    ListAdapters,
    ListConversations,
    ListDocuments,
    ListFolders,
    ListLessons,
    ListProposals,
    ListReports,
    Morning,
    NightReport,
    PauseNight,
    Progress,
    ProposalRecord,
    Request,
    Status,
    Study,
    StudyHistory,
    StudyReport,
)
from app.protocol import GetStatus as StatusRequest
from ui.backend import Backend, State
from ui.calls import Call

PACE_MS = 400
"""Documents are read again at most this often while a folder is taken in; long lists less often."""


class Session(QObject):
    """Reads again what changed, and tells the pages; every error of a request ends here too."""

    status_changed = Signal(object)
    conversations_changed = Signal()
    lessons_changed = Signal()
    proposals_changed = Signal()
    adapters_changed = Signal()
    documents_changed = Signal()
    folders_changed = Signal()
    models_changed = Signal()
    opened = Signal()
    study_changed = Signal()
    study_ended = Signal()
    studied = Signal(object)
    study_failed = Signal(object)
    report_changed = Signal()
    trouble_changed = Signal()
    night_changed = Signal()
    morning_changed = Signal()
    history_changed = Signal()
    error = Signal(object)

    def __init__(self, backend: Backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.backend = backend
        self.status: Status | None = None
        self.conversations: list[ConversationSummary] = []
        self.lessons: list[LessonRecord] = []
        self.proposals: list[ProposalRecord] = []
        self.adapters: list[AdapterRecord] = []
        self.documents: list[DocumentRecord] = []
        self.folders: list[FolderRecord] = []
        self.report: StudyReport | None = None
        self.troubles: dict[str, ErrorInfo] = {}
        self.study: Call[StudyReport] | None = None
        self.study_error: ErrorInfo | None = None
        self.progress: Progress | None = None
        self.night: NightReport | None = None
        self.morning: Morning | None = None
        self.history = StudyHistory()
        self._known: set[str] = set()
        self._open = False
        self._stale: set[str] = set()
        self._pace = QTimer(self, singleShot=True)
        self._pace.timeout.connect(self._read_stale)
        backend.greeted.connect(self.take_status)
        backend.changed.connect(self._on_changed)
        backend.unasked.connect(self._follow_study)
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
            self._let_go()
        elif not self._open:
            self._open = True
            self.opened.emit()
            self._read("conversations", "lessons", "proposals", "adapters")
            self._read("documents", "folders", "night")

    def _let_go(self) -> None:
        """A record that is closed, or gone by a reset, is not kept in the window either."""
        self._known.clear()
        self._take_conversations([])
        self._take_lessons([])
        self._take_proposals([])
        self._take_adapters([])
        self._take_documents([])
        self._take_folders([])
        self._take_report(None)
        self.take_night(None)
        self.take_morning(None)
        self._take_history(StudyHistory())

    @property
    def able(self) -> bool:
        """Whether a question can be answered: the service runs, the record is open, a model is."""
        ready = self.backend.state is State.READY
        status = self.status
        return bool(ready and status and status.key == "open" and status.model_state != "missing")

    def failed(self, error: ErrorInfo) -> None:
        """The one place where errors of requests arrive; a stop the person asked for is none."""
        if error.code != "stopped":
            self.error.emit(error)

    def lesson(self, lesson_id: str | None) -> LessonRecord | None:
        """A lesson by its id."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)

    def document(self, document_id: int) -> DocumentRecord | None:
        """A document by its id."""
        return next((x for x in self.documents if x.id == document_id), None)

    def folder(self, folder_id: int | None) -> FolderRecord | None:
        """A watched folder by its id."""
        return next((x for x in self.folders if x.id == folder_id), None)

    def knows(self, what: str) -> bool:
        """Whether `lessons`, `documents`, `report` and so on was read at least once."""
        return what in self._known

    def read(self, what: str) -> None:
        """Read again what could not be read (see `troubles`)."""
        if what == "report":
            self.read_report()
        else:
            self._read(what)

    def refresh_status(self) -> None:
        """Ask where the assistant stands."""
        self.backend.send(StatusRequest(id=""), Status).then(self.take_status, self.failed)

    def read_report(self) -> None:
        """Read the newest study report."""
        self._fetch("report", LastReport(id=""), StudyReport | None, self._take_report)

    def _on_changed(self, event: Changed) -> None:
        often = {"documents", "folders"} & set(event.what)
        self._read(*(what for what in event.what if what not in often))
        self._stale |= often
        if not self._pace.isActive():
            self._read_stale()

    def _read_stale(self) -> None:
        """What changes many times a second is read now and then."""
        stale, self._stale = self._stale, set()
        if stale:
            self._read(*stale)
            self._pace.start(PACE_MS + len(self.documents) // 10)

    def _read(self, *what: str) -> None:
        if "status" in what:
            self.refresh_status()
        if "conversations" in what:
            summaries = list[ConversationSummary]
            take = self._take_conversations
            self._fetch("conversations", ListConversations(id=""), summaries, take)
        if "lessons" in what:
            self._fetch("lessons", ListLessons(id=""), list[LessonRecord], self._take_lessons)
            # What a report quotes of a lesson goes with the lesson.
            self.read_report()
        if "proposals" in what:
            records = list[ProposalRecord]
            self._fetch("proposals", ListProposals(id=""), records, self._take_proposals)
        if "adapters" in what:
            self._fetch("adapters", ListAdapters(id=""), list[AdapterRecord], self._take_adapters)
        if "documents" in what:
            documents = list[DocumentRecord]
            self._fetch("documents", ListDocuments(id=""), documents, self._take_documents)
        if "folders" in what:
            self._fetch("folders", ListFolders(id=""), list[FolderRecord], self._take_folders)
        if "night" in what:
            self._fetch("night", GetNight(id=""), NightReport, self.take_night)
        if {"night", "lessons"} & set(what):
            self._fetch("morning", GetMorning(id=""), Morning | None, self.take_morning)
        # Only who looked at the history needs it.
        if "history" in what or ("adapters" in what and self.knows("history")):
            self._fetch("history", ListReports(id=""), StudyHistory, self._take_history)
        if "models" in what:
            self.models_changed.emit()

    def _fetch(self, what: str, request: Request, wanted: Any, take: Callable[[Any], None]) -> None:
        """Read one thing; a page that shows it finds in `troubles` why it could not be read."""

        def took(found: Any) -> None:
            self.troubles.pop(what, None)
            self._known.add(what)
            take(found)

        def failed(error: ErrorInfo) -> None:
            if error.code in ("service_lost", "locked"):
                return  # it is read when the service is back, or the record is opened
            self.troubles[what] = error
            self.trouble_changed.emit()
            self.failed(error)

        self.backend.send(request, wanted).then(took, failed)

    def _take_conversations(self, found: list[ConversationSummary]) -> None:
        self.conversations = found
        self.conversations_changed.emit()

    def _take_lessons(self, found: list[LessonRecord]) -> None:
        self.lessons = found
        self.lessons_changed.emit()

    def _take_proposals(self, found: list[ProposalRecord]) -> None:
        self.proposals = found
        self.proposals_changed.emit()

    def _take_adapters(self, found: list[AdapterRecord]) -> None:
        self.adapters = found
        self.adapters_changed.emit()

    def _take_documents(self, found: list[DocumentRecord]) -> None:
        self.documents = found
        self.documents_changed.emit()

    def _take_folders(self, found: list[FolderRecord]) -> None:
        self.folders = found
        self.folders_changed.emit()

    def take_night(self, report: NightReport | None) -> None:
        """How studying by itself stands."""
        self.night = report
        self.night_changed.emit()

    def pause_night(self, *, until_tomorrow: bool) -> None:
        """Study nothing by itself until tomorrow, or go on now."""
        request = PauseNight(id="", until_tomorrow=until_tomorrow)
        self.backend.send(request, NightReport).then(self.take_night, self.failed)

    def take_morning(self, morning: Morning | None) -> None:
        """What the last night did."""
        self.morning = morning
        self.morning_changed.emit()

    def _take_history(self, history: StudyHistory) -> None:
        self.history = history
        self.history_changed.emit()

    def _take_report(self, report: StudyReport | None) -> None:
        self.report = report
        self.report_changed.emit()

    # ------------------------------------------------------------------ study

    def start_study(self, minutes: float) -> None:
        """Begin a study session; `study_changed` follows it, `study_ended` tells its end."""
        if self.study is not None:
            return
        request = Study(id="", budget_minutes=minutes)
        self._follow_study(self.backend.send(request, StudyReport))

    def import_version(self, path: str, passphrase: str) -> Call[StudyReport]:
        """Take in an exported version; once the session begins it is followed like any study."""
        request = ImportAdapter(id="", path=path, passphrase=passphrase)
        call = self.backend.send(request, StudyReport)

        def began(progress: Progress) -> None:
            if self.study is None:
                self._follow_study(call)
                self._take_progress(progress)

        call.progress.connect(began)
        return call

    def _follow_study(self, study: Call[StudyReport]) -> None:
        self.progress = None
        self.study_error = None
        self.study = study
        study.progress.connect(self._take_progress)
        study.then(self._studied, self._study_failed)
        self.study_changed.emit()

    def stop_study(self) -> None:
        """Ask the running study session to stop."""
        if self.study is not None:
            self.backend.stop(self.study)

    def _take_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.study_changed.emit()

    def _studied(self, report: StudyReport) -> None:
        self.report = report
        self._end_study()
        self.studied.emit(report)

    def _end_study(self) -> None:
        self.study = None
        if self.status is not None:  # the service's own word for it comes a moment later
            self.status = msgspec.structs.replace(self.status, studying=False)
        self.study_changed.emit()
        self.report_changed.emit()
        self.study_ended.emit()

    def _study_failed(self, error: ErrorInfo) -> None:
        unasked = self.study is not None and self.study.request.id == NIGHT
        # A night that was interrupted is nothing to be told of: it goes on the next time.
        self.study_error = None if unasked and error.code == "stopped" else error
        self._end_study()
        if self.study_error is not None and error.code != "stopped":
            self.study_failed.emit(error)
