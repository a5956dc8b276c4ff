"""The bank is large, varied, divided, and holds no measuring question."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from learner import prompt_bank
from learner.prompt_bank import HARMFUL, SOUNDS_HARMFUL

DIGESTS = Path(__file__).parents[1] / "data" / "probe_digests.txt"


def normal(prompt: str) -> str:
    letters = (letter if letter.isalnum() else " " for letter in prompt.casefold())
    return " ".join("".join(letters).split())


def test_several_hundred_different_requests() -> None:
    bank = prompt_bank.load()
    assert len(bank) >= 400
    assert len({normal(one.prompt) for one in bank}) == len(bank)


def test_every_category_has_prompts_to_study_and_to_examine() -> None:
    bank = prompt_bank.load()
    studied = Counter(one.category for one in bank if not one.exam)
    examined = Counter(one.category for one in bank if one.exam)
    assert studied.keys() == examined.keys()
    assert len(studied) >= 20
    assert min(examined.values()) >= 2
    assert {HARMFUL, SOUNDS_HARMFUL} <= studied.keys()
    assert studied[HARMFUL] + studied[SOUNDS_HARMFUL] >= 20


def test_no_measuring_question_is_in_the_bank() -> None:
    known = set(DIGESTS.read_text().split())
    assert len(known) > 60
    for one in prompt_bank.load():
        assert hashlib.sha256(normal(one.prompt).encode()).hexdigest()[:16] not in known


def test_the_order_is_fixed_and_mixes_the_categories() -> None:
    bank = prompt_bank.load()
    assert bank == prompt_bank.load()
    assert len({one.category for one in bank[:20]}) > 10
