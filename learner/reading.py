"""Reading: the rule of a lesson, from its note and held against its example; in English."""

from __future__ import annotations

import re
from collections.abc import Iterable

from learner.currency import currencies_in, currency_of
from learner.lesson import Kind, Lesson
from learner.note import (
    BULLET,
    asks_back,
    closing_of,
    count,
    count_sentences,
    gap_before,
    in_english,
    language_meant,
    language_of,
    last_of,
    limits,
    longest,
    numbers,
    opening_of,
    pattern_of,
    separator,
    spread_of,
    trigger_of,
    yes_or_no_of,
)
from learner.phrases import FILLERS, NO, QUOTED, phrases
from learner.plain import without_comments, without_quotes
from learner.reach import always_at_the_ends, for_every_reply, for_some, for_yes_or_no
from learner.rewriting import instead, numbers_of, rewritings_of
from learner.rule import Rule, bullets_of, has_phrase, is_table, lines_of
from learner.units import other_units

_NO_LISTS = re.compile(rf"{NO}(?:bullets?|bullet points|lists?|numbering)\b", re.I)
_COMMENTS = re.compile(r"\b(?:comments?|remarks?)\b", re.I)
"""Who speaks of them beside code that has none wants none."""

_BRACKETS = re.compile(r"\[[^\]]*\]")
_SIGNS = re.compile(r"[-=<>:~|&+*]{2,}")
_OF_CODE = frozenset(("--", "==", "::", "&&", "||"))
"""Signs of code that no note means unless it shows them."""
_SAYS = re.compile(r"\b(?:say|write|call|use|words?|are not|is not)\b|['’](?:re|s) not\b", re.I)
_SINGLE = re.compile(r"(?<!\w)['‘](?=\w)((?:[^'’\n]|['’](?=\w))+)['’](?!\w)")
"""What stands in single quotes, apostrophes and all."""

_ALWAYS = re.compile(r"\b(?:always|all|everything|anything|every|whatever|never|ever)\b", re.I)
_TABLE = re.compile(r"\b(?:tables?|rows and columns|columns and rows)\b", re.I)
_CLOCK = re.compile(r"\d+[:.]\d+")
_WORDS_A_LINE = 6
"""A line of more words is not one of so many things that a note counts."""

_OTHERS = 4
"""Forbidden words for which another is said; a longer list is of things, and not of names."""


def rule_of(lesson: Lesson) -> Rule:
    """The rule of a manner lesson, as far as it is understood; notes are read in English.

    A rule is believed only where the person's own corrected answer follows it.
    """
    note, example = _SINGLE.sub(r'"\1"', lesson.note.strip()), lesson.corrected.strip()
    if not in_english(QUOTED.sub(" ", note)):
        note = " ".join(f'"{one}"' for one in QUOTED.findall(note))
    plain = QUOTED.sub(" ", note)
    affirmed, banned = phrases(note, lesson)
    banned += other_units(note, example, banned)
    bullet, points = bullets_of(example)
    points = points if points in numbers(_BRACKETS.sub(" ", plain)) else 0
    sentences = count(plain, "sentence")
    pattern, placeholder = pattern_of(note, example)
    rewritings = rewritings_of(note, example, placeholder)
    fence = _fence(example)
    starts = yes_or_no_of(note, example)
    opening = "" if starts else opening_of(note, example, affirmed)
    closing = closing_of(note, example, affirmed)
    ending = ("", gap_before(example, closing)) if closing else last_of(note, example, affirmed)
    last, joint = ending
    trigger = trigger_of(lesson, affirmed)
    at_ends = f"{opening} {' '.join(starts)} {closing} {last} {trigger} {bullet}".casefold()
    wanted = tuple(
        phrase
        for phrase in affirmed
        if has_phrase(example, phrase) and phrase.strip(" .…").casefold() not in at_ends
    )
    named = len(wanted) == 1 and " " not in wanted[0]
    if named and 1 <= len(banned) <= _OTHERS and _SAYS.search(note):
        rewritings += (instead(wanted[0], banned),)
        one, many = numbers_of(wanted[0])
        wanted = (one,) if has_phrase(many, one) else wanted
    common = any(one.common and (one.anywhere or _ALWAYS.search(note)) for one in rewritings)
    spread = spread_of(note, example)
    currency = currency_of(example)
    words, most = limits(plain, example)
    exact = sentences == count_sentences(example) and "\n" not in example and not most
    between = separator(note, example)
    things = len(example.split(between)) if between else 0
    return Rule(
        opening=opening,
        starts=starts,
        closing=closing,
        last=last,
        joint=joint,
        subject=example.casefold().startswith("subject:"),
        bullet=bullet,
        stop="." if bullet and _stopped(example) else "",
        terse=bool(bullet) and _has_single_words(example),
        separator=between,
        things=things if things in numbers(_not_shown(plain, between)) else 0,
        asks=not last and asks_back(note, example),
        spread=spread,
        table=bool(_TABLE.search(note)) and is_table(example),
        listless=not bullet and bool(_NO_LISTS.search(plain)),
        lines=points if bullet or fence or between else _counted_lines(plain, example),
        sentences=sentences if exact else 0,
        most_words=words,
        most_sentences=most,
        fence=fence,
        language=language_meant(fence, f"{note} {lesson.prompt}"),
        bare=bool(fence and _COMMENTS.search(plain))
        and without_comments(example, language_of(fence)) == example,
        unquoted=without_quotes(example) == example,
        pattern="" if any(one.kind == "clock" for one in rewritings) else pattern,
        rewritings=rewritings,
        wanted=wanted,
        banned=banned,
        currency=currency if currency in currencies_in(note) else "",
        longest=longest(_without(plain, affirmed), example) if not spread else 0,
        marks=_marks(note, example) if fence else (),
        trigger=trigger,
        polar=bool(starts) or for_yes_or_no(note),
        everywhere=for_every_reply(note)
        or (bool(opening or closing) and always_at_the_ends(note) and not for_some(lesson))
        or ((common or not FILLERS.isdisjoint(banned)) and not for_some(lesson)),
    )


def _not_shown(note: str, separator: str) -> str:
    """A note without the line that shows its separator, as "one / two / three"."""
    # A comma also stands in sentences; three things in a row are a list.
    shown = rf"\w+(?:{re.escape(separator)}\w+){{2,}}"
    return re.sub(shown, " ", note) if separator else note


def _without(note: str, said: Iterable[str]) -> str:
    """A note without what it wants to be said: "In short:" asks for nothing short."""
    for phrase in said:
        note = re.sub(re.escape(phrase), " ", note, flags=re.I)
    return note


def form_of(lesson: Lesson) -> Rule:
    """The rule of a manner lesson, and an empty one of knowledge, which asks for no form."""
    return rule_of(lesson) if lesson.kind is Kind.MANNER else Rule()


def _marks(note: str, example: str) -> tuple[str, ...]:
    """Signs of the example that every such answer has: those the note shows, if it shows any."""
    found = set(_SIGNS.findall(example))
    return tuple(sorted(found & set(_SIGNS.findall(note)) or found - _OF_CODE))


def _counted_lines(note: str, example: str) -> int:
    """How many lines a note asks for, if its example has as many; 0 if it does not."""
    lines = len(lines_of(example))
    if count(note, "line") == lines:
        return lines
    things = all(len(one.split()) <= _WORDS_A_LINE for one in lines_of(example))
    return lines if lines > 2 and things and lines in numbers(_CLOCK.sub(" ", note)) else 0


def _stopped(text: str) -> bool:
    """Whether every line that is not empty ends with a full stop."""
    return all(line.rstrip().endswith(".") for line in lines_of(text))


def _has_single_words(text: str) -> bool:
    """Whether a point of a list is a single word."""
    return any(len(BULLET.sub("", one).split()) == 1 for one in lines_of(text))


def _fence(example: str) -> str:
    match = re.match(r"```\w*\n", example)
    return match.group() if match and example.endswith("```") else ""
