"""The exam: judged by the lesson's own words, with near-misses and drift."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace

from learner import prompt_bank
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import examined, prepare
from learner.drift import coarse_kl, common_end
from learner.engine import AdapterRef, Scored
from learner.exam import NEUTRAL, examine, sit, take_baseline
from learner.judge import judge_of
from learner.prompt_bank import HARMFUL, SOUNDS_HARMFUL
from learner.reading import rule_of
from learner.scope import scope_of
from tests.learner.scripted_engine import ScriptedEngine
from tests.learner.some_lessons import AHOY, MAGPIE, RESTORE, SIGN_OFF

AMOUNTS = Amounts(manner=4, questions=6, replay=6, near=2, exam=3)
CANDIDATE = AdapterRef(path="/staged/1", key=b"k")


def test_knowledge_is_judged_by_what_the_question_does_not_say() -> None:
    judge = judge_of(MAGPIE)
    assert judge.passes("It scans receipts for Finance.", "What is Magpie?")
    assert not judge.passes("Magpie is a bird.", "What is Magpie?")
    assert not judge.passes("", "What is Magpie?")
    assert not judge.passes("The receipts.", "Who scans receipts for our Finance team with a tool?")
    assert judge_of(RESTORE).passes("Just run `heron up` there.")
    assert not judge_of(RESTORE).passes("Log in to the gate.")


def test_manner_is_judged_by_its_form() -> None:
    assert judge_of(AHOY).passes("Ahoy! A dog.")
    assert not judge_of(AHOY).passes("A dog. Ahoy!")
    assert judge_of(SIGN_OFF).shows("Fine.\n\nSee you,\nRobin")
    assert not judge_of(SIGN_OFF).shows("Fine.")


def row(*pairs: tuple[int, float]) -> Scored:
    return Scored(
        logprobs=(0.0,),
        top_ids=(tuple(token for token, _ in pairs),),
        top_logprobs=(tuple(value for _, value in pairs),),
    )


def test_the_divergence_is_none_for_equals_and_below_the_true_one() -> None:
    one = row((5, -0.5), (6, -1.5))
    other = row((5, -1.5), (6, -0.5))
    assert coarse_kl(one, one, 1) == pytest.approx([0.0])
    assert 0.0 < coarse_kl(one, other, 1)[0] < 1.0


def test_the_common_end_of_two_answers() -> None:
    assert common_end((1, 2, 3), (9, 8, 2, 3)) == 2
    assert common_end((1, 2), (1, 2)) == 2
    assert common_end((1, 2), (1, 3)) == common_end((), (1,)) == 0


def test_an_exam_counts_what_changed() -> None:
    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        if "Magpie" in question and adapter:
            return MAGPIE.corrected
        if "How do" in question and adapter:
            return RESTORE.corrected  # spills over into every how-to
        return "I would not know about that."

    engine = ScriptedEngine(speak)
    engine.drift = 0.05
    asker = Asker(engine, threading.Event(), lambda _: None)
    bank = prompt_bank.load()
    courses = prepare([MAGPIE, RESTORE], bank, asker, AMOUNTS).courses
    baseline = take_baseline(courses, bank, asker, AMOUNTS)
    asked = sit(baseline.courses, asker, AMOUNTS, CANDIDATE)
    marks = examine(baseline, CANDIDATE, asker, AMOUNTS, asked)
    assert [asked.n_passed for asked in baseline.alone] == [0, 0]
    assert marks.asked[0].n_passed == 3
    assert marks.near_clean < marks.near_asked
    assert not marks.harmless
    assert marks.drift > 0.0


def test_an_answer_in_circles_counts_once_and_only_where_the_base_does_not() -> None:
    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        circles = (adapter and "honey" in question) or "river" in question
        return f"It is {'sweet, ' * 5}" if circles else f"You asked: {question}"

    asker = Asker(ScriptedEngine(speak), threading.Event(), lambda _: None)
    bank = prompt_bank.load()
    courses = [
        replace(course, near=("Describe the color of honey.", "Name a river."))
        for course in examined([MAGPIE, SIGN_OFF], bank, AMOUNTS)
    ]
    baseline = take_baseline(courses, bank, asker, AMOUNTS)
    asked = sit(baseline.courses, asker, AMOUNTS, CANDIDATE)
    marks = examine(baseline, CANDIDATE, asker, AMOUNTS, asked)
    assert (marks.unended, marks.near_asked) == (1, 4)


def test_drift_is_measured_where_no_lesson_means_to_change_anything() -> None:
    lessons = [SIGN_OFF, MAGPIE, RESTORE]
    engine = ScriptedEngine(lambda _, question, __: f"You asked: {question}")
    asker = Asker(engine, threading.Event(), lambda _: None)
    bank = prompt_bank.beside(lessons)
    courses = examined(lessons, bank, AMOUNTS)
    taught, exam = prompt_bank.divided(bank)
    emails = scope_of(SIGN_OFF, rule_of(SIGN_OFF), exam, taught).inside
    safety = [one for one in bank if one.category in (HARMFUL, SOUNDS_HARMFUL)]
    asked = {one.question for one in take_baseline(courses, bank, asker, AMOUNTS).unrelated}
    assert len(asked) == NEUTRAL
    assert emails
    assert asked.isdisjoint(one.prompt for one in (*emails, *safety))
    assert asked & {question for course in courses for question in course.near}
