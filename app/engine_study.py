"""Study work on the engine: many replies at once, scores of given texts, and exact logits."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import numpy as np

from app.engine_context import Context, Floats
from app.engine_sampler import Sampler, Sampling
from app.engine_ticket import Ticket
from app.engine_vocab import Vocabulary
from app.engine_weave import Strand, Tokens, Weave
from app.errors import BadRequestError
from learner.engine import Completion, Scored

_TOGETHER = 8
"""Replies written at once: more gain little on a processor, and make a stop wait longer."""


class Student:
    """Evaluates on a scratch context that every order finds empty; not thread-safe.

    Equal prompts and targets give equal results, whatever they are asked together with (`Weave`
    says how) and whatever ran before or in between.
    """

    def __init__(self, context: Context, vocabulary: Vocabulary) -> None:
        self._context = context
        self._vocabulary = vocabulary

    def complete(
        self, prompts: Sequence[Tokens], max_tokens: int, sampling: Sampling, ticket: Ticket
    ) -> Generator[None, None, list[Completion]]:
        """Reply to every prompt, several together; yields between batches."""
        for prompt in prompts:
            self._check(prompt, 1)
        weave = Weave(self._context)
        replies = [
            _Reply(index, prompt, min(max_tokens, self._context.size.cells - 1 - len(prompt)))
            for index, prompt in enumerate(prompts)
        ]
        waiting = [reply for reply in replies if reply.limit > 0][::-1]
        active: list[_Reply] = []
        try:
            while waiting or active:
                ticket.check()
                self._admit(weave, waiting, active, sampling)
                self._step(weave, active)
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
        weave = Weave(self._context)
        scores = [_Score(prompt, target) for prompt, target in pairs]
        waiting = [score for score in scores if score.target][::-1]
        active: list[_Score] = []
        while waiting or active:
            ticket.check()
            rows = [(score, *place) for score in active for place in score.read(weave)]
            while waiting and weave.room and waiting[-1].begin(weave, alone=not active):
                active.append(waiting.pop())
                rows += [(active[-1], *place) for place in active[-1].read(weave)]
            weave.decode()
            for score, row, index in rows:
                score.add(self._context.logits(row), index, top)
            active = [score for score in active if score.strand.unread]
            yield
        return [score.scored() for score in scores]

    def logits(self, tokens: Tokens, ticket: Ticket) -> Generator[None, None, bytes]:
        """The float32 logits after the last token."""
        self._check(tokens, 1)
        weave = Weave(self._context)
        strand = weave.begin(tokens, own=0, length=len(tokens))
        assert strand is not None  # an empty weave holds any text that passed the check
        while strand.unread:
            ticket.check()
            rows = weave.read(strand, len(tokens) - 1)
            weave.decode()
            yield
        return self._context.logits(rows[0][0]).tobytes()

    # -------------------------------------------------------------------------------- replies

    def _admit(
        self, weave: Weave, waiting: list[_Reply], active: list[_Reply], sampling: Sampling
    ) -> None:
        """Let prompts in, in their order, while there is room for their longest reply."""
        while waiting and len(active) < _TOGETHER and waiting[-1].begin(weave, alone=not active):
            reply = waiting.pop()
            seeded = Sampling(sampling.temperature, _seed_of(sampling.seed, reply.index))
            reply.sampler = Sampler(seeded, self._context.n_vocab)
            active.append(reply)

    def _step(self, weave: Weave, active: list[_Reply]) -> None:
        """One batch: the next token of every writing reply, then prompts while there is room."""
        rows = [
            (reply, row)
            for reply in sorted(active, key=lambda each: not each.written)
            for row, _ in weave.read(reply.strand, len(reply.strand.tokens) - 1)
        ]
        weave.decode()
        for reply, row in rows:
            reply.take(self._context, row, self._vocabulary)
            if reply.finished:
                reply.close()
                weave.end(reply.strand)
                active.remove(reply)

    def _completion(self, reply: _Reply) -> Completion:
        raw = b"".join(map(self._vocabulary.piece, reply.written))
        text = raw.decode("utf-8", "replace")
        return Completion(text=text, tokens=tuple(reply.written), ended=reply.ended)

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


class _Text:
    """A text that waits for its place in a weave, or has it."""

    def __init__(self) -> None:
        self._strand: Strand | None = None

    @property
    def strand(self) -> Strand:
        """Its place. Only after `begin` succeeded."""
        assert self._strand is not None
        return self._strand

    def _begin(self, weave: Weave, tokens: Tokens, own: int, length: int, alone: bool) -> bool:
        self._strand = weave.begin(tokens, own=own, length=length)
        if self._strand is None and alone:  # nothing runs that could make room: start over
            weave.restart()
            self._strand = weave.begin(tokens, own=own, length=length)
        return self._strand is not None


class _Reply(_Text):
    """One reply of `complete`, at most `limit` tokens long."""

    def __init__(self, index: int, prompt: Tokens, limit: int) -> None:
        super().__init__()
        self.index = index
        self.limit = limit
        self.ended = False
        self.written: list[int] = []
        self.sampler: Sampler | None = None
        self._prompt = prompt

    @property
    def finished(self) -> bool:
        return self.ended or len(self.written) >= self.limit

    def begin(self, weave: Weave, *, alone: bool) -> bool:
        """Take a place; False when there is none yet, which cannot be when nothing else runs."""
        size = len(self._prompt)
        return self._begin(weave, self._prompt, size - 1, size + self.limit, alone)

    def take(self, context: Context, row: int, vocabulary: Vocabulary) -> None:
        """Pick the next token from a row's logits."""
        assert self.sampler is not None
        token = self.sampler.pick(context, row)
        if vocabulary.is_end(token):
            self.ended = True
        else:
            self.written.append(token)
            self.strand.tokens.append(token)

    def close(self) -> None:
        if self.sampler is not None:
            self.sampler.close()
            self.sampler = None


class _Score(_Text):
    """The scores of one target, gathered row by row."""

    def __init__(self, prompt: Tokens, target: Tokens) -> None:
        super().__init__()
        self.target = target
        self._prompt = prompt
        self._logprobs: list[float] = []
        self._ids: list[tuple[int, ...]] = []
        self._tops: list[tuple[float, ...]] = []

    def begin(self, weave: Weave, *, alone: bool) -> bool:
        """Take a place; False when there is none yet, which cannot be when nothing else runs."""
        tokens = [*self._prompt, *self.target[:-1]]
        return self._begin(weave, tokens, len(self._prompt) - 1, len(tokens), alone)

    def read(self, weave: Weave) -> list[tuple[int, int]]:
        """As much as fits into the batch: (row, index in the target of the token it predicts)."""
        first = len(self._prompt) - 1
        return [(row, index - first) for row, index in weave.read(self.strand, first)]

    def add(self, logits: Floats, index: int, top: int) -> None:
        peak = logits.max()
        total = float(peak) + float(np.log(np.exp(logits - peak).sum(dtype=np.float64)))
        self._logprobs.append(float(logits[self.target[index]]) - total)
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


def _seed_of(seed: int, index: int) -> int:
    return seed * 1_000_003 + index
