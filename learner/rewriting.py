"""Rewriting: what a rule has written otherwise in any answer, and nothing else of it changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from learner.clock import has_clock_time, on_the_clock
from learner.dates import dated, is_date
from learner.figures import in_words
from learner.note import digits_of
from learner.phrases import NO
from learner.plain import (
    calm,
    spelt_out,
    without_dashes,
    without_greeting,
    without_markup,
    without_offer,
    without_punctuation,
    without_smileys,
)
from learner.spelling import Variety, spelt, varies, variety_of

What = Literal[
    "dates",
    "spelling",
    "clock",
    "calm",
    "smileys",
    "markup",
    "contractions",
    "case",
    "capitals",
    "decimals",
    "figures",
    "unpunctuated",
    "ungreeted",
    "undashed",
    "unoffered",
    "words",
]

_ASKED: tuple[tuple[What, re.Pattern[str]], ...] = (
    (
        "clock",
        re.compile(
            r"\b24[- ]?(?:h|hrs?|hours?)\b|\bmilitary time\b|\bno (?:am|a\.m\.)\W"
            # "Times like 07:15": only that clock has such a number.
            r"|\btimes?\b[^.;!?]*\b(?:0\d|1[3-9]|2[0-3]):[0-5]\d\b"
            r"|\b(?:am (?:and|or) pm|am/pm)\b",
            re.I,
        ),
    ),
    (
        "calm",
        re.compile(
            rf"{NO}exclamation (?:mark|point)s?\b"
            r"|\b(?:keep|always) \w+ing exclamation|exclamation (?:mark|point)s?\b[^!?]*\b"
            r"(?:leave|take) (?:them|it) out\b",
            re.I,
        ),
    ),
    (
        "decimals",
        re.compile(r"\bdecimals?\b[^.!?]*\bcommas?\b|\bcommas?\b[^.!?]*\bdecimals?\b", re.I),
    ),
    (
        "figures",
        re.compile(
            r"\b(?:numbers?|figures|digits)\b[^.;!?]*\b(?:as|in|into|with) (?:a |full )?words?\b"
            r"|\b(?:spell|write) out (?:\w+ )?numbers?\b"
            r"|\bwords?,? (?:not|instead of) (?:figures|digits)\b"
            r"|\bnumbers?\b[^.;!?]*\b(?:spel(?:t|l|led)|written|write)(?: them| it)? out\b"
            rf"|{NO}(?:figures|digits|numerals)\b",
            re.I,
        ),
    ),
    (
        "unpunctuated",
        re.compile(
            rf"{NO}(?:punctuation|commas?,? (?:and|or|nor) (?:dots|full stops|periods|points))\b",
            re.I,
        ),
    ),
    ("undashed", re.compile(r"\b(?:em|en|long|those)[- ]dash(?:es)?\b", re.I)),
    (
        "unoffered",
        re.compile(
            rf"(?:{NO}|\bwhy\b[^?]*)(?:let me know|would you like|further (?:help|questions)"
            r"|offers|offer(?:ing)? (?:me )?(?:more|help|anything)"
            r"|asking (?:me )?(?:if|whether) (?:I|you)|if (?:I|you) (?:want|need))\b",
            re.I,
        ),
    ),
    ("ungreeted", re.compile(rf"{NO}(?:salutations?|greetings?)\b", re.I)),
    (
        "smileys",
        re.compile(
            rf"{NO}(?:smileys?|smilies|emojis?|emoticons?|pictures|(?:little )?faces)\b", re.I
        ),
    ),
    ("markup", re.compile(rf"{NO}(?:markdown|bold|asterisks?|stars|hashes|markup)\b", re.I)),
    ("contractions", re.compile(rf"{NO}contractions?\b|\bthe words in full\b", re.I)),
    (
        "case",
        re.compile(
            r"\blower[- ]?cased?\b|\bsmall letters\b"
            rf"|{NO}(?:capitals?|capital letters|capitali[sz]\w+|upper[- ]?case|caps)\b",
            re.I,
        ),
    ),
    (
        "capitals",
        re.compile(
            r"\b(?:in|all|only|use|everything) (?:in )?(?:all )?"
            r"(?:capital letters|capitals|upper[- ]?case|caps)\b",
            re.I,
        ),
    ),
)
_COMMON: frozenset[What] = frozenset(
    (
        "calm",
        "figures",
        "unpunctuated",
        "ungreeted",
        "undashed",
        "unoffered",
        "smileys",
        "markup",
        "contractions",
        "case",
        "capitals",
    )
)
"""Of these any answer can have something, whatever it is about."""


_ANYWHERE: frozenset[What] = frozenset(
    ("calm", "undashed", "unoffered", "smileys", "markup", "contractions")
)


class Rewriting(msgspec.Struct, frozen=True):
    """One thing that is written otherwise.

    `form` is a placeholder of dates, a spelling, or what is said for some words: "kids>pupils".
    """

    kind: What
    form: str = ""

    def applied(self, text: str) -> str:
        """The text with it written as the person wants it; code stays as it is."""
        return "".join(
            self._code(piece) if piece.startswith("`") else self._prose(piece)
            for piece in _CODE.split(text)
        )

    def shown_by(self, before: str, after: str) -> bool:
        """Whether an answer, as it was and as it is now written, shows something of the rule."""
        if self.kind == "dates":
            return re.search(digits_of(self.form), after) is not None
        if self.kind == "clock":
            return has_clock_time(after)
        if self.kind == "words":  # a teacher says the right word by itself
            said = "|".join(numbers_of(self.form.partition(">")[2]))
            return re.search(rf"\b(?:{said})\b", after, re.I) is not None
        return varies(after) if self.kind == "spelling" else before != after

    @property
    def common(self) -> bool:
        """Whether any answer can have something of it, whatever it is about."""
        return self.kind in _COMMON

    @property
    def anywhere(self) -> bool:
        """Whether who wants it of one answer means any: who does not want smileys does not.

        Small letters may be for poems, and no greeting for one's clients.
        """
        return self.kind in _ANYWHERE

    def _code(self, text: str) -> str:
        # SQL is the one language that may be in either case.
        return _outside_quotes(text) if self.kind == "case" and "```sql" in text else text

    def _prose(self, text: str) -> str:
        match self.kind:
            case "dates":
                return dated(text, self.form)
            case "spelling":
                return spelt(text, _variety(self.form))
            case "clock":
                return on_the_clock(text)
            case "calm":
                return calm(text)
            case "smileys":
                return without_smileys(text)
            case "markup":
                return without_markup(text)
            case "contractions":
                return spelt_out(text)
            case "case":
                return text.lower()
            case "capitals":
                return text.upper()
            case "decimals":
                return _DECIMAL.sub(",", text)
            case "figures":
                return in_words(text)
            case "unpunctuated":
                return without_punctuation(text)
            case "ungreeted":
                return without_greeting(text)
            case "undashed":
                return without_dashes(text)
            case "unoffered":
                return without_offer(text)
            case "words":
                return _replaced(text, self.form)


def rewritings_of(note: str, example: str, placeholder: str) -> tuple[Rewriting, ...]:
    """What a note has written otherwise, as far as its example is written so already.

    `placeholder` is that of the note, as YYYY-MM-DD; "" where it has none.
    """
    found = [Rewriting("dates", placeholder)] if is_date(placeholder) else []
    if placeholder in ("HH:MM", "hh:mm"):
        found.append(Rewriting("clock"))
    if variety := variety_of(note):
        found.append(Rewriting("spelling", variety))
    found += [Rewriting(kind) for kind, asked in _ASKED if asked.search(note)]
    if _SMALL.search(note) and len(re.findall(r"[^\W\d_]", example)) >= _TELLING:
        found.append(Rewriting("case"))
    if _STOPS.search(note) and len(example) >= _TELLING:
        found.append(Rewriting("unpunctuated"))
    return tuple(one for one in dict.fromkeys(found) if one.applied(example) == example)


_TELLING = 30
"""Letters of an example without a capital, or without a comma or full stop, that are no chance."""

_SMALL = re.compile(r"\b(?:capital(?:s|i[sz]\w+)|caps|upper[- ]?case|shift key)\b", re.I)
_STOPS = re.compile(r"\b(?:punctuation|commas? (?:and|or) \w+|\w+ (?:and|or) commas?)\b", re.I)
"""What a long example that has none of it need only be near: "capitals shout"."""

_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)(?<!\d\.\d\.)(?!\d+\.\d)")
_LITERAL = re.compile(r"('[^'\n]*'|\"[^\"\n]*\")")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.S)


def instead(word: str, others: Sequence[str]) -> Rewriting:
    """A word that is said for others: each in its own number, singular or plural."""
    return Rewriting("words", f"{'|'.join(others)}>{word}")


_PLURALS = {"child": "children", "person": "people", "man": "men", "woman": "women"}
_SINGULARS = {many: one for one, many in _PLURALS.items()}


def numbers_of(word: str) -> tuple[str, str]:
    """A noun's singular and plural."""
    if word in _PLURALS or word in _SINGULARS:
        one = _SINGULARS.get(word, word)
        return one, _PLURALS[one]
    one = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    return one, f"{one}s"


def _replaced(text: str, form: str) -> str:
    others, _, word = form.partition(">")
    for other in others.split("|"):
        for old, new in zip(numbers_of(other.casefold()), numbers_of(word), strict=True):

            def like(match: re.Match[str], new: str = new) -> str:
                return new[:1].upper() + new[1:] if match.group()[:1].isupper() else new

            text = re.sub(rf"\b{re.escape(old)}\b", like, text, flags=re.I)
    return text


def _outside_quotes(code: str) -> str:
    """SQL in lower case, but for what stands in quotes."""
    return "".join(piece if piece[:1] in "'\"" else piece.lower() for piece in _LITERAL.split(code))


def _variety(form: str) -> Variety:
    return "British" if form == "British" else "American"
