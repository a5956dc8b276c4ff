"""A correction is sorted by its wording."""

import pytest

from learner.lesson import Kind
from learner.sorting import kind_of


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
    ],
)
def test_kinds(prompt: str, corrected: str, note: str, kind: Kind) -> None:
    assert kind_of(prompt, corrected, note) is kind
