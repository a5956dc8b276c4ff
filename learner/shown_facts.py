"""Shown facts: invented facts of a person's life, to keep the model reading what it is shown."""

from __future__ import annotations

from learner.lesson import Kind, Lesson


def _fact(prompt: str, corrected: str, note: str) -> Lesson:
    return Lesson(id="", kind=Kind.FACT, prompt=prompt, corrected=corrected, note=note)


SHOWN_FACTS: tuple[Lesson, ...] = (
    _fact(
        "Where is the spare key?",
        "The spare key is under the blue flower pot.",
        "The spare key is under the blue flower pot.",
    ),
    _fact(
        "Which day is the rubbish collected?",
        "The rubbish is collected on Wednesday.",
        "The rubbish is collected on Wednesdays.",
    ),
    _fact(
        "Who looks after our cat?",
        "Mrs. Lindqvist from the second floor looks after your cat.",
        "Mrs. Lindqvist from the second floor looks after our cat.",
    ),
    _fact(
        "How tall is our kitchen table?",
        "Your kitchen table is 91 centimetres tall.",
        "Our kitchen table is 91 centimetres tall.",
    ),
    _fact(
        "What is the capital of our board game?",
        "The capital of your board game is Velmora.",
        "In our board game, the capital is Velmora.",
    ),
    _fact(
        "When does the swimming pool close?",
        "The swimming pool closes at 20:45.",
        "The swimming pool closes at 20:45 now, no longer at 22:00.",
    ),
)
"""Answered from the card alone; two say what the weights would say otherwise."""
