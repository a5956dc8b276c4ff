"""The assistant: opens a home, and offers every use case to the window and the command line."""

from __future__ import annotations

import logging
import threading
from functools import partial
from importlib.metadata import version
from typing import Literal

from app import checkup, corrections, keeping, models, morning, protocol, restoring
from app.copies import Copies
from app.erase import shred_all
from app.errors import BadRequestError, LockedError, NightschoolError
from app.keys import KeyStore
from app.ledger import Ledger
from app.library import Library
from app.lock import InstanceLock
from app.mind import Announce
from app.night_book import NightBook
from app.open_home import OpenHome
from app.paths import Home
from app.proposal_desk import ProposalDesk
from app.protocol import Answer, ErrorInfo, Finding, LessonRecord, ModelRecord, Status, StudyReport
from app.telling import Send
from app.text import clean

logger = logging.getLogger("assistant")


class Assistant:
    """One opened home. Its methods may be called from several threads."""

    def __init__(self, home: Home, announce: Announce) -> None:
        self.home = home
        self._announce = announce
        self._lock = InstanceLock(home)
        self._keys = KeyStore(home)
        self._copies = Copies(home)
        self._opening = threading.Lock()
        self._at: OpenHome | None = None
        self._problem: ErrorInfo | None = None
        self._closed = False

    # ---------------------------------------------------------------- opening and closing

    def start(self) -> None:
        """Take the home; open it too when the keyring holds its key.

        Raises BusyError when another process has this home. A key that is missing is not raised
        but shown in `status`.
        """
        self._lock.acquire()
        try:
            if self._keys.state() in ("open", "missing"):
                self._open(None)
        except NightschoolError as error:
            logger.warning("not opened: %s", error.code)
            self._problem = ErrorInfo.of(restoring.offered(error, self._copies))

    def unlock(self, passphrase: str, *, create: bool) -> Status:
        """Open the ledger with a passphrase, or choose one where there is no ledger yet.

        Raises WrongPassphraseError, KeyMissingError, LedgerError.
        """
        with self._opening:
            if self._at is None:
                # Beside an existing ledger no key is made: opening it says what is missing.
                if create and not self.home.ledger.exists():
                    self._keys.create(passphrase)
                try:
                    self._open(passphrase)
                except NightschoolError as error:
                    raise restoring.offered(error, self._copies) from error
                self._problem = None
        return self._opened()

    def _opened(self) -> Status:
        self._announce(("status", "conversations", "lessons", "proposals", "adapters", "models"))
        self._announce(("documents", "folders"))
        return self.status()

    def _open(self, passphrase: str | None) -> None:
        self._open_with(self._keys.root_key(passphrase).subkey("ledger"))

    def _open_with(self, key: bytes) -> None:
        restoring.require_ledger(self._copies, self.home)
        self._at = OpenHome.open(self.home, key, self._announce)

    def restore(self, passphrase: str | None) -> Status:
        """Put the copy in the place of a damaged ledger or key file, and open it.

        A passphrase not given is asked for by the status. Raises as `app.restoring` and `unlock`.
        """
        with self._opening:
            if (at := self._at) is not None:
                restoring.require_need(self._copies, self.home, at.verifier.key)
                with at.school.closed():
                    self._at = None
                    at.close()
                key: bytes | None = at.verifier.key
            else:
                key = restoring.key_for(self._copies, self.home, self._keys, passphrase)
            if key is not None:
                try:
                    restoring.restore(self._copies, self.home, key)
                except NightschoolError:
                    if at is not None:
                        self._open_with(key)
                    raise
                self._open_with(key)
            self._problem = None
        return self._opened()

    def close(self) -> None:
        """Stop what runs, put the model away, close the ledger, leave the home to others."""
        if self._closed:
            return
        self._closed = True
        if self._at is not None:
            self._at.close()
        self._lock.release()

    # ---------------------------------------------------------------- what is open

    @property
    def at(self) -> OpenHome:
        """The open home. Raises LockedError."""
        if self._at is None:
            raise LockedError(
                "Nightschool is locked",
                self._problem.message if self._problem else "Its ledger has not been opened.",
                self._problem.next_step if self._problem else "Enter the passphrase.",
            )
        return self._at

    @property
    def ledger(self) -> Ledger:
        """The open ledger. Raises LockedError."""
        return self.at.ledger

    @property
    def library(self) -> Library:
        """The documents of the open home. Raises LockedError."""
        return self.at.library

    @property
    def proposals(self) -> ProposalDesk:
        """Lessons offered from the chats of the open home. Raises LockedError."""
        return ProposalDesk(self.ledger, self._announce, self._settle_lessons)

    def status(self) -> Status:
        """Where everything stands; never waits for the model."""
        at = self._at
        mind = at.mind if at else None
        return Status(
            version=protocol.VERSION,
            app_version=version("nightschool"),
            home=str(self.home.root),
            key=self._key_state(),
            model=mind.name if mind else "",
            model_state=mind.state if mind else "loading",
            adapter=at.ledger.active_adapter() if at else 0,
            lessons_new=at.ledger.count_new_lessons() if at else 0,
            studying=at.school.in_session if at else False,
            starter_model=mind.starter if mind else True,
            problem=mind.problem if mind else self._problem,
            recovered=" ".join(at.swept) if at else "",
            versions_kept=at.ledger.versions_kept() if at else keeping.USUAL,
            set_aside=checkup.set_aside(at.ledger) if at else None,
            backup=made.isoformat(timespec="seconds") if (made := self._copies.made) else "",
            damaged=at.copying.trouble if at else None,
        )

    def _key_state(self) -> Literal["open", "passphrase", "new_passphrase", "missing"]:
        if self._at is not None:
            return "open"
        state = self._keys.state()
        # A key that is there but did not open the ledger helps nobody: `problem` says why.
        return "missing" if state == "open" else state

    # ---------------------------------------------------------------- conversations

    def ask(self, request: protocol.Ask, send: Send, stop: threading.Event) -> Answer:
        """See `Replies.ask`."""
        return self.at.replies.ask(request, send, stop)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        text = clean(title).strip()
        if not text:
            raise BadRequestError("No title", "The title is empty.", "Write a few words.")
        self.ledger.rename_conversation(conversation_id, text[:200])
        self._announce(("conversations",))

    def delete_conversation(self, conversation_id: int) -> None:
        """Delete a conversation so that nothing of it can be read again."""
        self.ledger.delete_conversation(conversation_id)
        self.ledger.scrub()
        self._announce(("conversations", "proposals"))

    # ---------------------------------------------------------------- lessons

    def correct(self, request: protocol.Correct) -> LessonRecord:
        """Make a lesson of a correction; durable when this returns. Raises BadRequestError."""
        lesson = corrections.correct(self.ledger, request)
        self._settle_lessons()
        return lesson

    def _settle_lessons(self) -> None:
        """After lessons came or changed: which of them count now, and word of it to the window."""
        self.ledger.supersede_lessons()
        self._announce(("lessons", "proposals", "status"))

    def add_lessons(self, path: str) -> list[LessonRecord]:
        """Read a lesson file; all of it or, when a line is wrong, nothing."""
        added = corrections.add_file(self.ledger, path)
        self._settle_lessons()
        return [self.ledger.lesson(lesson.id) for lesson in added]

    def set_lesson_kind(self, lesson_id: str, kind: protocol.KindName) -> LessonRecord:
        """Sort a lesson anew; it is studied again as that kind."""
        self.ledger.set_lesson(lesson_id, kind=kind, state="new", reason="")
        self._settle_lessons()
        return self.ledger.lesson(lesson_id)

    def set_validity(self, request: protocol.SetValidity) -> LessonRecord:
        """See `Lessons.set_validity`; which facts count now follows from it."""
        self.ledger.set_validity(request.lesson_id, request.valid_from, request.valid_to)
        self._settle_lessons()
        return self.ledger.lesson(request.lesson_id)

    def forget(self, lesson_id: str) -> Status:
        """Forget a lesson everywhere: its text, its reports, and everything trained that held it.

        Out of use when this returns; lessons that shared its weights go back into the prompt until
        the next study makes these anew.
        """
        self.ledger.lesson(lesson_id)
        with self.at.school.closed():
            self.at.forgetting.forget(lesson_id)
        self._announce(("lessons", "proposals", "adapters", "conversations", "status"))
        return self.status()

    def verify(
        self,
        request: protocol.Verify,
        send: Send,
        stop: threading.Event,
    ) -> protocol.Verification:
        """See `Verifier.verify`; no study session may run beside it."""
        with self.at.school.free(stop):
            return self.at.verifier.verify(request, send, stop)

    def make_notes(self, request: protocol.MakeNotes, send: Send, stop: threading.Event) -> int:
        """See `NoteMaker.make_all`; a study session that begins ends it. Raises BusyError."""
        until = self.at.school.resting("Notes would take the processor from it.", stop)
        return self.at.notes.make_all(request, send, until)

    def make_summaries(
        self,
        request: protocol.MakeSummaries,
        send: Send,
        stop: threading.Event,
    ) -> int:
        """See `SummaryMaker.make_all`; a study session that begins ends it. Raises BusyError."""
        until = self.at.school.resting("Summaries would take the processor from it.", stop)
        return self.at.summaries.make_all(request, send, until)

    def back_up(self, stop: threading.Event) -> Status:
        """See `Copying.make`."""
        try:
            self.at.copying.make(stop)
            return self.status()
        finally:
            self._announce(("status",))

    # ---------------------------------------------------------------- study and its versions

    def study(self, request: protocol.Study, send: Send, stop: threading.Event) -> StudyReport:
        """See `School.study`."""
        return self.at.school.study(request, send, stop)

    def history(self) -> protocol.StudyHistory:
        """All studies and nights."""
        return protocol.StudyHistory(tuple(self.ledger.history()), tuple(self.ledger.nights()))

    def morning(self) -> protocol.Morning | None:
        """See `app.morning`."""
        return morning.of(self.ledger)

    def see_morning(self, ended: str) -> None:
        """The person has read of what the night did until then."""
        NightBook(self.ledger).see(ended)
        self._announce(("night",))

    def rollback(self, to_version: int | None) -> Status:
        """Go back to an earlier version, 0 for none, None for the one before the active."""
        with self.at.school.closed():
            self.at.store.rollback(to_version)
        self.at.mind.warm()
        self._announce(("status", "adapters", "lessons"))
        return self.status()

    def change_adapter(self, request: protocol.ChangeAdapter) -> protocol.AdapterRecord:
        """See `VersionRecords.change_adapter`."""
        name = None if request.name is None else clean(request.name)
        changed = self.ledger.change_adapter(request.version, name=name, pinned=request.pinned)
        self._announce(("adapters",))
        return changed

    def keep_versions(self, last: int) -> Status:
        """Keep this many of the last versions; the others go after the next study."""
        self.ledger.keep_versions(last)
        self._announce(("status", "adapters"))
        return self.status()

    def preview_reset(self, scope: protocol.ResetScope) -> protocol.ResetPreview:
        """What a reset would destroy."""
        return self.at.store.preview_reset(scope)

    def reset(self, scope: protocol.ResetScope, *, keep_lessons: bool) -> Status:
        """Destroy what was learned, or everything including the ledger and its keys."""
        with self.at.school.closed():
            mind, store = self.at.mind, self.at.store
            gone = [store.path(record.version) for record in self.ledger.adapters()]
            store.destroy_all()
            mind.drop(gone)
            self.ledger.reset_learned(keep_lessons=keep_lessons)
            self.ledger.scrub()
            if scope == "everything":
                self._destroy()
        self._announce(("status", "adapters", "lessons", "proposals", "conversations"))
        self._announce(("documents", "folders"))
        return self.status()

    def _destroy(self) -> None:
        at, self._at = self.at, None
        at.put_away()
        at.ledger.destroy()
        shred_all(self.home.index)
        self._keys.destroy()
        self._problem = None
        if self._keys.state() == "open":
            self._open(None)

    # ---------------------------------------------------------------- model and health

    def models(self) -> list[ModelRecord]:
        """The models that can be chosen."""
        return models.available(self.home, self.at.mind.path)

    def model_size(self) -> int:
        """Bytes of the model's file, 0 when it is not there."""
        path = self.at.mind.path
        return path.stat().st_size if path.is_file() else 0

    def use_model(self, name: str) -> Status:
        """Chat with another model."""
        self.at.school.require_rest("It needs the model it began with.")
        self.at.mind.use(name)
        return self.status()

    def note_problem(self, error: NightschoolError) -> None:
        """Remember what kept the home from opening, for the check-up."""
        self._problem = ErrorInfo.of(error)

    def doctor(self) -> list[Finding]:
        """Look at every part; works also when the home could not be opened."""
        findings: list[Finding] = []
        if self._problem is not None:
            problem = self._problem
            findings.append(
                Finding(
                    severity="problem",
                    title=problem.title,
                    message=problem.message,
                    next_step=problem.next_step,
                )
            )
        findings += checkup.guarded("Folder", partial(checkup.home_findings, self.home))
        findings += checkup.guarded("Installation", checkup.installation_findings)
        findings += checkup.guarded("Keys", self._keys.findings)
        if (at := self._at) is not None:
            findings += checkup.guarded(
                "Ledger", partial(checkup.ledger_findings, at.ledger, at.swept)
            )
            findings += checkup.guarded("Model", partial(checkup.model_findings, at.mind))
            # After the model: a version is tried when the model is looked at.
            findings += checkup.guarded("Versions", partial(checkup.version_findings, at.ledger))
        return findings
