"""Curriculum: lessons become training examples, with the engine's base model as the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from learner import prompt_bank
from learner.amounts import Amounts
from learner.asking import GROUP, Asker
from learner.house import House
from learner.keywords import stems
from learner.lesson import Kind, Lesson
from learner.prompt_bank import HARMFUL, SOUNDS_HARMFUL, BankPrompt
from learner.questions import contrasts_for, questions_for
from learner.reading import form_of, rule_of
from learner.rehearsal import rehearsals_of, rehearsed
from learner.rule import Rule
from learner.scope import scope_of
from learner.targets import targets_of
from learner.wire import Example
from learner.writing import Writer

_FIRM = 0.5
"""Share of a manner target's own words against the teacher's doubts: it has chosen them, often with
little more than half of its belief, and no more than that would be learned of them (LOG.md)."""

_OFTEN = 2
"""How often a round has each of the base's own answers: once lets the model drift further, and
teaches the lessons no better (LOG.md)."""

_FEW = 4
"""Lessons, with none before them, that move the model so little that once is enough: twice took
nearly twice as long for the same drift (LOG.md)."""

_UNTRIED = (
    "It resembles none of the requests it could be tried on, so it is only shown to the model. It"
    " may help to say in its note what kind of answer it is about, such as emails or recipes."
)

CONTRAST = "contrast"
"""Category of a lesson's own question asked about something else."""


class Course(msgspec.Struct, frozen=True):
    """What one lesson is taught and examined with; `problem` says why it cannot be studied.

    `questions` are answered as the lesson wants in its examination, `near` must stay as they are.
    """

    lesson: Lesson
    examples: tuple[Example, ...]
    questions: tuple[str, ...]
    near: tuple[str, ...]
    problem: str = ""


class Curriculum(msgspec.Struct, frozen=True):
    """Everything a session trains on: a course a lesson, and what must stay as it is.

    `rehearsed` are answers to questions of earlier lessons, `replay` the base's own
    answers, each as often as a round has it, `shown` questions answered by a fact in the prompt.
    """

    courses: tuple[Course, ...]
    rehearsed: tuple[Example, ...]
    replay: tuple[Example, ...]
    shown: tuple[Example, ...]

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples, the lessons' first."""
        own = tuple(one for course in self.courses for one in course.examples)
        return own + self.rehearsed + self.replay + self.shown


def prepare(
    lessons: Sequence[Lesson],
    bank: Sequence[BankPrompt],
    asker: Asker,
    amounts: Amounts,
    before: Sequence[Lesson] = (),
    pupil: Asker | None = None,
) -> Curriculum:
    """Examples for every lesson and for everything else. Raises what the engine raises.

    `asker` asks the base model, `pupil` the one to be trained, which has learned the lessons
    `before`. Only these are asked of the pupil: all else is kept as the base has it, so that what
    an earlier training moved comes back.
    """
    rules = [form_of(lesson) for lesson in lessons]
    writer = Writer(asker, House.of([*before, *lessons]))
    taught, _ = prompt_bank.divided(bank)
    courses = []
    near: list[BankPrompt] = []
    inside: set[str] = set()
    for course, rule in zip(examined(lessons, bank, amounts), rules, strict=True):
        lesson = course.lesson
        if lesson.kind is Kind.MANNER:
            scope = scope_of(lesson, rule, taught)
            courses.append(_of_manner(course, rule, scope.varied, writer, amounts))
            if not rule.everywhere:
                inside |= {one.prompt for one in scope.inside}
                near += scope.outside[: amounts.near]
        else:
            courses.append(_of_knowledge(course, writer, amounts))
            near += _alike(lesson, taught)[: amounts.near]
            near += [BankPrompt(CONTRAST, one, exam=False) for one in contrasts_for(lesson).study]
    again: tuple[Example, ...] = ()
    rehearsals = rehearsals_of(before, taught, amounts)
    if pupil is not None:
        again = rehearsed(rehearsals, inside, Writer(pupil, writer.house), amounts)
    for one in rehearsals:
        inside |= {*one.own, *one.inside}
    free = [one for one in taught if one.prompt not in inside]
    safety = [one.prompt for one in free if one.category in (HARMFUL, SOUNDS_HARMFUL)]
    safety = safety[: amounts.safety]
    close = [one.prompt for one in near if one.prompt not in {*inside, *safety}]
    others = [one.prompt for one in free if one.prompt not in {*safety, *close}][: amounts.replay]
    kept = writer.replayed(safety, amounts.replay_tokens, mended=True)
    kept += writer.replayed(close, amounts.replay_tokens)
    for group in _neighbours(others):
        kept += writer.replayed(group, amounts.beginning_tokens)
    often = 1 if not before and len(lessons) <= _FEW else _OFTEN
    return Curriculum(tuple(courses), again, often * kept, writer.obeying(amounts.obeying))


def examined(
    lessons: Sequence[Lesson], bank: Sequence[BankPrompt], amounts: Amounts
) -> tuple[Course, ...]:
    """What lessons are examined with, whether or not they are taught: courses of no examples.

    One that cannot even be examined says so.
    """
    taught, asked = prompt_bank.divided(bank)
    courses = []
    for lesson in lessons:
        if lesson.kind is Kind.MANNER:
            rule = rule_of(lesson)
            scope = scope_of(lesson, rule, asked, taught)
            # What it is taught on comes first: one with other requests beside would fail those.
            inside = list(scope.inside)
            if rule.by_topic:
                own = scope_of(lesson, rule, taught).category
                inside.sort(key=lambda one: one.category != own)
            questions = tuple(one.prompt for one in inside[: amounts.exam])
            near = tuple(one.prompt for one in scope.outside[: amounts.exam_near])
        else:
            questions = questions_for(lesson).exam[: amounts.exam]
            alike = _alike(lesson, asked)[: amounts.exam_near]
            near = (*(one.prompt for one in alike), *contrasts_for(lesson).exam)
        problem = "" if questions else _UNTRIED
        courses.append(Course(lesson, (), questions, near, problem))
    return tuple(courses)


def _of_manner(
    course: Course, rule: Rule, inside: Sequence[BankPrompt], writer: Writer, amounts: Amounts
) -> Course:
    """With the teacher's answers to requests inside the scope, in the form of the example."""
    lesson = course.lesson
    if course.problem:
        return course
    targets = targets_of(lesson, rule, inside, writer, amounts)
    if not targets:
        why = "The model does not follow it even with the note before its eyes."
        return msgspec.structs.replace(course, problem=why)
    examples = writer.distilled(
        [writer.asker.prompt(one.question) for one in targets],
        [
            (
                writer.asked(one.question, lesson, by_teacher=one.by_teacher),
                writer.tokens(one.answer, ended=one.ended),
            )
            for one in targets
        ],
        [
            writer.tokens(writer.house.written(one.answer, rule, one.question), ended=one.ended)
            for one in targets
        ],
        mix=_FIRM,
    )
    own = writer.own_words(lesson.prompt, lesson, rule)
    return msgspec.structs.replace(course, examples=(own, *examples))


def _of_knowledge(course: Course, writer: Writer, amounts: Amounts) -> Course:
    """With the corrected answer to the question asked in many ways, in the person's own words."""
    questions = questions_for(course.lesson).study[: amounts.questions]
    examples = tuple(writer.own_words(question, course.lesson, Rule()) for question in questions)
    return msgspec.structs.replace(course, examples=examples)


def _neighbours(prompts: Sequence[str]) -> list[list[str]]:
    """Prompts of the bank by their places in it, so that the same are asked together every night.

    The memo knows whole groups; one prompt that a new lesson takes for itself changes one of them.
    """
    places = {one.prompt: place // GROUP for place, one in enumerate(prompt_bank.load())}
    return [list(group) for _, group in groupby(prompts, key=places.__getitem__)]


def _alike(lesson: Lesson, bank: Sequence[BankPrompt]) -> list[BankPrompt]:
    """Requests most like a question of knowledge, which must not be answered with the lesson."""
    first = lesson.prompt.casefold().split()[:2]
    asked = stems(f"{lesson.prompt} {lesson.note}")

    def likeness(one: BankPrompt) -> float:
        same_start = one.prompt.casefold().split()[:2] == first
        return 2.0 * len(asked & stems(one.prompt)) + 1.0 * same_start

    return sorted(bank, key=lambda one: -likeness(one))
