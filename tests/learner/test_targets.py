"""Targets: which answers are fit to be learned."""

from __future__ import annotations

import pytest

from learner.engine import Completion
from learner.lesson import Kind, Lesson
from learner.reading import rule_of
from learner.targets import formed

LABELS = Lesson(
    id="labels",
    kind=Kind.MANNER,
    prompt="Describe my plum jam.",
    corrected="A dark jam from our own trees. Keep it cool once it is open.",
    note="Jars: two sentences, not more.",
)


def taken(text: str, lesson: Lesson = LABELS, *, ended: bool = True) -> str:
    reply = Completion(text=text, tokens=(), ended=ended)
    return formed("Describe my pear jam.", reply, rule_of(lesson), lesson)


def test_as_many_sentences_as_the_example_has_are_taken() -> None:
    assert taken("A jam of pears. It is sweet. Buy it.") == "A jam of pears. It is sweet."


@pytest.mark.parametrize(
    "text",
    [
        "Sure. Here is a description of a jam:",
        "Sure. Here are its good sides: 1. It is sweet.",
        "Sure. You can say this:\n\n- It is sweet.",
    ],
)
def test_what_leads_to_something_that_is_cut_off_is_not_taken(text: str) -> None:
    assert not taken(text)


def test_the_beginning_of_a_longer_answer_may_lead_to_what_comes_next() -> None:
    every = Lesson(
        id="every",
        kind=Kind.MANNER,
        prompt="Name a tree.",
        corrected="Friend, an oak.",
        note='Begin every answer with "Friend,".',
    )
    said = "Friend, here is a loop:"
    assert taken(said, every, ended=False) == said
    assert not taken(said, every, ended=True)


def test_a_sentence_of_the_example_that_the_note_does_not_speak_of_is_a_copy() -> None:
    assert not taken("A jam of pears. Keep it cool once it is open.")
    kept = Lesson(
        id="kept",
        kind=Kind.MANNER,
        prompt=LABELS.prompt,
        corrected=LABELS.corrected,
        note="Jars: two sentences, the second says to keep it cool once it is open.",
    )
    assert taken("A jam of pears. Keep it cool once it is open.", kept)
