"""Near duplicates: passages that differ only in case, spacing and punctuation are one."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_NUMBERS = re.compile(r"(?<=\d)[.,:/\u2212-](?=\d)|(?<![\w)])[\u2212-](?=\d)")
"""Signs that make another number of it: in 1.5, 2024-05, 10:30 and -4."""

_DROPPED = ("P", "Z", "C")
"""Unicode's categories of punctuation, separators and control characters."""


def fingerprint(text: str) -> int:
    """63 bits, equal for texts whose letters, marks, digits and symbols are the same.

    Case, spacing and punctuation do not count, but a decimal point or a minus sign does.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    marked = _NUMBERS.sub(_symbol, folded)
    kept = "".join(one for one in marked if unicodedata.category(one)[0] not in _DROPPED)
    data = (kept or "".join(text.split())).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") >> 1


def _symbol(match: re.Match[str]) -> str:
    """The sign as a symbol that is kept; the two minus signs are one."""
    return "\u00a4" + str("-\u2212.,:/".index(match.group()) // 2 + 1) + "\u00a4"
