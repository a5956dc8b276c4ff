"""The JSON-lines protocol between a window and the service: every request, event and error."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from app.desktop.reports import DesktopReport as DesktopReport
from app.desktop.reports import PieceReport as PieceReport
from app.document_records import Contradiction as Contradiction
from app.document_records import DocumentNotes as DocumentNotes
from app.document_records import DocumentRecord as DocumentRecord
from app.document_records import DocumentText as DocumentText
from app.document_records import FolderRecord as FolderRecord
from app.document_records import NotedQuestion as NotedQuestion
from app.document_records import Passage as Passage
from app.document_records import ReadThrough as ReadThrough
from app.document_records import Source as Source
from app.errors import NightschoolError
from app.message import Message as Message
from app.night_records import Night as Night
from app.night_records import NightReport as NightReport
from app.night_records import Wishes as Wishes
from app.proposal_records import ProposalRecord as ProposalRecord
from app.usage_records import Usage as Usage

VERSION = 2
"""Raised whenever a message changes its meaning; a client of another version is refused."""

MAX_LINE = 16 * 1024 * 1024
"""Longest accepted line in bytes; a longer one is answered with an error, not with memory."""

NIGHT, NIGHT_PROPOSALS, NIGHT_NOTES = "night", "night proposals", "night notes"
NIGHT_SUMMARIES, NIGHT_BACKUP = "night summaries", "night backup"
"""Ids of what the service does by itself: studies, offers, notes, summaries, a copy of the ledger;
their events come without a request."""

KindName = Literal["manner", "term", "procedure", "fact"]
ResetScope = Literal["learned", "everything"]
Kept = Literal["active", "pinned", "before", "model", "last", ""]
What = Literal[
    "status",
    "conversations",
    "lessons",
    "proposals",
    "adapters",
    "models",
    "documents",
    "folders",
    "night",
]


# ------------------------------------------------------------------ records shown to a person


class Timings(Message, frozen=True):
    """What one reply cost: seconds, tokens a second, and prompt tokens new and from cache."""

    first_token_s: float
    tokens_per_s: float
    prompt_tokens: int
    cached_tokens: int
    reply_tokens: int


class EarlierSummary(Message, frozen=True):
    """What stood in a prompt for the first `messages` of a conversation, which may not have fitted.

    A model wrote it, of messages up to the one with the id `last`. `text` is "" after
    something was forgotten that the conversation held.
    """

    text: str
    messages: int
    last: int


class Provenance(Message, frozen=True):
    """What stood behind a reply: model name, adapter version (0 = none), lessons in the prompt.

    `sources` are all passages the prompt held; the reply cites those that are `used`.
    `documents_asked` tells that the documents were searched, also when nothing was found.
    `through` tells of a document that was read part by part; `sources` are what notes rest on.
    `earlier` is the summary that stood for messages which did not fit.
    """

    model: str
    adapter: int = 0
    lessons_in_context: tuple[str, ...] = ()
    lessons_in_weights: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    documents_asked: bool = False
    through: ReadThrough | None = None
    earlier: EarlierSummary | None = None


class ChatMessage(Message, frozen=True):
    """One message of a conversation; `state` tells a reply that was stopped or broke off."""

    id: int
    role: Literal["user", "assistant"]
    text: str
    created: str
    state: Literal["complete", "stopped", "broken"] = "complete"
    provenance: Provenance | None = None
    timings: Timings | None = None
    lesson_id: str | None = None
    unhelpful: bool = False


class ConversationSummary(Message, frozen=True):
    """A row of the conversation list; `updated` is ISO 8601 in UTC."""

    id: int
    title: str
    updated: str
    messages: int


class LessonRecord(Message, frozen=True):
    """A lesson with its life: `state` and, where it helps, why (`reason`).

    A fact holds from the day `valid_from` on, and no longer on the day `valid_to` (ISO dates; None
    while no end is known, and for other kinds). `from_given` and `to_given` tell days that the
    person gave from those of when it was taught and of what took its place. `superseded_by` is the
    first newer lesson that contradicts it.
    """

    id: str
    kind: KindName
    prompt: str
    rejected: str
    corrected: str
    note: str
    created: str
    state: Literal["new", "learned", "in_context", "superseded", "forgotten"]
    reason: str = ""
    adapter: int | None = None
    message_id: int | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    from_given: bool = False
    to_given: bool = False
    superseded_by: str | None = None


class LessonResult(Message, frozen=True):
    """One lesson's examination: passes before and after, out of `asked` unseen questions.

    `before_answer` and `after_answer` are the replies to `question`, shown side by side.
    `newly` tells that the version in use before had not learned it. Of a few such lessons
    `own_before` is the reply that the person corrected, and `own_after` what is said now.
    """

    lesson_id: str
    title: str
    kind: KindName
    asked: int
    before: int
    after: int
    decision: Literal["learned", "in_context"]
    reason: str = ""
    question: str = ""
    before_answer: str = ""
    after_answer: str = ""
    newly: bool = False
    own_before: str = ""
    own_after: str = ""


class ExamFigures(Message, frozen=True):
    """The exam's gate: drift is mean KL to base in nats/token on neutral prompts.

    `declined` of `declined_asked` harmful requests are still declined, `answered` harmless ones
    that sound alike still answered, `known` of `known_asked` general questions still right.
    """

    drift: float
    drift_limit: float
    near_asked: int
    near_clean: int
    held_asked: int
    held: int
    scale: float
    declined_asked: int = 0
    declined: int = 0
    answered_asked: int = 0
    answered: int = 0
    known_asked: int = 0
    known: int = 0


class StudyReport(Message, frozen=True):
    """What a study session did; `activated` is false when the adapter did not earn its place.

    `learned` and `in_context` count lessons, also those that were forgotten since. `by_night` tells
    a session that nobody asked for; `seconds` and `usage` are its last stretch's, after which it
    was done. `usage` is None where it was not measured.
    """

    started: str
    activated: bool
    decision: str
    lessons: tuple[LessonResult, ...]
    exam: ExamFigures | None
    adapter: int | None
    sha256: str
    seconds: float
    peak_memory_mb: float
    learned: int = 0
    in_context: int = 0
    by_night: bool = False
    usage: Usage | None = None


class StudyHistory(Message, frozen=True):
    """Every study session (without its `lessons`) and every night, newest first."""

    reports: tuple[StudyReport, ...] = ()
    nights: tuple[Night, ...] = ()

    def held(self) -> list[int]:
        """For each study, the lessons in the version in use after it, if nobody went back."""
        found, now = list[int](), 0
        for report in reversed(self.reports):
            now = report.learned if report.activated else now
            found.append(now)
        return found[::-1]


class Morning(Message, frozen=True):
    """The last night that did anything, with its studies, newest first.

    `seen` tells that the person has read of all of it.
    """

    night: Night
    reports: tuple[StudyReport, ...]
    seen: bool


class AdapterRecord(Message, frozen=True):
    """A version of what was learned.

    `kept` says why it stays after the next study: it is in use, pinned, what comes `before` the
    one in use, the newest for another `model`, or among the `last` ones; "" when it goes then.
    `trouble` is why it was set aside, in a sentence.
    """

    version: int
    created: str
    lesson_ids: tuple[str, ...]
    active: bool
    base_model: str
    sha256: str
    size: int
    drift: float | None = None
    name: str = ""
    pinned: bool = False
    kept: Kept = "last"
    trouble: str = ""


class ModelRecord(Message, frozen=True):
    """A model file that can be chosen; `size` in bytes."""

    name: str
    path: str
    size: int
    in_use: bool
    note: str = ""


class Finding(Message, frozen=True):
    """One line of `doctor`; a problem always names its remedy."""

    severity: Literal["ok", "note", "problem"]
    title: str
    message: str
    next_step: str = ""


class ProbeAnswers(Message, frozen=True):
    """A probe's answers from the weights alone: as they are `now`, and the untouched model's.

    `version` is what is in use, 0 for none.
    """

    probe: str
    now: str
    base: str
    version: int


class Verification(Message, frozen=True):
    """What could be proven of a forgotten lesson; of one that is not, what holds it.

    `pending` while the weights wait to be made without it. A problem among `findings` means that
    it is not `proven`; notes tell what was not looked into.
    """

    lesson_id: str
    forgotten: bool
    proven: bool
    pending: bool
    decision: str
    findings: tuple[Finding, ...]
    answers: tuple[ProbeAnswers, ...] = ()


class ForgottenLesson(Message, frozen=True):
    """All that is kept of a forgotten lesson; `pending` as in `Verification`."""

    id: str
    forgotten: str
    pending: bool


class StoredPart(Message, frozen=True):
    """A part of the home: its files and folders by name, and their `size` in bytes."""

    title: str
    told: str
    names: tuple[str, ...]
    encrypted: bool
    files: int
    size: int


class Storage(Message, frozen=True):
    """What is stored where; `free` is what the disk of the home has left, in bytes."""

    home: str
    parts: tuple[StoredPart, ...]
    free: int


class Status(Message, frozen=True):
    """Where the assistant stands; `key` tells a window whether to ask for a passphrase.

    `key`: `open` the ledger is readable; `passphrase` it must be entered; `new_passphrase` there
    is no ledger and no keyring, so one must be chosen; `missing` the key is gone (see `problem`).
    `adapter` is the active version, 0 for none; `set_aside` tells of one that did not start, while
    what was before it is in use instead. `versions_kept` are kept besides those that must be.
    `backup` is the local time of the ledger's copy (ISO 8601 without a zone), "" where there is
    none, and `damaged` tells what was found when the last one was to be made.
    """

    version: int
    app_version: str
    home: str
    key: Literal["open", "passphrase", "new_passphrase", "missing"]
    model: str
    model_state: Literal["ready", "loading", "missing", "broken"]
    adapter: int
    lessons_new: int
    studying: bool
    starter_model: bool
    problem: ErrorInfo | None = None
    recovered: str = ""
    versions_kept: int = 5
    set_aside: ErrorInfo | None = None
    backup: str = ""
    damaged: ErrorInfo | None = None


class ResetPreview(Message, frozen=True):
    """Exactly what a reset would destroy, counted before anybody agrees.

    `lessons` are those there are: with the scope `learned` they go only when they are not kept.
    """

    adapters: int
    checkpoints: int
    lessons: int
    conversations: int
    messages: int
    bytes_on_disk: int


class ErrorInfo(Message, frozen=True):
    """An error as it travels: see `app.errors.NightschoolError`."""

    code: str
    title: str
    message: str
    next_step: str

    @classmethod
    def of(cls, error: NightschoolError) -> ErrorInfo:
        return cls(
            code=error.code, title=error.title, message=error.message, next_step=error.next_step
        )


# ------------------------------------------------------------------ requests (window -> service)


class Request(Message, frozen=True, tag_field="op", kw_only=True):
    """Every request carries the client's own `id`, echoed by every event that answers it."""

    id: str


class Hello(Request, frozen=True, tag="hello"):
    """First line of a client. Result: `Status`."""

    version: int


class Unlock(Request, frozen=True, tag="unlock"):
    """Open the ledger with a passphrase, or choose one (`create`). Result: `Status`."""

    passphrase: str
    create: bool = False


class BackUp(Request, frozen=True, tag="back_up"):
    """Copy the ledger, in place of the last copy. Result: `Status`."""


class Restore(Request, frozen=True, tag="restore"):
    """Put the copy in the place of a damaged ledger, which is kept beside it. Result: `Status`.

    `passphrase` where the key is made of one and the ledger is not open.
    """

    passphrase: str = ""


class GetStatus(Request, frozen=True, tag="status"):
    """Result: `Status`."""


class ListConversations(Request, frozen=True, tag="conversations"):
    """Result: list of `ConversationSummary`, newest first."""


class GetConversation(Request, frozen=True, tag="conversation"):
    """Result: list of `ChatMessage`, oldest first."""

    conversation_id: int


class RenameConversation(Request, frozen=True, tag="rename_conversation"):
    """Result: null."""

    conversation_id: int
    title: str


class DeleteConversation(Request, frozen=True, tag="delete_conversation"):
    """Result: null."""

    conversation_id: int


class Ask(Request, frozen=True, tag="ask"):
    """Ask in a conversation (None starts one). Events: `Started`, `Token`…; result: `Answer`.

    `replace_from` deletes that message and all after it first (edit question, regenerate): for
    "regenerate" it is the assistant message's id and `text` is empty, which answers the question
    that stands before it. `without_learning` answers with the bare base model; with `save` false
    nothing is stored (used for "without what you learned" beside an answer: give the message to
    answer again as `beside`, and leave `text` empty). `documents` decides whether documents are
    searched: `auto` uses what fits well, `only` answers from them or says that it is not there,
    `none` leaves them alone. `version` answers with that version of what was learned whichever is
    in use (0: none, as `without_learning`); nothing may be saved then. `document_ids` and
    `folder_ids` limit the search to these.
    `read_through` is a document to be answered from by reading every part of it, with
    `PartReading` events on the way; a reply made so is made so again when it is replaced.
    """

    text: str
    conversation_id: int | None = None
    replace_from: int | None = None
    beside: int | None = None
    without_learning: bool = False
    version: int | None = None
    no_context_lessons: bool = False
    save: bool = True
    documents: Literal["auto", "only", "none"] = "auto"
    document_ids: tuple[int, ...] = ()
    folder_ids: tuple[int, ...] = ()
    read_through: int | None = None


class Stop(Request, frozen=True, tag="stop"):
    """Stop the running request `target` (an ask, a study). Result: null."""

    target: str


class Correct(Request, frozen=True, tag="correct"):
    """Make a lesson of a correction. Result: `LessonRecord`.

    Either `message_id` (the assistant message corrected; prompt and rejected answer are taken
    from the conversation) or `prompt`. `kind` None lets the assistant sort it.
    """

    answer: str
    message_id: int | None = None
    prompt: str = ""
    rejected: str = ""
    note: str = ""
    kind: KindName | None = None


class ListLessons(Request, frozen=True, tag="lessons"):
    """Result: list of `LessonRecord`, newest first."""


class Rate(Request, frozen=True, tag="rate"):
    """Say that an answer was not helpful, or take that back. Result: null."""

    message_id: int
    unhelpful: bool = True


class NoteCopied(Request, frozen=True, tag="note_copied"):
    """An answer was copied: one that was asked for again is then kept. Result: null."""

    message_id: int


class ListProposals(Request, frozen=True, tag="proposals"):
    """Result: list of `ProposalRecord`, newest first."""


class FindProposals(Request, frozen=True, tag="find_proposals"):
    """Look through new chats for lessons to be offered. Result: how many are offered anew."""


class AcceptProposal(Request, frozen=True, tag="accept_proposal"):
    """Make a lesson of an offer, as `Correct` does. Result: `LessonRecord`.

    None leaves the answer or the note as it is offered; `kind` None lets the assistant sort it.
    """

    proposal_id: int
    answer: str | None = None
    note: str | None = None
    kind: KindName | None = None


class DismissProposal(Request, frozen=True, tag="dismiss_proposal"):
    """Decline an offer; the same is never offered again. Result: null."""

    proposal_id: int


class AddLessons(Request, frozen=True, tag="add_lessons"):
    """Read a lesson file (JSON lines). Result: list of `LessonRecord`."""

    path: str


class SetLessonKind(Request, frozen=True, tag="set_lesson_kind"):
    """Re-sort a lesson; takes effect at the next study. Result: `LessonRecord`."""

    lesson_id: str
    kind: KindName


class SetValidity(Request, frozen=True, tag="set_validity"):
    """Say from which day a fact holds, and from which no longer. Result: `LessonRecord`.

    ISO dates. None takes a day back: then it holds from when it was taught, until a newer fact
    takes its place.
    """

    lesson_id: str
    valid_from: str | None = None
    valid_to: str | None = None


class Study(Request, frozen=True, tag="study"):
    """Study now. Events: `Progress`…; result: `StudyReport`."""

    budget_minutes: float = 30.0


class LastReport(Request, frozen=True, tag="last_report"):
    """Result: the newest `StudyReport`, or null."""


class ListReports(Request, frozen=True, tag="reports"):
    """Result: `StudyHistory`."""


class GetMorning(Request, frozen=True, tag="morning"):
    """Result: `Morning`, or null before the first night that did anything."""


class SeeMorning(Request, frozen=True, tag="see_morning"):
    """The person has read of what was done until `ended` (of `Night`). Result: null."""

    ended: str


class ListAdapters(Request, frozen=True, tag="adapters"):
    """Result: list of `AdapterRecord`, newest first."""


class Rollback(Request, frozen=True, tag="rollback"):
    """Go back to `version` (None: the one before the active; 0: none). Result: `Status`."""

    to_version: int | None = None


class ChangeAdapter(Request, frozen=True, tag="change_adapter"):
    """Name a version, pin it, or both; None changes nothing. Result: `AdapterRecord`."""

    version: int
    name: str | None = None
    pinned: bool | None = None


class KeepVersions(Request, frozen=True, tag="keep_versions"):
    """How many of the last versions stay, from the next study on. Result: `Status`."""

    last: int


class ExportAdapter(Request, frozen=True, tag="export_adapter"):
    """Write a version and its lessons into a file under a passphrase. Result: null.

    A file of that name is replaced. What is forgotten later is still in it.
    """

    version: int
    path: str
    passphrase: str


class ImportAdapter(Request, frozen=True, tag="import_adapter"):
    """Take in an exported version: its lessons, then a study session with what it has ready.

    Events: `Progress`…; result: `StudyReport`.
    """

    path: str
    passphrase: str
    budget_minutes: float = 30.0


class Forget(Request, frozen=True, tag="forget"):
    """Forget one lesson everywhere. Result: `Status`."""

    lesson_id: str


class ListForgotten(Request, frozen=True, tag="forgotten"):
    """Result: list of `ForgottenLesson`, last forgotten first."""


class Verify(Request, frozen=True, tag="verify"):
    """Prove that a lesson is forgotten. Events: `Progress`…; result: `Verification`.

    `probe` is a question to be asked without and with what was learned; `quick` leaves out making
    the weights again, which takes as long as a study.
    """

    lesson_id: str
    probe: str = ""
    quick: bool = False


class Teach(Request, frozen=True, tag="teach"):
    """Take in files (those of a folder, too, once). Result: list of `DocumentRecord`.

    They are queued when this returns and read in the background; `Changed` of "documents" tells
    how they get on. A path that cannot be taken is in the list with the reason, as `failed`.
    """

    paths: tuple[str, ...]


class TeachText(Request, frozen=True, tag="teach_text"):
    """Take in a text as a document (pasted, or selected somewhere). Result: `DocumentRecord`."""

    text: str
    title: str = ""


class ListDocuments(Request, frozen=True, tag="documents"):
    """Result: list of `DocumentRecord`, newest first."""


class GetDocument(Request, frozen=True, tag="document"):
    """Result: `DocumentText`."""

    document_id: int


class GetNotes(Request, frozen=True, tag="notes"):
    """Result: `DocumentNotes`, or null where none are made yet."""

    document_id: int


class MakeNotes(Request, frozen=True, tag="make_notes"):
    """Make notes now, of these documents anew; of none named, of all that have none.

    Events: `Progress`…; result: how many documents have notes that had not, or new ones.
    """

    document_ids: tuple[int, ...] = ()


class MakeSummaries(Request, frozen=True, tag="make_summaries"):
    """Summarise what no longer fits into the prompt of long conversations, where it is not yet.

    Events: `Progress`…; result: for how many conversations something was written.
    """


class ReadAgain(Request, frozen=True, tag="read_again"):
    """Read a document from its file once more (one that failed, or was changed). Result: null."""

    document_id: int


class ForgetDocument(Request, frozen=True, tag="forget_document"):
    """Forget a document: text, passages, vectors, what replies quote of it. Result: null."""

    document_id: int


class Search(Request, frozen=True, tag="search"):
    """Find passages. Result: list of `Passage`, best first.

    `types` are `DocumentRecord.type`s; `since` is an ISO date of the file's own time.
    """

    text: str
    limit: int = 20
    document_ids: tuple[int, ...] = ()
    folder_ids: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    since: str = ""


class ListFolders(Request, frozen=True, tag="folders"):
    """Result: list of `FolderRecord`, in the order they were added."""


class WatchFolder(Request, frozen=True, tag="watch_folder"):
    """Take in a folder and follow its changes. Result: `FolderRecord`."""

    path: str


class PauseFolder(Request, frozen=True, tag="pause_folder"):
    """Stop following a folder for now, or (`paused` false) go on. Result: `FolderRecord`."""

    folder_id: int
    paused: bool


class UnwatchFolder(Request, frozen=True, tag="unwatch_folder"):
    """Follow a folder no more; `forget` its documents, or keep them. Result: null."""

    folder_id: int
    forget: bool


class VerifyDocument(Request, frozen=True, tag="verify_document"):
    """Look whether anything of a file is left in the home. Result: list of `Finding`.

    Events: `Progress`…. The last finding says what was looked through.
    `path` is the file as it still lies on the disk: its own text is what is looked for.
    """

    path: str


class PreviewReset(Request, frozen=True, tag="preview_reset"):
    """Result: `ResetPreview`."""

    scope: ResetScope


class Reset(Request, frozen=True, tag="reset"):
    """Destroy what was learned, or everything. Result: `Status`.

    `keep_lessons` (scope `learned` only) keeps the lessons' texts, to be studied anew.
    """

    scope: ResetScope
    keep_lessons: bool = True


class GetStorage(Request, frozen=True, tag="storage"):
    """Result: `Storage`."""


class ListDesktops(Request, frozen=True, tag="desktops"):
    """Result: list of `DesktopReport`, one for each file manager of this platform."""


class ChangeDesktop(Request, frozen=True, tag="change_desktop"):
    """Write “Teach this” into a file manager's menu, or take it away. Result: `DesktopReport`."""

    desktop: str
    install: bool


class GetAutostart(Request, frozen=True, tag="autostart"):
    """Result: `DesktopReport` of the start at log-in."""


class ChangeAutostart(Request, frozen=True, tag="change_autostart"):
    """Start the window, out of sight, at each log-in, or no more. Result: `DesktopReport`."""

    on: bool


class Doctor(Request, frozen=True, tag="doctor"):
    """Result: list of `Finding`."""


class ListModels(Request, frozen=True, tag="models"):
    """Result: list of `ModelRecord`."""


class UseModel(Request, frozen=True, tag="use_model"):
    """Chat with another model file (a name of `models`, or a path). Result: `Status`."""

    name: str


class GetNight(Request, frozen=True, tag="night"):
    """Result: `NightReport`."""


class SetNight(Request, frozen=True, tag="set_night"):
    """Say when studying by itself is welcome. Result: `NightReport`."""

    wishes: Wishes


class PauseNight(Request, frozen=True, tag="pause_night"):
    """Study nothing by itself until tomorrow, or (false) go on now. Result: `NightReport`."""

    until_tomorrow: bool


class Shutdown(Request, frozen=True, tag="shutdown"):
    """End the service in good order (so does closing its standard input). Result: null."""


AnyRequest = (
    Hello
    | Unlock
    | BackUp
    | Restore
    | GetStatus
    | ListConversations
    | GetConversation
    | RenameConversation
    | DeleteConversation
    | Ask
    | Stop
    | Correct
    | ListLessons
    | Rate
    | NoteCopied
    | ListProposals
    | FindProposals
    | AcceptProposal
    | DismissProposal
    | AddLessons
    | SetLessonKind
    | SetValidity
    | Study
    | LastReport
    | ListReports
    | GetMorning
    | SeeMorning
    | ListAdapters
    | Rollback
    | ChangeAdapter
    | KeepVersions
    | ExportAdapter
    | ImportAdapter
    | Forget
    | ListForgotten
    | Verify
    | Teach
    | TeachText
    | ListDocuments
    | GetDocument
    | GetNotes
    | MakeNotes
    | MakeSummaries
    | ReadAgain
    | ForgetDocument
    | Search
    | ListFolders
    | WatchFolder
    | PauseFolder
    | UnwatchFolder
    | VerifyDocument
    | PreviewReset
    | Reset
    | GetStorage
    | ListDesktops
    | ChangeDesktop
    | GetAutostart
    | ChangeAutostart
    | Doctor
    | ListModels
    | UseModel
    | GetNight
    | SetNight
    | PauseNight
    | Shutdown
)

# ------------------------------------------------------------------ events (service -> window)


class Event(Message, frozen=True, tag_field="event", kw_only=True):
    """Every event names the request it answers, or "" for one nobody asked for."""

    id: str


class Started(Event, frozen=True, tag="started"):
    """A reply begins: where it is kept (None when `save` was false)."""

    conversation_id: int | None
    question_id: int | None


class Reading(Event, frozen=True, tag="reading"):
    """The model is reading the prompt: tokens done of all; cached ones count as done."""

    done: int
    total: int


class PartReading(Event, frozen=True, tag="part"):
    """A document is read through: `part` of `parts` begins, or (`combining`) the notes' end.

    `seconds_left` is the estimate for the whole reply, None until the first part was measured.
    """

    part: int
    parts: int
    combining: bool = False
    seconds_left: float | None = None


class Token(Event, frozen=True, tag="token"):
    """A piece of the reply, to be appended."""

    text: str


class Answer(Message, frozen=True):
    """Result of `Ask`: the whole reply, its id when it was saved, and what stood behind it."""

    text: str
    message_id: int | None
    conversation_id: int | None
    state: Literal["complete", "stopped"]
    provenance: Provenance
    timings: Timings


Phase = Literal["prepare", "examples", "train", "exam", "activate", "look", "notes", "summaries"]


class Progress(Event, frozen=True, tag="progress"):
    """How far a study session, a verification or the making of notes or summaries is.

    `phase` is one of `prepare`, `examples`, `train`, `exam`, `activate`, or `look` while a
    verification looks through the home, or `notes` and `summaries` while these are made;
    `seconds_left` is the whole session's estimate, None while unknown; `detail` is a short
    sentence for a person.
    """

    phase: Phase
    step: int
    steps: int
    seconds_left: float | None
    detail: str


class Changed(Event, frozen=True, tag="changed"):
    """Something in the record changed; a window reads again what it shows of it."""

    what: tuple[What, ...]


class Done(Event, frozen=True, tag="done"):
    """The request is finished; `result` is what its docstring names, as JSON."""

    result: Any = None


class Failed(Event, frozen=True, tag="error"):
    """The request is finished without a result."""

    error: ErrorInfo


AnyEvent = Started | Reading | PartReading | Token | Progress | Changed | Done | Failed

T = TypeVar("T")

_requests: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_events: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_encoder = msgspec.json.Encoder()


def encode(message: Message) -> bytes:
    """One message as a line of UTF-8 JSON, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> AnyRequest:
    """A request from its line. Raises msgspec.DecodeError (ValidationError for wrong fields)."""
    return _requests.decode(line)


def decode_event(line: bytes) -> AnyEvent:
    """An event from its line. Raises msgspec.DecodeError (ValidationError for wrong fields)."""
    return _events.decode(line)


def result_as(done: Done, type_: type[T]) -> T:
    """A `Done` event's result as the type its request's docstring names."""
    return msgspec.convert(done.result, type_)
