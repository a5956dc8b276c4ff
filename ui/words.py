"""Words: dates, durations, sizes and provenance as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

_STRETCH = re.compile(r"\S{31,}")
_JOINT = re.compile(r"[/\\_.\-]|[^/\\_.\-]{24}")
"""A stretch too long for a line, and where it is broken: behind a sign, or else anywhere."""


def parse_time(text: str) -> datetime:
    """An ISO 8601 time as local time; a broken one is now."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.now(UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone()


def day(text: str, today: datetime | None = None) -> str:
    """Today, Yesterday, This week, or a month."""
    moment = parse_time(text)
    now = (today or datetime.now(UTC)).astimezone()
    days = (now.date() - moment.date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days < 7:
        return "This week"
    if moment.year == now.year:
        return moment.strftime("%B")
    return moment.strftime("%B %Y")


def moment(text: str) -> str:
    """A date and time, short."""
    when = parse_time(text)
    now = datetime.now(UTC).astimezone()
    clock = when.strftime("%H:%M")
    if when.date() == now.date():
        return f"today, {clock}"
    if when.date() == (now - timedelta(days=1)).date():
        return f"yesterday, {clock}"
    return f"{when.day} {when.strftime('%B')}, {clock}"


def whole_day(text: str) -> str:
    """An ISO date as a day: 3 March 2025."""
    when = date.fromisoformat(text)
    return f"{when.day} {when.strftime('%B')} {when.year}"


def shortened(text: str, most: int) -> str:
    """A text on one line, of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def duration(seconds: float) -> str:
    """About how long, in words: for time left and time taken."""
    if seconds < 50:
        return f"{max(1, round(seconds))} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def file_size(size: int) -> str:
    """Bytes, rounded."""
    value = float(size)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def breakable(text: str) -> str:
    """Text whose long unbroken stretches (paths, file names) may be wrapped, and look the same."""
    return _STRETCH.sub(lambda found: _JOINT.sub("\\g<0>\u200b", found.group()), text)


def listed(noun: str, names: Sequence[str]) -> str:
    """A noun with its names: `Version 3`, `Versions 2 and 3`, `Versions 1, 2 and 3`."""
    if len(names) == 1:
        return f"{noun} {names[0]}"
    return f"{noun}s {', '.join(names[:-1])} and {names[-1]}"
