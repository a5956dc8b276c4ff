"""What two documents answer alike but for a figure, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.contradictions import contradictions
from app.document_records import NotedQuestion
from app.ledger_notes import AskedPassage

SAME = np.array([1, 0], "<f2")
ALIKE, APART = np.array([0.9, 0.436], "<f2"), np.array([0.8, 0.6], "<f2")


def asked(
    document: int, question: str, answer: str, vector: NDArray[np.float16] = SAME
) -> AskedPassage:
    """A kept question of a document."""
    noted = NotedQuestion(passage_id=document, question=question, answer=answer, start=3, end=9)
    return AskedPassage(document, f"Title {document}", noted, "", vector)


MINE = asked(1, "How much is the deposit?", "The deposit is 1,840 euros.")


def test_another_figure_in_the_same_words_is_told() -> None:
    other = asked(2, "How high is the deposit?", "The deposit is 1,480 euros.", ALIKE)
    (found,) = contradictions([MINE], [MINE, other])
    assert (found.document_id, found.title, found.other) == (2, "Title 2", other.noted.answer)
    assert (found.passage_id, found.answer) == (1, MINE.noted.answer)
    assert (found.start, found.end) == (3, 9)


@pytest.mark.parametrize(
    "other",
    [
        asked(1, "How high is the deposit?", "The deposit is 1,480 euros.", ALIKE),
        asked(2, "How high is the deposit?", "The deposit is 1,840 euros.", ALIKE),
        asked(2, "How high is the deposit?", "The deposit is 1,480 euros.", APART),
        asked(2, "How high is the deposit?", "It is paid within 14 days.", ALIKE),
        asked(2, "How high is the deposit?", "The deposit is two rents.", ALIKE),
        asked(2, "How high is the deposit in Utrecht?", "The deposit is 1,480 euros.", ALIKE),
        asked(2, "How high was the deposit in 2019?", "The deposit was 1,480 euros.", ALIKE),
    ],
    ids=["itself", "agrees", "other question", "other words", "no figure", "elsewhere", "then"],
)
def test_what_may_well_hold_beside_it_is_left_alone(other: AskedPassage) -> None:
    assert contradictions([MINE], [MINE, other]) == ()
    assert contradictions([], [other]) == ()
