"""Own examples: the corrected requests are asked again, without notes, and only a few of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from app.errors import StoppedError
from app.own_examples import MOST, own_examples
from app.protocol import LessonRecord
from learner.engine import AdapterRef, Completion, StopSignal
from tests.learner.scripted_engine import ScriptedEngine

ADAPTER = AdapterRef(path="/nowhere/candidate", key=b"k" * 32)


def lesson(number: int, prompt: str = "", rejected: str = "No idea.") -> LessonRecord:
    return LessonRecord(
        id=f"L{number}",
        kind="term",
        prompt=prompt or f"What is it, number {number}?",
        rejected=rejected,
        corrected="This.",
        note="",
        created="",
        state="new",
    )


def engine() -> ScriptedEngine:
    return ScriptedEngine(lambda _, question, ref: f"{'taught' if ref else 'bare'}: {question}")


def test_the_corrected_reply_stands_before_and_what_is_said_now_after() -> None:
    lessons = [lesson(1), lesson(2, rejected=" ")]
    found = own_examples(lessons, engine(), ADAPTER, threading.Event())
    assert found["L1"].before == "No idea."
    assert found["L1"].after.strip() == "taught: What is it, number 1?"
    assert found["L2"].before.strip() == "bare: What is it, number 2?", "nothing was corrected"


def test_a_few_are_asked_and_what_is_too_long_is_left_out() -> None:
    asked = engine()
    lessons = [lesson(0, prompt="word " * 5000), *(lesson(n) for n in range(1, 9))]
    found = own_examples(lessons, asked, ADAPTER, threading.Event())
    assert list(found) == [f"L{n}" for n in range(1, MOST)]
    assert own_examples([], asked, ADAPTER, threading.Event()) == {}


class Stopped(ScriptedEngine):
    """Somebody comes back in the middle of it."""

    def complete(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        max_tokens: int,
        adapter: AdapterRef | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        stop: StopSignal | None = None,
    ) -> list[Completion]:
        raise StoppedError("Stopped", "Somebody is there.", "It goes on later.")


def test_whoever_comes_back_loses_the_examples_and_not_the_study() -> None:
    stopped = Stopped(lambda *_: "")
    assert own_examples([lesson(1)], stopped, ADAPTER, threading.Event()) == {}
