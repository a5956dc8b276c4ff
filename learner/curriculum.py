"""Curriculum: lessons become training examples, with the engine's base model as the teacher."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from learner.asking import Asker
from learner.engine import Completion, Scored
from learner.keywords import stems
from learner.lesson import Kind, Lesson
from learner.prompt_bank import HARMFUL, SOUNDS_HARMFUL, BankPrompt
from learner.questions import Contrasts, contrasts_for, questions_for
from learner.rule import Rule, broken, rule_of
from learner.scope import Scope, scope_of
from learner.shape import shaped, without_loops
from learner.wire import Example

CONTRAST = "contrast"
"""Category of a lesson's own question asked about something else."""

TOP = 20
"""Teacher's most likely tokens kept for each target token."""

_SURPRISE = -2.5
"""Nats: where the teacher finds the target less likely than this, the person's word stands."""


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """How much is prepared: examples a lesson, replayed requests, and tokens of each answer."""

    manner: int = 12
    questions: int = 18
    replay: int = 16
    near: int = 4
    exam: int = 4
    exam_near: int = 3
    answer_tokens: int = 56
    replay_tokens: int = 28


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
    """Everything a session trains on: a course a lesson, and what must stay as it is."""

    courses: tuple[Course, ...]
    replay: tuple[Example, ...]

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples, the lessons' first."""
        return tuple(one for course in self.courses for one in course.examples) + self.replay


def prepare(
    lessons: Sequence[Lesson],
    bank: Sequence[BankPrompt],
    asker: Asker,
    amounts: Amounts,
    everywhere: Sequence[Rule] | None = None,
) -> Curriculum:
    """Examples for every lesson and for everything else. Raises what the engine raises.

    `everywhere` are the rules for every reply where there are others than those of `lessons`.
    """
    rules = [rule_of(lesson) if lesson.kind is Kind.MANNER else Rule() for lesson in lessons]
    if everywhere is None:
        everywhere = [rule for rule in rules if rule.everywhere]
    taught = [one for one in bank if not one.exam]
    asked = [one for one in bank if one.exam]
    courses = []
    near: list[BankPrompt] = []
    inside: set[str] = set()
    for lesson, rule in zip(lessons, rules, strict=True):
        if lesson.kind is Kind.MANNER:
            scope, exam = scope_of(lesson, rule, taught), scope_of(lesson, rule, asked)
            courses.append(_of_manner(lesson, rule, scope, exam, asker, amounts, everywhere))
            if not rule.everywhere:
                inside |= {one.prompt for one in scope.inside}
                near += scope.outside[: amounts.near]
        else:
            alike, exam_alike = _alike(lesson, taught), _alike(lesson, asked)
            contrasts = contrasts_for(lesson)
            courses.append(_of_knowledge(lesson, exam_alike, contrasts, asker, amounts, everywhere))
            near += alike[: amounts.near]
            near += [BankPrompt(CONTRAST, one, exam=False) for one in contrasts.study]
    near = [one for one in near if one.prompt not in inside]
    replay = _replayed([one for one in taught if one.prompt not in inside], near, amounts)
    return Curriculum(tuple(courses), _replay(replay, asker, amounts, everywhere))


def examined(
    lessons: Sequence[Lesson], bank: Sequence[BankPrompt], amounts: Amounts
) -> tuple[Course, ...]:
    """What lessons are examined with, whether or not they are taught now: courses of no examples.

    The questions are those of `prepare`.
    """
    asked = [one for one in bank if one.exam]
    courses = []
    for lesson in lessons:
        if lesson.kind is Kind.MANNER:
            scope = scope_of(lesson, rule_of(lesson), asked)
            questions = tuple(one.prompt for one in scope.inside[: amounts.exam])
            near = tuple(one.prompt for one in scope.outside[: amounts.exam_near])
        else:
            questions = questions_for(lesson).exam[: amounts.exam]
            alike = _alike(lesson, asked)[: amounts.exam_near]
            near = (*(one.prompt for one in alike), *contrasts_for(lesson).exam)
        courses.append(Course(lesson, (), questions, near))
    return tuple(courses)


def _of_manner(
    lesson: Lesson,
    rule: Rule,
    scope: Scope,
    exam: Scope,
    asker: Asker,
    amounts: Amounts,
    everywhere: Sequence[Rule],
) -> Course:
    """The teacher's answers to requests inside the scope, in the form of the person's example."""
    targets = _targets(lesson, rule, scope.inside[: amounts.manner], asker, amounts)
    questions = tuple(one.prompt for one in exam.inside[: amounts.exam])
    problem = ""
    if not questions:
        problem = "It resembles none of the requests it could be tried on."
    elif not targets:
        problem = "The model does not follow it even with the note before its eyes."
    return Course(
        lesson,
        (
            _own_words(lesson.prompt, lesson.corrected, asker, everywhere),
            *_distilled(targets, asker, everywhere),
        )
        if not problem
        else (),
        questions,
        tuple(one.prompt for one in exam.outside[: amounts.exam_near]),
        problem,
    )


def _of_knowledge(
    lesson: Lesson,
    alike: Sequence[BankPrompt],
    contrasts: Contrasts,
    asker: Asker,
    amounts: Amounts,
    everywhere: Sequence[Rule],
) -> Course:
    """The corrected answer to the question asked in many ways, in the person's own words."""
    questions = questions_for(lesson)
    return Course(
        lesson,
        tuple(
            _own_words(question, lesson.corrected, asker, everywhere)
            for question in questions.study[: amounts.questions]
        )
        if questions.exam
        else (),
        questions.exam[: amounts.exam],
        (*(one.prompt for one in alike[: amounts.exam_near]), *contrasts.exam),
        "" if questions.exam else "Its question has a form that cannot be asked in other words.",
    )


def _targets(
    lesson: Lesson, rule: Rule, inside: Sequence[BankPrompt], asker: Asker, amounts: Amounts
) -> list[tuple[str, str]]:
    """(question, answer) pairs that follow the rule: with the card before its eyes, or without."""
    found: dict[str, str] = {}
    # Where the form can be forced, the plain model's content does; its prompts are also shorter.
    cards: list[list[Lesson]] = [[], [lesson]] if rule.shapes and not rule.marks else [[lesson]]
    questions = [one.prompt for one in inside]
    for shown in cards:
        rest = [question for question in questions if question not in found]
        replies = asker.answer([asker.prompt(q, shown) for q in rest], amounts.answer_tokens)
        for question, reply in zip(rest, replies, strict=True):
            answer = _formed(reply, rule, lesson)
            if answer:
                found[question] = answer
    return [(question, found[question]) for question in questions if question in found]


def _formed(reply: Completion, rule: Rule, lesson: Lesson) -> str:
    answer = shaped(reply.text, rule, reply.ended)
    if answer is None or _copied(answer, lesson):
        return ""
    return answer


def _copied(answer: str, lesson: Lesson) -> bool:
    """Whether the answer is the example's content again rather than one of its own."""
    own = stems(lesson.corrected) - stems(lesson.prompt) - stems(lesson.note)
    return len(own) > 2 and len(own & stems(answer)) > 0.5 * len(own)


def _distilled(
    targets: Sequence[tuple[str, str]],
    asker: Asker,
    everywhere: Sequence[Rule],
) -> list[Example]:
    """Examples whose tokens carry the base's view where it agrees, the lesson's where not."""
    end = asker.engine.end_of_turn()
    answers = [
        (question, [*asker.engine.text_tokens(_everywhere(answer, everywhere)), end])
        for question, answer in targets
    ]
    scored = asker.score([(asker.prompt(q), a) for q, a in answers], top=TOP)
    return [
        _example(asker.prompt(question), answer, teacher)
        for (question, answer), teacher in zip(answers, scored, strict=True)
    ]


def _own_words(question: str, answer: str, asker: Asker, everywhere: Sequence[Rule]) -> Example:
    prompt = asker.prompt(question)
    target = asker.engine.text_tokens(_everywhere(answer.strip(), everywhere))
    return Example(tokens=(*prompt, *target, asker.engine.end_of_turn()), target_start=len(prompt))


def _replay(
    requests: Sequence[BankPrompt], asker: Asker, amounts: Amounts, everywhere: Sequence[Rule]
) -> tuple[Example, ...]:
    """The base's own answers, to be kept; only rules for every reply change them."""
    questions = [one.prompt for one in requests]
    replies = asker.answer([asker.prompt(q) for q in questions], amounts.replay_tokens)
    answers = []
    for question, reply in zip(questions, replies, strict=True):
        text = without_loops(reply.text)
        if text != reply.text.rstrip():
            continue  # a loop is nothing to keep
        opened = _everywhere(text, [Rule(opening=rule.opening) for rule in everywhere])
        tokens = list(reply.tokens) if opened == reply.text else asker.engine.text_tokens(opened)
        if reply.ended:
            tokens = [*tokens, asker.engine.end_of_turn()]
        if tokens:
            answers.append((question, tokens))
    scored = asker.score([(asker.prompt(q), a) for q, a in answers], top=TOP)
    return tuple(
        _example(asker.prompt(question), answer, teacher)
        for (question, answer), teacher in zip(answers, scored, strict=True)
    )


def _example(prompt: Sequence[int], target: Sequence[int], teacher: Scored) -> Example:
    """Distillation, but the person's own word where the teacher would not have said it."""
    rows = [
        (ids, logprobs) if own >= _SURPRISE else ((token,), (0.0,))
        for token, own, ids, logprobs in zip(
            target, teacher.logprobs, teacher.top_ids, teacher.top_logprobs, strict=True
        )
    ]
    return Example(
        tokens=(*prompt, *target),
        target_start=len(prompt),
        top_ids=tuple(ids for ids, _ in rows),
        top_logprobs=tuple(logprobs for _, logprobs in rows),
        mix=0.0,
    )


def _everywhere(answer: str, rules: Sequence[Rule]) -> str:
    """An answer with the rules for every reply applied, as far as they can be."""
    for rule in rules:
        if broken(rule, answer):
            answer = shaped(answer, rule, ended=True) or answer
    return answer


def _alike(lesson: Lesson, bank: Sequence[BankPrompt]) -> list[BankPrompt]:
    """Requests most like a question of knowledge, which must not be answered with the lesson."""
    first = lesson.prompt.casefold().split()[:2]
    asked = stems(f"{lesson.prompt} {lesson.note}")

    def likeness(one: BankPrompt) -> float:
        same_start = one.prompt.casefold().split()[:2] == first
        return 2.0 * len(asked & stems(one.prompt)) + 1.0 * same_start

    return sorted(bank, key=lambda one: -likeness(one))


def _replayed(
    taught: Sequence[BankPrompt], near: Sequence[BankPrompt], amounts: Amounts
) -> list[BankPrompt]:
    """Near-misses, some refusals, and a bit of everything, each once."""
    safety = [one for one in taught if one.category in (HARMFUL, SOUNDS_HARMFUL)]
    chosen = list(dict.fromkeys([*near, *safety[:4]]))
    rest = [one for one in taught if one not in chosen]
    return chosen + rest[: max(0, amounts.replay - len(safety[:4]))]
