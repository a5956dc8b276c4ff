"""Asking: questions to the engine in small groups, with a way to stop and word of progress."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from learner.card import SYSTEM, system_text
from learner.engine import AdapterRef, Completion, Engine, Scored, Turn
from learner.errors import TrainingStoppedError
from learner.lesson import Lesson
from learner.memo import Memo, key

GROUP = 8
"""Prompts handed to the engine at once: enough to decode together, few enough to tell of."""


class Asker:
    """The engine for a study session: chats as the student sees them, and a way to stop.

    Raises TrainingStoppedError from every method once `stop` is set; `on_done` hears how many
    prompts were answered or scored. What `memo` knows of the model is not asked again. `beneath`
    is an adapter that belongs to the model: it is used wherever no other is named.
    """

    def __init__(
        self,
        engine: Engine,
        stop: threading.Event,
        on_done: Callable[[int], None],
        memo: Memo | None = None,
        beneath: AdapterRef | None = None,
        name: bytes = b"",
    ) -> None:
        self.engine = engine
        self._stop = stop
        self._on_done = on_done
        self._memo = memo if memo is not None else Memo()
        self._beneath = beneath
        self._name = name

    def over(self, beneath: AdapterRef, name: bytes) -> Asker:
        """One that asks the model with an adapter; `name` is what the memo knows that one by."""
        return Asker(self.engine, self._stop, self._on_done, self._memo, beneath, name)

    def prompt(self, question: str, lessons: Sequence[Lesson] = ()) -> list[int]:
        """Token ids of a question, with the cards of `lessons` or with the plain system text."""
        return self.engine.chat_tokens(
            [Turn("system", system_text(lessons)), Turn("user", question)]
        )

    def taught(self, question: str, lesson: Lesson) -> list[int]:
        """Token ids of a question asked right after the lesson's own, answered as it should be.

        Small models follow an example in the conversation far better than a card about one.
        """
        told = f"{SYSTEM} {lesson.note.strip()}".rstrip()
        return self.engine.chat_tokens(
            [
                Turn("system", told),
                Turn("user", lesson.prompt.strip()),
                Turn("assistant", lesson.corrected.strip()),
                Turn("user", question),
            ]
        )

    def answer(
        self,
        prompts: Sequence[Sequence[int]],
        max_tokens: int,
        adapter: AdapterRef | None = None,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> list[Completion]:
        """Replies, one a prompt; greedy at temperature 0."""
        found: list[Completion] = []
        for start in range(0, len(prompts), GROUP):
            self.check()
            group = prompts[start : start + GROUP]
            found += self._answered(group, max_tokens, adapter, temperature, seed)
            self._on_done(min(GROUP, len(prompts) - start))
        return found

    def _answered(
        self,
        group: Sequence[Sequence[int]],
        max_tokens: int,
        adapter: AdapterRef | None,
        temperature: float,
        seed: int,
    ) -> list[Completion]:
        name = self._name + key(group, max_tokens, temperature, seed)
        if adapter is None and (known := self._memo.reply(name)) is not None:
            return known
        replies = self.engine.complete(
            group,
            max_tokens=max_tokens,
            adapter=adapter or self._beneath,
            temperature=temperature,
            seed=seed,
            stop=self._stop,
        )
        if adapter is None:
            self._memo.replies[name] = replies
        return replies

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
            found += self._scored(pairs[start : start + GROUP], adapter, top)
            self._on_done(min(GROUP, len(pairs) - start))
        return found

    def _scored(
        self,
        group: Sequence[tuple[Sequence[int], Sequence[int]]],
        adapter: AdapterRef | None,
        top: int,
    ) -> list[Scored]:
        name = self._name + key(group, top)
        if adapter is None and (known := self._memo.score(name)) is not None:
            return known
        scores = self.engine.score(
            group, adapter=adapter or self._beneath, top=top, stop=self._stop
        )
        if adapter is None:
            self._memo.scores[name] = scores
        return scores

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
