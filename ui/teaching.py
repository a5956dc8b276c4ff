"""Teaching: files, folders and texts on their way to the service, told in a line with Undo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.protocol import DocumentRecord, ErrorInfo, ForgetDocument, Teach, TeachText
from ui.clipboard import sendable
from ui.session import Session
from ui.words import count, shortened

GATHER_MS = 300
"""A file manager starts one process for each file: what comes within this time goes together."""

TITLE_WORDS = 8
TITLE_CHARS = 60


@dataclass(frozen=True)
class Told:
    """What was done, for the line in the window; `undo` are the documents that Undo forgets."""

    title: str
    text: str
    undo: tuple[int, ...] = ()


class Teaching(QObject):
    """Paths given before the record is open wait until it is; nothing is taught twice."""

    told = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._paths: dict[str, None] = {}
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._send)
        session.documents_changed.connect(self._go_on)
        session.trouble_changed.connect(self._go_on)

    def teach(self, paths: Sequence[str]) -> None:
        """Take in files and folders, together with what comes in the next moment."""
        self._paths |= dict.fromkeys(map(sendable, paths))
        if self._paths:
            self._gather.start()

    def teach_text(self, text: str, title: str = "") -> None:
        """Take in a text; without a title its first words are one."""
        text = sendable(text)
        request = TeachText(id="", text=text, title=sendable(title) or first_words(text))
        call = self._session.backend.send(request, DocumentRecord)
        call.then(self._text_taught, self._session.failed)

    def undo(self, documents: Sequence[int]) -> None:
        """Forget what was just taken in."""
        for number in documents:
            request = ForgetDocument(id="", document_id=number)
            call = self._session.backend.send(request, type(None))
            call.then(lambda _: None, self._session.failed)
        told = f"{count(len(documents), 'document')} forgotten again. The files are untouched."
        self.told.emit(Told("Undone", told))

    # ------------------------------------------------------------------ sending

    @property
    def _ready(self) -> bool:
        """Undo must know what was there before; a list that cannot be read hinders nobody."""
        status = self._session.status
        seen = self._session.knows("documents") or "documents" in self._session.troubles
        return status is not None and status.key == "open" and seen

    def _go_on(self) -> None:
        if self._paths and self._ready and not self._gather.isActive():
            self._gather.start()

    def _send(self) -> None:
        if not self._ready:
            return
        paths, self._paths = tuple(self._paths), {}
        known = {document.id for document in self._session.documents}
        undoable = self._session.knows("documents")
        call = self._session.backend.send(Teach(id="", paths=paths), list[DocumentRecord])
        call.then(
            lambda found: self._taught(found, known if undoable else None),
            lambda error: self._not_taught(paths, error),
        )

    def _not_taught(self, paths: Sequence[str], error: ErrorInfo) -> None:
        if error.code in ("service_lost", "locked"):
            self._paths = dict.fromkeys(paths) | self._paths  # sent again when it is back
        else:
            self._session.failed(error)

    def _taught(self, found: list[DocumentRecord], known: set[int] | None) -> None:
        self.told.emit(told_of(found, known))

    def _text_taught(self, made: DocumentRecord) -> None:
        text = "It can be found and asked about from now on."
        self.told.emit(Told(f"“{made.title}” is kept as a document", text, (made.id,)))


def told_of(found: Sequence[DocumentRecord], known: set[int] | None) -> Told:
    """What to say of files that were given; `known` are the documents there were before."""
    failed = [x for x in found if x.state == "failed"]
    before = known or set()
    new = [x for x in found if x.state != "failed" and x.id not in before]
    refused = "" if not failed else f"{_named(failed)} could not be taken: {failed[0].reason} "
    if new:
        title = f"{_named(new)} added"
        text = "Reading goes on in the background; what is read can be asked about."
    elif len(failed) < len(found):
        title, text = "Nothing new", "This was taught before."
    elif failed:
        title, text, refused = f"{_named(failed)} could not be taken", failed[0].reason, ""
    else:
        title, text = "Nothing to read", "There is no file in what you gave."
    undo = tuple(x.id for x in new) if known is not None else ()
    return Told(title, f"{refused}{text}", undo)


def first_words(text: str) -> str:
    """A title for a text that has none."""
    words = " ".join(text.split()[:TITLE_WORDS])
    sentence = re.match(r".{12,}?[.!?](?= )", words)
    return shortened(sentence.group()[:-1] if sentence else words, TITLE_CHARS)


def _named(documents: Sequence[DocumentRecord]) -> str:
    return f"“{documents[0].title}”" if len(documents) == 1 else f"{len(documents):,} documents"
