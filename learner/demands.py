"""Demands: what the note of a rule of manner asks for, as far as two of them can be compared."""

from __future__ import annotations

import re

import msgspec

from learner.keywords import stem, words
from learner.lesson import Kind, Lesson
from learner.note import NUMBERS
from learner.reading import rule_of

_NEGATION = re.compile(
    r"\b(?:never|no|not|don['’]t|do not|avoid|without|instead of|rather than)\b"
    r"(.*?)(?=,? and |,? but |,? (?:never|no|not) |, (?:always|use) |[.;:!?](?:\s|$)|$)",
    re.I | re.S,
)
_QUOTED = re.compile(r"[\"“”«»]([^\"“”«»]+)[\"“”«»]")
_WANTING = re.compile(
    r"\b(?:use|using|prefer|include|add|mention|say|write|always|with|in|suggest|recommend)\s+"
    r"((?:[\w'’-]+[ ,]*(?:and |or )?){1,4})",
    re.I,
)
_WHEN = re.compile(
    r"\b(?:when(?:ever)?|if) (?:i|you|we|somebody|someone)\b([^.,;:]*)"
    r"|\b(?:(?:for|about)\s+(?:(?:my|our|the|a|an|all|any|every)\s+)?"
    r"|to\s+(?:my|our|the|a|an)\s+)([\w'’-]+(?:\s+[\w'’-]+)?)",
    re.I,
)
_PLACES = re.compile(r"\s(?:in|on|at|to|when|unless|if|for|with|from)\s.*$", re.I | re.S)
_RANGE = re.compile(
    r"(?:(?P<most>at most|no more than|not more than|up to|maximum|max\.?|fewer than|less than)"
    r"|(?P<least>at least|no fewer than|no less than|not less than|minimum|min\.?|more than))?"
    rf"\s*\b(?:(?P<low>\d+|{'|'.join(NUMBERS)})\s*(?:-|–|to|or)\s*)?(?P<number>\d+|{'|'.join(NUMBERS)})\b(?:[\s-]+(?!bullet|sentence|word|line|step)\w+)??"
    r"[\s-]+(?P<noun>(?:bullet )?points?|bullets?|items?|tips?|sentences?|words?|lines?|paragraphs?"
    r"|steps?)\b",
    re.I,
)
_NOUNS = {
    "bullet": "points",
    "bullet point": "points",
    "point": "points",
    "item": "points",
    "tip": "points",
    "sentence": "sentences",
    "word": "words",
    "line": "lines",
    "paragraph": "paragraphs",
    "step": "steps",
}
_MANY = 10**6
_PLACEHOLDER = re.compile(r"\b(?=[YMDHNX#:/.-]*([YMDH])\1)[YMDHNX#]+(?:[:/.-][YMDHNX#]+)+\b")

_TOPICS = {
    "email": "emails? e-?mails? mails?",
    "letter": "letters?",
    "code": "code python javascript java sql script scripts function functions",
    "recipe": "recipes? cooking",
    "poem": "poems? poetry haikus?",
    "summary": "summary summaries summari[sz]e",
    "list": "lists?",
    "tip": "tips?",
    "title": "titles? headings? headlines?",
    "story": "story stories",
    "translation": "translations? translate",
    "joke": "jokes?",
    "plan": "plans? schedule schedules itinerary",
    "commit": "commits?",
    "report": "reports?",
    "invitation": "invitations?",
    "essay": "essays?",
    "sql": "sql",
}
_TOPIC = {name: re.compile(rf"\b(?:{'|'.join(p.split())})\b", re.I) for name, p in _TOPICS.items()}

_CHOICES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "distances",
        (
            ("kilometres", r"kilomet(?:re|er)s?|km|metric"),
            ("miles", r"miles?|imperial"),
        ),
    ),
    ("temperatures", (("Celsius", r"celsius|centigrade"), ("Fahrenheit", r"fahrenheit"))),
    (
        "weights",
        (("kilograms", r"kilo(?:gram|gramme)?s?|kg|metric"), ("pounds", r"pounds?|lbs?|imperial")),
    ),
    ("volumes", (("litres", r"lit(?:re|er)s?|metric"), ("gallons", r"gallons?|imperial"))),
    (
        "spelling",
        (
            ("British spelling", r"(?:british|uk)(?: english| spelling)?"),
            ("American spelling", r"(?:american|us)(?: english| spelling)"),
        ),
    ),
    (
        "the clock",
        (
            ("the 24-hour clock", r"24[- ]hours?(?: clock| format| time)?|military time"),
            ("the 12-hour clock", r"12[- ]hours?(?: clock| format| time)?|am/pm|am and pm"),
        ),
    ),
    (
        "length",
        (
            ("short answers", r"short|brief|concise|terse"),
            ("long answers", r"long|lengthy|detailed|in detail|thorough|extensive|elaborate"),
        ),
    ),
    (
        "tone",
        (
            ("a formal tone", r"formal|formally"),
            ("an informal tone", r"informal|informally|casual|casually|colloquial"),
        ),
    ),
    ("indentation", (("tabs", r"tabs"), ("spaces", r"spaces"))),
    ("quotes", (("single quotes", r"single quotes?"), ("double quotes", r"double quotes?"))),
    (
        "capitals",
        (
            ("lower case", r"lower[- ]?case"),
            ("capitals", r"upper[- ]?case|all caps|capital letters"),
        ),
    ),
    (
        "lists",
        (
            ("bullet points", r"bullet(?:ed)?(?: points?| lists?)?|bullets"),
            ("running text", r"prose|running text|full paragraphs|flowing text"),
        ),
    ),
    ("money", (("euros", r"euros?|eur"), ("dollars", r"dollars?|usd"), ("pounds sterling", "gbp"))),
    (
        "the language",
        tuple(
            (name, rf"(?:in|speak|use) {name}")
            for name in "English French German Spanish Italian Dutch Portuguese Polish".split()
        ),
    ),
)
_CHOICE = tuple(
    (about, tuple((name, re.compile(rf"\b(?:{pattern})\b", re.I)) for name, pattern in sides))
    for about, sides in _CHOICES
)
_MEASURES = frozenset(
    stem(word)
    for word in "distance distances temperature temperatures length weight weights date dates time"
    " times unit units measurement measurements number numbers price prices amount amounts spelling"
    " word words text texts answer answers reply replies response responses message messages"
    " everything anything question questions ask asked request write point points bullet bullets"
    " sentence sentences example always never end start begin sign".split()
)


_VERBS = frozenset(
    stem(word)
    for word in "write answer reply begin start end suggest recommend include add mention prefer"
    " offer always never exactly ever other else anything everything answers".split()
)


class Span(msgspec.Struct, frozen=True):
    """How many of something a note wants, both ends included."""

    least: int
    most: int

    def __str__(self) -> str:
        if self.least == self.most:
            return f"exactly {self.least}"
        if self.least > 0 and self.most < _MANY:
            return f"{self.least} to {self.most}"
        return f"at least {self.least}" if self.most == _MANY else f"at most {self.most}"


class Demands(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule of manner asks for; empty where it does not say.

    `scope` are the kinds of requests it is about (none: every one). `choices` are (about, side)
    pairs it decides for, `formats` placeholders like YYYY-MM-DD. `wanted` are word stems and quoted
    phrases, `banned` those of each thing that is forbidden, with its own words to tell it by.
    """

    scope: frozenset[str]
    opening: str
    closing: str
    counts: dict[str, Span]
    choices: dict[str, str]
    formats: frozenset[str]
    wanted: frozenset[str]
    banned: dict[frozenset[str], str]


def demands_of(lesson: Lesson) -> Demands | None:
    """What a rule of manner demands; None for other kinds and where there is no note."""
    note = lesson.note.strip()
    if lesson.kind is not Kind.MANNER or not note:
        return None
    rule = rule_of(lesson)
    affirmed = _NEGATION.sub(" ", _without_ranges(note))
    return Demands(
        scope=frozenset([rule.trigger.casefold()])
        if rule.trigger
        else _scope(lesson, rule.everywhere),
        opening=rule.opening.strip(" ,.!:\n"),
        closing=" ".join(rule.closing.split()),
        counts=_counts(note),
        choices=_sides(affirmed),
        formats=frozenset(match.group() for match in _PLACEHOLDER.finditer(affirmed)),
        wanted=_wanted(affirmed),
        banned=_banned(note),
    )


def _without_ranges(note: str) -> str:
    """The note without "no more than three points", whose "no" forbids nothing."""
    return _RANGE.sub(" ", note)


def _scope(lesson: Lesson, everywhere: bool) -> frozenset[str]:
    """Topics and conditions in the note; where it has none, the topics of the question asked."""
    plain = _QUOTED.sub(" ", lesson.note)
    topics = _topics(plain)
    conditions = " ".join(when or about for when, about in _WHEN.findall(plain))
    named = [word for word in words(conditions) if not _topics(word)]
    found = topics | ({stem(word) for word in named} - _MEASURES)
    return found if found or everywhere else _topics(lesson.prompt)


def _topics(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _TOPIC.items() if pattern.search(text))


def _counts(note: str) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for match in _RANGE.finditer(note):
        number = _number(match["number"])
        what = _NOUNS[match["noun"].casefold().rstrip("s")]
        said = (match["most"] or match["least"] or "").casefold()
        if match["most"]:
            span = Span(0, number - 1 if said in ("fewer than", "less than") else number)
        elif match["least"]:
            span = Span(number + 1 if said == "more than" else number, _MANY)
        else:
            span = Span(_number(match["low"]) if match["low"] else number, number)
        found.setdefault(what, span)
    return found


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.casefold()]


def _sides(affirmed: str) -> dict[str, str]:
    """What it decides for where there are two ways; nothing where it wants both."""
    found = {}
    for about, sides in _CHOICE:
        named = [name for name, pattern in sides if pattern.search(affirmed)]
        if len(named) == 1:
            found[about] = named[0]
    return found


def _wanted(affirmed: str) -> frozenset[str]:
    quoted = {_plain(phrase) for phrase in _QUOTED.findall(affirmed)}
    rest = _QUOTED.sub(" ", affirmed)
    return frozenset(quoted.union(*(_named(match) for match in _WANTING.findall(rest))))


def _banned(note: str) -> dict[frozenset[str], str]:
    found: dict[frozenset[str], str] = {}
    for clause in _NEGATION.findall(_without_ranges(note)):
        quoted = [_plain(phrase) for phrase in _QUOTED.findall(clause)]
        found |= {frozenset([phrase]): phrase for phrase in quoted}
        if not quoted:
            said = re.sub(r"^\s*(?:with|by|in|to|for)\s", " ", clause)
            parts = re.split(r",|\bor\b|\bnor\b|\band\b", _PLACES.sub("", said))
            found |= {_named(part): " ".join(part.split()) for part in parts}
    found.pop(frozenset(), None)
    return found


def _named(text: str) -> frozenset[str]:
    """The stems of what a clause is about, without its verb."""
    return frozenset(map(stem, words(text))) - _VERBS


def _plain(phrase: str) -> str:
    return " ".join(phrase.split()).strip(" ,.!:").casefold()
