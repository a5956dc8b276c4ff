"""Lesson commands: listing lessons, adding a file of them, and dating facts in a terminal."""

from __future__ import annotations

import argparse

from app import protocol
from app.assistant import Assistant
from app.errors import BadRequestError
from app.facts import dates_of
from app.protocol import LessonRecord
from app.terminal import Command, Terminal

TAUGHT, OPEN = "taught", "open"


def add(command: Command) -> None:
    """Add the command to the command line's parser."""
    lessons = command("lessons", _lessons, "list lessons, add them from a file, or date a fact")
    lessons.add_argument("action", nargs="?", choices=["add", "date"])
    lessons.add_argument(
        "which", nargs="?", metavar="FILE|LESSON", help="a file with one JSON lesson a line; a fact"
    )
    lessons.add_argument(
        "--since",
        metavar="DATE",
        help=f"with date: holds from this day on; “{TAUGHT}” for the day it was taught",
    )
    lessons.add_argument(
        "--until",
        metavar="DATE",
        help=f"with date: no longer holds on this day; “{OPEN}” for no known end",
    )


def _lessons(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.action is None:
        terminal.lessons(assistant.ledger.lessons())
    elif not options.which:
        raise BadRequestError(
            "Something is missing",
            "It is not said which lesson is meant, or which file.",
            "Write `nightschool lessons add FILE`, or `lessons date LESSON --since DATE`.",
        )
    elif options.action == "add":
        added = assistant.add_lessons(options.which)
        terminal.result(added, f"Noted {len(added)} lessons.")
    else:
        dated = _date(assistant, options)
        terminal.result(dated, f"{dated.id}: {dates_of(dated)}.")
    return 0


def _date(assistant: Assistant, options: argparse.Namespace) -> LessonRecord:
    """What is not named stays as it is."""
    now = assistant.ledger.lesson(options.which)
    since = now.valid_from if now.from_given else None
    until = now.valid_to if now.to_given else None
    if options.since is not None:
        since = None if options.since == TAUGHT else options.since
    if options.until is not None:
        until = None if options.until == OPEN else options.until
    return assistant.set_validity(
        protocol.SetValidity(id="date", lesson_id=now.id, valid_from=since, valid_to=until)
    )
