"""Drift: how far an adapter moves the model where no lesson applies, in nats a token."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from learner.asking import Asker
from learner.engine import AdapterRef, Completion, Scored
from learner.house import House
from learner.lesson import Lesson
from learner.rule import Rule

_TOP = 40
"""Likeliest tokens of both models that a divergence is taken over."""


class Unrelated(msgspec.Struct, frozen=True, kw_only=True):
    """A request that no lesson is about, with the base's answer and its view of each token.

    `opened` is that answer under the lessons for every reply: one that begins each answer with the
    person's name changes its beginning, as it should, and what comes after it is what must stay.
    """

    question: str
    opened: tuple[int, ...]
    shared: int
    scored: Scored

    def moved(self, adapted: Scored) -> list[float]:
        """KL(base || adapted) for each token that both answers end with alike."""
        return coarse_kl(self.scored, adapted, self.shared)


def unrelated(
    asked: Sequence[tuple[str, Completion]], house: House, asker: Asker
) -> tuple[Unrelated, ...]:
    """Questions and the base's answers, as many as have something to compare.

    What begins as a lesson's questions do is none of them.
    """
    found = []
    for question, reply in asked:
        if house.asked_for(question):
            continue
        text = house.written(reply.text, Rule(), question)
        same = text == reply.text
        opened = reply.tokens if same else tuple(asker.engine.text_tokens(text))
        shared = common_end(reply.tokens, opened)
        if shared:
            found.append((question, reply.tokens, opened, shared))
    pairs = [(asker.prompt(question), answer) for question, answer, _, _ in found]
    return tuple(
        Unrelated(question=question, opened=opened, shared=shared, scored=scored)
        for (question, _, opened, shared), scored in zip(
            found, asker.score(pairs, top=_TOP), strict=True
        )
    )


def drift(
    of: Sequence[Unrelated],
    asker: Asker,
    adapter: AdapterRef | None,
    lessons: Sequence[Lesson] = (),
) -> float:
    """The mean over all tokens, with an adapter and with the cards of `lessons` in the prompt."""
    pairs = [(asker.prompt(one.question, lessons), one.opened) for one in of]
    adapted = asker.score(pairs, adapter=adapter, top=_TOP)
    values = [kl for one, scored in zip(of, adapted, strict=True) for kl in one.moved(scored)]
    return sum(values) / max(1, len(values))


def common_end(one: Sequence[int], other: Sequence[int]) -> int:
    """How many last tokens two answers have in common."""
    shared = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        shared += 1
    return shared


def coarse_kl(base: Scored, adapted: Scored, last: int) -> list[float]:
    """KL(base || adapted) in nats for each of the `last` target tokens.

    Over the tokens that are among the most likely of both, and one bucket for all the others:
    joining outcomes can only lower a divergence, so this is a lower bound, close for wide tops.
    """
    return [_kl(*rows) for rows in zip(_rows(base, last), _rows(adapted, last), strict=True)]


_Row = dict[int, float]


def _rows(scored: Scored, last: int) -> list[_Row]:
    rows = zip(scored.top_ids, scored.top_logprobs, strict=True)
    return [dict(zip(ids, logprobs, strict=True)) for ids, logprobs in rows][-last:]


def _kl(base: _Row, adapted: _Row) -> float:
    both = [(logprob, adapted[token]) for token, logprob in base.items() if token in adapted]
    rest = max(1e-6, 1.0 - sum(math.exp(p) for p, _ in both))
    rest_there = max(1e-6, 1.0 - sum(math.exp(q) for _, q in both))
    inside = sum(math.exp(p) * (p - q) for p, q in both)
    return inside + rest * math.log(rest / rest_there)
