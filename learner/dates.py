"""Dates: what people write as July 20, 1969, in the person's own pattern instead."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in _MONTHS)
_SPOKEN = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH})"
    rf"|(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?),?\s+(?P<year>\d{{4}})\b",
    re.I,
)
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b")
_SLOT = re.compile(r"Y{4}|Y{2}|M{4}|M{2}|D{1,2}")


def is_date(placeholder: str) -> bool:
    """Whether a placeholder such as YYYY-MM-DD or "D MMMM YYYY" says how dates are written."""
    return sorted(slot[0] for slot in _SLOT.findall(placeholder)) == ["D", "M", "Y"]


def dated(text: str, placeholder: str) -> str:
    """The text with every whole date in it written as the placeholder shows."""

    def spoken(match: re.Match[str]) -> str:
        name = (match["m1"] or match["m2"]).casefold()[:3]
        month = next(n for n, full in enumerate(_MONTHS, start=1) if full.startswith(name))
        told = _written(match["year"], month, int(match["d1"] or match["d2"]), placeholder)
        before = "on " if match.group().casefold().startswith("on ") else ""
        return before + told if told else match.group()

    def iso(match: re.Match[str]) -> str:
        month, day = int(match["month"]), int(match["day"])
        return _written(match["year"], month, day, placeholder) or match.group()

    return _SPOKEN.sub(spoken, _ISO.sub(iso, text))


def _written(year: str, month: int, day: int, placeholder: str) -> str:
    try:
        date(int(year), month, day)
    except ValueError:
        return ""
    values = {
        "YYYY": year,
        "YY": year[2:],
        "MMMM": _MONTHS[month - 1].capitalize(),
        "MM": f"{month:02}",
        "DD": f"{day:02}",
        "D": str(day),
    }
    return _SLOT.sub(lambda slot: values[slot.group()], placeholder)


def in_words(text: str) -> str:
    """The placeholder of a text's first whole date, if its month is a whole word; "" if not."""
    match = _SPOKEN.search(text)
    if not match or (match["m1"] or match["m2"]).casefold() not in _MONTHS:
        return ""
    return "D MMMM YYYY" if match["d1"] else "MMMM D, YYYY"
