"""Notes keeper: makes document notes while nobody asks for anything, or at once when told to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from app import protocol
from app.document_notes import NoteMaker
from app.errors import BusyError, DocumentError, NightschoolError, StoppedError
from app.idleness import Idleness
from app.ledger import Ledger
from app.library import Library
from app.school import School

logger = logging.getLogger("notes")

LOOK_SECONDS = 10.0
"""How often is looked whether there is time for notes."""

REST_SECONDS = 300.0
"""How long it rests when notes could not be made (a model that does not load, a full disk)."""


class _Signal:
    """A stop signal that is set while something holds."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self._holds = holds

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._holds()


class NotesKeeper:
    """One document after another, the smallest first, on a thread of its own."""

    def __init__(
        self,
        ledger: Ledger,
        maker: NoteMaker,
        library: Library,
        school: School,
        idleness: Idleness,
    ) -> None:
        self._ledger = ledger
        self._maker = maker
        self._library = library
        self._school = school
        self._idleness = idleness
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notes")

    def start(self) -> None:
        """Begin to look for idle time."""
        self._thread.start()

    def close(self) -> None:
        """Stop within a moment; unfinished notes go on at the next start."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def make(
        self,
        request: protocol.MakeNotes,
        send: Callable[[protocol.Event], None],
        stop: threading.Event,
    ) -> int:
        """Make notes now; gives of how many documents.

        Raises BusyError, StoppedError, and DocumentError where nothing could be noted of any.
        """
        if self._school.in_session:
            raise BusyError(
                "A study session is running",
                "Notes would take the processor from it.",
                "Wait for it, or cancel it first.",
            )
        signal = _Signal(lambda: stop.is_set() or self._ended.is_set() or self._school.in_session)
        for document_id in request.document_ids:
            self._ledger.document(document_id)
        wanted = request.document_ids or self._ledger.without_notes()

        def tell(step: int, steps: int, detail: str) -> None:
            send(
                protocol.Progress(
                    id=request.id,
                    phase="notes",
                    step=step,
                    steps=steps,
                    seconds_left=None,
                    detail=detail,
                )
            )

        made = sum(self._maker.make(document_id, signal, tell) for document_id in wanted)
        if request.document_ids and not made:
            raise DocumentError(
                "There is nothing to note",
                "No text was read of it yet, or it was read anew or forgotten meanwhile.",
                "Look into the list of documents, and try again when it was read.",
            )
        return made

    # ----------------------------------------------------------------------------- its thread

    def _has_time(self) -> bool:
        return (
            not self._ended.is_set()
            and self._idleness.long
            and not self._school.in_session
            and self._library.settled
        )

    def _run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            try:
                if self._has_time():
                    self._make_some()
            except StoppedError:
                logger.info("notes wait")
            except NightschoolError as error:
                logger.warning("no notes for now: %s", error.code)
                self._ended.wait(REST_SECONDS)

    def _make_some(self) -> None:
        signal = _Signal(lambda: not self._has_time())
        waiting: Sequence[int] = self._ledger.without_notes()
        for document_id in waiting:
            if self._ledger.is_document(document_id):
                self._maker.make(document_id, signal, lambda *_: None)
