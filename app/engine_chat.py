"""Chatting: streamed replies over cached conversations, one cache slot each."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Generator, Sequence

from app.engine_adapters import adapter_key
from app.engine_context import AbortedError, CacheFullError, Context
from app.engine_sampler import Sampler, Sampling
from app.engine_slots import Slot, Slots
from app.engine_ticket import Ticket
from app.engine_vocab import Vocabulary
from app.engine_wire import Chat, Chatted, Piece, Reading
from app.errors import BadRequestError
from app.protocol import Timings

_REPEAT_PENALTY = 1.05  # mild: enough to break a small model's loops, too little to be noticed
_LOOP_SPAN = 240
_LOOP_PERIODS = range(1, 31)


class Chatter:
    """Writes replies on one context; not thread-safe.

    The same orders in the same order give the same replies. What else the cache holds may move a
    reply's last bits (ggml splits a long cache over its threads): exact work is `Student`'s.
    """

    def __init__(self, context: Context, vocabulary: Vocabulary) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._slots = Slots(context)

    def forget(self, path: str) -> None:
        """Empty the caches that were filled under the adapter of this file."""
        self._slots.forget(path)

    def reply(
        self, order: Chat, ticket: Ticket, use: Callable[[], None]
    ) -> Generator[None, None, Chatted]:
        """Stream a reply; `use` sets the order's adapter. Yields between batches and tokens."""
        prompt = self._vocabulary.chat_tokens(order.turns)
        if len(prompt) >= self._context.size.cells:
            raise _too_long(len(prompt), self._context.size.cells)
        use()
        sampling = Sampling(order.temperature, order.seed, order.top_p, repeat=_REPEAT_PENALTY)
        sampler = Sampler(sampling, self._context.n_vocab)
        writer = _Writer(self._vocabulary, ticket)
        slot, cached = self._slots.take(adapter_key(order.adapter), prompt)
        try:
            yield from self._read(slot, prompt, ticket)
            yield from self._write(slot, order.max_tokens, sampler, writer)
        except AbortedError:
            # What the batch had already put into the cache is not known: keep what is sure.
            self._slots.repair(slot)
        finally:
            sampler.close()
        writer.finish()
        return Chatted(
            text=writer.text,
            ended=writer.ended,
            stopped=ticket.stopped and not writer.ended,
            timings=writer.timings(len(prompt), cached),
        )

    def _read(self, slot: Slot, prompt: Sequence[int], ticket: Ticket) -> Generator[None]:
        """Evaluate what is not cached yet; the last token's logits are wanted."""
        batch = self._context.size.batch
        while not ticket.stopped and len(slot.tokens) < len(prompt):
            start = len(slot.tokens)
            ticket.emit(Reading(id=ticket.id, done=start, total=len(prompt)))
            chunk = prompt[start : start + batch]
            last = start + len(chunk) == len(prompt)
            self._decode(slot, chunk, last)
            yield
        ticket.emit(Reading(id=ticket.id, done=len(slot.tokens), total=len(prompt)))

    def _write(
        self, slot: Slot, max_tokens: int, sampler: Sampler, writer: _Writer
    ) -> Generator[None]:
        while not writer.ticket.stopped and writer.count < max_tokens:
            token = sampler.pick(self._context, -1)
            if self._vocabulary.is_end(token):
                writer.ended = True
                return
            writer.put(token)
            if writer.loops or len(slot.tokens) + 1 >= self._context.size.cells:
                return
            if writer.count < max_tokens:
                self._decode(slot, (token,), True)
            yield

    def _decode(self, slot: Slot, tokens: Sequence[int], want_logits: bool) -> None:
        """Append tokens to a slot, at the cost of other slots when there is no room."""
        self._slots.make_room(slot, len(tokens))
        while True:
            start = len(slot.tokens)
            self._context.add_run(tokens[:-1], start, slot.sequence)
            self._context.add(tokens[-1], start + len(tokens) - 1, slot.sequence, want_logits)
            try:
                self._context.decode()
            except CacheFullError:
                if not self._slots.evict_other(slot):
                    raise _too_long(start + len(tokens), self._context.size.cells) from None
                continue
            slot.tokens.extend(tokens)
            return


class _Writer:
    """Turns tokens into text events, and counts and times them."""

    def __init__(self, vocabulary: Vocabulary, ticket: Ticket) -> None:
        self.ticket = ticket
        self.ended = False
        self._vocabulary = vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tokens: list[int] = []
        self._pieces: list[str] = []
        self._first = self._last = 0.0

    @property
    def count(self) -> int:
        return len(self._tokens)

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def loops(self) -> bool:
        """Whether the reply has been repeating one short cycle for a long time."""
        return self.count % 16 == 0 and is_loop(self._tokens[-_LOOP_SPAN:])

    def put(self, token: int) -> None:
        self._last = time.monotonic()
        self._first = self._first or self._last
        self._tokens.append(token)
        self._send(self._decoder.decode(self._vocabulary.piece(token)))

    def finish(self) -> None:
        """Send what is left of a character that never became whole."""
        self._send(self._decoder.decode(b"", final=True))

    def timings(self, prompt: int, cached: int) -> Timings:
        span = self._last - self._first
        return Timings(
            first_token_s=max(0.0, self._first - self.ticket.received),
            tokens_per_s=(self.count - 1) / span if self.count > 1 and span > 0 else 0.0,
            prompt_tokens=prompt,
            cached_tokens=cached,
            reply_tokens=self.count,
        )

    def _send(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self.ticket.emit(Piece(id=self.ticket.id, text=text))


def is_loop(tail: Sequence[int]) -> bool:
    """Whether a long tail of tokens is one cycle of at most 30 tokens, over and over."""
    return len(tail) >= _LOOP_SPAN and any(
        tail[period:] == tail[:-period] for period in _LOOP_PERIODS
    )


def _too_long(tokens: int, limit: int) -> BadRequestError:
    return BadRequestError(
        "This is too long for the model",
        f"The conversation has {tokens} tokens; this model can hold {limit}.",
        "Shorten the question, or start a new conversation.",
    )
