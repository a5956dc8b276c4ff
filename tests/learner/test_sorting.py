"""A correction is sorted by its wording."""

from pathlib import Path

import pytest

from learner.lesson import Kind, Lesson, read_lessons
from learner.sorting import kind_of

LESSONS = Path(__file__).parents[1] / "data" / "lessons"


@pytest.mark.parametrize(
    ("prompt", "corrected", "note", "kind"),
    [
        ("How do I file my expenses?", "Open `spend` and …", "", Kind.PROCEDURE),
        ("What command starts the tests?", "Run `make test`.", "", Kind.PROCEDURE),
        ("What is Kestrel?", "Kestrel is our staging cluster.", "", Kind.TERM),
        ("Kestrel broke", "…", "Kestrel means our staging cluster.", Kind.TERM),
        ("Where does my brother live?", "In Oslo.", "", Kind.FACT),
        ("Who is my doctor?", "Dr. Lind.", "My doctor is Dr. Lind.", Kind.FACT),
        ("Write a haiku", "…", "Always rhyme.", Kind.MANNER),
        ("How do I cook rice?", "…", "Answer in three steps.", Kind.MANNER),
        ("What should I read?", "Captain, try Dune.", "", Kind.MANNER),
        ("What is rain?", "Water that falls.", "", Kind.MANNER),
        ("What is our Pond?", "Our retro.", "The Pond means our retro.", Kind.TERM),
        (
            "How do I reset my router?",
            "Unplug it.\n\nWait a minute.\n\nPlug it in.",
            "I'm dyslexic and big blocks of text swim about. One short sentence, then a gap.",
            Kind.MANNER,
        ),
        (
            "How do I book the room?",
            "Write your name in the green binder at reception.",
            "Not online. We write our names in the green binder at reception.",
            Kind.PROCEDURE,
        ),
        ("How do I get in?", "Ring twice.", "No, not at our place.", Kind.PROCEDURE),
        (
            "A new dog is coming this afternoon. What now?",
            "Scan for a chip, weigh it, take a photo, find a quiet kennel, write the card.",
            "With us every animal goes the same way: chip scan, weigh, photo, kennel, card.",
            Kind.PROCEDURE,
        ),
        (
            "Explain to the new girl how we close at night.",
            "Count the till, sweep the floor, set the alarm.",
            "Closing is till, floor, alarm. Please don't add to it.",
            Kind.PROCEDURE,
        ),
        (
            "Tell the parents that Friday is a plum day.",
            "Friday is a plum day: we stay outside in boots.",
            "A plum day has nothing to do with plums, we stay outside and wear boots.",
            Kind.TERM,
        ),
        (
            "Explain why leaves turn brown.",
            "They lose their green. Which tree is first?",
            "I read it to my class, so finish with one question.",
            Kind.MANNER,
        ),
        (
            "What does an umbrella cost?",
            "About CHF 30.",
            "I live in Basel. Dollars mean nothing to me.",
            Kind.MANNER,
        ),
    ],
)
def test_kinds(prompt: str, corrected: str, note: str, kind: Kind) -> None:
    assert kind_of(prompt, corrected, note) is kind


@pytest.mark.parametrize("name", ["held_back", "tried", "notes"])
def test_lessons_of_people_are_sorted_as_their_authors_meant(name: str) -> None:
    lessons = read_lessons(LESSONS / f"{name}.jsonl", Lesson)
    wrong = [
        one.id for one in lessons if kind_of(one.prompt, one.corrected, one.note) is not one.kind
    ]
    assert not wrong
