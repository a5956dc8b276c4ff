"""Document records: what the protocol tells of documents, folders, passages and sources."""

from __future__ import annotations

from typing import Literal

from app.message import Message

DocumentState = Literal["waiting", "reading", "ready", "failed", "missing"]
FolderState = Literal["watching", "scanning", "paused", "missing"]


class DocumentRecord(Message, frozen=True):
    """A document that was taught, or found in a watched folder.

    `path` is empty for a pasted text. `type` is the short name of its format ("pdf", "docx",
    "text"). `reason` is one sentence: why it failed, or what to know of one that is ready (a scan
    without text). `missing`: the file is gone, what was read of it is still known. `size` in
    bytes; `pages` is 0 where there are none; `added` and `changed` (the file's own time) are
    ISO 8601 in UTC.
    """

    id: int
    title: str
    path: str
    type: str
    size: int
    added: str
    changed: str
    state: DocumentState
    reason: str = ""
    folder_id: int | None = None
    pages: int = 0
    passages: int = 0


class FolderRecord(Message, frozen=True):
    """A watched folder and how far it is: `found` = `read` + `failed` + `left`."""

    id: int
    path: str
    state: FolderState
    found: int
    read: int
    failed: int
    left: int
    reason: str = ""


class Passage(Message, frozen=True):
    """A place in a document: characters `start` to `end` of its text, on `page` (from 1).

    `heading` is the section it stands in. `score` orders the passages of one search, best first;
    it means nothing across searches.
    """

    id: int
    document_id: int
    title: str
    path: str
    type: str
    text: str
    start: int
    end: int
    heading: str = ""
    page: int | None = None
    score: float = 0.0


class Source(Message, frozen=True):
    """A passage that stood in the prompt of a reply under `number`; `used` when the reply cites it.

    It stays with the reply after the document is forgotten only as its number: text and title go.
    """

    number: int
    document_id: int
    passage_id: int
    title: str
    text: str
    start: int
    end: int
    heading: str = ""
    page: int | None = None
    used: bool = False


class ReadThrough(Message, frozen=True):
    """A document that was read part by part for one reply: `read` of its `parts`.

    `helped` are the numbers (from 1) of the parts that had something for the question. After the
    document is forgotten, `document_id` is 0.
    """

    document_id: int
    parts: int
    read: int = 0
    helped: tuple[int, ...] = ()


class DocumentText(Message, frozen=True):
    """A document as it was read: its text, and where each page begins in it."""

    document: DocumentRecord
    text: str
    page_starts: tuple[int, ...] = ()


class NotedQuestion(Message, frozen=True):
    """A question that a passage of a document answers, and a model's answer from that passage.

    Characters `start` to `end` of the document's text, on `page`, are the passage.
    """

    passage_id: int
    question: str
    answer: str
    start: int
    end: int
    page: int | None = None


class Contradiction(Message, frozen=True):
    """A question that two documents answer differently: `answer` here, `other` in `title`.

    Characters `start` to `end` are the other document's passage; `passage_id` is this one's.
    """

    passage_id: int
    question: str
    answer: str
    document_id: int
    title: str
    other: str
    start: int
    end: int


class DocumentNotes(Message, frozen=True):
    """What a model wrote about a document: its words, not the document's.

    `made` is ISO 8601 in UTC. The summary is of the first `parts_read` of the document's `parts`;
    it is empty where nothing came out that rests on the text.
    """

    document_id: int
    summary: str
    model: str
    made: str
    parts: int
    parts_read: int
    questions: tuple[NotedQuestion, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
