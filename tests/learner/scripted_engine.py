"""An engine of the learner's protocol that answers by a rule a test gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from learner.engine import AdapterRef, BaseModel, Completion, Scored, StopSignal, Turn

Speak = Callable[[str, str, AdapterRef | None], str]
"""(system text, question, adapter) -> answer."""


class ScriptedEngine:
    """Words are tokens; `speak` answers; every token costs 0.1 nats, and `drift` more when adapted.

    `log` holds every question asked, `staged` every adapter staged. Above temperature 0 it answers
    what `by_chance` says to a question and a seed, if that is set.
    """

    def __init__(self, speak: Speak) -> None:
        self.speak = speak
        self.log: list[tuple[str, str, AdapterRef | None]] = []
        self.staged: list[bytes] = []
        self.drift = 0.0
        self.by_chance: Callable[[str, int], str] | None = None
        self._words: list[str] = ["<end>", "<chat>"]
        self._ids: dict[str, int] = {}
        self._chats: dict[tuple[int, ...], tuple[str, str]] = {}

    def base_model(self) -> BaseModel:
        return BaseModel(
            name="scripted",
            path="/nowhere/scripted.gguf",
            sha256="0" * 64,
            architecture="llama",
            n_ctx=4096,
            n_vocab=1 << 20,
        )

    def chat_tokens(self, turns: Sequence[Turn]) -> list[int]:
        system, question = turns[0].content, turns[-1].content
        tokens = [1, *self.text_tokens(system), 1, *self.text_tokens(question), 1]
        self._chats[tuple(tokens)] = (system, question)
        return tokens

    def text_tokens(self, text: str) -> list[int]:
        found = []
        for piece in re.findall(r"\s*\S+|\s+$", text):
            if piece not in self._ids:
                self._ids[piece] = len(self._words)
                self._words.append(piece)
            found.append(self._ids[piece])
        return found

    def text_of(self, tokens: Sequence[int]) -> str:
        return "".join(self._words[token] for token in tokens if token > 1)

    def end_of_turn(self) -> int:
        return 0

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
        drawn = seed if temperature > 0 else None
        return [self._reply(tuple(prompt), max_tokens, adapter, drawn) for prompt in prompts]

    def score(
        self,
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
        *,
        adapter: AdapterRef | None = None,
        top: int = 0,
        stop: StopSignal | None = None,
    ) -> list[Scored]:
        shift = self.drift if adapter else 0.0
        return [
            Scored(
                logprobs=tuple(-0.1 - shift for _ in target),
                top_ids=tuple((token,) for token in target) if top else (),
                top_logprobs=tuple((-0.1 - shift,) for _ in target) if top else (),
            )
            for _, target in pairs
        ]

    def logits(self, tokens: Sequence[int], *, adapter: AdapterRef | None = None) -> list[float]:
        return [0.0]

    @contextmanager
    def stage(self, adapter_gguf: bytes) -> Iterator[AdapterRef]:
        self.staged.append(adapter_gguf)
        yield AdapterRef(path=f"/staged/{len(self.staged)}", key=b"k")

    def _reply(
        self,
        prompt: tuple[int, ...],
        max_tokens: int,
        adapter: AdapterRef | None,
        seed: int | None,
    ) -> Completion:
        chat = next(prompt[:n] for n in range(len(prompt), 0, -1) if prompt[:n] in self._chats)
        system, question = self._chats[chat]
        self.log.append((system, question, adapter))
        if seed is None or self.by_chance is None:
            said = self.speak(system, question, adapter)
        else:
            said = self.by_chance(question, seed)
        tokens = self.text_tokens(said)
        kept = tokens[:max_tokens]
        return Completion(
            text=self.text_of(kept), tokens=tuple(kept), ended=len(tokens) <= max_tokens
        )
