"""Night jobs: what is worth doing while nobody is there, what is worth most first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app import proposals, protocol
from app.assistant import Assistant
from app.night_records import Doing

STUDY_BASE, STUDY_SHARE = 0.9e9, 1.4
"""Bytes that training takes, and times the model's file: 1.5 GB were measured for a 0.5B model of
0.4 GB, 2.4 GB for 1.5B of 1.1 GB; the same line is computed for 4B and 8B."""

CHAT_BASE, CHAT_SHARE = 0.3e9, 1.1
"""The same of answering, should the model have been put away."""

NIGHT_IDS = frozenset(
    {
        protocol.NIGHT,
        protocol.NIGHT_PROPOSALS,
        protocol.NIGHT_NOTES,
        protocol.NIGHT_SUMMARIES,
        protocol.NIGHT_BACKUP,
    }
)

Work = (
    protocol.Study
    | protocol.FindProposals
    | protocol.MakeNotes
    | protocol.MakeSummaries
    | protocol.BackUp
)


@dataclass(frozen=True)
class Job:
    """Work that nobody asked for, carried out as a request that nobody sent.

    `waiting` names what it would be done for, `needed` is in bytes of memory, and `request` takes
    the minutes that are left. Stopped at any moment, it goes on from there the next time. `quiet`
    work takes seconds: it is not held up by a night's minutes that are used up, nor counted and
    told of as something that was done; only what went wrong is.
    """

    doing: Doing
    waiting: Callable[[], frozenset[str]]
    needed: Callable[[], int]
    request: Callable[[float], Work]
    quiet: bool = False


def jobs_of(assistant: Assistant) -> Sequence[Job]:
    """The jobs of an open home: lessons, offers of some, notes on documents, summaries, a copy."""
    return (
        Job(
            doing="study",
            waiting=lambda: _new_lessons(assistant),
            needed=lambda: int(STUDY_BASE + STUDY_SHARE * assistant.model_size()),
            request=lambda minutes: protocol.Study(id=protocol.NIGHT, budget_minutes=minutes),
        ),
        Job(
            doing="proposals",
            waiting=lambda: proposals.waiting(assistant.ledger),
            needed=lambda: 0,
            request=lambda _: protocol.FindProposals(id=protocol.NIGHT_PROPOSALS),
        ),
        Job(
            doing="notes",
            waiting=lambda: _unnoted(assistant),
            needed=lambda: _to_answer(assistant),
            request=lambda _: protocol.MakeNotes(id=protocol.NIGHT_NOTES),
        ),
        Job(
            doing="summaries",
            waiting=lambda: assistant.at.summaries.waiting(),
            needed=lambda: _to_answer(assistant),
            request=lambda _: protocol.MakeSummaries(id=protocol.NIGHT_SUMMARIES),
        ),
        Job(
            doing="backup",
            waiting=lambda: assistant.at.copying.due(datetime.now()),
            needed=lambda: 0,
            request=lambda _: protocol.BackUp(id=protocol.NIGHT_BACKUP),
            quiet=True,
        ),
    )


def _to_answer(assistant: Assistant) -> int:
    return int(CHAT_BASE + CHAT_SHARE * assistant.model_size())


def _new_lessons(assistant: Assistant) -> frozenset[str]:
    """Those that wait for the weights; facts never do."""
    return frozenset(
        lesson.id
        for lesson in assistant.ledger.lessons()
        if lesson.state == "new" and lesson.kind != "fact"
    )


def _unnoted(assistant: Assistant) -> frozenset[str]:
    """Documents without notes, once none is left that waits to be read."""
    if not assistant.library.settled:
        return frozenset()
    return frozenset(map(str, assistant.ledger.without_notes()))
