"""Rule: what a lesson asks of an answer's form, read from its note and held against its example."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from learner import topics
from learner.currency import currencies_in, currency_of
from learner.hyponyms import with_hyponyms
from learner.lesson import Lesson
from learner.rewriting import Rewriting, What, instead, rewritings_of

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

QUOTED = re.compile(r"[\"“”«»`]([^\"“”«»`]+)[\"“”«»`]")
_NEGATION = re.compile(
    r"\b(never|no|not|don['’]t|do not|avoid|without|instead of|rather than)\b"
    r"(.*?)(?=,? and |,? but |,? so |,? (?:never|no|not) | when(?:ever)? | if | unless | because "
    r"|\(|[.;:!?](?:\s|$)|$)",
    re.I | re.S,
)
_HOLDING = re.compile(r"\b(?:with|containing|contains?|including|made (?:of|from))\b", re.I)
_OPENING = re.compile(r"\b(start|begin|open|address|greet|call me)", re.I)
_CLOSING = re.compile(r"\b(end|sign|finish|close|conclude)", re.I)
_EVERYWHERE = re.compile(
    r"\b(every|each|all|any)\b[^.]{0,20}\b(reply|replies|answers?|responses?|messages?)\b"
    r"|\b(?:call|address) me\b",
    re.I,
)
_SHORT = re.compile(r"\b(short|brief|concise|terse|few words)\b", re.I)
_ALONE = re.compile(
    r"\b(alone|nothing else|(?:only|just) (?:give |write )?(?:me )?the"
    r"|(?:no|without)(?: an?| any)? (?:intro\w*|explanations?|preamble|commentary))\b",
    re.I,
)
_NUMBER = rf"\d+|{'|'.join(NUMBERS)}"
_MOST = re.compile(
    r"\b(?:at most|no more than|not more than|up to|maximum|max\.?|under|below|within)\s+"
    rf"(?P<n>{_NUMBER})\s+(?P<what>words?|sentences?)\b"
    rf"|\b(?P<n2>{_NUMBER})\s+(?P<what2>words?|sentences?),?\s+"
    r"(?:max\b|maximum|at most|or (?:less|fewer)|tops)",
    re.I,
)
_PLACEHOLDER = re.compile(r"\b(?=[YMDHNX#]*([YMDHNX#])\1)[YMDHNX#:/.-]{4,}\b")
_BULLET = re.compile(r"^(\s*[-*•–]\s+|\s*\d+[.)]\s+)")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_NO_LISTS = re.compile(
    r"\b(?:no|never|without|avoid|not|don['’]t use)\b[^.;:]*\b(?:bullets?|bullet points|lists?"
    r"|numbering)\b",
    re.I,
)
_NO_COMMENTS = re.compile(r"\b(?:no|never|without|avoid)\b[^.;:]*\bcomments?\b", re.I)
_COMMENT = re.compile(r"(?:^|\s)(?:#(?!!)|//|--)\s")
_SEPARATORS = {" / ": "slash", ", ": "comma", "; ": "semicolon", " | ": "pipe", " - ": "dash"}
_SAYS = re.compile(r"\b(?:say|write|call|use|words?)\b", re.I)
_OTHERS = 4
"""Forbidden words for which another is said; a longer list is of things, and not of names."""
_LANGUAGES = {
    "js": "javascript",
    "py": "python",
    "ts": "typescript",
    "bash": "shell",
    "sh": "shell",
}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What must be seen in an answer; empty or 0 where the lesson asks for nothing.

    `opening` and `closing` are the person's own words at the ends, `last` those with which the last
    line begins, `subject` whether a letter has a line with its subject, `bullet` the mark of each
    line, `separator` what stands between the things of one line, `listless` that there is no list,
    `lines` and `sentences` exact counts, `most_words` and `most_sentences` limits, `fence` whether
    the answer is one code block, `language` the only one it is in, `bare` that it has no comments,
    `pattern` a regular expression from a placeholder like HH-MM, `rewritings` what is written
    otherwise in any answer, `wanted` what must occur and `banned` what must not, `currency` the
    only one prices are in, `longest` a length in characters, `marks` signs like "->" that a code
    answer shows. `trigger` is how a question must begin for the rule to apply, `everywhere` says
    that it holds for every reply.
    """

    opening: str = ""
    closing: str = ""
    last: str = ""
    subject: bool = False
    bullet: str = ""
    separator: str = ""
    listless: bool = False
    lines: int = 0
    sentences: int = 0
    most_words: int = 0
    most_sentences: int = 0
    fence: str = ""
    language: str = ""
    bare: bool = False
    pattern: str = ""
    rewritings: tuple[Rewriting, ...] = ()
    wanted: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    currency: str = ""
    longest: int = 0
    marks: tuple[str, ...] = ()
    trigger: str = ""
    everywhere: bool = False

    @property
    def shapes(self) -> bool:
        """Whether any of it can be forced on an answer."""
        return bool(
            self.opening
            or self.closing
            or self.bullet
            or self.separator
            or self.sentences
            or self.most_sentences
            or self.fence
        )

    @property
    def ends(self) -> bool:
        """Whether it says where an answer is over."""
        return bool(
            self.closing
            or self.last
            or self.lines
            or self.separator
            or self.sentences
            or self.most_words
            or self.most_sentences
            or self.fence
            or self.longest
        )

    @property
    def rewrites(self) -> bool:
        """Whether single words of any answer are written otherwise, and nothing else changes."""
        return bool(self.rewritings)

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
        return Rule(pattern=self.pattern, rewritings=self.rewritings, banned=self.banned)

    def rewritten(self, text: str) -> str:
        """The text with all that is written otherwise written so."""
        for one in self.rewritings:
            text = one.applied(text)
        return text


def rule_of(lesson: Lesson) -> Rule:
    """The rule of a manner lesson, as far as it is understood; notes are read in English.

    A rule is believed only where the person's own corrected answer follows it.
    """
    note, example = lesson.note.strip(), lesson.corrected.strip()
    plain = QUOTED.sub(" ", note)
    affirmed, banned = _phrases(note, lesson)
    bullet, lines = _bullets(example)
    sentences = _count(plain, "sentence")
    pattern, placeholder = _pattern(note, example)
    rewritings = rewritings_of(note, example, placeholder)
    fence = _fence(example)
    opening, closing = _opening(note, example, affirmed), _closing(note, example, affirmed)
    last = "" if closing else _last(note, example, affirmed)
    trigger = _trigger(lesson, affirmed)
    at_ends = f"{opening} {closing} {last} {trigger} {bullet}".casefold()
    wanted = tuple(
        phrase
        for phrase in affirmed
        if has_phrase(example, phrase) and phrase.strip(" .…").casefold() not in at_ends
    )
    if len(wanted) == 1 and 1 <= len(banned) <= _OTHERS and _SAYS.search(note):
        rewritings += (instead(wanted[0], banned),)
    currency = currency_of(example)
    words, most = _limits(plain, example)
    return Rule(
        opening=opening,
        closing=closing,
        last=last,
        subject=example.casefold().startswith("subject:"),
        bullet=bullet,
        separator=_separator(note, example),
        listless=not bullet and bool(_NO_LISTS.search(plain)),
        lines=lines if bullet and lines in _numbers(plain) else 0,
        sentences=sentences if sentences == count_sentences(example) and not most else 0,
        most_words=words,
        most_sentences=most,
        fence=fence,
        language=_language(fence, f"{note} {lesson.prompt}"),
        bare=bool(fence and _NO_COMMENTS.search(plain)) and not _COMMENT.search(example),
        pattern="" if any(one.kind == "clock" for one in rewritings) else pattern,
        rewritings=rewritings,
        wanted=wanted,
        banned=banned,
        currency=currency if currency in currencies_in(note) else "",
        longest=_longest(plain, example),
        marks=tuple(sorted(set(re.findall(r"[-=<>:~|&+*]{2,}", example)))) if fence else (),
        trigger=trigger,
        everywhere=bool(_EVERYWHERE.search(note))
        or (any(one.anywhere for one in rewritings) and not topics.any_named(plain)),
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
    if rule.last and not _last_line(text).casefold().startswith(rule.last.casefold()):
        found.append("last line")
    if rule.separator and ("\n" in text or rule.separator not in text):
        found.append("separator")
    if rule.listless and _bullets(text)[0]:
        found.append("list")
    if rule.most_words and len(text.split()) > rule.most_words:
        found.append("too many words")
    if rule.most_sentences and count_sentences(text) > rule.most_sentences:
        found.append("too many sentences")
    if rule.bare and _COMMENT.search(text):
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


def _phrases(note: str, lesson: Lesson) -> tuple[list[str], tuple[str, ...]]:
    """Quoted phrases the note affirms, and words or quoted phrases it forbids."""
    quotes = QUOTED.findall(note)
    # Quotes are set aside while the note is taken apart: they may hold commas and full stops.
    numbers = iter(range(len(quotes)))
    masked = QUOTED.sub(lambda _: f"\0{next(numbers)}\0", note)
    asked = f"{lesson.prompt} {lesson.corrected}".casefold()
    forbidden: set[int] = set()
    banned: list[str] = []
    for match in _NEGATION.finditer(masked):
        here = [int(number) for number in re.findall(r"\0(\d+)\0", match.group(2))]
        forbidden.update(here)
        banned += [quotes[number] for number in here]
        if not here:
            clause = _HOLDING.split(match.group(2))[-1]
            words = re.findall(r"[^\W\d_][\w'-]{2,}", clause)
            banned += [
                w for w in words if w.casefold() not in asked and w.casefold() not in _LITTLE
            ]
    affirmed = [quote for number, quote in enumerate(quotes) if number not in forbidden]
    affirmed += _unquoted(masked, lesson.corrected.strip())
    return affirmed, tuple(dict.fromkeys(phrase.strip() for phrase in banned if phrase.strip()))


_LITTLE = frozenset(
    "the and any for with use say write give answer reply start end ever more less than that this"
    " them they you your nothing else just only but can could would should make add put suggest"
    " mention include offer bird word words anything anyone everything something please instead"
    " exclamation mark marks point points contraction contractions emoji emojis smiley smileys"
    " emoticon emoticons markdown bold bullet bullets list lists numbering sentence sentences long"
    " short formal informal polite small talk tone jargon explanation explanations introduction"
    " intro preamble detail details comment comments code heading headings extra unnecessary filler"
    " too very around everyday other others thing things mean people shouting lecture lectures"
    " keyword keywords advice warning warnings disclaimer disclaimers longer shorter answers"
    " replies clock".split()
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
    """The end of the example, if it is made of the affirmed phrases and of nothing else."""
    if not _CLOSING.search(note):
        return ""
    tail_start = max(0, len(example) - 80)
    places = [example.rfind(phrase, tail_start) for phrase in affirmed]
    for place in sorted(place for place in places if place > 0):
        rest = example[place:]
        for phrase in affirmed:
            rest = rest.replace(phrase, " ")
        if not any(letter.isalnum() for letter in rest):
            return example[place:]
    return ""


def _last(note: str, example: str, affirmed: list[str]) -> str:
    """The affirmed phrase with which the example's last line begins."""
    if _CLOSING.search(note) and "\n" in example:
        for phrase in affirmed:
            if _last_line(example).startswith(phrase):
                return phrase
    return ""


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1].lstrip("*_-•> ").strip()


def _unquoted(note: str, example: str) -> list[str]:
    """The words at the ends of the example that the note names without quoting them."""
    found = []
    head = re.match(r"[^\W\d_][^,.!:;\n]*(?=[,!:])", example)
    if head and len(head.group().split()) <= 4 and _said(note, head.group()):
        found.append(head.group())
    tail = _SENTENCE_END.split(_last_line(example).rstrip(" .!?"))[-1].strip()
    if len(tail) > 3 and tail != example and _said(note, tail):
        found.append(example[example.rfind(tail) :])
    return found


def _said(note: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", note) is not None


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
    match = re.search(rf"\b({_NUMBER})\b(?:\s+\w+){{0,2}}\s+(?:{noun})s?\b", note, re.I)
    return _number(match.group(1)) if match else 0


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.casefold()]


def _numbers(note: str) -> set[int]:
    """All numbers that stand in a note, in digits or in words."""
    return {_number(one) for one in re.findall(rf"\b(?:{_NUMBER})\b", note, re.I)}


def _limits(note: str, example: str) -> tuple[int, int]:
    """The most words and sentences a note allows, as far as its example keeps to them."""
    words = sentences = 0
    for match in _MOST.finditer(note):
        number = _number(match["n"] or match["n2"])
        if (match["what"] or match["what2"]).casefold().startswith("word"):
            words = number if len(example.split()) <= number else 0
        else:
            sentences = number if count_sentences(example) <= number else 0
    return words, sentences


def _longest(note: str, example: str) -> int:
    if _SHORT.search(note):
        return max(160, 2 * len(example))
    alone = "\n" not in example and _ALONE.search(note)
    return max(40, 2 * len(example)) if alone else 0


def _separator(note: str, example: str) -> str:
    """What stands between the things of a one-line example, if the note shows or names it."""
    for sign, name in _SEPARATORS.items():
        parts = example.strip(" .").split(sign)
        shown = sign != ", " and re.search(rf"\w{re.escape(sign)}\w+{re.escape(sign)}", note)
        named = re.search(rf"\b{name}(?:s|es)?\b", note, re.I)
        if len(parts) > 2 and "\n" not in example and all(len(p.split()) <= 3 for p in parts):
            return sign if shown or named else ""
    return ""


def _language(fence: str, asked: str) -> str:
    """The language of the example's code, if the lesson speaks of it."""
    name = fence.strip("`\n").casefold()
    name = _LANGUAGES.get(name, name)
    return name if name and re.search(rf"\b{re.escape(name)}\b", asked, re.I) else ""


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
