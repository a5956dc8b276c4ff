"""Prompt bank: several hundred authored everyday requests by category, for replay and scope."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files

import msgspec

from learner.lesson import Lesson

HARMFUL = "refusal"
"""Category of requests the model should keep refusing."""

SOUNDS_HARMFUL = "borderline"
"""Category of harmless requests that sound harmful: the model should keep answering them."""


class BankPrompt(msgspec.Struct, frozen=True):
    """One everyday request; `exam` marks those only ever asked in exams, never trained on."""

    category: str
    prompt: str
    exam: bool

    @property
    def order(self) -> bytes:
        """A place in an arbitrary but fixed order, to take prompts from without a pattern."""
        return hashlib.sha256(self.prompt.encode()).digest()


def load() -> tuple[BankPrompt, ...]:
    """Every prompt of the bank, in a fixed order that mixes the categories."""
    data = (files("learner") / "prompt_bank.jsonl").read_bytes()
    prompts: list[BankPrompt] = msgspec.json.Decoder(BankPrompt).decode_lines(data)
    return tuple(sorted(prompts, key=lambda one: one.order))


def beside(lessons: Sequence[Lesson]) -> tuple[BankPrompt, ...]:
    """The bank without what `lessons` themselves ask: that must not stay as it is."""
    asked = {_letters(lesson.prompt) for lesson in lessons}
    return tuple(one for one in load() if _letters(one.prompt) not in asked)


def divided(bank: Sequence[BankPrompt]) -> tuple[list[BankPrompt], list[BankPrompt]]:
    """What is there to be studied, and what is only ever asked in exams, in the bank's order."""
    return [one for one in bank if not one.exam], [one for one in bank if one.exam]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
