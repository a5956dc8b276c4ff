"""Judge: whether an answer shows what a lesson taught, without anybody's regular expressions."""

from __future__ import annotations

import re

import msgspec

from learner.keywords import commands, key_stems, stems
from learner.lesson import Kind, Lesson
from learner.reading import rule_of
from learner.rule import Rule, broken
from learner.subjects import definition_of

_SUBSTANCE = 0.3
"""Share of the corrected answer's own words that an answer must repeat."""

_LIFT = 0.1
"""Nats a token that the card must add to an answer's likelihood where no form can be checked."""


_CONTRACTED = re.compile(r"\w+['’]\w+")
"""Words as "isn't" and "it's", which a note has and an answer that says the same need not."""


class Judge(msgspec.Struct, frozen=True):
    """What is looked for in an answer to a question about one lesson.

    `commands` must all be there to the letter; of `substance` (word stems) a part must be; a
    rule of manner must not be broken. `by_lift` tells that the lesson has no form to check.
    """

    commands: tuple[str, ...]
    substance: frozenset[str]
    rule: Rule | None

    @property
    def by_lift(self) -> bool:
        """Whether only the card's effect on the answer's likelihood can tell."""
        return self.rule is not None and self.rule == Rule(
            trigger=self.rule.trigger, polar=self.rule.polar, everywhere=self.rule.everywhere
        )

    def passes(self, answer: str, question: str = "", lift: float = 0.0) -> bool:
        """Whether the answer shows the lesson; `lift` is `lift_of` the answer, where needed."""
        if not answer.strip():
            return False
        if self.rule is not None:
            return lift >= _LIFT if self.by_lift else not broken(self.rule, answer)
        if self.commands:
            return all(command in answer for command in self.commands)
        # What the question says already proves nothing when it comes back.
        wanted = self.substance - stems(question)
        return bool(wanted) and len(wanted & stems(answer)) >= max(1, _SUBSTANCE * len(wanted))

    def shows(self, answer: str) -> bool:
        """Whether an answer to an unrelated question bears the lesson's mark."""
        if self.rule is None:
            marked = any(command in answer for command in self.commands)
            found = len(self.substance & stems(answer))
            return marked or found >= max(2, 0.5 * len(self.substance))
        rule = self.rule
        signs = Rule(
            opening=rule.opening,
            starts=rule.starts,
            closing=rule.closing,
            last=rule.last,
            joint=rule.joint,
            fence=rule.fence,
        )
        return signs != Rule() and not broken(signs, answer)


def judge_of(lesson: Lesson) -> Judge:
    """The judge of one lesson, made from its own words alone."""
    if lesson.kind is Kind.MANNER:
        return Judge((), frozenset(), rule_of(lesson))
    if defined := definition_of(lesson):
        said = _CONTRACTED.sub(" ", defined.said)
        return Judge((), stems(said) - stems(defined.subject), None)
    return Judge(commands(lesson), key_stems(lesson), None)
