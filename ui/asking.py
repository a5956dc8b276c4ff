"""Asking: a question on its way: sent, answered, stopped, asked again, or given back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.protocol import Ask, ChatMessage, ErrorInfo
from ui.answer_view import AnswerView
from ui.composer import Composer
from ui.drafts import Drafts, QuestionDraft
from ui.question_view import QuestionView
from ui.scope import Scope
from ui.session import Session
from ui.transcript import Transcript
from ui.turn import Turn


class Asking(QObject):
    """One turn at a time, shown in the transcript while its conversation is in sight.

    `began` names the conversation a question in sight went into; `reload_wanted` says that what
    is shown may no longer be what is kept; `changed` after every step.
    """

    began = Signal(object)
    reload_wanted = Signal()
    changed = Signal()

    def __init__(
        self, session: Session, transcript: Transcript, composer: Composer, drafts: Drafts
    ) -> None:
        super().__init__(transcript)
        self._session = session
        self._transcript = transcript
        self._composer = composer
        self._drafts = drafts
        self.turn: Turn | None = None

    def live(self, conversation: int | None) -> bool:
        """Whether the turn under way belongs to this conversation."""
        turn = self.turn
        return turn is not None and not turn.over and turn.conversation_id == conversation

    def detach(self) -> None:
        """The conversation goes out of sight; its reply goes on."""
        if self.turn is not None:
            self.turn.detach()

    def attach(self) -> None:
        """The conversation is in sight again: show what came meanwhile, and the rest."""
        if self.turn is not None:
            self.turn.attach(self._transcript.add_answer(), None)

    def ask(self, conversation: int | None, draft: QuestionDraft) -> None:
        """Send a question; one that edits an earlier one replaces it and what came after."""
        text = draft.whole()
        request = self._request(draft.scope, text, conversation, draft.editing, draft.through)
        if draft.editing is not None:
            self._transcript.cut_from(draft.editing)
        self._begin(request, draft, self._transcript.add_question(text, None))

    def again(self, conversation: int | None, view: AnswerView) -> None:
        """Answer anew: this answer and all after it are replaced."""
        if view.message is None or self.turn is not None or not self._session.able:
            return
        replaced = view.message.id
        self._transcript.cut_from(replaced)
        request = self._request(self._composer.scope, "", conversation, replaced)
        self._begin(request, None, None)

    def retry(self, conversation: int | None, view: AnswerView) -> None:
        """Ask a question again whose answer broke off."""
        before = [v for v in self._transcript.views if isinstance(v, QuestionView)]
        if not before or self.turn is not None or not self._session.able:
            return
        question = before[-1]
        self._transcript.remove(view)
        if question.message_id is None:
            self._transcript.remove(question)
        scope = self._composer.scope
        draft = QuestionDraft(question.text, editing=question.message_id, scope=scope)
        self.ask(conversation, draft)

    def _request(
        self,
        scope: Scope,
        text: str,
        conversation: int | None,
        replaced: int | None,
        through: int | None = None,
    ) -> Ask:
        return Ask(
            id="",
            text=text,
            conversation_id=conversation,
            replace_from=replaced,
            documents=scope.mode,
            document_ids=scope.document_ids,
            folder_ids=scope.folder_ids,
            read_through=through,
        )

    def stop(self) -> None:
        """Stop what is being written in sight."""
        if self.turn is not None and self.turn.view is not None:
            self.turn.stop()
        for view in self._transcript.answers():
            if view.comparison is not None:
                view.comparison.stop()

    # ------------------------------------------------------------------ the turn

    def _begin(self, request: Ask, draft: QuestionDraft | None, view: QuestionView | None) -> None:
        turn = Turn(self._session.backend, request, draft)
        self.turn = turn
        turn.started.connect(self._started)
        turn.answered.connect(self._answered)
        turn.failed.connect(self._failed)
        turn.attach(self._transcript.add_answer(), view)
        self.changed.emit()

    def _started(self, turn: Turn) -> None:
        if turn.view is not None:
            self.began.emit(turn.conversation_id)

    def _answered(self, turn: Turn, _message: ChatMessage) -> None:
        self._turn_over(turn)

    def _failed(self, turn: Turn, error: ErrorInfo) -> None:
        """A reply that did not come: what was asked is never lost."""
        if turn.begun or turn.draft is None:
            if turn.view is not None:
                turn.view.break_off(f"{error.title}. {error.next_step}")
        else:
            self._give_back(turn, turn.draft)
        self._turn_over(turn)
        if not turn.begun:
            self.reload_wanted.emit()
        self._session.failed(error)

    def _give_back(self, turn: Turn, draft: QuestionDraft) -> None:
        """The service never took the question: it goes back to where it was typed."""
        if turn.view is None:
            kept = self._drafts.questions.get(turn.conversation_id, QuestionDraft())
            self._drafts.questions[turn.conversation_id] = draft.before(kept)
            return
        now = draft.before(self._composer.draft())
        self._composer.put(now)
        self._drafts.questions[turn.conversation_id] = now
        if turn.question_view is not None:
            self._transcript.remove(turn.question_view)
        self._transcript.remove(turn.view)

    def _turn_over(self, turn: Turn) -> None:
        if self.turn is turn:
            self.turn = None
        self.changed.emit()
