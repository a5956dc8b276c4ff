"""Figures: numbers in digits written as words, as somebody wants them who has answers read out."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import inflect

_MONEY = {"$": "dollars", "€": "euros", "£": "pounds"}
_POINT = re.compile(r"^([^\S\n]*)\d+[.)](?=[^\S\n])", re.M)
_RANGE = re.compile(r"(?<![\d.,:/-])(\d+) ?[-–] ?(?=\d+(?![\d:/-]))")
_CLOCK = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?!\d|:)")
_NUMBER = re.compile(
    r"(?P<version>\d+(?:\.\d+){2,})"
    r"|(?P<money>[$€£])?(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<ordinal>st\b|nd\b|rd\b|th\b)?"
    r"(?P<percent> ?%)?"
)


def in_words(text: str) -> str:
    """The text with "25 minutes" as "twenty-five minutes"; the points of a list lose their numbers.

    The words are those of the inflect library, in English.
    """
    text = _RANGE.sub(r"\1 to ", _POINT.sub(r"\1-", text))
    return _NUMBER.sub(_number, _CLOCK.sub(_time, text))


def _time(match: re.Match[str]) -> str:
    hour, minute = match.groups()
    if minute == "00":
        return f"{_words(str(int(hour)))} o'clock"
    return f"{_words(str(int(hour)))} {'oh ' * (minute[0] == '0')}{_words(str(int(minute)))}"


def _number(match: re.Match[str]) -> str:
    if match["version"]:
        return match.group()
    number = match["number"]
    if match["ordinal"]:
        said = _words(f"{number}{match['ordinal']}")
    elif re.fullmatch(r"1[1-9]\d\d", number) and not (match["money"] or match["percent"]):
        first, last = int(number[:2]), int(number[2:])  # a year, or said as one
        rest = f"{'oh ' * (last < 10)}{_words(str(last))}" if last else "hundred"
        said = f"{_words(str(first))} {rest}"
    else:
        said = _words(number)
    said += f" {_MONEY[match['money']]}" if match["money"] else ""
    said += " percent" if match["percent"] else ""
    text, start, end = match.string, match.start(), match.end()
    before = " " if text[:start][-1:].isalpha() else ""
    return before + said + (" " if text[end:][:1].isalpha() else "")


@cache
def _engine() -> inflect.engine:
    # It takes a second to be imported, and few lessons need it.
    import inflect

    return inflect.engine()


def _words(number: str) -> str:
    return str(_engine().number_to_words(number, andword="", comma=""))
