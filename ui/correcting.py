"""Correcting: an answer edited in place becomes a lesson, with Undo; nothing half typed is lost."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.protocol import (
    ChatMessage,
    Correct,
    ErrorInfo,
    Forget,
    KindName,
    LessonRecord,
    SetLessonKind,
    Status,
)
from ui.answer_view import AnswerView
from ui.drafts import CorrectionDraft, Drafts
from ui.session import Session
from ui.transcript import Transcript


class Correcting(QObject):
    """What the chat does with corrections; `noted` after each that was saved."""

    noted = Signal()

    def __init__(self, session: Session, transcript: Transcript, drafts: Drafts) -> None:
        super().__init__(transcript)
        self._session = session
        self._transcript = transcript
        self._drafts = drafts
        session.lessons_changed.connect(self.show_lessons)

    def dress(self, view: AnswerView) -> None:
        """Connect an answer's view, and show its lesson and what was half typed about it."""
        view.saved.connect(self._save)
        view.draft_changed.connect(self._keep)
        view.undo.connect(self._undo)
        view.kind_wanted.connect(self._sort)
        if view.message is None:
            return
        view.show_lesson(self._lesson_of(view.message))
        if (draft := self._drafts.corrections.get(view.message.id)) is not None:
            view.edit(draft, able=self._session.able, focus=False)

    def edit(self, view: AnswerView) -> None:
        """Open the editor on an answer, with what was typed before, or its lesson, or itself."""
        if view.message is None or view.message.id < 0:
            return
        kept = self._drafts.corrections.get(view.message.id)
        lesson = view.noted.lesson
        start = lesson.corrected if lesson else view.message.text
        note = lesson.note if lesson else ""
        view.edit(kept or CorrectionDraft(start, note), able=self._session.able)

    def show_lessons(self) -> None:
        """Every answer in sight shows its lesson as it stands now."""
        for view in self._transcript.answers():
            if view.message is not None:
                view.show_lesson(self._lesson_of(view.message))

    def show_ability(self) -> None:
        """Saving needs a running service; typing does not."""
        for view in self._transcript.answers():
            if view.editor is not None:
                view.editor.set_able(self._session.able)

    def _keep(self, view: AnswerView) -> None:
        if view.message is not None and view.editor is not None:
            self._drafts.corrections[view.message.id] = view.editor.draft()
        elif view.message is not None:
            self._drafts.corrections.pop(view.message.id, None)

    def _save(self, view: AnswerView, draft: CorrectionDraft) -> None:
        if view.message is None or view.editor is None:
            return
        message_id = view.message.id
        view.editor.set_able(False)
        request = Correct(
            id="", answer=draft.answer, message_id=message_id, note=draft.note, kind=draft.kind
        )
        call = self._session.backend.send(request, LessonRecord)
        call.then(lambda lesson: self._noted(message_id, lesson), self._not_noted)

    def _noted(self, message_id: int, lesson: LessonRecord) -> None:
        self._drafts.corrections.pop(message_id, None)
        for view in self._transcript.answers():
            if view.message is not None and view.message.id == message_id:
                view.end_edit()
                view.show_lesson(lesson)
        self.noted.emit()

    def _not_noted(self, error: ErrorInfo) -> None:
        self.show_ability()
        self._session.failed(error)

    def _undo(self, lesson_id: str) -> None:
        call = self._session.backend.send(Forget(id="", lesson_id=lesson_id), Status)
        call.then(self._session.take_status, self._session.failed)

    def _sort(self, lesson_id: str, kind: KindName) -> None:
        request = SetLessonKind(id="", lesson_id=lesson_id, kind=kind)
        call = self._session.backend.send(request, LessonRecord)
        call.then(lambda _: None, self._session.failed)  # the change comes with the list

    def _lesson_of(self, message: ChatMessage) -> LessonRecord | None:
        lessons = self._session.lessons
        found = next((x for x in lessons if x.message_id == message.id), None)
        found = found or self._session.lesson(message.lesson_id)
        return None if found is None or found.state == "forgotten" else found
