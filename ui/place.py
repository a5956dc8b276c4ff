"""Place: a document and the passage in it that is to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from app.protocol import Passage, Source


@dataclass(frozen=True)
class Place:
    """Characters `start` to `end` of a document's text; none are marked when both are 0.

    `words` are marked in it besides: what was searched.
    """

    document_id: int
    start: int = 0
    end: int = 0
    words: str = ""

    @classmethod
    def of(cls, found: Passage | Source, words: str = "") -> Place:
        """Where a passage, or a source of an answer, stands."""
        return cls(found.document_id, found.start, found.end, words)
