"""Turn: one question being answered, kept alive while other conversations are looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.protocol import Answer, Ask, ChatMessage, ErrorInfo, PartReading, Reading, Started
from ui.answer_view import AnswerView
from ui.backend import Backend
from ui.drafts import QuestionDraft
from ui.question_view import QuestionView


class Turn(QObject):
    """Collects the reply; a view can come and go while it grows."""

    started = Signal(object)
    answered = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, backend: Backend, request: Ask, draft: QuestionDraft | None) -> None:
        super().__init__(backend)
        self.draft = draft
        self.conversation_id = request.conversation_id
        self.question_id: int | None = None
        self.begun = False
        self.over = False
        self.question = draft.whole() if draft else ""
        self.question_view: QuestionView | None = None
        self.view: AnswerView | None = None
        self._backend = backend
        self._text: list[str] = []
        self._part: PartReading | None = None
        self._call = backend.send(request, Answer).then(self._done, self._failed)
        self._call.started.connect(self._on_started)
        self._call.token.connect(self._on_token)
        self._call.reading.connect(self._on_reading)
        self._call.part.connect(self._on_part)

    def attach(self, view: AnswerView, question: QuestionView | None) -> None:
        """Show the reply in `view` from now on, with what came so far."""
        self.view = view
        self.question_view = question
        if self._text:
            view.append("".join(self._text))
        elif self._part is not None:
            view.show_part(self._part)

    def detach(self) -> None:
        """The views are going away."""
        self.view = None
        self.question_view = None

    def stop(self) -> None:
        """Ask for the reply to end here."""
        if not self.over:
            self._backend.stop(self._call)

    def _on_started(self, event: Started) -> None:
        self.begun = True
        self.conversation_id = event.conversation_id
        self.question_id = event.question_id
        if self.question_view is not None:
            self.question_view.message_id = event.question_id
        self.started.emit(self)

    def _on_reading(self, event: Reading) -> None:
        if self.view is not None:
            self.view.show_reading(event)

    def _on_part(self, event: PartReading) -> None:
        self._part = event
        if self.view is not None:
            self.view.show_part(event)

    def _on_token(self, text: str) -> None:
        self._text.append(text)
        if self.view is not None:
            self.view.append(text)

    def _done(self, answer: Answer) -> None:
        self.over = True
        message = ChatMessage(
            id=answer.message_id if answer.message_id is not None else -1,
            role="assistant",
            text=answer.text,
            created="",
            state=answer.state,
            provenance=answer.provenance,
            timings=answer.timings,
        )
        if self.view is not None:
            self.view.complete(message, drawn=True)
        self.answered.emit(self, message)
        self.deleteLater()

    def _failed(self, error: ErrorInfo) -> None:
        self.over = True
        self.failed.emit(self, error)
        self.deleteLater()
