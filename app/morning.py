"""Morning: what the last night did, for the person who comes back."""

from __future__ import annotations

from datetime import datetime

from app.ledger import Ledger
from app.night import night_of
from app.night_book import NightBook
from app.protocol import Morning, StudyReport

MOST = 5
"""Newest studies among which those of the night are looked for."""


def of(ledger: Ledger) -> Morning | None:
    """The newest night that was worked in, None before the first."""
    newest = ledger.nights(1)
    if not newest:
        return None
    night = newest[0]
    reports = (one for one in ledger.reports(MOST) if one.by_night)
    return Morning(
        night=night,
        reports=tuple(one for one in reports if _night(one) == night.night),
        seen=night.ended is None or night.ended <= NightBook(ledger).seen,
    )


def _night(report: StudyReport) -> str:
    """The night a study began in, by the clock of this place."""
    started = datetime.fromisoformat(report.started).astimezone().replace(tzinfo=None)
    return night_of(started).isoformat()
