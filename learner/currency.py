"""Currency: which one the prices of a text are in."""

from __future__ import annotations

import re

_SIGNS = {
    "dollars": r"\$|\bdollars?\b|\bUSD\b",
    "euros": r"€|\beuros?\b|\bEUR\b",
    "pounds": r"£|\bpounds?\b|\bGBP\b|\bquid\b",
    "francs": r"\bCHF\b|\bfrancs?\b",
    "yen": r"¥|\byen\b|\bJPY\b",
    "rupees": r"₹|\brupees?\b|\bINR\b",
    "kroner": r"\bkron(?:er|or|a|e)\b|\b(?:NOK|SEK|DKK)\b",
    "zloty": r"\bz[lł]oty\b|\bPLN\b",
}
_FOUND = {name: re.compile(signs, re.I) for name, signs in _SIGNS.items()}


def currencies_in(text: str) -> frozenset[str]:
    """All that are named, by a word or a sign."""
    return frozenset(name for name, signs in _FOUND.items() if signs.search(text))


def currency_of(text: str) -> str:
    """The only currency of a text; "" where it has none or several."""
    found = currencies_in(text)
    return next(iter(found)) if len(found) == 1 else ""
