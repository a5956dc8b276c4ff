"""Sorting: which kind a correction is, when the person did not say."""

from __future__ import annotations

import re

import msgspec

from learner.keywords import stems
from learner.lesson import Kind
from learner.phrases import QUOTED
from learner.subjects import defined_in

_CODE = re.compile(r"`[^`\n]+`")

_PROCEDURE = re.compile(
    r"^\s*(how (do|can|should|would) (i|we|you)\b|how to\b"
    r"|what('s| is) the (command|process|way|procedure)\b"
    r"|(which|what) command\b|steps? (for|to)\b"
    r"|(explain|tell|show|remind|teach)\b[^.?!,]*\bhow (i|we|to)\b)",
    re.I,
)
_PERSONAL = re.compile(r"\b(my|our|mine|me|i|i'm|i am|we)\b", re.I)
_RULE = re.compile(
    r"\b(always|never|every|each|when i ask|when asked|start|begin|end with|write|use|answer in"
    r"|avoid|prefer|don't|do not|keep|no more than|at most|exactly|instead of)\b",
    re.I,
)
_LOOKUP = re.compile(r"^\s*(who|where|when|which|what)\b.*\b(my|our)\b", re.I)
_DEFINITION = re.compile(
    r"^\s*(what|who)('s| is| are| does| do)\s+(the |an? |our )?"
    r"([\w'’-]+\s?){1,4}(mean|stand for)?\?*\s*$"
    r"|^\s*(define|explain)\b",
    re.I,
)
_MEANING = re.compile(
    r"\b(means?(?! nothing\b)|stands for|refers to|is (the |our )?(name|word|term)|is our)\b", re.I
)


_SOME, _MOST = 0.2, 0.5
"""Shares of what an answer says that its note says too: some of it, and most of it."""

_FEW, _MANY = 2, 6
"""And how many words these are at the least."""

_SHORT = 8
"""Words of a note that may be about anything: "No, not like that at our place"."""


def kind_of(prompt: str, corrected: str, note: str = "") -> Kind:
    """A guess from the wording; the person can always change it.

    A note on something to know says what the corrected answer says, and one on manner says how it
    is said. So a how-to question is a procedure where the note tells of its steps, and a question
    what something is a term where it tells that; a note that begins by saying what a thing of the
    question is makes a term of any question. A question about the person's own life is a fact, and
    the rest is manner, but for a long answer that the note has nearly all of.
    """
    told = _told(prompt, corrected, note)
    if _PROCEDURE.search(prompt) and _tells_how(corrected, note, told):
        return Kind.PROCEDURE
    ruled = bool(note and _RULE.search(note))
    meaning = not ruled and _MEANING.search(note) is not None
    if meaning and (told.some or _DEFINITION.search(prompt)):
        return Kind.TERM
    if _LOOKUP.search(prompt) and not ruled:
        return Kind.FACT
    if defined_in(note, prompt) and (told.some or meaning):
        return Kind.TERM
    if told.most and not _DEFINITION.search(prompt):
        return Kind.PROCEDURE
    if ruled:
        return Kind.MANNER
    if _DEFINITION.search(prompt) and (told.some if note else _is_named(prompt)):
        return Kind.TERM if _PERSONAL.search(note + corrected) or told.most else Kind.MANNER
    return Kind.MANNER


class _Told(msgspec.Struct, frozen=True):
    """Whether a note says some, or most, of what an answer says that its question does not."""

    some: bool
    most: bool


def _told(prompt: str, corrected: str, note: str) -> _Told:
    # Quotes are set aside: "end with Cheers and then Sam" is in the answer, too.
    substance = stems(corrected) - stems(prompt)
    shared = len(substance & stems(QUOTED.sub(" ", note)))
    share = shared / len(substance) if substance else 0.0
    return _Told(
        some=shared >= _FEW and share >= _SOME,
        most=shared >= _MANY and share >= _MOST,
    )


def _tells_how(corrected: str, note: str, told: _Told) -> bool:
    """Whether a note, where there is one, can be about how something is done."""
    if not note or told.some or _CODE.search(note + corrected):
        return True
    return len(note.split()) <= _SHORT and bool(_PERSONAL.search(note)) and not _RULE.search(note)


def _is_named(prompt: str) -> bool:
    """Whether a proper name stands inside the question."""
    return re.search(r"\s[A-Z][\w-]+", prompt) is not None
