"""Rule: what a lesson asks of an answer's form, read from its note and held against its example."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from learner.dates import has_spoken_date, is_date
from learner.hyponyms import with_hyponyms
from learner.lesson import Lesson
from learner.spelling import Variety, spelt, variety_of

NUMBERS = {
    "one": 1,
    "a single": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}

_QUOTED = re.compile(r"[\"“”«»`]([^\"“”«»`]+)[\"“”«»`]")
_NEGATION = re.compile(
    r"\b(never|no|not|don't|do not|avoid|without|instead of|rather than)\b"
    r"(.*?)(?=,? and |,? but |,? (?:never|no|not) |[.;:!?](?:\s|$)|$)",
    re.I | re.S,
)
_OPENING = re.compile(r"\b(start|begin|open|address|greet)", re.I)
_CLOSING = re.compile(r"\b(end|sign|finish|close|conclude)", re.I)
_EVERYWHERE = re.compile(
    r"\b(every|each|all|any)\b[^.]{0,20}\b(reply|replies|answers?|responses?|messages?)\b", re.I
)
_SHORT = re.compile(r"\b(short|brief|concise|terse|few words)\b", re.I)
_PLACEHOLDER = re.compile(r"\b(?=[YMDHNX#]*([YMDHNX#])\1)[YMDHNX#:/.-]{4,}\b")
_BULLET = re.compile(r"^(\s*[-*•–]\s+|\s*\d+[.)]\s+)")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What must be seen in an answer; empty or 0 where the lesson asks for nothing.

    `opening` and `closing` are the person's own words at the ends, `subject` whether a letter has a
    line with its subject, `bullet` the mark of each line,
    `lines` and `sentences` exact counts, `fence` whether the answer is one code block, `pattern` a
    regular expression from a placeholder like YYYY-MM-DD, `dates` that placeholder where it is a
    date's, `spelling` British or American, `banned` what must not occur, `longest` a length in
    characters, `marks` signs like "->" that a code answer shows. `trigger` is how a
    question must begin for the rule to apply, `everywhere` says that it holds for every reply.
    """

    opening: str = ""
    closing: str = ""
    subject: bool = False
    bullet: str = ""
    lines: int = 0
    sentences: int = 0
    fence: str = ""
    pattern: str = ""
    dates: str = ""
    spelling: Variety = ""
    banned: tuple[str, ...] = ()
    longest: int = 0
    marks: tuple[str, ...] = ()
    trigger: str = ""
    everywhere: bool = False

    @property
    def shapes(self) -> bool:
        """Whether any of it can be forced on an answer."""
        return bool(self.opening or self.closing or self.bullet or self.sentences or self.fence)

    @property
    def ends(self) -> bool:
        """Whether it says where an answer is over."""
        return bool(self.closing or self.lines or self.sentences or self.fence or self.longest)

    @property
    def rewrites(self) -> bool:
        """Whether single words of any answer are written otherwise, and nothing else changes."""
        return bool(self.dates or self.spelling)

    @property
    def forbidden(self) -> tuple[str, ...]:
        """What must not occur: the person's words and what falls under them."""
        return with_hyponyms(self.banned)

    @property
    def avoids(self) -> Rule:
        """What of it any answer can offend against, whatever it is about."""
        return Rule(
            pattern=self.pattern, dates=self.dates, spelling=self.spelling, banned=self.banned
        )


def rule_of(lesson: Lesson) -> Rule:
    """The rule of a manner lesson, as far as it is understood; notes are read in English.

    A rule is believed only where the person's own corrected answer follows it.
    """
    note, example = lesson.note.strip(), lesson.corrected.strip()
    affirmed, banned = _phrases(note, lesson)
    bullet, lines = _bullets(example)
    counted = _count(note, "bullet|point|line|item|tip") == lines
    sentences = _count(note, "sentence")
    pattern, placeholder = _pattern(note, example)
    return Rule(
        opening=_opening(note, example, affirmed),
        closing=_closing(note, example, affirmed),
        subject=example.casefold().startswith("subject:"),
        bullet=bullet,
        lines=lines if bullet and counted else 0,
        sentences=sentences if sentences == count_sentences(example) else 0,
        fence=_fence(example),
        pattern=pattern,
        dates=placeholder if is_date(placeholder) else "",
        spelling=variety_of(note),
        banned=banned,
        longest=max(160, 2 * len(example)) if _SHORT.search(note) else 0,
        marks=tuple(sorted(set(re.findall(r"[-=<>:~|&+*]{2,}", example))))
        if _fence(example)
        else (),
        trigger=_trigger(lesson, affirmed),
        everywhere=bool(_EVERYWHERE.search(note)),
    )


def count_sentences(text: str) -> int:
    """Sentences of a text: closed ones, and what follows the last."""
    pieces = [piece for piece in _SENTENCE_END.split(text) if piece.strip()]
    return len(pieces)


def broken(rule: Rule, answer: str) -> list[str]:
    """Which parts of the rule an answer breaks, as short words; empty when it follows it."""
    text = answer.strip()
    found = []
    if rule.opening and not text.casefold().startswith(rule.opening.strip(" ,!:").casefold()):
        found.append("opening")
    if rule.closing and _squeezed(rule.closing) not in _squeezed(text):
        found.append("closing")
    bullet, lines = _bullets(text)
    if rule.bullet and bullet.strip() != rule.bullet.strip():
        found.append("bullets")
    if rule.lines and lines != rule.lines:
        found.append("lines")
    if rule.sentences and (count_sentences(text) != rule.sentences or "\n" in text):
        found.append("sentences")
    if rule.fence and not text.startswith("```"):
        found.append("code block")
    if any(mark not in text for mark in rule.marks):
        found.append("marks")
    if rule.dates and has_spoken_date(text):
        found.append("dates")
    if (
        rule.pattern
        and not rule.dates
        and re.search(r"\d{4}|\d[/.]\d", text)
        and not re.search(rule.pattern, text)
    ):
        found.append("pattern")
    if rule.spelling and spelt(text, rule.spelling) != text:
        found.append("spelling")
    if has_any(text, rule.forbidden):
        found.append("banned words")
    if rule.longest and len(text) > rule.longest:
        found.append("length")
    return found


def has_phrase(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a text, in any case: whole words, or the plural of the last.

    A number may stand right before it, as in "600ft".
    """
    first = phrase[:1]
    inside = r"[^\W\d]" if first.isalpha() else r"\w"
    start = f"(?<!{inside})" if first.isalnum() else ""
    end = r"(?:e?s|d|ed|ing)?(?!\w)" if phrase[-1:].isalnum() else ""
    return re.search(f"{start}{re.escape(phrase)}{end}", text, re.I) is not None


def has_any(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in a text, as `has_phrase` sees it."""
    return any(has_phrase(text, phrase) for phrase in phrases)


def _phrases(note: str, lesson: Lesson) -> tuple[list[str], tuple[str, ...]]:
    """Quoted phrases the note affirms, and words or quoted phrases it forbids."""
    quotes = _QUOTED.findall(note)
    # Quotes are set aside while the note is taken apart: they may hold commas and full stops.
    numbers = iter(range(len(quotes)))
    masked = _QUOTED.sub(lambda _: f"\0{next(numbers)}\0", note)
    asked = f"{lesson.prompt} {lesson.corrected}".casefold()
    forbidden: set[int] = set()
    banned: list[str] = []
    for match in _NEGATION.finditer(masked):
        here = [int(number) for number in re.findall(r"\0(\d+)\0", match.group(2))]
        forbidden.update(here)
        banned += [quotes[number] for number in here]
        if not here:
            words = re.findall(r"[^\W\d_][\w'-]{2,}", match.group(2))
            banned += [
                w for w in words if w.casefold() not in asked and w.casefold() not in _LITTLE
            ]
    affirmed = [quote for number, quote in enumerate(quotes) if number not in forbidden]
    return affirmed, tuple(dict.fromkeys(phrase.strip() for phrase in banned if phrase.strip()))


_LITTLE = frozenset(
    "the and any for with use say write give answer reply start end ever more less than that this"
    " them they you your nothing else just only but can could would should make add put suggest"
    " mention include offer bird word words".split()
)


def _opening(note: str, example: str, affirmed: list[str]) -> str:
    for phrase in affirmed:
        if (
            _OPENING.search(note)
            and not _BULLET.match(phrase)
            and example.casefold().startswith(phrase.casefold())
        ):
            match = re.match(r"[^\w\s]*\s*", example[len(phrase) :])
            return example[: len(phrase)] + (match.group() if match else "")
    return ""


def _closing(note: str, example: str, affirmed: list[str]) -> str:
    """The end of the example from the earliest affirmed phrase in its last lines on."""
    if not _CLOSING.search(note):
        return ""
    tail_start = max(0, len(example) - 60)
    places = [example.rfind(phrase, tail_start) for phrase in affirmed]
    found = [place for place in places if place > 0]
    return example[min(found) :] if found else ""


def _bullets(text: str) -> tuple[str, int]:
    """The common mark of all lines and how many there are; ("", 0) when they have none."""
    lines = [line for line in text.splitlines() if line.strip()]
    marks = [_BULLET.match(line) for line in lines]
    if len(lines) < 2 or not all(marks):
        return "", 0
    first = marks[0]
    assert first is not None
    mark = first.group()
    return ("1. " if mark.strip()[0].isdigit() else mark), len(lines)


def _count(note: str, noun: str) -> int:
    match = re.search(
        rf"\b(\d+|{'|'.join(NUMBERS)})\b(?:\s+\w+){{0,2}}\s+(?:{noun})s?\b", note, re.I
    )
    if not match:
        return 0
    word = match.group(1).casefold()
    return int(word) if word.isdigit() else NUMBERS[word]


def _fence(example: str) -> str:
    match = re.match(r"```\w*\n", example)
    return match.group() if match and example.endswith("```") else ""


def _pattern(note: str, example: str) -> tuple[str, str]:
    """A placeholder's regular expression and the placeholder; empty where the example has none."""
    match = _PLACEHOLDER.search(note)
    if not match:
        return "", ""
    placeholder = match.group().rstrip(".:/-")
    pattern = re.sub(r"([YMDHNX#])\1*", lambda m: rf"\d{{{len(m.group())}}}", placeholder)
    pattern = pattern.replace(".", r"\.")
    return (pattern, placeholder) if re.search(pattern, example) else ("", "")


def _trigger(lesson: Lesson, affirmed: list[str]) -> str:
    """A quoted phrase of the note with which the person's question begins."""
    for phrase in affirmed:
        start = phrase.rstrip(" .…").casefold()
        if len(start) > 2 and lesson.prompt.casefold().startswith(start):
            return phrase.rstrip(" .…")
    return ""


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()
