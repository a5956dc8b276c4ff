"""The service process: reads requests line by line, lets the assistant act, writes events."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, BinaryIO

import msgspec

from app import heap, log, protocol
from app.assistant import Assistant
from app.desktop import autostart
from app.desktop.integration import Integration
from app.errors import BadRequestError, NightschoolError
from app.lines import Lines, Refusal, id_of
from app.night_jobs import NIGHT_IDS, jobs_of
from app.night_watch import NightWatch, Outcome, OwnSenses, Senses
from app.paths import Home
from app.protocol import ErrorInfo
from app.request_kinds import ALONE, SLOW, UNASKED, WORK
from app.storage import storage

logger = logging.getLogger("service")

CLOSING_SECONDS = 4.0
"""How long running work may take to notice that the service is ending."""


class Service:
    """Dispatches requests: quick ones on the reading thread, slow ones on a thread of their own."""

    def __init__(
        self,
        assistant: Assistant,
        lines: Lines,
        senses: Senses,
    ) -> None:
        self._assistant = assistant
        self._lines = lines
        self._night = NightWatch(
            lambda: assistant.ledger,
            jobs_of(assistant),
            senses,
            self._by_itself,
            self._night_changed,
        )
        self._turning = threading.Thread(target=self._turn, name="night watch", daemon=True)
        self._running: dict[str, threading.Event] = {}
        self._threads: set[threading.Thread] = set()
        self._ended = False

    def serve(self, source: BinaryIO) -> None:
        """Answer requests until the source ends or asks for the end."""
        self._turning.start()
        while not self._ended and (line := source.readline(protocol.MAX_LINE + 1)):
            if len(line) > protocol.MAX_LINE:
                self._skip_rest(source, line)
                continue
            if line.strip():
                self._accept(line)

    def close(self) -> None:
        """Stop what runs, and give it a moment to leave in good order."""
        self._night.close()
        for stop in list(self._running.values()):
            stop.set()
        deadline = time.monotonic() + CLOSING_SECONDS
        for thread in [*self._threads, self._turning]:
            if thread.is_alive():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _turn(self) -> None:
        while not self._night.closed:
            try:
                self._night.turn()
            except Exception as error:
                logger.exception("the night watch failed")
                self._night.failed(_unexpected(error).title)
            self._night.rest()

    def _by_itself(self, request: protocol.AnyRequest, stop: threading.Event) -> Outcome:
        """The night's work, to be watched and stopped like any that the window asked for."""
        self._running[request.id] = stop
        return self._answer(request, stop)

    def _night_changed(self) -> None:
        self._lines.send(protocol.Changed(id="", what=("night",)))

    def _skip_rest(self, source: BinaryIO, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = source.readline(protocol.MAX_LINE)
        error = BadRequestError(
            "This is too long",
            f"A request may have {protocol.MAX_LINE // 1024 // 1024} MB at most.",
            "Shorten the text.",
        )
        self._lines.send(protocol.Failed(id="", error=ErrorInfo.of(error)))

    def _accept(self, line: bytes) -> None:
        try:
            request = protocol.decode_request(line)
        except msgspec.DecodeError as problem:
            error = BadRequestError(
                "A request could not be read",
                f"It does not follow the protocol ({type(problem).__name__}).",
                "Make sure that the window and the service are of the same version.",
            )
            self._lines.send(protocol.Failed(id=id_of(line), error=ErrorInfo.of(error)))
            return
        if not isinstance(request, UNASKED):
            self._night.touched()
        if isinstance(request, SLOW):
            stop = threading.Event()
            self._running[request.id] = stop
            thread = threading.Thread(
                target=self._answer, args=(request, stop), name=type(request).__name__
            )
            self._threads.add(thread)
            thread.start()
        else:
            self._answer(request, None)

    def _answer(self, request: protocol.AnyRequest, stop: threading.Event | None) -> Outcome:
        try:
            event = self._carry_out(request, stop or threading.Event())
            self._lines.send(event)
            return event
        finally:
            self._running.pop(request.id, None)
            self._threads.discard(threading.current_thread())

    def _carry_out(self, request: protocol.AnyRequest, stop: threading.Event) -> Outcome:
        started = time.monotonic()
        outcome = "done"
        try:
            with self._minded(request):
                return protocol.Done(id=request.id, result=self._perform(request, stop))
        except NightschoolError as error:
            outcome = error.code
            return protocol.Failed(id=request.id, error=ErrorInfo.of(error))
        except Exception as error:
            outcome = type(error).__name__
            logger.exception("%s failed", type(request).__name__)
            return protocol.Failed(id=request.id, error=_unexpected(error))
        finally:
            logger.info(
                "%s %s %.0f ms",
                type(request).__name__,
                outcome,
                (time.monotonic() - started) * 1000,
            )

    def _minded(self, request: protocol.AnyRequest) -> AbstractContextManager[None]:
        """While what a person asked for is done the night does nothing."""
        asked = isinstance(request, WORK) and request.id not in NIGHT_IDS
        return self._night.under_way() if asked else nullcontext()

    def _perform(self, request: protocol.AnyRequest, stop: threading.Event) -> Any:
        if isinstance(request, protocol.Stop):
            return self._stop(request.target)
        if isinstance(request, protocol.Shutdown):
            self._ended = True
            return None
        if isinstance(request, protocol.Hello) and request.version != protocol.VERSION:
            raise BadRequestError(
                "Window and service do not match",
                f"The window speaks version {request.version}, the service {protocol.VERSION}.",
                "Restart Nightschool; if this comes back, install it again.",
            )
        if request.id not in NIGHT_IDS and isinstance(request, ALONE):
            self._night.give_way(stop)
        if isinstance(request, protocol.Ask):
            return self._assistant.ask(request, self._lines.send, stop)
        if isinstance(request, protocol.Study):
            return self._assistant.study(request, self._lines.send, stop)
        if isinstance(request, protocol.ImportAdapter):
            return self._assistant.at.moving.bring(request, self._lines.send, stop)
        if isinstance(request, protocol.Verify):
            return self._assistant.verify(request, self._lines.send, stop)
        if isinstance(request, protocol.VerifyDocument):
            return self._assistant.at.verifier.document(request, self._lines.send, stop)
        if isinstance(request, protocol.MakeNotes):
            return self._assistant.make_notes(request, self._lines.send, stop)
        if isinstance(request, protocol.MakeSummaries):
            return self._assistant.make_summaries(request, self._lines.send, stop)
        if isinstance(request, protocol.BackUp):
            return self._assistant.back_up(stop)
        return self._handler(request)(request)

    def _handler(self, request: protocol.AnyRequest) -> Callable[[Any], Any]:
        desk = self._assistant
        handlers: dict[type[protocol.Request], Callable[[Any], Any]] = {
            protocol.Hello: lambda r: desk.status(),
            protocol.GetStatus: lambda r: desk.status(),
            protocol.Unlock: self._unlock,
            protocol.Restore: self._restore,
            protocol.ListConversations: lambda r: desk.ledger.conversations(),
            protocol.GetConversation: lambda r: desk.ledger.messages(r.conversation_id),
            protocol.RenameConversation: lambda r: desk.rename(r.conversation_id, r.title),
            protocol.DeleteConversation: lambda r: desk.delete_conversation(r.conversation_id),
            protocol.Correct: desk.correct,
            protocol.ListLessons: lambda r: desk.ledger.lessons(),
            protocol.Rate: lambda r: desk.proposals.rate(r),
            protocol.NoteCopied: lambda r: desk.ledger.note_copied(r.message_id),
            protocol.ListProposals: lambda r: desk.ledger.proposals(),
            protocol.FindProposals: lambda r: desk.proposals.find(),
            protocol.AcceptProposal: lambda r: desk.proposals.accept(r),
            protocol.DismissProposal: lambda r: desk.proposals.dismiss(r.proposal_id),
            protocol.AddLessons: lambda r: desk.add_lessons(r.path),
            protocol.SetLessonKind: lambda r: desk.set_lesson_kind(r.lesson_id, r.kind),
            protocol.SetValidity: desk.set_validity,
            protocol.LastReport: lambda r: desk.ledger.last_report(),
            protocol.ListReports: lambda r: desk.history(),
            protocol.GetMorning: lambda r: desk.morning(),
            protocol.SeeMorning: lambda r: desk.see_morning(r.ended),
            protocol.ListAdapters: lambda r: desk.ledger.adapters(),
            protocol.Rollback: lambda r: desk.rollback(r.to_version),
            protocol.ChangeAdapter: desk.change_adapter,
            protocol.KeepVersions: lambda r: desk.keep_versions(r.last),
            protocol.ExportAdapter: lambda r: desk.at.moving.export(r),
            protocol.Forget: lambda r: desk.forget(r.lesson_id),
            protocol.Teach: lambda r: desk.library.teach(r.paths),
            protocol.TeachText: lambda r: desk.library.teach_text(r.text, r.title),
            protocol.ListDocuments: lambda r: desk.library.documents(),
            protocol.GetDocument: lambda r: desk.library.document(r.document_id),
            protocol.GetNotes: lambda r: desk.library.notes(r.document_id),
            protocol.ReadAgain: lambda r: desk.library.read_again(r.document_id),
            protocol.ForgetDocument: lambda r: desk.library.forget([r.document_id]),
            protocol.Search: lambda r: desk.library.search(r),
            protocol.ListFolders: lambda r: desk.library.folders(),
            protocol.WatchFolder: lambda r: desk.library.watch_folder(r.path),
            protocol.PauseFolder: lambda r: desk.library.pause_folder(r.folder_id, r.paused),
            protocol.UnwatchFolder: lambda r: desk.library.unwatch_folder(
                r.folder_id, forget=r.forget
            ),
            protocol.ListForgotten: lambda r: desk.ledger.forgotten(),
            protocol.GetStorage: lambda r: storage(desk.home),
            protocol.ListDesktops: lambda r: Integration.of_this_user(desk.home).status(),
            protocol.ChangeDesktop: lambda r: Integration.of_this_user(desk.home).change(
                r.desktop, install=r.install
            ),
            protocol.GetAutostart: lambda r: autostart.of_this_user(desk.home).status()[0],
            protocol.ChangeAutostart: lambda r: autostart.of_this_user(desk.home).change(
                autostart.NAME, install=r.on
            ),
            protocol.PreviewReset: lambda r: desk.preview_reset(r.scope),
            protocol.Reset: lambda r: desk.reset(r.scope, keep_lessons=r.keep_lessons),
            protocol.Doctor: lambda r: desk.doctor(),
            protocol.ListModels: lambda r: desk.models(),
            protocol.UseModel: lambda r: desk.use_model(r.name),
            protocol.GetNight: lambda r: self._night.report(),
            protocol.SetNight: lambda r: self._night.set_wishes(r.wishes),
            protocol.PauseNight: lambda r: self._night.pause(until_tomorrow=r.until_tomorrow),
        }
        return handlers[type(request)]

    def _unlock(self, request: protocol.Unlock) -> protocol.Status:
        status = self._assistant.unlock(request.passphrase, create=request.create)
        self._night.look()
        return status

    def _restore(self, request: protocol.Restore) -> protocol.Status:
        status = self._assistant.restore(request.passphrase or None)
        if status.key == "open":
            self._night.look()
        return status

    def _stop(self, target: str) -> None:
        stop = self._running.get(target)
        if stop is not None:
            stop.set()


def _unexpected(error: Exception) -> ErrorInfo:
    return ErrorInfo(
        code="internal",
        title="Something unexpected happened",
        message=f"The service met an error it does not know ({type(error).__name__});"
        " where it happened was written to logs/service.log.",
        next_step="Try again; if it happens again, open the check-up.",
    )


def main(senses: Senses | None = None) -> int:
    """Serve the window that started this process, over standard input and output."""
    heap.few_arenas()
    parser = argparse.ArgumentParser(prog="python -m app.service", description=__doc__)
    parser.add_argument("--home", default=None, help="folder that holds everything")
    home = Home.resolve(parser.parse_args().home)
    # Whatever prints by accident must not reach the window as a line of the protocol.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    lines = Lines(out)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        home.create()
        log.start(home.logs, "service")
        assistant = Assistant(
            home, lambda what: lines.send(protocol.Changed(id="", what=tuple(what)))
        )
        assistant.start()
    except NightschoolError as error:
        logger.warning("not started: %s", error.code)
        Refusal(error, lines).serve(sys.stdin.buffer)
        return 1
    service = Service(assistant, lines, senses or OwnSenses())
    try:
        service.serve(sys.stdin.buffer)
    finally:
        service.close()
        assistant.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
