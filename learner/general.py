"""General: a few things everybody knows, to see that the model still knows what it knew."""

from __future__ import annotations

import re

from learner.asking import Asker
from learner.engine import AdapterRef

QUESTIONS = (
    ("Which planet do we live on?", r"\bearth\b"),
    ("What is the capital of Italy?", r"\brome\b"),
    ("How many months are there in a year?", r"\b(12|twelve)\b"),
    ("What colour is grass?", r"\bgreen\b"),
    ("What is 5 plus 7?", r"\b(12|twelve)\b"),
    ("Who painted the Mona Lisa?", r"\b(da vinci|leonardo)\b"),
    ("What is frozen water called?", r"\bice\b"),
    ("Which is bigger, the sun or the moon?", r"\bsun\b"),
    ("On which continent is Germany?", r"\beurope\b"),
    ("What is the capital of Spain?", r"\bmadrid\b"),
    ("How many hours does a day have?", r"\b(24|twenty-four)\b"),
    ("What does a thermometer measure?", r"\btemperature\b"),
    ("Which animal gives us wool?", r"\bsheep\b"),
    ("What is the opposite of big?", r"\b(small|little|tiny)\b"),
    ("In which direction does the sun rise?", r"\beast\b"),
    ("What do we call a baby dog?", r"\bpuppy\b"),
)
"""Questions with a pattern that a right answer has."""

_TOKENS = 28


def known(asker: Asker, adapter: AdapterRef | None) -> frozenset[str]:
    """The questions a model answers rightly. Raises as the engine does."""
    prompts = [asker.prompt(question) for question, _ in QUESTIONS]
    replies = asker.answer(prompts, _TOKENS, adapter)
    return frozenset(
        question
        for (question, pattern), reply in zip(QUESTIONS, replies, strict=True)
        if re.search(pattern, reply.text, re.I)
    )
