"""Again bench: how often two answers to one question differ in a manner by chance alone.

    python -m tests.bench.again_bench --model MODEL.gguf [--questions 24] [--tokens 300]

Each question of the bank is answered as the chat does it, then again as “regenerate” does. A
difference that `app.answer_shape` names here is one that no person has chosen.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from app.answer_shape import difference
from app.engine_client import EngineClient
from app.reply_draft import AGAIN_TEMPERATURE, TOP_P
from learner import prompt_bank
from learner.engine import Turn


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--tokens", type=int, default=300)
    asked = parser.parse_args()
    bank = [entry.prompt for entry in prompt_bank.load()]
    questions = bank[:: max(1, len(bank) // asked.questions)][: asked.questions]
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(asked.model, Path(folder) / "staging")
        try:
            for number, question in enumerate(questions):
                first, again = (
                    _answer(engine, question, asked.tokens, temperature, number)
                    for temperature in (0.0, AGAIN_TEMPERATURE)
                )
                found[difference(first, again) or "alike"] += 1
        finally:
            engine.close()
    print("| questions | " + " | ".join(found) + " |")
    print("|---|" + "---|" * len(found))
    print(f"| {len(questions)} | " + " | ".join(str(n) for n in found.values()) + " |")


def _answer(engine: EngineClient, question: str, tokens: int, temperature: float, seed: int) -> str:
    reply = engine.chat(
        [Turn(role="user", content=question)],
        max_tokens=tokens,
        temperature=temperature,
        top_p=TOP_P,
        seed=seed,
    )
    return reply.text


if __name__ == "__main__":
    main()
