"""History command: every study session as a table, as the window's page History shows it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime

from app.assistant import Assistant
from app.protocol import Night, StudyHistory, StudyReport
from app.terminal import Command, Terminal

COLUMNS = (
    "When",
    "Version",
    "Learned",
    "In context",
    "Time",
    "Drift",
    "Similar",
    "Held",
    "General",
    "What came of it",
)


def add(command: Command) -> None:
    """Add the command to the command line's parser."""
    command("history", _history, "list the study sessions: what was held, exams, time")


def _history(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    history = assistant.history()
    terminal.result(history, told(history))
    return 0


def told(history: StudyHistory) -> str:
    """The table, newest first, and the time of all of it; or that there is none yet."""
    rows = [_cells(*each) for each in zip(history.reports, history.held(), strict=True)]
    lines = _table([COLUMNS, *rows]) if rows else ["Nothing has been studied yet."]
    return "\n".join([*lines, *_nights(history.nights)])


def _cells(report: StudyReport, learned: int) -> tuple[str, ...]:
    """One session, a text for each of `COLUMNS`; `learned` are those in the version in use then."""
    exam = report.exam
    when = datetime.fromisoformat(report.started).astimezone()
    return (
        f"{when:%Y-%m-%d %H:%M}{', by itself' if report.by_night else ''}",
        f"v{report.adapter}" if report.adapter is not None else "not used",
        str(learned),
        str(report.in_context),
        f"{report.seconds / 60:.1f} min",
        f"{exam.drift:.3f}" if exam else "-",
        _of(exam.near_clean, exam.near_asked) if exam else "-",
        _of(exam.held, exam.held_asked) if exam else "-",
        _of(exam.known, exam.known_asked) if exam else "-",
        " ".join(report.decision.split()),
    )


def _of(right: int, asked: int) -> str:
    return f"{right} of {asked}" if asked else "-"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns as wide as what is in them; the last one is not filled up."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _nights(nights: Sequence[Night]) -> list[str]:
    """What nights took together, interrupted stretches and notes included."""
    if not nights:
        return []
    minutes = sum(night.minutes for night in nights)
    count = "1 night" if len(nights) == 1 else f"{len(nights)} nights"
    return ["", f"By itself: {minutes:.0f} min in {count}."]
