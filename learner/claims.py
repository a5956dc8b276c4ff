"""Claims: what a term, fact or procedure says of its subject, so that two can be compared."""

from __future__ import annotations

import re

import msgspec

from learner.keywords import commands, stem, stems, words
from learner.lesson import Kind, Lesson
from learner.subjects import action_of, subject_of
from learner.wordings import VERB_GROUPS

_WHERE = re.compile(
    r"^\s*(?:in |at |to )?(?:where|(?:which|what) (?:city|town|country|place|street|building|floor"
    r"|room))\b|\bwhat(?:'s|’s| is) .*\baddress\b",
    re.I,
)
_WHEN = re.compile(
    r"^\s*(?:on |at )?(?:when|(?:which|what) (?:day|date|time|month|year))\b|\bbirthday\b", re.I
)
_COUNT = re.compile(r"^\s*how (?:many|much|old|long|tall|far|big)\b|\b(?:phone )?number\b", re.I)
_WHO = re.compile(r"^\s*who(?:'s|’s| is| are| was)\b|\bname of\b|\b(?:called|name)\s*\?*\s*$", re.I)
_WHAT = re.compile(
    r"^\s*(?:what(?:'s|’s| is| are| was)\b|what does .+ (?:mean|stand for)\b|define\b|explain\b"
    r"|describe\b|tell me what .+ (?:is|means)\b)",
    re.I,
)
_ASPECTS = (("where", _WHERE), ("when", _WHEN), ("count", _COUNT), ("who", _WHO), ("what", _WHAT))

_GENERIC = frozenset(
    map(
        stem,
        "where when which what who name names called city town country place street building day"
        " date time month year mean means stand stands live lives located explain define describe"
        " remind s".split(),  # the s of "who's"
    )
)
_TITLE = re.compile(r"\b(?:Dr|Mr|Ms|Mrs|Prof)\.\s+")
_INITIAL = re.compile(r"(?:^|[.!?]\s+)[A-Z][\w'’-]+")
_NAME = re.compile(r"(?<!\bin )(?<!\bat )(?<!\bfrom )(?<!\bnear )\b([A-Z][\w'’-]+)")
_PLACE = re.compile(r"\b(?:in|at|near|to|on)\s+(?:the\s+)?([A-Z][\w'’-]+|room \w+|floor \w+)")
_MOMENT = re.compile(
    r"\b(\d{1,2}[:.]\d{2}|\d{4}-\d{2}-\d{2}|\d{1,4}|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)s?\b",
    re.I,
)
_NUMBER = re.compile(r"\d[\d.,:/-]*")
_SAYS = r"\b(?:is|are|was|means|stands for|refers to)\s+(?:now\s+)?(?:called\s+)?"
_ARTICLE = re.compile(r"^(?:the|a|an|our|my|your)\s+", re.I)
_HEADS = frozenset(
    map(
        stem,
        "internal company team new old service system tool app application project program name"
        " word term thing kind group product".split(),
    )
)
_SAME_THINGS = (
    ("website", "web site", "web page", "site"),
    ("documentation", "docs"),
    ("app", "application"),
    ("holiday", "holidays", "vacation", "annual leave"),
    ("meeting room", "conference room"),
    ("tests", "test suite"),
    ("email", "e-mail", "mail"),
    ("laptop", "notebook"),
)


class Claim(msgspec.Struct, frozen=True):
    """One lesson's statement: about what, which of its sides, and what it comes to.

    `key` is equal for two lessons that answer the same question in other words. `values` are the
    names, numbers or word stems of the answer, `commands` what it sets as code, and `around` the
    stems of everything that is said.
    """

    key: tuple[str, ...]
    subject: str
    values: frozenset[str]
    commands: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()

    def contradicts(self, other: Claim) -> bool:
        """Whether both answer the same question, and nothing of the answers agrees."""
        if self.key != other.key:
            return False
        if self.commands and other.commands:
            return not self.commands & other.commands
        return not (self.values & other.values or self.around & other.around)


def claim_of(lesson: Lesson) -> Claim | None:
    """What a lesson of knowledge claims; None where that is not understood."""
    if lesson.kind is Kind.MANNER:
        return None
    action = action_of(lesson)
    return _of_action(lesson, action) if action else _of_subject(lesson)


def _of_action(lesson: Lesson, action: str) -> Claim | None:
    """How something is done: by these commands, or else in these words."""
    said = stems(lesson.corrected) - stems(action)
    key = tuple(sorted(set(map(stem, words(_in_first_words(action))))))
    if not key or not said:
        return None
    return Claim(("how", *key), action, said, frozenset(commands(lesson)))


def _of_subject(lesson: Lesson) -> Claim | None:
    named = _named(lesson)
    subject = _ARTICLE.sub("", named)
    aspect = next((name for name, pattern in _ASPECTS if pattern.search(lesson.prompt)), "")
    if not subject or not aspect:
        return None
    owner = "own" if re.match(r"(?:my|our)\b", named, re.I) else ""
    rest = stems(lesson.prompt) - stems(subject) - _GENERIC
    values = _values(lesson.corrected, subject, aspect)
    if not values:
        return None
    around = stems(f"{lesson.corrected} {lesson.note}") - stems(subject) - _HEADS
    return Claim(
        (aspect, owner, subject.casefold(), *sorted(rest)),
        named,
        values,
        around=around if aspect == "what" else frozenset(),
    )


def _named(lesson: Lesson) -> str:
    """The subject without the words that only ask for one of its sides ("'s name", "live")."""
    subject = re.sub(r"['’]s\b.*$", "", subject_of(lesson))
    return re.sub(
        r"\s+(?:called|name|located|live|mean|now|today|currently)$", "", subject, flags=re.I
    )


def _values(answer: str, subject: str, aspect: str) -> frozenset[str]:
    """What the answer gives for that side of the subject."""
    asked = {word.casefold() for word in re.findall(r"\w+", subject)}
    if aspect == "what":
        return _definition(answer, subject)
    if aspect == "who":
        found = _people(answer)
    elif aspect == "where":
        found = _PLACE.findall(answer)[:1]
    elif aspect == "when":
        found = _MOMENT.findall(answer)
    else:
        found = _NUMBER.findall(answer)
    return frozenset(value.casefold().strip(".,") for value in found) - asked


def _people(answer: str) -> list[str]:
    """Names that begin no sentence and follow no "in"; or the whole answer, if it is but a name."""
    text = _TITLE.sub("", answer).strip()
    if len(text.split()) <= 2:
        return _NAME.findall(text)
    starts = {match.end() for match in _INITIAL.finditer(text)}
    return [match.group(1) for match in _NAME.finditer(text) if match.end() not in starts]


def _definition(answer: str, subject: str) -> frozenset[str]:
    """The words of "SUBJECT is …" up to the first comma or full stop."""
    match = re.search(
        rf"\b{re.escape(subject)}\b[\"”']?\s*{_SAYS}([^.,;:(]+)", " ".join(answer.split()), re.I
    )
    if not match:
        return frozenset()
    whole = match.group(1)
    first = re.split(r"\s(?:that|which|where|for|of|in|at|on|by|and)\s", whole)[0]
    # "our tool for receipts": what it is for tells more than that it is a tool.
    named = stems(first) - stems(subject) - _HEADS
    return named or stems(whole) - stems(subject) - _HEADS


def _in_first_words(action: str) -> str:
    """An action with every word that has others like it as the first of its group."""
    text = f" {action.casefold()} "
    for group in (*VERB_GROUPS, *_SAME_THINGS):
        for word in group[1:]:
            text = re.sub(rf"\b{re.escape(word)}\b", group[0], text)
    return text
