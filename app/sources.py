"""Sources: the passages behind a reply, numbered, and which of them it really used."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.document_records import Passage, Source
from app.memory.attribution import used


def numbered(passages: Sequence[Passage]) -> tuple[Source, ...]:
    """Passages as the sources of a reply, from 1."""
    return tuple(
        Source(
            number=number,
            document_id=passage.document_id,
            passage_id=passage.id,
            title=passage.title,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            heading=passage.heading,
            page=passage.page,
        )
        for number, passage in enumerate(passages, start=1)
    )


def cited(sources: Sequence[Source], reply: str, question: str) -> tuple[Source, ...]:
    """The same, telling which the reply really took something from."""
    marks = used(reply, question, [source.text for source in sources])
    return tuple(
        msgspec.structs.replace(source, used=mark)
        for source, mark in zip(sources, marks, strict=True)
    )
