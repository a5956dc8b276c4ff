"""Plain: a text without some signs: calls, punctuation, smileys, markup, quotes or comments."""

from __future__ import annotations

import re

_CALLS = re.compile(r"!+(?=[\s\"”'’)*_]|$)")
_DASH = re.compile(r"(?<=[^\W\d])(?: ?— ?| – )(?=\w)")
_OFFER = re.compile(
    r"(?:(?:(?<=[.!?\n])|\A)\s*(?:(?:please )?(?:feel free|let me know)"
    r"|(?:would|do) you (?:like|want)|is there (?:anything|something)"
    r"|if you (?:need|want|have|would like)|shall I|should I"
    r"|I can also|can I help)\b[^.!?\n]*[.!?]*)+\s*\Z",
    re.I,
)
_STOPS = re.compile(r"[.,;:!?…]+(?=[\s\"”'’)*_]|$)")
_GREETING = re.compile(
    r"\A\s*(?i:dear|hi|hello|hey|good (?:morning|afternoon|evening))"
    r"(?: (?:[A-Z][\w.'’-]*|all|there|every(?:one|body)|team|friends?|or)){0,4}"
    r"(?:[,!:]\s+|[.]?\n+)(?=\S)"
)
_SMILEY = re.compile(
    r"[ \t]*(?:[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B50\uFE0F\u200D]+|(?<!\w)[:;]-?[)D(P](?!\w))"
)
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.S)
_SLANT = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_HEADING = re.compile(r"^#{1,6}[ \t]+", re.M)

_WHOLE = {
    "can't": "cannot",
    "won't": "will not",
    "shan't": "shall not",
    "let's": "let us",
    "i'm": "I am",
}
_ENDINGS = {"n't": " not", "'re": " are", "'ve": " have", "'ll": " will"}
_IS = "it that there here what who where how he she".split()
_SHORT = re.compile(
    r"\b(?:can't|won't|shan't|let's|i'm|\w+(?:n't|'re|'ve|'ll)|(?:" + "|".join(_IS) + r")'s)\b",
    re.I,
)


_REMARK_SIGNS = dict.fromkeys("python shell ruby r yaml".split(), "#") | {"sql": "--"}
"""What begins a comment, by language; in all others it is "//"."""


def without_comments(code: str, language: str) -> str:
    """Code without its comments of one line; what stands in quotes stays."""
    sign = _REMARK_SIGNS.get(language.casefold(), "//")
    remark = re.compile(rf"((?:[^'\"]|'[^']*'|\"[^\"]*\")*?)(?:^|\s+){sign}(?!!).*")
    kept = []
    for line in code.splitlines():
        match = remark.fullmatch(line)
        if not match:
            kept.append(line)
        elif match.group(1).strip():
            kept.append(match.group(1))
    return "\n".join(kept)


def calm(text: str) -> str:
    """The text with full stops for exclamation marks; after a question mark they just go."""
    return _CALLS.sub(lambda found: "" if text[: found.start()].endswith("?") else ".", text)


def without_dashes(text: str) -> str:
    """The text with a comma for a dash between words; what joins numbers or begins a line stays."""
    return _DASH.sub(", ", text)


def without_offer(text: str) -> str:
    """The text without the offers of more that end it, as "Let me know if you need a map."."""
    return _OFFER.sub("", text).rstrip() if _OFFER.search(text) else text


def without_punctuation(text: str) -> str:
    """The text without what ends its sentences and parts them; "3.5" and "it's" stay."""
    return _STOPS.sub("", text)


def without_greeting(text: str) -> str:
    """The text without "Dear Ms Ito," or "Hello!" before it."""
    rest = _GREETING.sub("", text)
    return rest[:1].upper() + rest[1:] if rest != text else text


def without_smileys(text: str) -> str:
    """The text without emoji and smileys."""
    return _SMILEY.sub("", text)


def without_markup(text: str) -> str:
    """The text without Markdown's headings and emphasis; lists and code stay."""
    return _SLANT.sub(r"\1", _EMPHASIS.sub(r"\2", _HEADING.sub("", text)))


def without_quotes(text: str) -> str:
    """The text without the quotes that enclose all of it."""
    inside = text[1:-1]
    enclosed = len(text) > 2 and text[0] + text[-1] in ('""', "“”")
    return inside if enclosed and not re.search(r"[\"“”]", inside) else text


def spelt_out(text: str) -> str:
    """The text with "do not" for "don't"; what may be two things, as "he'd", stays."""

    def whole(match: re.Match[str]) -> str:
        said = match.group().casefold()
        if said in _WHOLE:
            long = _WHOLE[said]
        elif said.endswith("'s"):
            long = said[:-2] + " is"
        else:
            ending = next(one for one in _ENDINGS if said.endswith(one))
            long = said[: -len(ending)] + _ENDINGS[ending]
        return long[:1].upper() + long[1:] if match.group()[:1].isupper() else long

    straight = text.replace("’", "'")
    return _SHORT.sub(whole, straight) if _SHORT.search(straight) else text
