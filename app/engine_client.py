"""The engine's client: one model behind a child process that is started again when it dies."""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app import engine_wire as wire
from app.engine_keeper import HANG_SECONDS, Keeper
from app.file_hash import FileHash
from app.protocol import Timings
from app.sealed import seal
from app.text import clean
from learner.engine import AdapterRef, BaseModel, Completion, Scored, StopSignal, Turn


@dataclass(frozen=True)
class Reply:
    """A chat reply: `ended` when the model closed its turn, `stopped` when it was told to."""

    text: str
    timings: Timings
    ended: bool
    stopped: bool


class EngineClient:
    """`learner.engine.Engine` on llama.cpp in a child process; safe to use from many threads.

    Calls raise ModelError (the file cannot be served), EngineDiedError (the child ended during
    the call; the next call starts another), AdapterError, BadRequestError, StoppedError.
    """

    def __init__(
        self,
        model: Path,
        staging: Path,
        n_ctx: int | None = None,
        hang_seconds: float = HANG_SECONDS,
    ) -> None:
        """`staging` is a private folder for candidate adapters; `n_ctx` None chooses itself."""
        self._path = model
        self._staging = staging
        self._keeper = Keeper(model, n_ctx, hang_seconds)
        self._hash = FileHash(model)

    # ------------------------------------------------------------------------------- its life

    def start(self) -> None:
        """Load the model, if it is not. Raises ModelError, EngineDiedError."""
        self._keeper.start()
        self._hash.start()

    def close(self) -> None:
        """End the child; calls that wait raise EngineDiedError."""
        self._keeper.close()

    @property
    def alive(self) -> bool:
        """Whether the child runs with the model loaded."""
        return self._keeper.alive

    @property
    def pid(self) -> int:
        """The child's process id, 0 for none."""
        return 0 if self._keeper.process is None else self._keeper.process.pid

    @property
    def n_ctx(self) -> int:
        """Tokens that prompt and reply may have together."""
        return self._keeper.facts().n_ctx

    @property
    def log_tail(self) -> tuple[str, ...]:
        """The last lines llama.cpp logged; no private text is in them."""
        return () if self._keeper.process is None else self._keeper.process.tail

    @property
    def deaths(self) -> int:
        """How many children ended while they were needed, those that were put away not counted."""
        return self._keeper.deaths

    def forgive(self) -> None:
        """Start a child again also after several died: what they died of is not used any more."""
        self._keeper.forgive()

    def stop_all(self) -> None:
        """Stop every call: chats end as stopped, the others raise StoppedError."""
        self._keeper.stop_all()

    # ------------------------------------------------------------------------------- chatting

    def chat(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int,
        temperature: float,
        top_p: float,
        seed: int,
        adapter: AdapterRef | None = None,
        on_token: Callable[[str], None] | None = None,
        on_reading: Callable[[int, int], None] | None = None,
        stop: StopSignal | None = None,
    ) -> Reply:
        """A reply, streamed to the callbacks on the calling thread; goes ahead of study work."""

        def order(id_: int) -> wire.Order:
            return wire.Chat(
                id=id_,
                turns=_cleaned(turns),
                max_tokens=max_tokens,
                temperature=temperature,
                top_p=top_p,
                seed=seed,
                adapter=adapter,
            )

        def hear(answer: wire.AnyAnswer) -> None:
            if isinstance(answer, wire.Piece) and on_token is not None:
                on_token(answer.text)
            elif isinstance(answer, wire.Reading) and on_reading is not None:
                on_reading(answer.done, answer.total)

        done = self._keeper.call(order, wire.Chatted, hear, stop)
        return Reply(done.text, done.timings, done.ended, done.stopped)

    def count_tokens(self, turns: Sequence[Turn]) -> int:
        """How many tokens a chat is, assistant header included."""
        return len(self.chat_tokens(turns))

    def forget_adapter(self, path: str | Path) -> None:
        """Drop an adapter and all that was computed with it from the engine's memory at once."""
        if self.alive:
            self._keeper.call(lambda id_: wire.Forget(id=id_, path=str(path)), None)

    # ------------------------------------------------------------------ learner.engine.Engine

    def base_model(self) -> BaseModel:
        """The model that is loaded; waits for its file to be hashed the first time."""
        facts = self._keeper.facts()
        return BaseModel(
            name=self._path.stem,
            path=str(self._path),
            sha256=self._hash.value(),
            architecture=facts.architecture,
            n_ctx=facts.n_ctx,
            n_vocab=facts.n_vocab,
        )

    def chat_tokens(self, turns: Sequence[Turn]) -> list[int]:
        """Token ids of a chat, up to and with the assistant header."""
        cleaned = _cleaned(turns)
        return self._keeper.call(lambda id_: wire.Render(id=id_, turns=cleaned), list[int])

    def text_tokens(self, text: str) -> list[int]:
        """Token ids of plain text as it stands inside a turn; nothing in it is special."""
        cleaned = clean(text)
        return self._keeper.call(lambda id_: wire.Tokenise(id=id_, text=cleaned), list[int])

    def end_of_turn(self) -> int:
        """The id of the token that closes the assistant's turn."""
        return self._keeper.facts().end_of_turn

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
        """One reply a prompt, decoded together; equal calls give equal replies."""

        def order(id_: int) -> wire.Order:
            return wire.Complete(
                id=id_,
                prompts=tuple(map(tuple, prompts)),
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
                adapter=adapter,
            )

        return self._keeper.call(order, list[Completion], stop=stop)

    def score(
        self,
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
        *,
        adapter: AdapterRef | None = None,
        top: int = 0,
        stop: StopSignal | None = None,
    ) -> list[Scored]:
        """For each (prompt, target) pair, the target's log-probabilities in nats."""
        frozen = tuple((tuple(prompt), tuple(target)) for prompt, target in pairs)
        return self._keeper.call(
            lambda id_: wire.Score(id=id_, pairs=frozen, top=top, adapter=adapter),
            list[Scored],
            stop=stop,
        )

    def logits(
        self,
        tokens: Sequence[int],
        *,
        adapter: AdapterRef | None = None,
        stop: StopSignal | None = None,
    ) -> list[float]:
        """The n_vocab logits after the last token; equal calls give bit-equal logits."""
        raw = self._keeper.call(
            lambda id_: wire.Logits(id=id_, tokens=tuple(tokens), adapter=adapter),
            bytes,
            stop=stop,
        )
        return array("f", raw).tolist()

    @contextmanager
    def stage(self, adapter_gguf: bytes) -> Iterator[AdapterRef]:
        """Seal a candidate adapter under a key of its own; it is gone when the context ends."""
        self._staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._staging / f"candidate-{secrets.token_hex(8)}.sealed"
        key = secrets.token_bytes(32)
        seal(path, adapter_gguf, key)
        try:
            yield AdapterRef(path=str(path), key=key)
        finally:
            path.unlink(missing_ok=True)
            self.forget_adapter(path)


def _cleaned(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.role, clean(turn.content)) for turn in turns)
