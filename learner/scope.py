"""Scope: which of the bank's requests a rule of manner is about, and which it is not."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from learner.keywords import stem
from learner.lesson import Lesson
from learner.prompt_bank import BankPrompt
from learner.rule import Rule
from learner.spelling import varies

_NEAR = 0.35
"""Share of the best match's score from which on a request belongs to the lesson."""

_FAR = 0.12
"""Share below which it certainly does not; what lies between is neither taught nor examined."""

_CATEGORY_WEIGHT = 4.0


class Scope(msgspec.Struct, frozen=True):
    """Requests a rule applies to, best first, and those it does not, the most alike first."""

    inside: tuple[BankPrompt, ...]
    outside: tuple[BankPrompt, ...]

    @property
    def varied(self) -> tuple[BankPrompt, ...]:
        """`inside` with its forms of request taking turns, within the best match's category.

        "When was …", "When did …" and "On which date …" are one rule's requests, and those most
        like the lesson's own are all of one form. What is of other categories comes last.
        """
        category = self.inside[0].category if self.inside else ""
        turns: Counter[str] = Counter()
        ranked = []
        for place, one in enumerate(self.inside):
            form = " ".join(one.prompt.casefold().split()[:2])
            ranked.append((one.category != category, turns[form], place, one))
            turns[form] += one.category == category
        return tuple(one for *_, one in sorted(ranked, key=lambda found: found[:3]))


def scope_of(lesson: Lesson, rule: Rule, bank: Sequence[BankPrompt]) -> Scope:
    """Divide `bank` by how it resembles the lesson's own question and note.

    A rule for every reply is about everything, one of spelling about requests that have a word
    with two, and one with a trigger about what begins with it.
    Otherwise words count by how rare they are among the bank's categories, and a request gains
    from the company of its category.
    """
    if rule.everywhere:
        return Scope(tuple(bank), ())
    if rule.spelling:
        spelt_twice = tuple(one for one in bank if varies(one.prompt))
        return Scope(spelt_twice, tuple(one for one in bank if one not in spelt_twice))
    if rule.trigger:
        start = rule.trigger.casefold()
        inside = tuple(one for one in bank if one.prompt.casefold().startswith(start))
        if inside:
            return Scope(inside, tuple(one for one in bank if one not in inside))
    scores = _scores(lesson, bank)
    ranked = sorted(zip(scores, bank, strict=True), key=lambda pair: -pair[0])
    best = ranked[0][0] if ranked else 0.0
    if best <= 0.0:
        return Scope((), tuple(bank))
    return Scope(
        tuple(one for score, one in ranked if score >= _NEAR * best),
        tuple(one for score, one in ranked if score <= _FAR * best),
    )


def _scores(lesson: Lesson, bank: Sequence[BankPrompt]) -> list[float]:
    by_category: dict[str, list[frozenset[str]]] = defaultdict(list)
    stems = [_stems(one.prompt) for one in bank]
    for one, words in zip(bank, stems, strict=True):
        by_category[one.category].append(words | {stem(one.category)})
    known_in = Counter(
        word for prompts in by_category.values() for word in frozenset().union(*prompts)
    )
    asked = _stems(lesson.prompt)
    wanted = {
        word: (2.0 if word in asked else 1.0) * math.log(len(by_category) / known_in[word])
        for word in asked | _stems(lesson.note)
        if word in known_in
    }
    share = {
        category: sum(
            weight * sum(word in words for words in prompts) / len(prompts)
            for word, weight in wanted.items()
        )
        for category, prompts in by_category.items()
    }
    return [
        sum(wanted.get(word, 0.0) for word in words) + _CATEGORY_WEIGHT * share[one.category]
        for one, words in zip(bank, stems, strict=True)
    ]


def _stems(text: str) -> frozenset[str]:
    """All words, little ones too: "how far" tells more than either."""
    return frozenset(
        stem(word)
        for word in "".join(
            letter if letter.isalnum() else " " for letter in text.casefold()
        ).split()
    )
