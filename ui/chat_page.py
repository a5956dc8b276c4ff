"""Chat page: one conversation with its input, and which conversation that is."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from app.protocol import ChatMessage, ErrorInfo, GetConversation, Status
from ui.answer_view import AnswerView
from ui.asking import Asking
from ui.chat_header import ChatHeader
from ui.comparison import Comparison
from ui.composer import Composer
from ui.controls import centred, clear, label
from ui.correcting import Correcting
from ui.drafts import Drafts, QuestionDraft
from ui.model_notice import ModelNotice
from ui.question_view import QuestionView
from ui.rating import Rating
from ui.scope import Limit, Scope
from ui.session import Session
from ui.theme import Theme
from ui.tokens import COLUMN, GUTTER
from ui.transcript import Transcript
from ui.welcome import Welcome

HINT = "Enter sends  ·  Shift+Enter for a new line  ·  F1 for all keys"
ELSEWHERE = "Another answer is still being written"
QUOTE = 600
"""Characters of a selection that stand in the question itself; a longer one is put beside it."""

BUSY = ErrorInfo(
    code="busy",
    title=ELSEWHERE,
    message="One at a time is read and answered.",
    next_step="Wait for it, or stop it, then ask again.",
)
UNANSWERED = "This question has no answer yet."


class ChatPage(QWidget):
    """Shows one conversation at a time; `conversation` is None for one not yet begun."""

    conversation_changed = Signal(object)
    model_wanted = Signal()
    page_wanted = Signal(str)
    place_wanted = Signal(object)
    teach_wanted = Signal(str)
    files_wanted = Signal(list)

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self.session = session
        self._backend = session.backend
        self.conversation: int | None = None
        self.drafts = Drafts()
        self.setProperty("role", "page")
        self.header = ChatHeader(theme, session)
        self.transcript = Transcript(theme, self._make_answer)
        self.welcome = Welcome(theme)
        self.notice = ModelNotice(theme)
        self.composer = Composer(theme)
        self.asking = Asking(session, self.transcript, self.composer, self.drafts)
        self.correcting = Correcting(session, self.transcript, self.drafts)
        self.rating = Rating(session)
        self._lay_out()
        self._connect()
        self._show_ability()

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.transcript)
        hint = label(HINT, "caption")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        foot = QVBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        for part in (self.notice, self.composer, hint):
            foot.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self._stack, 1)
        line = centred(clear(foot), COLUMN)
        line.setContentsMargins(GUTTER, 4, GUTTER, 12)
        layout.addLayout(line)

    def _connect(self) -> None:
        session = self.session
        self.welcome.chosen.connect(lambda text: self._ask(QuestionDraft(text)))
        self.welcome.model_wanted.connect(self.model_wanted)
        self.welcome.morning.report_wanted.connect(lambda: self.page_wanted.emit("study"))
        session.morning_changed.connect(lambda: self.welcome.morning.show_morning(session.morning))
        self.notice.model_wanted.connect(self.model_wanted)
        self.composer.sent.connect(self._ask)
        focus = QApplication.instance()
        assert isinstance(focus, QApplication)
        focus.focusChanged.connect(self._follow_focus)
        self.composer.stop_wanted.connect(self.stop)
        self.composer.edited.connect(self._keep_draft)
        self.composer.keep_wanted.connect(self.teach_wanted)
        self.composer.files_pasted.connect(self.files_wanted)
        self.transcript.teach_wanted.connect(self.teach_wanted)
        self.transcript.edit_wanted.connect(self._edit_question)
        self.asking.began.connect(self._began)
        self.asking.reload_wanted.connect(self.reload)
        self.asking.changed.connect(self._settle)
        self.correcting.noted.connect(self.composer.setFocus)
        session.status_changed.connect(self._show_status)
        session.opened.connect(self.reload)
        session.documents_changed.connect(self._show_documents)
        session.folders_changed.connect(self._show_documents)
        self._backend.state_changed.connect(self._show_ability)

    # ------------------------------------------------------------------ which conversation

    def open(self, conversation: int | None) -> None:
        """Show a conversation, or a new one."""
        if conversation == self.conversation and conversation is not None:
            return
        self._keep_draft()
        self.asking.detach()
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
            begun = self.asking.live(None) and bool(self.transcript.views)
            self._stack.setCurrentWidget(self.transcript if begun else self.welcome)
            return
        if self._streams():
            return
        call = self._backend.send(GetConversation(id="", conversation_id=wanted), list[ChatMessage])
        call.then(lambda found: self._show(wanted, found), self._not_there)

    def _not_there(self, error: ErrorInfo) -> None:
        if error.code == "bad_request":
            self.open(None)
        self.session.failed(error)

    def _show(self, conversation: int, messages: list[ChatMessage]) -> None:
        if conversation != self.conversation or self._streams():
            return
        self._stack.setCurrentWidget(self.transcript)
        if not self.transcript.shows(messages):
            self.transcript.show_messages(messages)
        if self.asking.live(conversation):
            self.asking.attach()
        elif self.transcript.views and isinstance(self.transcript.views[-1], QuestionView):
            self.transcript.add_answer().break_off(UNANSWERED)
        self._settle()

    def _streams(self) -> bool:
        """Whether a reply is being written before the person's eyes."""
        return self.asking.live(self.conversation) and bool(self.transcript.views)

    def _keep_draft(self) -> None:
        self.drafts.questions[self.conversation] = self.composer.draft()

    def _began(self, conversation: int) -> None:
        if self.conversation is None:
            self.drafts.questions.pop(None, None)
            self.conversation = conversation
            self._keep_draft()
            self.header.show_conversation(conversation)
            self.conversation_changed.emit(conversation)

    # ------------------------------------------------------------------ documents

    def ask_about(self, limit: Limit, selected: str) -> None:
        """The next question is about a document or folder; what was selected in it is quoted."""
        self.composer.limit(limit)
        if len(selected) > QUOTE:
            self.composer.add_pasted(selected)
        elif selected.strip():
            self.composer.field.insertPlainText(f"“{' '.join(selected.split())}”\n")
        self.composer.setFocus()

    def read_through(self, limit: Limit, text: str) -> None:
        """Answer a question by reading every part of a document, here in this conversation."""
        if self.asking.turn is not None or not self.session.able:
            self.session.failed(BUSY)
            return
        self._ask(QuestionDraft(text, scope=Scope().within(limit), through=limit.id))

    def _show_documents(self) -> None:
        documents = {document.id for document in self.session.documents}
        folders = {folder.id for folder in self.session.folders}
        if self.session.knows("documents") and self.session.knows("folders"):
            self.composer.show_documents(documents, folders)
            for view in self.transcript.answers():
                view.keep_sources(documents)

    # ------------------------------------------------------------------ what can be done

    def _ask(self, draft: QuestionDraft) -> None:
        if self.asking.turn is None and self.session.able:
            self._stack.setCurrentWidget(self.transcript)
            self.asking.ask(self.conversation, draft)

    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        self.transcript.follow_focus(now)

    def stop(self) -> None:
        """Stop what is being written in sight."""
        self.asking.stop()

    def regenerate(self, view: AnswerView | None = None) -> None:
        """Answer again: the newest answer, or the one given and all after it."""
        if (view := view or self._newest()) is not None:
            self.asking.again(self.conversation, view)

    def correct(self, view: AnswerView | None = None) -> None:
        """Open the editor on the newest answer, or the one given."""
        if (view := view or self._newest()) is not None:
            self.correcting.edit(view)

    def _edit_question(self, view: QuestionView) -> None:
        if view.message_id is not None:
            draft = QuestionDraft(view.text, editing=view.message_id, scope=self.composer.scope)
            self.composer.put(draft)
            self.composer.setFocus()

    def _compare(self, view: AnswerView) -> None:
        if view.message is not None and self.session.able:
            panel = Comparison(self._theme, self._backend, view.message.id)
            panel.failed.connect(self.session.failed)
            view.compare(panel)

    def _fill_layers(self, view: AnswerView) -> None:
        message = view.message
        if message is not None and message.provenance is not None:
            lessons = {lesson.id: lesson for lesson in self.session.lessons}
            view.layers.fill(message.provenance, message.timings, lessons)

    # ------------------------------------------------------------------ views

    def _make_answer(self, message: ChatMessage | None) -> AnswerView:
        view = AnswerView(self._theme)
        view.correct_wanted.connect(self.correct)
        view.regenerate_wanted.connect(self.regenerate)
        view.compare_wanted.connect(self._compare)
        view.layers_wanted.connect(self._fill_layers)
        view.layers.page_wanted.connect(self.page_wanted)
        view.sources.chosen.connect(self.place_wanted)
        view.retry_wanted.connect(lambda v: self.asking.retry(self.conversation, v))
        if message is not None:
            view.complete(message)
        self.correcting.dress(view)
        self.rating.dress(view)
        return view

    def _newest(self) -> AnswerView | None:
        return next((v for v in reversed(self.transcript.answers()) if v.message), None)

    def _settle(self) -> None:
        """Only the newest answer keeps its actions in sight."""
        newest = self._newest()
        for view in self.transcript.answers():
            view.set_newest(view is newest)
        if not self.transcript.settled():
            QTimer.singleShot(60, self, self._settle)
        self._show_ability()

    def _show_status(self, status: Status) -> None:
        self.welcome.show_status(status)
        self.notice.show_status(status)
        self._show_ability()

    def _show_ability(self) -> None:
        here = self.asking.live(self.conversation)
        elsewhere = self.asking.turn is not None and not here
        self.composer.set_able(self.session.able and not elsewhere, ELSEWHERE if elsewhere else "")
        self.composer.set_busy(here)
        self.correcting.show_ability()
