"""Night command: whether and when to study by itself, set and told in a terminal."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from app import protocol
from app.assistant import Assistant
from app.errors import BadRequestError
from app.night_jobs import Work, jobs_of
from app.night_records import NightReport, Wishes
from app.night_watch import NightWatch, OwnSenses
from app.terminal import Command, Terminal

NEVER, ANY = "never", "any"


def add(command: Command) -> None:
    """Add the command to the command line's parser."""
    night = command("night", _night, "say when to study by itself, or why it does not")
    switch = night.add_mutually_exclusive_group()
    switch.add_argument("--on", action="store_true", help="work while nobody uses the computer")
    switch.add_argument("--off", action="store_true")
    pause = night.add_mutually_exclusive_group()
    pause.add_argument("--pause", action="store_true", help="begin nothing until tomorrow, 7:00")
    pause.add_argument("--go-on", action="store_true", help="end the pause")
    night.add_argument("--idle", type=int, metavar="MINUTES", help="without input before it begins")
    night.add_argument("--battery", metavar="PERCENT", help=f"from which on; “{NEVER}”")
    night.add_argument("--hours", metavar="FROM-TO", help=f"such as 22:00-7:00; “{ANY}”")
    night.add_argument("--budget", type=int, metavar="MINUTES", help="at most in one night")


def _night(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    watch = NightWatch(
        lambda: assistant.ledger, jobs_of(assistant), OwnSenses(), _never, lambda: None
    )
    before = watch.report().wishes
    wishes = _changed(before, options)
    if wishes != before:
        report = watch.set_wishes(wishes)
    if options.pause or options.go_on:
        report = watch.pause(until_tomorrow=options.pause)
    elif wishes == before:
        watch.look()
        report = watch.report()
    terminal.result(report, _told(report))
    return 0


def _never(request: Work, stop: object) -> protocol.Failed:
    """A command looks, and is over before anything could be done."""
    raise AssertionError


def _changed(wishes: Wishes, options: argparse.Namespace) -> Wishes:
    """What is not named stays as it is."""
    changes: dict[str, Any] = {}
    if options.on or options.off:
        changes["on"] = bool(options.on)
    if options.idle is not None:
        changes["idle_minutes"] = options.idle
    if options.battery is not None:
        changes["battery"] = _percent(options.battery)
    if options.hours is not None:
        first, _, last = options.hours.partition("-")
        changes["hours"] = None if options.hours == ANY else (first.strip(), last.strip())
    if options.budget is not None:
        changes["budget_minutes"] = options.budget
    return msgspec.structs.replace(wishes, **changes)


def _percent(text: str) -> int | None:
    if text == NEVER:
        return None
    try:
        return int(text.removesuffix("%"))
    except ValueError as error:
        raise BadRequestError(
            "This cannot be set", f"“{text}” is no number of percent.", f"Write 60, or “{NEVER}”."
        ) from error


def _told(report: NightReport) -> str:
    wishes = report.wishes
    battery = "never" if wishes.battery is None else f"from {wishes.battery} % on"
    hours = "any" if wishes.hours is None else " to ".join(wishes.hours)
    lines = [
        f"Studies by itself: {'on' if wishes.on else 'off'}, while Nightschool is open.",
        f"  Begins after {wishes.idle_minutes} minutes without input; hours: {hours};"
        f" on battery: {battery}.",
        f"  At most {wishes.budget_minutes} minutes a night;"
        f" {report.minutes_tonight:.0f} of them were used tonight.",
    ]
    if wishes.on:
        lines.append(f"Now: {report.reason}")
    if report.last_studied:
        lines.append(f"It last studied {report.last_studied}.")
    return "\n".join(lines)
