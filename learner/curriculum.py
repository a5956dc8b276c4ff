"""Curriculum: lessons become training examples, with the engine's base model as the teacher."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from learner.asking import Asker
from learner.engine import Completion, Scored
from learner.house import House
from learner.keywords import stems
from learner.lesson import Kind, Lesson
from learner.prompt_bank import HARMFUL, SOUNDS_HARMFUL, BankPrompt
from learner.questions import Contrasts, contrasts_for, questions_for
from learner.refusals import declines
from learner.rule import Rule, broken, has_phrase, rule_of
from learner.scope import Scope, scope_of
from learner.shape import shaped
from learner.shown_facts import SHOWN_FACTS
from learner.spelling import varies
from learner.wire import Example

CONTRAST = "contrast"
"""Category of a lesson's own question asked about something else."""

TOP = 20
"""Teacher's most likely tokens kept for each target token."""


_PLACEHOLDER = re.compile(r"\[[A-Z][\w' -]{2,}\]")
_NAME = re.compile(r"(?<![.!?\n] )(?<![.!?\n])(?<!^)\b([A-Z][a-z]{2,})\b")
"""A capitalised word that does not begin a sentence."""


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """How much is prepared: examples a lesson, replayed requests, and tokens of each answer."""

    manner: int = 12
    questions: int = 16
    replay: int = 32
    safety: int = 8
    obeying: int = 4
    near: int = 4
    exam: int = 4
    exam_near: int = 3
    answer_tokens: int = 44
    replay_tokens: int = 24


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

    `replay` are the base's own answers, `shown` questions answered by a fact in the prompt.
    """

    courses: tuple[Course, ...]
    replay: tuple[Example, ...]
    shown: tuple[Example, ...] = ()

    @property
    def examples(self) -> tuple[Example, ...]:
        """All examples, the lessons' first."""
        own = tuple(one for course in self.courses for one in course.examples)
        return own + self.replay + self.shown


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
    house = House(tuple(rules), tuple(everywhere))
    taught = [one for one in bank if not one.exam]
    asked = [one for one in bank if one.exam]
    courses = []
    near: list[BankPrompt] = []
    inside: set[str] = set()
    for lesson, rule in zip(lessons, rules, strict=True):
        if lesson.kind is Kind.MANNER:
            scope, exam = scope_of(lesson, rule, taught), scope_of(lesson, rule, asked)
            courses.append(_of_manner(lesson, rule, scope, exam, asker, amounts, house))
            if not rule.everywhere:
                inside |= {one.prompt for one in scope.inside}
                near += scope.outside[: amounts.near]
        else:
            alike, exam_alike = _alike(lesson, taught), _alike(lesson, asked)
            contrasts = contrasts_for(lesson)
            courses.append(_of_knowledge(lesson, exam_alike, contrasts, asker, amounts, house))
            near += alike[: amounts.near]
            near += [BankPrompt(CONTRAST, one, exam=False) for one in contrasts.study]
    near = [one for one in near if one.prompt not in inside]
    replay = _replayed([one for one in taught if one.prompt not in inside], near, amounts)
    kept = _replay(replay, asker, amounts, house)
    return Curriculum(tuple(courses), kept, _obeying(asker, amounts, house))


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
    house: House,
) -> Course:
    """The teacher's answers to requests inside the scope, in the form of the person's example."""
    targets = _targets(lesson, rule, scope.inside[: 2 * amounts.manner], asker, amounts, house)
    questions = tuple(one.prompt for one in exam.inside[: amounts.exam])
    problem = ""
    if not questions:
        problem = "It resembles none of the requests it could be tried on."
    elif not targets:
        problem = "The model does not follow it even with the note before its eyes."
    return Course(
        lesson,
        (
            _own_words(lesson.prompt, lesson.corrected, rule, asker, house),
            *_distilled(targets, lesson, rule, asker, house),
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
    house: House,
) -> Course:
    """The corrected answer to the question asked in many ways, in the person's own words."""
    questions = questions_for(lesson)
    return Course(
        lesson,
        tuple(
            _own_words(question, lesson.corrected, Rule(), asker, house)
            for question in questions.study[: amounts.questions]
        )
        if questions.exam
        else (),
        questions.exam[: amounts.exam],
        (*(one.prompt for one in alike[: amounts.exam_near]), *contrasts.exam),
        "" if questions.exam else "Its question has a form that cannot be asked in other words.",
    )


class _Target(msgspec.Struct, frozen=True):
    """An answer to be learned, and in whose eyes: the lesson's teacher's, or the plain model's."""

    question: str
    answer: str
    by_teacher: bool
    ended: bool


def _targets(
    lesson: Lesson,
    rule: Rule,
    inside: Sequence[BankPrompt],
    asker: Asker,
    amounts: Amounts,
    house: House,
) -> list[_Target]:
    """Answers that follow the rule, of the teacher who saw the example, or of the plain model.

    A rule that leaves an answer's content alone (an opening for every reply, the way dates are
    written) is put on the plain model's own answers first: that teaches the rule and nothing else.
    Where a rule forbids something, requests at which the plain model offends come first. Answers
    go on from the opening that they are to have: what comes after it is then the model's own.
    """
    begun = _begun(rule, asker, house)
    found: dict[str, _Target] = {}
    teachers = (False, True) if rule.everywhere or rule.rewrites else (True, False)
    questions = [one.prompt for one in inside]
    if rule.banned:
        questions = _offending_first(rule, questions, asker, amounts)
    for by_teacher in teachers:
        if not by_teacher and not (rule.shapes or rule.rewrites or rule.banned):
            continue
        missing = amounts.manner - len(found)
        rest = [question for question in questions if question not in found]
        # A few more than are wanted: some answers are not fit to be learned.
        rest = rest[: missing + missing // 4] if missing > 0 else []
        prompts = [[*_asked_by(asker, q, lesson, by_teacher), *begun] for q in rest]
        replies = asker.answer(prompts, amounts.answer_tokens)
        for question, reply in zip(rest, replies, strict=True):
            answer = _formed(question, reply, rule, lesson)
            if answer:
                ended = reply.ended or rule.ends
                found[question] = _Target(question, answer, by_teacher, ended)
    return [found[question] for question in questions if question in found][: amounts.manner]


def _offending_first(
    rule: Rule, questions: Sequence[str], asker: Asker, amounts: Amounts
) -> list[str]:
    tried = questions[: amounts.manner + amounts.manner // 2]
    replies = asker.answer([asker.prompt(q) for q in tried], amounts.replay_tokens)
    offending = [
        question
        for question, reply in zip(tried, replies, strict=True)
        if "banned words" in broken(rule, reply.text)
    ]
    return [*offending, *(question for question in questions if question not in offending)]


def _begun(rule: Rule, asker: Asker, house: House) -> list[int]:
    """The tokens of the opening that an answer is given."""
    opening = house.begins(rule)
    return asker.engine.text_tokens(opening) if opening else []


def _asked_by(asker: Asker, question: str, lesson: Lesson, by_teacher: bool) -> list[int]:
    return asker.taught(question, lesson) if by_teacher else asker.prompt(question)


def _formed(question: str, reply: Completion, rule: Rule, lesson: Lesson) -> str:
    """A reply in the lesson's form, fit to be learned; "" when it cannot be."""
    answer = shaped(reply.text, rule, reply.ended, question)
    if answer is None or _copied(question, answer, lesson) or _PLACEHOLDER.search(answer):
        return ""
    if declines(answer) and not (rule.everywhere or declines(lesson.corrected)):
        return ""
    if rule.rewrites and not rule.shapes:
        # What has no date, or no word that is spelt in two ways, shows nothing of the rule.
        shown = rule.dates and re.search(rule.pattern, answer)
        return answer if shown or (rule.spelling and varies(answer)) else ""
    return answer


def _copied(question: str, answer: str, lesson: Lesson) -> bool:
    """Whether the answer is the example's content again rather than one of its own."""
    own = stems(lesson.corrected) - stems(lesson.prompt) - stems(lesson.note)
    if len(own) > 2 and len(own & stems(answer)) > 0.5 * len(own):
        return True
    names = set(_NAME.findall(f"{lesson.prompt} {lesson.corrected}"))
    told = f"{question} {lesson.note}"
    return any(has_phrase(answer, name) and not has_phrase(told, name) for name in names)


def _distilled(
    targets: Sequence[_Target], lesson: Lesson, rule: Rule, asker: Asker, house: House
) -> list[Example]:
    """Examples whose tokens carry the teacher's view where it agrees, the lesson's where not."""
    answers = []
    for one in targets:
        text = house.written(one.answer, rule, one.question)
        answers.append((one, _tokens(text, asker, ended=one.ended)))
    scored = asker.score(
        [(_asked_by(asker, one.question, lesson, one.by_teacher), told) for one, told in answers],
        top=TOP,
    )
    return [
        _example(asker.prompt(one.question), told, teacher, _given(told, asker, house))
        for (one, told), teacher in zip(answers, scored, strict=True)
    ]


def _tokens(text: str, asker: Asker, *, ended: bool = False) -> list[int]:
    tokens = asker.engine.text_tokens(text)
    return [*tokens, asker.engine.end_of_turn()] if ended else tokens


def _given(answer: Sequence[int], asker: Asker, house: House) -> int:
    """How many tokens an answer begins with that another shard's rule puts there."""
    given = house.given.rstrip()
    opening = asker.engine.text_tokens(given) if given else []
    begins = bool(opening) and list(answer[: len(opening)]) == opening
    return len(opening) if begins and len(answer) > len(opening) else 0


def _own_words(question: str, answer: str, rule: Rule, asker: Asker, house: House) -> Example:
    prompt = asker.prompt(question)
    target = _tokens(house.written(answer.strip(), rule, question), asker, ended=True)
    start = len(prompt) + _given(target, asker, house)
    return Example(tokens=(*prompt, *target), target_start=start)


def _replay(
    requests: Sequence[BankPrompt], asker: Asker, amounts: Amounts, house: House
) -> tuple[Example, ...]:
    """The base's own answers, to be kept, as far as no lesson of the shard forbids them."""
    begun = _begun(Rule(), asker, house)
    opening = house.begins(Rule())
    prompts = [asker.prompt(one.prompt) for one in requests]
    replies = asker.answer([[*prompt, *begun] for prompt in prompts], amounts.replay_tokens)
    answers = []
    for prompt, reply in zip(prompts, replies, strict=True):
        apart = " " if opening and not reply.text[:1].isspace() else ""
        text = house.kept(f"{opening}{apart}{reply.text}", ended=reply.ended)
        if text:
            exact = text == opening + reply.text
            tokens = [*begun, *reply.tokens] if exact else _tokens(text, asker)
            end = [asker.engine.end_of_turn()] if reply.ended else []
            answers.append((prompt, [*tokens, *end]))
    return _scored(answers, asker, house)


def _obeying(asker: Asker, amounts: Amounts, house: House) -> tuple[Example, ...]:
    """Facts shown as the product shows them, so that the weights do not overrule what is shown."""
    return _scored(
        [
            (
                asker.prompt(fact.prompt, [fact]),
                _tokens(house.written(fact.corrected, Rule(), fact.prompt), asker, ended=True),
            )
            for fact in SHOWN_FACTS[: amounts.obeying]
        ],
        asker,
        house,
    )


def _scored(
    answers: Sequence[tuple[list[int], list[int]]], asker: Asker, house: House
) -> tuple[Example, ...]:
    scored = asker.score(answers, top=TOP)
    return tuple(
        _example(prompt, answer, teacher, _given(answer, asker, house))
        for (prompt, answer), teacher in zip(answers, scored, strict=True)
    )


def _example(prompt: Sequence[int], target: Sequence[int], teacher: Scored, given: int) -> Example:
    """Distillation, but the lesson's own word where the teacher would have said another.

    The first `given` tokens of the target are not learned.
    """
    rows = [
        (ids, logprobs) if ids[0] == token else ((token,), (0.0,))
        for token, ids, logprobs in zip(target, teacher.top_ids, teacher.top_logprobs, strict=True)
    ][given:]
    return Example(
        tokens=(*prompt, *target),
        target_start=len(prompt) + given,
        top_ids=tuple(ids for ids, _ in rows),
        top_logprobs=tuple(logprobs for _, logprobs in rows),
        mix=0.0,
    )


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
    chosen = list(dict.fromkeys([*near, *safety[: amounts.safety]]))
    rest = [one for one in taught if one not in chosen]
    return chosen + rest[: max(0, amounts.replay - amounts.safety)]
