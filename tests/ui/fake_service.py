"""Fake service: a real child that speaks the real protocol, scripted by the words of a question."""

from __future__ import annotations

import argparse
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from app import protocol as p
from tests.ui import fake_texts as texts
from tests.ui.fake_library import Library, RefusedError
from tests.ui.fake_settings import Settings
from tests.ui.fake_versions import Versions

Json = dict[str, Any]


def now(minutes_ago: float = 0) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat(timespec="seconds")


class Store(msgspec.Struct):
    """Everything the double keeps, as one JSON file in the home."""

    next_id: int = 1
    passphrase: str | None = None
    conversations: list[p.ConversationSummary] = []
    messages: dict[int, list[p.ChatMessage]] = {}
    lessons: list[p.LessonRecord] = []
    proposals: list[p.ProposalRecord] = []
    dismissed: list[int] = []
    accepted: list[p.AcceptProposal] = []
    rated: list[p.Rate] = []
    copied: list[int] = []
    adapters: list[p.AdapterRecord] = []
    report: p.StudyReport | None = None
    history: p.StudyHistory = p.StudyHistory()
    morning: p.Morning | None = None
    resets: list[p.Reset] = []
    budgets: list[float] = []
    documents: list[p.DocumentRecord] = []
    folders: list[p.FolderRecord] = []
    texts: dict[int, str] = {}
    starts: dict[int, tuple[int, ...]] = {}
    notes: dict[int, p.DocumentNotes] = {}
    taught: list[p.Teach] = []
    asked: list[p.Ask] = []
    forgotten: list[p.ForgottenLesson] = []
    desktops: list[p.DesktopReport] = []
    wishes: p.Wishes = p.Wishes()
    autostart: bool = False
    versions_kept: int = 5
    exports: list[p.ExportAdapter] = []


APART = (p.Study, p.ImportAdapter, p.Ask, p.Verify, p.VerifyDocument, p.MakeNotes)
"""What takes its time, so that other requests are answered meanwhile."""


class Fake(Library, Settings, Versions):
    """One thread reads requests, one works them off; asking and studying have threads of their own.

    Stop, status and hello are answered at once.
    """

    store: Store

    def __init__(self, home: Path, args: argparse.Namespace) -> None:
        self.path = home / "fake.json"
        home.mkdir(parents=True, exist_ok=True)
        self.args = args
        self.store = (
            msgspec.json.decode(self.path.read_bytes(), type=Store)
            if self.path.exists()
            else texts.seeded(Store, now)
            if args.seed
            else Store()
        )
        self.store.lessons += texts.many(args.many, now)
        if args.offers:
            self.store.proposals = texts.offers(now)
        texts.after_nights(self.store, args.night, args.sessions, now)
        if args.facts:
            self.store.lessons = [*texts.facts(now), *self.store.lessons]
        if args.set_aside:
            ids = tuple(x.id for x in self.store.lessons)
            failed = texts.adapter(3, ids, now(5), active=False)
            failed = msgspec.structs.replace(failed, trouble=texts.NOT_STARTED)
            self.store.adapters.insert(0, failed)
        self.store.documents += texts.many_documents(args.documents, now)
        self.begin_reading()
        self.home = home
        self.unlocked = args.key == "open"
        self.damaged = args.damaged
        self.stopped: set[str] = set()
        self.studying = False
        self.lock = threading.Lock()
        self.saving = threading.Lock()
        self.work: queue.Queue[p.AnyRequest] = queue.Queue()
        self.recovered = ""
        self.model = texts.MODEL

    def save(self) -> None:
        with self.saving:
            temporary = self.path.with_suffix(".tmp")
            temporary.write_bytes(msgspec.json.encode(self.store))
            temporary.replace(self.path)

    def emit(self, event: p.Event) -> None:
        with self.lock:
            sys.stdout.buffer.write(p.encode(event))
            sys.stdout.buffer.flush()

    def new_id(self) -> int:
        self.store.next_id += 1
        return self.store.next_id

    # ------------------------------------------------------------------ loop

    def run(self) -> None:
        if self.args.slow_start:
            time.sleep(self.args.slow_start)
        threading.Thread(target=self.worker, daemon=True).start()
        for line in sys.stdin.buffer:
            request = p.decode_request(line)
            if isinstance(request, p.Shutdown):
                self.emit(p.Done(id=request.id))
                return
            if isinstance(request, p.Hello | p.GetStatus):
                self.emit(p.Done(id=request.id, result=self.status()))
            elif isinstance(request, p.Stop):
                self.stopped.add(request.target)
                self.emit(p.Done(id=request.id))
            elif isinstance(request, APART):
                threading.Thread(target=self.handle, args=(request,), daemon=True).start()
            else:
                self.work.put(request)

    def worker(self) -> None:
        while True:
            self.handle(self.work.get())

    def handle(self, request: p.AnyRequest) -> None:
        try:
            name = type(request).__name__.lower()
            if not self.unlocked and not isinstance(request, p.Unlock | p.Doctor | p.Restore):
                raise RefusedError("locked", "Locked", "The record is not open.", "Unlock it.")
            if name in self.args.fail.split(","):
                raise RefusedError(*texts.REFUSED)
            result = getattr(self, f"on_{name}")(request)
            self.save()
            self.emit(p.Done(id=request.id, result=result))
        except RefusedError as refused:
            self.emit(p.Failed(id=request.id, error=refused.info))

    def status(self) -> p.Status:
        key: Any = self.args.key if not self.unlocked else "open"
        if key == "passphrase" and self.store.passphrase is None:
            key = "new_passphrase"
        return p.Status(
            version=self.args.version,
            app_version="0.1.0",
            home=str(self.home),
            key=key,
            model=self.model,
            model_state=self.args.model,
            adapter=next((a.version for a in self.store.adapters if a.active), 0),
            lessons_new=sum(lesson.state == "new" for lesson in self.store.lessons),
            studying=self.studying,
            starter_model=self.model == texts.MODEL,
            problem=texts.DAMAGED
            if self.damaged and key == "missing"
            else texts.problem(key, self.args.model),
            backup="2026-11-24T23:10:00" if self.args.damaged else "",
            recovered=self.recovered,
            versions_kept=self.store.versions_kept,
            set_aside=texts.SET_ASIDE if self.args.set_aside else None,
        )

    def changed(self, *what: Any) -> None:
        self.emit(p.Changed(id="", what=what))

    # ------------------------------------------------------------------ keys

    def on_unlock(self, request: p.Unlock) -> p.Status:
        time.sleep(0.1)
        if self.damaged:
            raise RefusedError(*msgspec.structs.astuple(texts.DAMAGED))
        if request.create:
            self.store.passphrase = request.passphrase
        elif request.passphrase != self.store.passphrase:
            raise RefusedError(
                "wrong_passphrase",
                "That passphrase does not open your record",
                "Nothing was changed.",
                "Try again; check Caps Lock and the keyboard layout.",
            )
        self.unlocked = True
        return self.status()

    def on_restore(self, request: p.Restore) -> p.Status:
        time.sleep(0.1)
        if request.passphrase != (self.store.passphrase or ""):
            raise RefusedError(
                "wrong_passphrase", "Wrong passphrase", "It is not this record's.", "Try again."
            )
        self.damaged, self.unlocked = False, True
        return self.status()

    # ------------------------------------------------------------------ conversations

    def on_listconversations(self, _: p.ListConversations) -> list[p.ConversationSummary]:
        return sorted(self.store.conversations, key=lambda c: c.updated, reverse=True)

    def on_getconversation(self, request: p.GetConversation) -> list[p.ChatMessage]:
        if request.conversation_id not in self.store.messages:
            raise RefusedError(
                "bad_request", "No such conversation", "It was deleted.", "Open another."
            )
        return self.store.messages[request.conversation_id]

    def on_renameconversation(self, request: p.RenameConversation) -> None:
        self.store.conversations = [
            msgspec.structs.replace(c, title=request.title)
            if c.id == request.conversation_id
            else c
            for c in self.store.conversations
        ]
        self.changed("conversations")

    def on_deleteconversation(self, request: p.DeleteConversation) -> None:
        gone = request.conversation_id
        self.store.conversations = [c for c in self.store.conversations if c.id != gone]
        self.store.messages.pop(gone, None)
        self.changed("conversations")

    # ------------------------------------------------------------------ ask

    def on_ask(self, request: p.Ask) -> p.Answer:
        if request.beside is not None:
            return self.answer_beside(request)
        if request.version is not None:
            return self.answer_of(request, request.version)
        # As the real service: a question that is refused was never taken down.
        self.misbehave(request.text, before=True)
        conversation = request.conversation_id or self.begin(request.text)
        messages = self.store.messages[conversation]
        if request.replace_from is not None:
            kept = [m for m in messages if m.id < request.replace_from]
            self.store.messages[conversation] = messages = kept
        text = request.text or messages[-1].text
        if request.text:
            question = p.ChatMessage(id=self.new_id(), role="user", text=text, created=now())
            messages.append(question)
        self.save()
        self.emit(
            p.Started(id=request.id, conversation_id=conversation, question_id=messages[-1].id)
        )
        self.changed("conversations")
        said, sources, asked = self.answer_with(request, text)
        through = self.read_through(request)
        answer = self.stream(request.id, text, said, conversation)
        behind = msgspec.structs.replace(
            answer.provenance, sources=sources, documents_asked=asked, through=through
        )
        answer = msgspec.structs.replace(answer, provenance=behind)
        message = p.ChatMessage(
            id=self.new_id(),
            role="assistant",
            text=answer.text,
            created=now(),
            state=answer.state,
            provenance=answer.provenance,
            timings=answer.timings,
        )
        messages.append(message)
        return msgspec.structs.replace(answer, message_id=message.id)

    def read_through(self, request: p.Ask) -> p.ReadThrough | None:
        """Three parts, of which the second helps; stopped, none was read."""
        if request.read_through is None:
            return None
        for part in (1, 2, 3):
            left = None if part == 1 else 70.0 * (4 - part)
            self.emit(p.PartReading(id=request.id, part=part, parts=3, seconds_left=left))
            until = time.monotonic() + (5.0 if "/slow" in request.text else self.args.delay)
            while time.monotonic() < until:
                if request.id in self.stopped:
                    return p.ReadThrough(document_id=request.read_through, parts=3)
                time.sleep(0.01)
        self.emit(p.PartReading(id=request.id, part=3, parts=3, combining=True, seconds_left=9.0))
        return p.ReadThrough(document_id=request.read_through, parts=3, read=3, helped=(2,))

    def answer_beside(self, request: p.Ask) -> p.Answer:
        messages = next(
            ms for ms in self.store.messages.values() if any(m.id == request.beside for m in ms)
        )
        at = next(i for i, m in enumerate(messages) if m.id == request.beside)
        self.emit(p.Started(id=request.id, conversation_id=None, question_id=None))
        return self.stream(request.id, messages[at - 1].text, texts.BARE, None)

    def answer_of(self, request: p.Ask, version: int) -> p.Answer:
        """One version's answer; version 1 was made for another model."""
        self.store.asked.append(request)
        if version == 1:
            raise RefusedError(*texts.FOREIGN)
        self.emit(p.Started(id=request.id, conversation_id=None, question_id=None))
        said = texts.EMAIL_TAUGHT if version else texts.BARE
        return self.stream(request.id, request.text, said, None)

    def begin(self, text: str) -> int:
        conversation = self.new_id()
        title = " ".join(text.replace("\0", " ").split())[:60]
        row = p.ConversationSummary(id=conversation, title=title, updated=now(), messages=0)
        self.store.conversations.append(row)
        self.store.messages[conversation] = []
        return conversation

    def misbehave(self, text: str, *, before: bool) -> None:
        if before and "/busy" in text:
            raise RefusedError("busy", "One answer at a time", "Another is being written.", "Wait.")
        if before and "/crash-first" in text:
            os._exit(3)
        if not before and "/crash" in text:
            os._exit(3)
        if not before and "/garbage" in text:
            with self.lock:
                sys.stdout.buffer.write(b"llama_assert: \xff\xfe not json\n")
                sys.stdout.buffer.flush()
        if not before and "/hang" in text:
            self.lock.acquire()
            time.sleep(3600)
        if not before and "/error" in text:
            raise RefusedError(
                "engine_died",
                "The model stopped while answering",
                "Its process ended; it is being started again.",
                "Ask again.",
            )

    def stream(self, call: str, question: str, text: str, conversation: int | None) -> p.Answer:
        for done in (40, 160, 214) if call not in self.stopped else ():
            self.emit(p.Reading(id=call, done=done, total=214))
            time.sleep(self.args.delay)
        said = ""
        state: Any = "complete"
        for number, piece in enumerate(pieces(text)):
            if call in self.stopped:
                state = "stopped"
                break
            said += piece
            self.emit(p.Token(id=call, text=piece))
            if number == 5:
                self.misbehave(question, before=False)
            time.sleep(1.0 if "/slow" in question else self.args.delay)
        active = next((a.version for a in self.store.adapters if a.active), 0)
        learned = conversation is not None
        return p.Answer(
            text=said,
            message_id=None,
            conversation_id=conversation,
            state=state,
            provenance=p.Provenance(
                model=self.model,
                adapter=active if learned else 0,
                lessons_in_context=tuple(x.id for x in self.store.lessons if x.state == "new")[:2]
                if learned
                else (),
            ),
            timings=p.Timings(
                first_token_s=0.42,
                tokens_per_s=38.6,
                prompt_tokens=54,
                cached_tokens=160,
                reply_tokens=len(said) // 4,
            ),
        )

    # ------------------------------------------------------------------ lessons

    def on_correct(self, request: p.Correct) -> p.LessonRecord:
        prompt, rejected = request.prompt, request.rejected
        for number, messages in self.store.messages.items():
            for at, message in enumerate(messages):
                if message.id == request.message_id:
                    prompt, rejected = messages[at - 1].text, message.text
                    marked = msgspec.structs.replace(message, lesson_id=f"L{self.store.next_id}")
                    self.store.messages[number][at] = marked
        lesson = p.LessonRecord(
            id=f"L{self.store.next_id}",
            kind=request.kind or "manner",
            prompt=prompt,
            rejected=rejected,
            corrected=request.answer,
            note=request.note,
            created=now(),
            state="new",
            message_id=request.message_id,
        )
        self.new_id()
        self.store.lessons.insert(0, lesson)
        self.changed("lessons", "status")
        return lesson

    def on_rate(self, request: p.Rate) -> None:
        self.store.rated.append(request)
        for messages in self.store.messages.values():
            for at, message in enumerate(messages):
                if message.id == request.message_id:
                    messages[at] = msgspec.structs.replace(message, unhelpful=request.unhelpful)
        self.changed("proposals")

    def on_notecopied(self, request: p.NoteCopied) -> None:
        self.store.copied.append(request.message_id)

    def on_listproposals(self, _: p.ListProposals) -> list[p.ProposalRecord]:
        return self.store.proposals

    def on_findproposals(self, _: p.FindProposals) -> int:
        known = {offer.id for offer in self.store.proposals} | set(self.store.dismissed)
        new = [offer for offer in texts.offers(now) if offer.id not in known]
        self.store.proposals += new
        self.changed("proposals")
        return len(new)

    def on_acceptproposal(self, request: p.AcceptProposal) -> p.LessonRecord:
        offer = next(x for x in self.store.proposals if x.id == request.proposal_id)
        if request.answer == offer.rejected:
            raise RefusedError(*texts.SAME)
        self.store.accepted.append(request)
        self.store.proposals.remove(offer)
        made = p.Correct(
            id="",
            prompt=offer.prompt,
            rejected=offer.rejected,
            answer=request.answer or "",
            note=request.note or "",
            kind=request.kind,
        )
        self.changed("proposals")
        return self.on_correct(made)

    def on_dismissproposal(self, request: p.DismissProposal) -> None:
        self.store.dismissed.append(request.proposal_id)
        self.store.proposals = [x for x in self.store.proposals if x.id != request.proposal_id]
        self.changed("proposals")

    def on_listlessons(self, _: p.ListLessons) -> list[p.LessonRecord]:
        return self.store.lessons

    def on_setlessonkind(self, request: p.SetLessonKind) -> p.LessonRecord:
        at = next(i for i, x in enumerate(self.store.lessons) if x.id == request.lesson_id)
        made = msgspec.structs.replace(self.store.lessons[at], kind=request.kind, state="new")
        self.store.lessons[at] = made
        self.changed("lessons", "status")
        return made

    def on_setvalidity(self, request: p.SetValidity) -> p.LessonRecord:
        at = next(i for i, x in enumerate(self.store.lessons) if x.id == request.lesson_id)
        old = self.store.lessons[at]
        since, until = request.valid_from or old.created[:10], request.valid_to
        if until is not None and since > until:
            raise RefusedError(*texts.SWAPPED)
        self.store.lessons[at] = made = msgspec.structs.replace(
            old,
            valid_from=since,
            valid_to=until,
            from_given=request.valid_from is not None,
            to_given=until is not None,
        )
        self.changed("lessons", "status")
        return made

    def on_addlessons(self, request: p.AddLessons) -> list[p.LessonRecord]:
        try:
            rows = [msgspec.json.decode(x) for x in Path(request.path).read_bytes().splitlines()]
        except (OSError, msgspec.DecodeError):
            raise RefusedError(
                "bad_request",
                "The lesson file cannot be read",
                "Line 1 is not a lesson.",
                "Write one JSON object a line.",
            ) from None
        made = [texts.lesson_of(row, now()) for row in rows]
        self.store.lessons = [*made, *self.store.lessons]
        self.changed("lessons", "status")
        return made

    def on_forget(self, request: p.Forget) -> p.Status:
        self.store.lessons = [x for x in self.store.lessons if x.id != request.lesson_id]
        kept = [a for a in self.store.adapters if request.lesson_id not in a.lesson_ids]
        pending = len(kept) < len(self.store.adapters)
        gone = p.ForgottenLesson(id=request.lesson_id, forgotten=now(), pending=pending)
        self.store.forgotten.insert(0, gone)
        self.use(kept, max((a.version for a in kept), default=0))
        self.changed("lessons", "status", "adapters")
        return self.status()

    # ------------------------------------------------------------------ study and versions

    def on_study(self, request: p.Study) -> p.StudyReport:
        self.store.budgets.append(request.budget_minutes)
        if not any(x.state == "new" for x in self.store.lessons):
            raise RefusedError(
                "study", "There is nothing to study yet", "No lesson is new.", "Correct an answer."
            )
        self.studying = True
        self.changed("status")
        try:
            for progress in texts.study_steps(request.id):
                if request.id in self.stopped:
                    raise RefusedError(
                        "stopped", "Stopped", "You stopped the session.", "Start again."
                    )
                self.emit(progress)
                time.sleep(self.args.delay * 10)
                while self.args.freeze_study == progress.phase and request.id not in self.stopped:
                    time.sleep(0.02)
        finally:
            self.studying = False
            self.changed("status", "lessons", "adapters")
        version = max((a.version for a in self.store.adapters), default=0) + 1
        self.store.lessons = texts.studied(self.store.lessons, version)
        ids = tuple(x.id for x in self.store.lessons if x.state == "learned")
        older = [msgspec.structs.replace(a, active=False) for a in self.store.adapters]
        self.store.adapters = [texts.adapter(version, ids, now(), active=True), *older]
        self.store.report = texts.report(self.store.lessons, version, now())
        self.changed("lessons", "status", "adapters")
        bare = msgspec.structs.replace(self.store.report, lessons=(), learned=len(ids))
        known = self.store.history
        self.store.history = p.StudyHistory((bare, *known.reports), known.nights)
        return self.store.report

    def on_listreports(self, _: p.ListReports) -> p.StudyHistory:
        return self.store.history

    def on_getmorning(self, _: p.GetMorning) -> p.Morning | None:
        return self.store.morning

    def on_seemorning(self, _: p.SeeMorning) -> None:
        assert self.store.morning is not None
        self.store.morning = msgspec.structs.replace(self.store.morning, seen=True)
        self.changed("night")

    def on_lastreport(self, _: p.LastReport) -> p.StudyReport | None:
        return self.store.report

    def on_rollback(self, request: p.Rollback) -> p.Status:
        version = request.to_version
        if version is None:
            active = next((a.version for a in self.store.adapters if a.active), 0)
            version = max((a.version for a in self.store.adapters if a.version < active), default=0)
        self.use(self.store.adapters, version)
        self.changed("adapters", "status", "lessons")
        return self.status()

    def use(self, adapters: list[p.AdapterRecord], version: int) -> None:
        """Make a version of these the active one, and settle every lesson's state by it."""
        self.store.adapters = [
            msgspec.structs.replace(a, active=a.version == version) for a in adapters
        ]
        self.store.lessons = texts.settled(self.store.lessons, self.store.adapters)

    def on_previewreset(self, request: p.PreviewReset) -> p.ResetPreview:
        everything = request.scope == "everything"
        return p.ResetPreview(
            adapters=len(self.store.adapters),
            checkpoints=int(bool(self.store.adapters)),
            lessons=len(self.store.lessons),
            conversations=len(self.store.conversations) if everything else 0,
            messages=sum(map(len, self.store.messages.values())) if everything else 0,
            bytes_on_disk=31_400_000 if self.store.adapters else 0,
        )

    def on_reset(self, request: p.Reset) -> p.Status:
        self.store.resets.append(request)
        self.store.adapters = []
        self.store.report = self.store.morning = None
        self.store.history = p.StudyHistory()
        if request.scope == "everything" or not request.keep_lessons:
            self.store.lessons = []
        self.use([], 0)
        if request.scope == "everything":
            self.store.conversations, self.store.messages = [], {}
            self.store.documents, self.store.folders, self.store.texts = [], [], {}
            self.store.passphrase = None
            self.unlocked = self.args.key == "open"
        self.changed("adapters", "status", "lessons", "conversations", "documents", "folders")
        return self.status()

    # ------------------------------------------------------------------ the rest

    def on_doctor(self, _: p.Doctor) -> list[p.Finding]:
        return texts.findings(str(self.home), fine=self.args.fine)

    def on_listmodels(self, _: p.ListModels) -> list[p.ModelRecord]:
        return texts.models(self.model)

    def on_usemodel(self, request: p.UseModel) -> p.Status:
        self.model = request.name
        self.changed("status", "models")
        return self.status()


def pieces(text: str) -> Iterator[str]:
    """A text in token-sized bites."""
    at = 0
    while at < len(text):
        size = 2 + (at * 7) % 5
        yield text[at : at + size]
        at += size


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--key", default="open")
    parser.add_argument("--model", default="ready")
    parser.add_argument("--delay", type=float, default=0.004)
    parser.add_argument("--slow-start", type=float, default=0.0)
    parser.add_argument("--freeze-study", default="")
    parser.add_argument("--freeze-check", default="", help="a phase in which checks wait")
    parser.add_argument("--version", type=int, default=p.VERSION)
    parser.add_argument("--fail", default="", help="requests to refuse, as: forget,doctor")
    parser.add_argument("--fine", action="store_true", help="the check-up finds no problem")
    parser.add_argument("--many", type=int, default=0, help="this many more lessons")
    parser.add_argument("--offers", action="store_true", help="three lessons offered")
    parser.add_argument("--night", default="", help="learned, held-back, interrupted or notes")
    parser.add_argument("--sessions", type=int, default=0, help="this many sessions of the past")
    parser.add_argument("--facts", action="store_true", help="two facts, one after the other")
    parser.add_argument("--documents", type=int, default=0, help="this many more documents")
    parser.add_argument("--read-s", type=float, default=0.05, help="seconds to read a file")
    parser.add_argument("--set-aside", action="store_true", help="a version did not start")
    parser.add_argument("--damaged", action="store_true", help="the record is; a copy is there")
    parser.add_argument("--seed", action="store_true")
    parser.add_argument("--die", action="store_true")
    args = parser.parse_args()
    if args.die:
        sys.exit(7)
    Fake(args.home, args).run()


if __name__ == "__main__":
    main()
