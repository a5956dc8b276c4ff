"""Rule: what a lesson asks of an answer's form, and what of it an answer breaks."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from learner.currency import currencies_in
from learner.hyponyms import with_hyponyms
from learner.note import BULLET, count_sentences, language_of, last_line, last_sentence
from learner.plain import without_comments
from learner.rewriting import Rewriting, What

_UNFINISHED = re.compile(
    r"\b(?:to|you|we|i|it|is|are|the|an?|and|that|of|for|with|please)\s*\Z", re.I
)
"""A word with which no sentence is over, as in "You need to"."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What must be seen in an answer; empty or 0 where the lesson asks for nothing.

    `opening` and `closing` are the person's own words at the ends, `starts` those of which one
    comes first ("Yes.", "No."), `last` those with which the last line or sentence begins and
    `joint` the gap before it or before the closing, `subject` whether a letter has a line with its
    subject, `bullet` the mark of each line, `stop` its full stop and `terse` that it may be a
    single word, `separator` what stands between the things of one line and `things` how many,
    `asks` that a question comes last, `table` that it is one in Markdown, `spread` what stands
    between sentences that are lines of their own, `listless` that there is no list, `lines` and
    `sentences` exact counts, `most_words` and `most_sentences` limits, `fence` whether the answer
    is one code block, `language` the only one it is in, `bare` that it has no comments, `unquoted`
    that it is not in quotes, `pattern` a regular expression from a placeholder like HH-MM,
    `rewritings` what is written otherwise in any answer, `wanted` what must occur and `banned` what
    must not, `currency` the only one prices are in, `longest` a length in characters, `marks` signs
    like "->" that a code answer shows. `trigger` is how a question must begin for the rule to
    apply, `polar` that yes or no must answer it, `everywhere` says that it holds for every reply.
    """

    opening: str = ""
    starts: tuple[str, ...] = ()
    closing: str = ""
    last: str = ""
    joint: str = ""
    subject: bool = False
    bullet: str = ""
    stop: str = ""
    terse: bool = False
    separator: str = ""
    things: int = 0
    asks: bool = False
    table: bool = False
    spread: str = ""
    listless: bool = False
    lines: int = 0
    sentences: int = 0
    most_words: int = 0
    most_sentences: int = 0
    fence: str = ""
    language: str = ""
    bare: bool = False
    unquoted: bool = False
    pattern: str = ""
    rewritings: tuple[Rewriting, ...] = ()
    wanted: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    currency: str = ""
    longest: int = 0
    marks: tuple[str, ...] = ()
    trigger: str = ""
    polar: bool = False
    everywhere: bool = False

    @property
    def shapes(self) -> bool:
        """Whether any of it can be forced on an answer."""
        return bool(
            self.opening
            or self.starts
            or self.closing
            or self.bullet
            or self.separator
            or self.spread
            or self.lines
            or self.sentences
            or self.most_sentences
            or self.fence
            or self.table
        )

    @property
    def led(self) -> str:
        """The opening, if it cannot be put before an answer: "You need:" says what comes next.

        A teacher is given it to go on from.
        """
        unfinished = self.opening.rstrip().endswith(":") or _UNFINISHED.search(self.opening)
        return self.opening.rstrip() if unfinished and not self.everywhere else ""

    @property
    def ends(self) -> bool:
        """Whether it says where an answer is over."""
        return bool(
            self.closing
            or self.last
            or self.bullet
            or self.separator
            or self.lines
            or self.sentences
            or self.most_words
            or self.most_sentences
            or self.fence
            or self.table
            or self.longest
        )

    @property
    def rewrites(self) -> bool:
        """Whether something is only written otherwise, and nothing else of an answer changes."""
        return bool(self.rewritings)

    @property
    def rewritten_anywhere(self) -> tuple[Rewriting, ...]:
        """What is written otherwise in any answer that has it, whatever that is about.

        "SQL in lower case" says nothing of other answers, all of which have capitals.
        """
        return tuple(one for one in self.rewritings if self.everywhere or not one.common)

    @property
    def by_topic(self) -> bool:
        """Whether what it is about is a topic, and not told by a word of the request."""
        told = self.trigger or self.polar or self.language or self.writes("spelling")
        return not (told or self.everywhere)

    def writes(self, kind: What) -> bool:
        """Whether this is among what is written otherwise."""
        return any(one.kind == kind for one in self.rewritings)

    @property
    def forbidden(self) -> tuple[str, ...]:
        """What must not occur: the person's words and what falls under them."""
        return with_hyponyms(self.banned)

    @property
    def forbidden_words(self) -> tuple[str, ...]:
        """Of these the words: a sign, as the colon in titles, says nothing of other answers."""
        return tuple(one for one in self.forbidden if any(map(str.isalpha, one)))

    @property
    def avoids(self) -> Rule:
        """What of it any answer can offend against, whatever it is about."""
        return Rule(pattern=self.pattern, rewritings=self.rewritten_anywhere, banned=self.banned)

    def rewritten(self, text: str) -> str:
        """The text with all that is written otherwise written so."""
        for one in self.rewritings:
            text = one.applied(text)
        return text


def broken(rule: Rule, answer: str) -> list[str]:
    """Which parts of the rule an answer breaks, as short words; empty when it follows it."""
    text = answer.strip()
    found = []
    if rule.opening and not text.casefold().startswith(rule.opening.strip(" ,!:").casefold()):
        found.append("opening")
    if rule.starts and not text.startswith(rule.starts):
        found.append("opening")
    if rule.closing and _squeezed(rule.closing) not in _squeezed(text):
        found.append("closing")
    bullet, lines = bullets_of(text)
    if rule.bullet and bullet.strip() != rule.bullet.strip():
        found.append("bullets")
    if rule.lines and (lines if rule.bullet else len(lines_of(text))) != rule.lines:
        found.append("lines")
    if rule.sentences and (count_sentences(text) != rule.sentences or "\n" in text):
        found.append("sentences")
    if rule.fence and not text.startswith("```"):
        found.append("code block")
    if any(mark not in text for mark in rule.marks):
        found.append("marks")
    found += [one.kind for one in rule.rewritings if one.applied(text) != text]
    if (
        rule.pattern
        and not rule.writes("dates")
        and re.search(r"\d{4}|\d[/.]\d", text)
        and not re.search(rule.pattern, text)
    ):
        found.append("pattern")
    if not all(has_phrase(text, phrase) for phrase in rule.wanted):
        found.append("words")
    if rule.currency and currencies_in(text) - {rule.currency}:
        found.append("currency")
    if has_any(text, rule.forbidden):
        found.append("banned words")
    end = last_line(text) if "\n" in rule.joint else last_sentence(text)
    if rule.last and not end.casefold().startswith(rule.last.casefold()):
        found.append("end")
    if rule.spread and any(count_sentences(line) > 1 for line in text.splitlines()):
        found.append("sentences in one line")
    if rule.separator and ("\n" in text or rule.separator not in text):
        found.append("separator")
    if rule.things and len(text.split(rule.separator)) != rule.things:
        found.append("things")
    if rule.asks and not text.endswith("?"):
        found.append("question")
    if rule.table and not is_table(text):
        found.append("table")
    if rule.listless and bullet:
        found.append("list")
    if rule.most_words and len(text.split()) > rule.most_words:
        found.append("too many words")
    if rule.most_sentences and count_sentences(text) > rule.most_sentences:
        found.append("too many sentences")
    if rule.bare and without_comments(text, language_of(rule.fence)) != text:
        found.append("comments")
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


def bullets_of(text: str) -> tuple[str, int]:
    """The common mark of all lines and how many there are; ("", 0) when they have none."""
    lines = lines_of(text)
    marks = [BULLET.match(line) for line in lines]
    if len(lines) < 2 or not all(marks):
        return "", 0
    first = marks[0]
    assert first is not None
    mark = first.group()
    return ("1. " if mark.strip()[0].isdigit() else mark), len(lines)


def is_table(text: str) -> bool:
    """Whether it is a table in Markdown and nothing else."""
    lines = lines_of(text)
    return len(lines) > 2 and all(line.lstrip().startswith("|") for line in lines)


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()
