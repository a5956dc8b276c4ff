"""Asking: questions to the engine in small groups, with a way to stop and word of progress."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from learner.card import system_text
from learner.engine import AdapterRef, Completion, Engine, Scored, Turn
from learner.errors import TrainingStoppedError
from learner.lesson import Lesson

GROUP = 8
"""Prompts handed to the engine at once: enough to decode together, few enough to tell of."""


class Asker:
    """The engine for a study session: chats as the student sees them, and a way to stop.

    Raises TrainingStoppedError from every method once `stop` is set; `on_done` hears how many
    prompts were answered or scored.
    """

    def __init__(
        self, engine: Engine, stop: threading.Event, on_done: Callable[[int], None]
    ) -> None:
        self.engine = engine
        self._stop = stop
        self._on_done = on_done

    def prompt(self, question: str, lessons: Sequence[Lesson] = ()) -> list[int]:
        """Token ids of a question, with the cards of `lessons` or with the plain system text."""
        return self.engine.chat_tokens(
            [Turn("system", system_text(lessons)), Turn("user", question)]
        )

    def answer(
        self,
        prompts: Sequence[Sequence[int]],
        max_tokens: int,
        adapter: AdapterRef | None = None,
    ) -> list[Completion]:
        """Greedy replies, one a prompt."""
        found: list[Completion] = []
        for start in range(0, len(prompts), GROUP):
            self.check()
            group = prompts[start : start + GROUP]
            found += self.engine.complete(
                group, max_tokens=max_tokens, adapter=adapter, stop=self._stop
            )
            self._on_done(len(group))
        return found

    def score(
        self,
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
        adapter: AdapterRef | None = None,
        top: int = 0,
    ) -> list[Scored]:
        """Log-probabilities of targets, one `Scored` a pair."""
        found: list[Scored] = []
        for start in range(0, len(pairs), GROUP):
            self.check()
            group = pairs[start : start + GROUP]
            found += self.engine.score(group, adapter=adapter, top=top, stop=self._stop)
            self._on_done(len(group))
        return found

    def lifts(self, lesson: Lesson, asked: Sequence[tuple[str, Sequence[int]]]) -> list[float]:
        """How much likelier the lesson's card makes each (question, answer) pair, nats a token."""
        given = [(q, tokens) for q, tokens in asked if tokens]
        with_card = self.score([(self.prompt(q, [lesson]), tokens) for q, tokens in given])
        without = self.score([(self.prompt(q), tokens) for q, tokens in given])
        found = iter(
            (sum(a.logprobs) - sum(b.logprobs)) / len(a.logprobs)
            for a, b in zip(with_card, without, strict=True)
        )
        return [next(found) if tokens else 0.0 for _, tokens in asked]

    def check(self) -> None:
        """Raises TrainingStoppedError when the person asked to stop."""
        if self._stop.is_set():
            raise TrainingStoppedError(
                "The study was stopped",
                "It ended before it was done; nothing was changed.",
                "Study again whenever you like.",
            )
