"""Study work on the engine: many replies at once, scores of given texts, and exact logits."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from app.engine_context import Context, Logits
from app.engine_sampler import Sampler, Sampling
from app.engine_ticket import Ticket
from app.engine_vocab import Vocabulary
from app.errors import BadRequestError
from learner.engine import Completion, Scored

Tokens = Sequence[int]
_WORTH_SHARING = (
    32  # a shorter common beginning is evaluated again in less time than the split costs
)


class Student:
    """Evaluates on a scratch context that every order finds empty; not thread-safe.

    The order of batches depends on the order's own contents alone, so equal orders give equal
    bytes, whatever ran before or in between.
    """

    def __init__(self, context: Context, vocabulary: Vocabulary) -> None:
        self._context = context
        self._vocabulary = vocabulary

    def complete(
        self, prompts: Sequence[Tokens], max_tokens: int, sampling: Sampling, ticket: Ticket
    ) -> Generator[None, None, list[Completion]]:
        """Decode every prompt, as many together as there are sequences; yields between batches."""
        for prompt in prompts:
            self._check(prompt, 1)
        self._context.clear()
        replies = [
            _Reply(index, prompt, min(max_tokens, self._context.size.cells - len(prompt)))
            for index, prompt in enumerate(prompts)
        ]
        waiting = replies[::-1]
        active: list[_Reply] = []
        try:
            while waiting or active:
                ticket.check()
                self._admit(waiting, active, sampling)
                self._step(active)
                yield
        finally:
            for reply in active:
                reply.close()
        return [self._completion(reply) for reply in replies]

    def score(
        self, pairs: Sequence[tuple[Tokens, Tokens]], top: int, ticket: Ticket
    ) -> Generator[None, None, list[Scored]]:
        """Log-probabilities of every pair's target; yields between batches."""
        for prompt, target in pairs:
            self._check([*prompt, *target], 2 if target else 1)
        found = [_Rows() for _ in pairs]
        numbered = list(enumerate(pairs))
        for prompt, group in groupby(numbered, key=lambda item: tuple(item[1][0])):
            targets = [(index, target) for index, (_, target) in group if target]
            while targets:
                fitting = self._fitting(prompt, [target for _, target in targets])
                now, targets = targets[:fitting], targets[fitting:]
                for read in self._score_group(prompt, now, found, top):
                    ticket.check()
                    yield read
        return [rows.scored() for rows in found]

    def logits(self, tokens: Tokens, ticket: Ticket) -> Generator[None, None, bytes]:
        """The float32 logits after the last token."""
        self._check(tokens, 1)
        self._context.clear()
        size = self._context.size.batch
        for start in range(0, len(tokens), size):
            ticket.check()
            chunk = tokens[start : start + size]
            self._context.add_run(chunk[:-1], start, 0)
            self._context.add(chunk[-1], start + len(chunk) - 1, 0, start + size >= len(tokens))
            self._context.decode()
            yield
        return self._context.logits(-1).tobytes()

    # -------------------------------------------------------------------------------- replies

    def _admit(self, waiting: list[_Reply], active: list[_Reply], sampling: Sampling) -> None:
        """Let waiting prompts in while there are sequences and room for their longest reply."""
        while waiting and len(active) < self._context.size.sequences:
            reply = waiting[-1]
            taken = sum(each.span for each in active)
            if taken + reply.span > self._context.size.cells:
                return
            used = {each.sequence for each in active}
            reply.sequence = next(
                number for number in range(self._context.size.sequences) if number not in used
            )
            self._borrow(reply, active)
            seeded = Sampling(sampling.temperature, _seed_of(sampling.seed, reply.index))
            reply.sampler = Sampler(seeded, self._context.n_vocab)
            active.append(waiting.pop())

    def _borrow(self, reply: _Reply, active: Sequence[_Reply]) -> None:
        """Take over the longest beginning that a running sequence has already evaluated."""
        best = max(active, key=lambda each: _shared(each, reply.prompt), default=None)
        shared = 0 if best is None else _shared(best, reply.prompt)
        if best is not None and shared >= _WORTH_SHARING:
            self._context.share(best.sequence, reply.sequence, shared)
            reply.done = shared

    def _step(self, active: list[_Reply]) -> None:
        """One batch: the next token of every writing reply, then prompts while there is room."""
        rows: list[tuple[_Reply, int]] = []
        room = self._context.size.batch
        for reply in sorted(active, key=lambda each: len(each.prompt) > each.done):
            chunk = reply.unread[: room - self._context.pending]
            if not chunk:
                continue
            last = len(chunk) == len(reply.unread)
            self._context.add_run(chunk[:-1], reply.done, reply.sequence)
            row = self._context.add(chunk[-1], reply.done + len(chunk) - 1, reply.sequence, last)
            reply.done += len(chunk)
            if last:
                rows.append((reply, row))
        self._context.decode()
        for reply, row in rows:
            reply.take(reply.pick(self._context, row), self._vocabulary)
            if reply.finished:
                self._context.trim(reply.sequence, 0)
                reply.close()
                active.remove(reply)

    def _completion(self, reply: _Reply) -> Completion:
        raw = b"".join(map(self._vocabulary.piece, reply.written))
        text = raw.decode("utf-8", "replace")
        return Completion(text=text, tokens=tuple(reply.written), ended=reply.ended)

    # --------------------------------------------------------------------------------- scores

    def _fitting(self, prompt: Tokens, targets: Sequence[Tokens]) -> int:
        """How many targets can be scored together after one prompt."""
        cells = len(prompt)
        for count, target in enumerate(targets):
            cells += len(target)
            if count and cells > self._context.size.cells:
                return count
        return min(len(targets), self._context.size.sequences)

    def _score_group(
        self, prompt: Tokens, targets: Sequence[tuple[int, Tokens]], found: list[_Rows], top: int
    ) -> Generator[None]:
        """Score several targets of one prompt, which is evaluated once."""
        self._context.clear()
        pending: list[tuple[int, int, int]] = []
        for start in range(0, len(prompt) - 1, self._context.size.batch):
            chunk = prompt[start : min(start + self._context.size.batch, len(prompt) - 1)]
            self._context.add_run(chunk, start, 0)
            if self._context.pending == self._context.size.batch or len(targets) > 1:
                self._context.decode()
                yield
        if len(targets) > 1:
            for sequence in range(1, len(targets)):
                self._context.share(0, sequence, len(prompt) - 1)
        for sequence, (index, target) in enumerate(targets):
            for offset, token in enumerate([prompt[-1], *target[:-1]]):
                if self._context.pending == self._context.size.batch:
                    self._collect(pending, found, top)
                    yield
                position = len(prompt) - 1 + offset
                row = self._context.add(token, position, sequence, True)
                pending.append((row, index, target[offset]))
        self._collect(pending, found, top)
        yield

    def _collect(self, pending: list[tuple[int, int, int]], found: list[_Rows], top: int) -> None:
        self._context.decode()
        for row, index, target in pending:
            found[index].add(self._context.logits(row), target, top)
        pending.clear()

    def _check(self, tokens: Tokens, least: int) -> None:
        """Raises BadRequestError for tokens that no model of this vocabulary and size can take."""
        problem = ""
        if len(tokens) < least:
            problem = "There is nothing to evaluate."
        elif len(tokens) >= self._context.size.cells:
            problem = f"A text of {len(tokens)} tokens is longer than {self._context.size.cells}."
        elif min(tokens) < 0 or max(tokens) >= self._vocabulary.size:
            problem = "A token is not in the model's vocabulary."
        if problem:
            raise BadRequestError("The engine cannot do this", problem, "Shorten the text.")


@dataclass(eq=False)
class _Reply:
    """One reply of `complete`: what is in the cache (`done`) and what was written."""

    index: int
    prompt: Tokens
    limit: int
    sequence: int = 0
    done: int = 0
    ended: bool = False
    written: list[int] = field(default_factory=list)
    sampler: Sampler | None = None

    @property
    def span(self) -> int:
        return len(self.prompt) + self.limit

    @property
    def unread(self) -> Tokens:
        if self.done < len(self.prompt):
            return self.prompt[self.done :]
        return self.written[self.done - len(self.prompt) :]

    @property
    def finished(self) -> bool:
        return self.ended or len(self.written) >= self.limit

    def pick(self, context: Context, row: int) -> int:
        assert self.sampler is not None
        return self.sampler.pick(context, row)

    def take(self, token: int, vocabulary: Vocabulary) -> None:
        if vocabulary.is_end(token):
            self.ended = True
        else:
            self.written.append(token)

    def close(self) -> None:
        if self.sampler is not None:
            self.sampler.close()
            self.sampler = None


class _Rows:
    """The scores of one target, gathered row by row."""

    def __init__(self) -> None:
        self._logprobs: list[float] = []
        self._ids: list[tuple[int, ...]] = []
        self._tops: list[tuple[float, ...]] = []

    def add(self, logits: Logits, target: int, top: int) -> None:
        peak = logits.max()
        total = float(peak) + float(np.log(np.exp(logits - peak).sum(dtype=np.float64)))
        self._logprobs.append(float(logits[target]) - total)
        if top > 0:
            best = np.argpartition(logits, -top)[-top:]
            best = best[np.lexsort((best, -logits[best]))]
            self._ids.append(tuple(best.tolist()))
            self._tops.append(tuple((logits[best].astype(np.float64) - total).tolist()))

    def scored(self) -> Scored:
        return Scored(
            logprobs=tuple(self._logprobs),
            top_ids=tuple(self._ids),
            top_logprobs=tuple(self._tops),
        )


def _shared(reply: _Reply, prompt: Tokens) -> int:
    """Length of the beginning of `prompt` that is in this reply's sequence, less the last token."""
    length = min(len(reply.prompt), reply.done, len(prompt) - 1)
    for index in range(length):
        if reply.prompt[index] != prompt[index]:
            return index
    return length


def _seed_of(seed: int, index: int) -> int:
    return seed * 1_000_003 + index
