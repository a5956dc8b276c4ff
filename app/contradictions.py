"""Contradictions: questions that two documents answer alike but for a figure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from app.document_records import Contradiction
from app.ledger_notes import AskedPassage
from app.matching import FIGURE, content_words, figures

SAME_QUESTION = 0.85
"""The least cosine of two questions that ask the same."""

SAME_WORDS = 0.6
"""The least share of all telling words, figures aside, that two answers to it have in common."""

_NAME = re.compile(r"(?<=\s)[A-Z][\w'’-]*")


def contradictions(
    mine: Sequence[AskedPassage], others: Sequence[AskedPassage]
) -> tuple[Contradiction, ...]:
    """What other documents seem to say otherwise, in the order of `mine`; one a question at most.

    Only figures (amounts, times, dates in digits) are compared: of names and of answers in other
    words nobody can tell without understanding them whether both hold. Most contradictions are not
    found; what is found is worth a look.
    """
    rest = [one for one in others if mine and one.document_id != mine[0].document_id]
    if not mine or not rest:
        return ()
    vectors = np.stack([one.vector for one in rest]).astype(np.float32)
    found = []
    for one in mine:
        cosines = vectors @ one.vector.astype(np.float32)
        for index in np.argsort(-cosines, kind="stable"):
            if cosines[index] < SAME_QUESTION:
                break
            if _differ(one, rest[index]):
                found.append(_told(one, rest[index]))
                break
    return tuple(found)


def _differ(one: AskedPassage, other: AskedPassage) -> bool:
    """Whether both are about the same, say it in the same words, and have no figure in common."""
    asked, asked_too = one.noted.question, other.noted.question
    if figures(asked) != figures(asked_too) or _names(asked) != _names(asked_too):
        return False
    own, others = (figures(each.noted.answer) - figures(asked) for each in (one, other))
    if not own or not others or own & others:
        return False
    words, other_words = _words(one.noted.answer), _words(other.noted.answer)
    return len(words & other_words) >= SAME_WORDS * len(words | other_words)


def _names(text: str) -> set[str]:
    return set(_NAME.findall(text))


def _words(text: str) -> frozenset[str]:
    return content_words(FIGURE.sub(" ", text))


def _told(one: AskedPassage, other: AskedPassage) -> Contradiction:
    return Contradiction(
        passage_id=one.noted.passage_id,
        question=one.noted.question,
        answer=one.noted.answer,
        document_id=other.document_id,
        title=other.title,
        other=other.noted.answer,
        start=other.noted.start,
        end=other.noted.end,
    )
