"""Rehearsal: what earlier lessons taught, so that later ones do not undo it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from learner.amounts import Amounts
from learner.lesson import Kind, Lesson
from learner.prompt_bank import BankPrompt
from learner.questions import questions_for
from learner.reading import form_of
from learner.rule import Rule
from learner.scope import scope_of
from learner.targets import formed, offends, tokens_each, within
from learner.wire import Example
from learner.writing import Pair, Writer

_FIRM = 0.5
"""Share of the words themselves against the pupil's doubts: where it doubts, it was moved."""


class Rehearsal(msgspec.Struct, frozen=True):
    """An earlier lesson and how it is rehearsed.

    `own` are questions answered in the person's own words, `others` those that the pupil is asked,
    of which as many as `wanted` are taken. `inside` are all of the bank that the lesson is about.
    """

    lesson: Lesson
    rule: Rule
    own: tuple[str, ...]
    others: tuple[str, ...] = ()
    wanted: int = 0
    inside: frozenset[str] = frozenset()


def rehearsals_of(
    before: Sequence[Lesson], bank: Sequence[BankPrompt], amounts: Amounts
) -> tuple[Rehearsal, ...]:
    """As many questions of each earlier lesson; rules for every reply are in all replays."""
    taught = [(one, rule) for one in before if not (rule := form_of(one)).everywhere]
    share = max(1, amounts.rehearsed // max(1, len(taught)))
    found = []
    for lesson, rule in taught:
        if lesson.kind is Kind.MANNER:
            scope = scope_of(lesson, rule, bank)
            others = tuple(within(rule, scope.varied, amounts))
            inside = frozenset(one.prompt for one in scope.inside)
            found.append(Rehearsal(lesson, rule, (lesson.prompt,), others, share - 1, inside))
        else:
            # The first ones all ask what it is; who has it and when it is come later.
            asked = questions_for(lesson).study[: amounts.questions]
            own = tuple(asked[place * len(asked) // share] for place in range(share))
            found.append(Rehearsal(lesson, rule, tuple(dict.fromkeys(own))))
    return tuple(found)


def rehearsed(
    rehearsals: Sequence[Rehearsal],
    but: Collection[str],
    pupil: Writer,
    amounts: Amounts,
) -> tuple[Example, ...]:
    """Earlier lessons' own answers, and the pupil's, which has learned them, in their form.

    What the pupil says wrongly by now (a fourth point for three, another date for the person's own)
    would be taught once more if it were kept as it is. Questions in `but` are left out. Raises what
    the engine raises.
    """
    prompts: list[Sequence[int]] = []
    teachers: list[Pair] = []
    targets: list[Sequence[int]] = []

    def add(question: str, answer: str, target: str, *, ended: bool) -> None:
        prompts.append(pupil.asker.prompt(question))
        teachers.append((prompts[-1], pupil.tokens(answer, ended=ended)))
        targets.append(pupil.tokens(target, ended=ended))

    for one in rehearsals:
        for question in one.own:
            said = pupil.in_own_words(question, one.lesson, one.rule)
            add(question, said, said, ended=True)
        for question, answer, ended in _answered(one, but, pupil, amounts):
            written = pupil.house.written(answer, one.rule, question)
            add(question, answer, written, ended=ended)
    return pupil.distilled(prompts, teachers, targets, mix=_FIRM)


def _answered(
    one: Rehearsal, but: Collection[str], pupil: Writer, amounts: Amounts
) -> list[tuple[str, str, bool]]:
    """Questions with the pupil's answers in the lesson's form, and whether they are whole."""
    length = tokens_each(one.lesson, pupil, amounts)
    rest = [question for question in one.others if question not in but][: 2 * one.wanted]
    found: list[tuple[str, str, bool]] = []
    while rest and (missing := one.wanted - len(found)) > 0:
        tried, rest = rest[:missing], rest[missing:]
        replies = pupil.asker.answer([pupil.asker.prompt(question) for question in tried], length)
        for question, reply in zip(tried, replies, strict=True):
            answer = formed(question, reply, one.rule, one.lesson)
            if answer and not offends(answer, one.rule, pupil):
                found.append((question, answer, reply.ended or one.rule.ends))
    return found
