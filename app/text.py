"""Text: the one rule that makes what people, files and models write safe to keep and to send."""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

_UNWANTED = re.compile("[\0\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` as UTF-8 and C strings can hold it; all else, whatever its script, stays as it is.

    NUL and lone surrogates become U+FFFD; the two halves of a surrogate pair become the character
    they stand for. The ledger's connection and the engine's wire apply it to all that passes them,
    the assistant to what a person gives it. Applying it again changes nothing.
    """
    if _UNWANTED.search(text) is None:
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", REPLACEMENT)
