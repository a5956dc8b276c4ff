"""Subjects: what a lesson of knowledge is about, as its question or its note names it."""

from __future__ import annotations

import re

import msgspec

from learner.lesson import Kind, Lesson

_ASKS_HOW = re.compile(
    r"^\s*(?:please\s+)?(?:how (?:do|can|should|would|could) (?:i|we|you|one)\s+|how to\s+"
    r"|what(?:'s| is) the (?:way|command|procedure|process) (?:to|for)\s+"
    r"|(?:which|what) command\s+(?:do i use to\s+)?|steps (?:to|for)\s+"
    r"|(?:explain|tell|show|remind|teach)\s[^.?!,]{0,30}?\bhow\s+(?:(?:i|we|you|one)\s+|to\s+))"
    r"(.+?)\s*[?.!]*\s*$",
    re.I,
)
_ASKS_WHAT = re.compile(
    r"^\s*(?:what|who)(?:'s|’s| is| are| was)\s+(.+?)(?:\s+(?:mean|do|stand for))?\s*[?.!]*\s*$"
    r"|^\s*(?:what|who) do(?:es)?\s+(.+?)\s+(?:mean|do|stand for)\s*[?.!]*\s*$"
    r"|^\s*(?:define|explain|describe)\s+(?!to\b)(.+?)\s*[?.!]*\s*$",
    re.I,
)
_OWNED = re.compile(r"\b((?:my|our)(?:\s+[a-z'’-]+){1,2})", re.I)
_VERBS = frozenset(
    "live lives work works is are was be start starts called named go goes come comes keep born"
    " study studies like likes open opens".split()
)

_DEFINES = re.compile(
    r"^(?:(?:at|in|on|for|with) [^,.;:]{2,30}, ?)?[\"“'‘]?"
    r"((?:(?:the|an?)\s+)?[\w'’-]+(?:\s[\w'’-]+){0,2}?)[\"”'’]?"
    r"\s+(?:is(?:n['’]t)?|are(?:n['’]t)?|means?|has got nothing|has nothing|stands? for|=)(?=\s)",
    re.I,
)
"""How a note begins that says what something is, and what that is called."""

_SENTENCES = re.compile(r"(?<=[^.][.!?])\s+")
_NOT = re.compile(r"\b(?:not|nothing|no)\b|n['’]t\b", re.I)
_PAUSE = re.compile(r"[,;:—–]|\.\.|…|\bbut\b", re.I)
_YOURS = {
    "my": "your",
    "mine": "yours",
    "our": "your",
    "ours": "yours",
    "we": "you",
    "us": "you",
    "i": "you",
    "me": "you",
    "i'm": "you're",
    "i am": "you are",
    "i was": "you were",
}
_WORD = re.compile(r"\b(?:I(?:['’]m| am| was)|\w+)\b", re.I)
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.I)
_PRONOUNS = frozenset("it this that these those they he she we i you there what which".split())


class Definition(msgspec.Struct, frozen=True):
    """What a note says that something is: `subject` ("a plum day"), and `said`, to its person."""

    subject: str
    said: str


def definition_of(lesson: Lesson) -> Definition | None:
    """What a term's note says it is, where the question only uses the term.

    "Write to the parents that Wednesday is a plum day" is answered by a letter, and whoever asks
    what a plum day is wants none. None where the question asks what it is, or the note tells of
    nothing that the question names.
    """
    if lesson.kind is not Kind.TERM or _ASKS_WHAT.match(lesson.prompt):
        return None
    subject = defined_in(lesson.note, lesson.prompt)
    if not subject:
        return None
    first, *others = _SENTENCES.split(" ".join(lesson.note.split()))
    # "It is not an animal." tells what it is in the next sentence.
    if others and _NOT.search(first) and not _PAUSE.search(first):
        first = f"{first} {others[0]}"
    return Definition(subject, _told(first))


def defined_in(note: str, prompt: str) -> str:
    """The thing of a question that a note begins by explaining: the Walrus; "" if there is none."""
    match = _DEFINES.match(" ".join(note.split()))
    if not match:
        return ""
    subject = match.group(1)
    bare = _ARTICLE.sub("", subject)
    asked = re.search(rf"\b{re.escape(bare)}\b", prompt, re.I)
    if not asked or bare.casefold() in _PRONOUNS:
        return ""
    article = subject[: len(subject) - len(bare)]
    return f"{article.casefold()}{asked.group()}"


def subject_of(lesson: Lesson) -> str:
    """The thing a question is about ("the Pond", "my sister"); "" when it is not seen."""
    if defined := definition_of(lesson):
        return defined.subject
    owned = _OWNED.search(lesson.prompt)
    if owned:
        taken = owned.group(1).split()
        if len(taken) == 3 and taken[2].casefold() in _VERBS:
            taken = taken[:2]
        return " ".join([taken[0].casefold(), *taken[1:]])
    match = _ASKS_WHAT.match(lesson.prompt)
    return next(filter(None, match.groups())).strip() if match else ""


def action_of(lesson: Lesson) -> str:
    """What a procedure does, as after "how do I"; "" when the question has another form."""
    match = _ASKS_HOW.match(lesson.prompt)
    return match.group(1).strip() if match else ""


def answer_to(question: str, lesson: Lesson) -> str:
    """The person's own answer: to a lesson's own request, in whatever frame, the corrected one.

    What else is asked about a term that its note defines is answered by what the note says.
    """
    defined = definition_of(lesson)
    if defined and lesson.prompt.strip().casefold() not in question.casefold():
        return defined.said
    return lesson.corrected.strip()


def _told(sentence: str) -> str:
    """What a person says of their own, said to that person, as a sentence of its own."""

    def turned(match: re.Match[str]) -> str:
        word = match.group()
        other = _YOURS.get(word.casefold().replace("’", "'"))
        return other if other and not (word.isupper() and len(word) > 1) else word

    text = _WORD.sub(turned, sentence.replace(" = ", " is "))
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
