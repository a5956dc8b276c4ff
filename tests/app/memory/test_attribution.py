"""Attribution: a passage counts as used when the reply took something from it, and only then."""

import pytest

from app.memory.attribution import used

OFFICE = "The office moved to Bern in March 2024. It is on the third floor of Marktgasse 12."
GARDEN = "Tomatoes are watered every evening; the garden tap is behind the shed."
INVOICE = "Invoices are paid within 30 days. Ask Priya about anything above 5,000 francs."
ALL = [OFFICE, GARDEN, INVOICE]


@pytest.mark.parametrize(
    ("question", "reply", "expected"),
    [
        ("Where is the office?", "Marktgasse 12, on the third floor.", [True, False, False]),
        ("When did the office move?", "In March 2024 [1].", [True, False, False]),
        ("Who knows about large invoices?", "Priya.", [False, False, True]),
        ("Within how many days are invoices paid?", "30", [False, False, True]),
        (
            "Where is the tap, and when do we water?",
            "The tap is behind the shed. Water every evening.\nThe office is in Bern.",
            [True, True, False],
        ),
        ("Is the office in Bern since March 2024?", "Yes, the office moved to Bern in March 2024.",
         [True, False, False]),
    ],
)  # fmt: skip
def test_what_was_taken_is_found(question: str, reply: str, expected: list[bool]) -> None:
    assert used(reply, question, ALL) == expected


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("What is the capital of France?", "The capital of France is Paris."),
        ("Where is the office?", "This is not in your documents."),
        ("Where is the office?", "I do not know where the office is."),
        ("Tell me a joke.", "Why did the scarecrow win a prize? He was outstanding [2]."),
        ("Where is the office?", ""),
        ("What is 17 times 3?", "51"),
    ],
)
def test_an_answer_from_elsewhere_uses_nothing(question: str, reply: str) -> None:
    assert used(reply, question, ALL) == [False, False, False]


def test_no_passages() -> None:
    assert used("Anything.", "What?", []) == []
