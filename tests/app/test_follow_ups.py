"""Follow-ups: which messages correct the answer before them, over a set made by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.follow_ups import Complaint, complaint
from tests.app.follow_up_messages import EMAIL, FIRST, LATER, STATES, Case

BANK = Path(__file__).resolve().parents[2] / "learner" / "prompt_bank.jsonl"


def taken(cases: Sequence[Case]) -> list[str]:
    return [message for answer, message, _ in cases if complaint(message, answer) is not None]


@pytest.mark.parametrize("cases", [FIRST, LATER])
def test_corrections_are_found_and_nothing_else(cases: Sequence[Case]) -> None:
    assert taken(cases) == [message for _, message, corrects in cases if corrects]


def test_no_request_of_the_bank_is_taken_for_a_correction() -> None:
    prompts = [json.loads(line)["prompt"] for line in BANK.read_text("utf-8").splitlines()]
    assert len(prompts) > 500
    assert [prompt for prompt in prompts if complaint(prompt, STATES)] == []


@pytest.mark.parametrize(
    ("message", "corrects"),
    [
        ("Never got round to it.", False),
        ("Never use semicolons.", True),
        ("Write a notice that dogs may not come in.", False),
        ("Write this, not that.", True),
        ("Use pupils instead of kids.", True),
    ],
)
def test_what_is_told_of_oneself_or_of_others_is_no_correction(
    message: str, corrects: bool
) -> None:
    assert (complaint(message, STATES) is not None) is corrects


@pytest.mark.parametrize(
    ("message", "told", "note", "standing"),
    [
        ("no,  it’s on tuesday", "No, it's on tuesday.", "It's on tuesday.", False),
        ("Hmm, no. It is Dr. Vega. She moved.", "No. It is Dr. Vega.", "It is Dr. Vega.", False),
        ("That's wrong.", "That's wrong.", "", False),
        ("Not like that. Use metric units.", "Not like that. Use metric units.", "Use metric units.", False),  # noqa: E501
        ("ok, shorter please", "Shorter please.", "Shorter please.", True),
        ("No, don’t use jargon", "No, don't use jargon.", "Don't use jargon.", True),
        ("Can you make it shorter?", "Can you make it shorter?", "Make it shorter.", True),
        ("Thanks. From now on sign with Sam.", "From now on sign with Sam.", "From now on sign with Sam.", True),  # noqa: E501
    ],
)  # fmt: skip
def test_the_words_are_cleaned(message: str, told: str, note: str, standing: bool) -> None:
    assert complaint(message, EMAIL) == Complaint(told, note, standing)


def test_an_example_is_kept_as_it_was_written() -> None:
    found = complaint("No, do it like this:\nHi Ana,\n\nIt’s at noon.\n\nSam", EMAIL)
    assert found == Complaint(
        "No, do it like this.", "", standing=False, example="Hi Ana,\n\nIt’s at noon.\n\nSam"
    )
    assert complaint("Why do people talk like this: I seen it?", EMAIL) is None


def test_long_messages_and_endless_words_say_nothing() -> None:
    assert complaint("No, it is on Tuesday. " + "And more of it. " * 30, STATES) is None
    assert complaint("no, " * 100_000, STATES) is None
    assert complaint("a" * 1_000_000, STATES) is None
