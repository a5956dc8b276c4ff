"""Sorting: which kind a correction is, when the person did not say."""

from __future__ import annotations

import re

from learner.lesson import Kind

_PROCEDURE = re.compile(
    r"^\s*(how (do|can|should|would) (i|we|you)\b|how to\b"
    r"|what('s| is) the (command|process|way|procedure)\b"
    r"|(which|what) command\b|steps? (for|to)\b)",
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
    r"\b(means?|stands for|refers to|is (the |our )?(name|word|term)|is our)\b", re.I
)


def kind_of(prompt: str, corrected: str, note: str = "") -> Kind:
    """A guess from the wording; the person can always change it.

    A rule in the note ("always…", "never…") is manner whatever was asked. Otherwise a how-to
    question is a procedure, a question about the person's own life a fact, a definition or a note
    that says what something means a term, and the rest manner.
    """
    if _PROCEDURE.search(prompt) and (
        not note or _PERSONAL.search(note) or "`" in note + corrected
    ):
        return Kind.PROCEDURE
    if _MEANING.search(note):
        return Kind.TERM
    if note and _RULE.search(note):
        return Kind.MANNER
    if _LOOKUP.search(prompt) and not _RULE.search(note):
        return Kind.FACT
    if (
        _DEFINITION.search(prompt)
        and (note or _is_named(prompt))
        and _PERSONAL.search(note + corrected)
    ):
        return Kind.TERM
    return Kind.MANNER


def _is_named(prompt: str) -> bool:
    """Whether a proper name stands inside the question."""
    return re.search(r"\s[A-Z][\w-]+", prompt) is not None
