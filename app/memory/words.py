"""Words: how texts and questions are written for the full-text index, in any script."""

from __future__ import annotations

import itertools
import re

from app.matching import is_common

MOST_WORDS = 40
"""A pasted page as a question is cut to its first words; more would only cost time."""

_CJK = (
    "\u3040-\u30ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # ideographs
    "\uac00-\ud7af"  # hangul
    "\u0e00-\u0eff\u1780-\u17ff"  # Thai, Lao, Khmer: written without spaces, too
)
_single = re.compile(f"([{_CJK}])")
_token = re.compile(f"[{_CJK}]+|[^\\W{_CJK}]+", re.UNICODE)
_starts_cjk = re.compile(f"[{_CJK}]")


def indexed(text: str) -> str:
    """A text for the index: scripts that put no spaces between words, character by character.

    Accents and case are the index's own business (`unicode61 remove_diacritics 2`).
    """
    return _single.sub(r" \1 ", text)


def query(question: str) -> str:
    """A question as an FTS5 expression: any of its words; "" when it has none.

    Runs of characters without spaces are asked for in pairs, since a pair means more than its
    characters apart. Common words are left out unless there are no others. Everything is quoted,
    so that nothing in a question is read as an operator.
    """
    found = [match.group() for match in _token.finditer(question)]
    telling = [word for word in found if not is_common(word)] or found
    parts: dict[str, None] = {}
    for word in telling[:MOST_WORDS]:
        for piece in _pieces(word):
            parts[f'"{piece}"'] = None
    return " OR ".join(parts)


def _pieces(word: str) -> list[str]:
    if not _starts_cjk.match(word):
        return [word]
    if len(word) == 1:
        return [word]
    return [f"{a} {b}" for a, b in itertools.pairwise(word)]
