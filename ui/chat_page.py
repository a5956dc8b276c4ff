"""Chat page: one conversation with its input: asking, correcting, comparing, drafts."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.protocol import (
    Ask,
    ChatMessage,
    Correct,
    ErrorInfo,
    Forget,
    GetConversation,
    LessonRecord,
    Status,
)
from ui.answer_view import AnswerView
from ui.backend import State
from ui.chat_header import ChatHeader
from ui.comparison import Comparison
from ui.composer import Composer
from ui.controls import centred, clear, label
from ui.drafts import CorrectionDraft, Drafts, QuestionDraft
from ui.model_notice import ModelNotice
from ui.question_view import QuestionView
from ui.session import Session
from ui.theme import Theme
from ui.tokens import COLUMN
from ui.transcript import Transcript
from ui.turn import Turn
from ui.welcome import Welcome

HINT = "Enter sends  ·  Shift+Enter for a new line  ·  F1 for all keys"
UNANSWERED = "This question has no answer yet."


class ChatPage(QWidget):
    """Shows one conversation at a time; `conversation` is None for one not yet begun."""

    conversation_changed = Signal(object)
    model_wanted = Signal()

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self._backend = session.backend
        self.conversation: int | None = None
        self.drafts = Drafts()
        self.turn: Turn | None = None
        self.setProperty("role", "page")
        self.header = ChatHeader(theme, session)
        self.transcript = Transcript(theme, self._make_answer)
        self.welcome = Welcome(theme)
        self.welcome.chosen.connect(lambda text: self._ask(QuestionDraft(text)))
        self.welcome.model_wanted.connect(self.model_wanted)
        self.notice = ModelNotice(theme)
        self.notice.model_wanted.connect(self.model_wanted)
        self.composer = Composer(theme)
        self.composer.sent.connect(self._ask)
        self.composer.stop_wanted.connect(self.stop)
        self.composer.edited.connect(self._keep_draft)
        self._lay_out()
        session.status_changed.connect(self._show_status)
        session.lessons_changed.connect(self._show_lessons)
        session.opened.connect(self.reload)
        self._backend.state_changed.connect(lambda _: self._show_ability())
        self._show_ability()

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.transcript)
        self._hint = label(HINT, "caption")
        foot = QVBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.notice)
        foot.addWidget(self.composer)
        foot.addLayout(centred(self._hint, 400))
        holder = clear(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._stack, 1)
        line = centred(holder, COLUMN + 32)
        line.setContentsMargins(24, 4, 24, 12)
        layout.addLayout(line)

    # ------------------------------------------------------------------ which conversation

    def open(self, conversation: int | None) -> None:
        """Show a conversation, or a new one."""
        if conversation == self.conversation and conversation is not None:
            return
        self._keep_draft()
        self._detach()
        self.conversation = conversation
        self.header.show_conversation(conversation)
        self.transcript.clear()
        self.composer.put(self.drafts.questions.get(conversation, QuestionDraft()))
        self.reload()
        self._show_ability()

    def reload(self) -> None:
        """Read the conversation again."""
        wanted = self.conversation
        if wanted is None:
            self._stack.setCurrentWidget(self.transcript if self._live() else self.welcome)
            return
        if self._live() and self.transcript.views:
            return
        call = self._backend.send(GetConversation(id="", conversation_id=wanted), list[ChatMessage])
        call.then(lambda found: self._show(wanted, found), self._not_there)

    def _not_there(self, error: ErrorInfo) -> None:
        if error.code == "bad_request":
            self.open(None)
        self._session.failed(error) if error.code != "service_lost" else None

    def _show(self, conversation: int, messages: list[ChatMessage]) -> None:
        if conversation != self.conversation or (self._live() and self.transcript.views):
            return
        self._stack.setCurrentWidget(self.transcript)
        self.transcript.show_messages(messages)
        if self._live() and self.turn is not None:
            self.turn.attach(self.transcript.add_answer(), None)
        elif messages and messages[-1].role == "user":
            self.transcript.add_answer().break_off(UNANSWERED)
        self._settle()
        self._show_ability()

    def _live(self) -> bool:
        """Whether the turn under way belongs to the conversation in sight."""
        return (
            self.turn is not None
            and not self.turn.over
            and self.turn.conversation_id == self.conversation
        )

    def _detach(self) -> None:
        if self.turn is not None:
            self.turn.detach()

    def _keep_draft(self) -> None:
        self.drafts.questions[self.conversation] = self.composer.draft()

    # ------------------------------------------------------------------ asking

    def _ask(self, draft: QuestionDraft) -> None:
        text = draft.whole()
        request = Ask(
            id="", text=text, conversation_id=self.conversation, replace_from=draft.editing
        )
        if draft.editing is not None:
            self.transcript.cut_from(draft.editing)
        self._stack.setCurrentWidget(self.transcript)
        question = self.transcript.add_question(text, None)
        question.edit_wanted.connect(self._edit_question)
        self._begin(request, draft, question)

    def _begin(self, request: Ask, draft: QuestionDraft | None, view: QuestionView | None) -> None:
        turn = Turn(self._backend, request, draft)
        self.turn = turn
        turn.started.connect(self._started)
        turn.answered.connect(self._answered)
        turn.failed.connect(self._failed)
        turn.attach(self.transcript.add_answer(), view)
        self._settle()
        self._show_ability()

    def _started(self, turn: Turn) -> None:
        if self.conversation is None and turn.view is not None:
            self.drafts.questions.pop(None, None)
            self.conversation = turn.conversation_id
            self._keep_draft()
            self.header.show_conversation(self.conversation)
            self.conversation_changed.emit(self.conversation)

    def _answered(self, turn: Turn, _message: ChatMessage) -> None:
        self._turn_over(turn)
        if turn.view is not None:
            self._settle()

    def _failed(self, turn: Turn, error: ErrorInfo) -> None:
        """A reply that did not come: what was asked is never lost."""
        self._turn_over(turn)
        if turn.begun or turn.draft is None:
            if turn.view is not None:
                turn.view.break_off(f"{error.title}. {error.next_step}")
            if turn.draft is None and not turn.begun:
                self.reload()
        else:
            self._give_back(turn)
        self._session.failed(error)

    def _give_back(self, turn: Turn) -> None:
        """The service never took the question: it goes back to where it was typed."""
        assert turn.draft is not None
        if turn.view is None:
            self.drafts.questions[turn.conversation_id] = turn.draft
            return
        now = self.composer.draft()
        text = "\n\n".join(part for part in (turn.draft.text, now.text) if part.strip())
        pasted = turn.draft.pasted + now.pasted
        self.composer.put(QuestionDraft(text, pasted, turn.draft.editing))
        self._keep_draft()
        if turn.question_view is not None:
            self.transcript.remove(turn.question_view)
        self.transcript.remove(turn.view)
        self.reload()

    def _turn_over(self, turn: Turn) -> None:
        if self.turn is turn:
            self.turn = None
        self._show_ability()

    def stop(self) -> None:
        """Stop what is being written in sight."""
        if self.turn is not None and self.turn.view is not None:
            self.turn.stop()
        for view in self.transcript.answers():
            if view.comparison is not None:
                view.comparison.stop()

    def regenerate(self, view: AnswerView | None = None) -> None:
        """Answer again: the newest answer, or the one given and all after it."""
        view = view or self._newest()
        if view is None or view.message is None or self.turn is not None or not self._able():
            return
        replaced = view.message.id
        self.transcript.cut_from(replaced)
        request = Ask(id="", text="", conversation_id=self.conversation, replace_from=replaced)
        self._begin(request, None, None)

    def _retry(self, view: AnswerView) -> None:
        """Ask a question again that has no answer."""
        before = [v for v in self.transcript.views if isinstance(v, QuestionView)]
        if not before or self.turn is not None or not self._able():
            return
        question = before[-1]
        self.transcript.remove(view)
        self._ask(QuestionDraft(question.text, editing=question.message_id))

    def _edit_question(self, view: QuestionView) -> None:
        self.composer.put(QuestionDraft(view.text, editing=view.message_id))
        self.composer.setFocus()

    # ------------------------------------------------------------------ answers

    def _make_answer(self, message: ChatMessage | None) -> AnswerView:
        view = AnswerView(self._theme)
        view.correct_wanted.connect(self.correct)
        view.regenerate_wanted.connect(self.regenerate)
        view.compare_wanted.connect(self._compare)
        view.retry_wanted.connect(self._retry)
        view.saved.connect(self._save_correction)
        view.draft_changed.connect(self._keep_correction)
        view.undo.connect(self._undo)
        if message is not None:
            view.complete(message)
            view.show_lesson(self._lesson_of(message))
            if (draft := self.drafts.corrections.get(message.id)) is not None:
                view.edit(draft, able=self._able())
        return view

    def _newest(self) -> AnswerView | None:
        return next((v for v in reversed(self.transcript.answers()) if v.message), None)

    def _settle(self) -> None:
        """Only the newest answer keeps its actions in sight; questions can be edited."""
        newest = self._newest()
        for view in self.transcript.views:
            if isinstance(view, AnswerView):
                view.set_newest(view is newest)
        if not self.transcript.settled():
            QTimer.singleShot(60, self, self._settle)

    def correct(self, view: AnswerView | None = None) -> None:
        """Open the editor on the newest answer, or the one given."""
        view = view or self._newest()
        if view is None or view.message is None or view.message.id < 0:
            return
        kept = self.drafts.corrections.get(view.message.id)
        lesson = view.noted.lesson
        start = lesson.corrected if lesson else view.message.text
        note = lesson.note if lesson else ""
        view.edit(kept or CorrectionDraft(start, note), able=self._able())

    def _keep_correction(self, view: AnswerView) -> None:
        if view.message is not None and view.editor is not None:
            self.drafts.corrections[view.message.id] = view.editor.draft()
        elif view.message is not None:
            self.drafts.corrections.pop(view.message.id, None)

    def _save_correction(self, view: AnswerView, draft: CorrectionDraft) -> None:
        if view.message is None or view.editor is None:
            return
        message_id = view.message.id
        view.editor.set_able(False)
        request = Correct(
            id="", answer=draft.answer, message_id=message_id, note=draft.note, kind=draft.kind
        )
        call = self._backend.send(request, LessonRecord)
        call.then(lambda lesson: self._noted(message_id, lesson), self._not_noted)

    def _noted(self, message_id: int, lesson: LessonRecord) -> None:
        self.drafts.corrections.pop(message_id, None)
        for view in self.transcript.answers():
            if view.message is not None and view.message.id == message_id:
                view.end_edit()
                view.show_lesson(lesson)
        self.composer.setFocus()

    def _not_noted(self, error: ErrorInfo) -> None:
        self._show_ability()
        self._session.failed(error)

    def _undo(self, lesson_id: str) -> None:
        call = self._backend.send(Forget(id="", lesson_id=lesson_id), Status)
        call.then(self._session.take_status, self._session.failed)

    def _compare(self, view: AnswerView) -> None:
        if view.message is not None and self._able():
            panel = Comparison(self._theme, self._backend, view.message.id)
            panel.failed.connect(self._session.failed)
            view.compare(panel)

    def _lesson_of(self, message: ChatMessage) -> LessonRecord | None:
        lessons = self._session.lessons
        found = next((x for x in lessons if x.message_id == message.id), None)
        found = found or self._session.lesson(message.lesson_id)
        return None if found is None or found.state == "forgotten" else found

    def _show_lessons(self) -> None:
        for view in self.transcript.answers():
            if view.message is not None:
                view.show_lesson(self._lesson_of(view.message))

    # ------------------------------------------------------------------ ability

    def _able(self) -> bool:
        status = self._session.status
        ready = self._backend.state is State.READY
        return bool(ready and status and status.key == "open" and status.model_state != "missing")

    def _show_status(self, status: Status) -> None:
        self.welcome.show_status(status)
        self.notice.show_status(status)
        self._show_ability()

    def _show_ability(self) -> None:
        able = self._able()
        self.composer.set_able(able)
        self.composer.set_busy(self._live())
        for view in self.transcript.answers():
            if view.editor is not None:
                view.editor.set_able(able)
