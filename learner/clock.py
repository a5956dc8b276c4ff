"""Clock: times of day that people write as 7 pm or half past six, in the 24-hour form instead."""

from __future__ import annotations

import re

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_HALF = r"(?P<half>a\.m\.|p\.m\.|am\b|pm\b|a\.m\b|p\.m\b)"
_SPOKEN = re.compile(
    rf"\b(?P<hour>\d{{1,2}}|{'|'.join(_NUMBERS)})(?:[:.](?P<minute>[0-5]\d))?\s?{_HALF}"
    r"(?!\w)",
    re.I,
)
_RANGE = re.compile(
    rf"\b(?P<first>\d{{1,2}}(?:[:.][0-5]\d)?)(?P<between>\s?(?:-|–|to|and)\s?)"
    rf"(?=(?P<last>\d{{1,2}})(?:[:.][0-5]\d)?\s?{_HALF})",
    re.I,
)
_OCLOCK = re.compile(
    rf"\b(?P<hour>\d{{1,2}}|{'|'.join(_NUMBERS)}) o['’]clock"
    r"(?: in the (?P<part>morning|afternoon|evening))?",
    re.I,
)
_CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b")


def has_clock_time(text: str) -> bool:
    """Whether a time such as 14:30 stands in the text."""
    return _CLOCK.search(text) is not None


def on_the_clock(text: str) -> str:
    """The text with its times of day written as 07:00 or 19:30; what is no time stays."""

    def spoken(match: re.Match[str]) -> str:
        written = _written(match["hour"], match["minute"] or "00", match["half"][0].lower())
        # "at 7 p.m." may end the sentence with the same full stop.
        stop = "." if match.group().endswith(".") and _ends(text, match.end()) else ""
        return written + stop if written else match.group()

    def first(match: re.Match[str]) -> str:
        hour, _, minute = match["first"].replace(".", ":").partition(":")
        half = match["half"][0].lower()
        if int(hour) % 12 > int(match["last"]) % 12:  # "9 to 5 pm" begins in the morning
            half = "a" if half == "p" else "p"
        written = _written(hour, minute or "00", half)
        return written + match["between"] if written else match.group()

    def sharp(match: re.Match[str]) -> str:
        part = (match["part"] or "").lower()
        half = "a" if part == "morning" else "p" if part else ""
        return _written(match["hour"], "00", half) or match.group()

    # Of "from 9 to 11 am" the nine is in the morning too; "a.m." of its end is found first.
    return _OCLOCK.sub(sharp, _SPOKEN.sub(spoken, _RANGE.sub(first, text)))


def _ends(text: str, place: int) -> bool:
    """Whether a sentence ends at `place`: nothing follows, or a capital does."""
    rest = text[place:].lstrip()
    return not rest or rest[:1].isupper() or text[place : place + 1] == "\n"


def _written(hour: str, minute: str, half: str) -> str:
    number = int(hour) if hour.isdigit() else 1 + _NUMBERS.index(hour.casefold())
    if (half and not 1 <= number <= 12) or number > 23:
        return ""
    if half:
        number = number % 12 + (12 if half == "p" else 0)
    return f"{number:02}:{minute}"
