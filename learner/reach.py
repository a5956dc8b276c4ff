"""Reach: for which answers a person's note is, as far as it says so; notes are read in English."""

from __future__ import annotations

import re

from learner import topics
from learner.keywords import stems
from learner.lesson import Lesson
from learner.phrases import QUOTED, about

_EVERYWHERE = re.compile(
    r"\b(every|each|all|any)\b(?! (?:of )?(?:my|our)\b)[^.]{0,20}"
    r"\b(reply|replies|answers?|responses?|messages?)\b"
    r"|\beverything (?:else )?(?:that )?you (?:write|send|say|tell)\b(?! about)(?! me to)"
    r"|(?:^|[.;:!?] |\b(?:for|in|on|of|to|under|above|below|with) )(?:any|every)thing"
    r" longer than\b"
    r"|\bwhatever (?:I ask|you (?:write|send|say|tell))\b"
    r"|\b(?:call|address) me\b",
    re.I,
)
_FOR = re.compile(
    r"\W*(?:for|in|on|at|when(?:ever)?|if) "
    r"(?!(?:me|us|you|general|my (?:opinion|view)|the whole|all|any|every\w*|each)\b)[^.;!?]*[:,]",
    re.I,
)
"""How a note begins that holds for some answers only: "For the jars on my stall:"."""

_ALWAYS_AT_ENDS = re.compile(
    r"\W*(?:please )?always (?:start|begin|open|end|finish|close)\b(?!.*\b(?:when(?:ever)?|if)\b)",
    re.I | re.S,
)
_YES_OR_NO = re.compile(
    r"\b(?:yes[- ](?:or|/)[- ]no|yes/no) questions?\b"
    r"|\bquestions? (?:that )?(?:you|one|I)? ?(?:can|could) (?:be )?answer(?:ed)? (?:with )?(?:a )?"
    r"yes or (?:a )?no\b",
    re.I,
)


def for_every_reply(note: str) -> bool:
    """Whether it says so."""
    return _EVERYWHERE.search(note) is not None


def always_at_the_ends(note: str) -> bool:
    """Whether it says how to begin or end, always, and not when: "Always end with …"."""
    return _ALWAYS_AT_ENDS.match(note) is not None


def for_yes_or_no(note: str) -> bool:
    """Whether it is about questions that yes or no answers."""
    return _YES_OR_NO.search(note) is not None


def for_some(lesson: Lesson) -> bool:
    """Whether it is about some answers only.

    It names their kind, or begins with what for, or its first sentence has a word of the lesson's
    own request, as "captions all lowercase" where a caption was asked for.
    """
    note = about(lesson.note)
    told = _FOR.match(QUOTED.sub(" ", lesson.note.strip())) or topics.names_a_kind(note)
    first = re.split(r"[.;:!?]", note, maxsplit=1)[0]
    return bool(told or stems(first) & stems(lesson.prompt))
