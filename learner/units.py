"""Units: a note that names the person's own forbids those that it could be given in instead."""

from __future__ import annotations

import re
from collections.abc import Iterable

from learner.hyponyms import with_hyponyms
from learner.rule import has_any

_OTHERS = (
    (r"fahrenheit|°\s?f", r"°\s?F\b|fahrenheit", ("Celsius",)),
    (r"celsius|centigrade|°\s?c", r"°\s?C\b|celsius", ("Fahrenheit",)),
    (
        r"metric|kilomet(?:re|er)s?|km",
        r"\b(?:km|kilomet(?:re|er)s?|met(?:re|er)s?|cm)\b",
        ("miles",),
    ),
    (r"imperial|miles", r"\bmiles?\b", ("kilometres",)),
    (r"gram(?:me)?s?", r"\d\s?(?:g|kg)\b|\bgrams?\b", ("cups", "ounces")),
    (r"knots?", r"\bknots?\b", ("km/h", "mph", "kilometres")),
)


def other_units(note: str, example: str, forbidden: Iterable[str]) -> tuple[str, ...]:
    """The units that a note rules out by naming them or others, if the example has only others.

    `forbidden` is what the note forbids in so many words: "no miles" names none of its own.
    """
    banned = " ".join(forbidden).casefold()
    return tuple(
        other
        for names, seen, others in _OTHERS
        if _named(names, others, note)
        and not re.search(rf"(?:{names})\b", banned)
        and re.search(seen, example, re.I)
        for other in others
        if other.casefold() not in banned and not has_any(example, with_hyponyms((other,)))
    )


def _named(names: str, others: Iterable[str], note: str) -> bool:
    """Whether a note names its own units, or those it could be given in: "Celsius is no use"."""
    either = "|".join((names, *map(re.escape, others)))
    return re.search(rf"(?<!\w)(?:{either})\b", note, re.I) is not None
