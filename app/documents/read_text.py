"""Reading text: plain text and code of any encoding, kept as they are."""

from __future__ import annotations

import codecs
import re

from app.documents.draft import Draft
from app.text import clean

_BREAKS = re.compile(r"\r\n?")
_GUESS_FROM = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(data: bytes, draft: Draft) -> None:
    """Plain text or source code."""
    draft.raw(decoded(data))


def decoded(data: bytes, declared: str = "") -> str:
    """Bytes of text as characters, with "\\n" for every line break.

    By byte order mark, else UTF-8, else what the file `declared` of itself, else a guess
    (charset-normalizer); a byte without meaning becomes U+FFFD.
    """
    return clean(_BREAKS.sub("\n", _decoded(data, declared)))


def _decoded(data: bytes, declared: str) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if "\0" not in text:
            return text
    try:
        return data.decode(declared or _guess(data), "replace")
    except LookupError:
        return data.decode(_guess(data), "replace")


def _guess(data: bytes) -> str:
    wide = _wide(data)
    if wide:
        return wide
    if _almost_utf8(data):
        return "utf-8"
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_GUESS_FROM]).best()
    return "cp1252" if best is None or best.encoding == "ascii" else best.encoding


def _wide(data: bytes) -> str:
    """UTF-16 without its mark, seen by its zero bytes."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) // 4 and not odd else ""


def _almost_utf8(data: bytes) -> bool:
    """UTF-8 with a few broken bytes, as at a cut end, is still UTF-8."""
    text = data[:_GUESS_FROM].decode("utf-8", "replace")
    good = sum(1 for character in text if ord(character) > 0x7F) - text.count("\ufffd")
    return good > 20 * text.count("\ufffd")
