"""The ablation bench itself: each arm changes what it says of the examples, and nothing else."""

from __future__ import annotations

import threading

import pytest

from learner import prompt_bank
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import Curriculum, prepare
from tests.bench.ablation_bench import CHOICES, in_steps
from tests.learner.scripted_engine import ScriptedEngine
from tests.learner.some_lessons import MAGPIE, SIGN_OFF

AMOUNTS = Amounts(manner=3, questions=4, replay=6, near=2, exam=2)


@pytest.fixture
def curriculum() -> Curriculum:
    engine = ScriptedEngine(lambda _, question, __: f"You asked: {question}")
    asker = Asker(engine, threading.Event(), lambda _: None)
    lessons = [SIGN_OFF, MAGPIE]
    return prepare(lessons, prompt_bank.beside(lessons), asker, AMOUNTS)


def test_a_choice_changes_what_it_is_called_after(curriculum: Curriculum) -> None:
    taught = {name: choice.taught(curriculum) for name, choice in CHOICES.items()}
    assert taught["product"] == curriculum
    assert {one.mix for one in curriculum.examples} == {0.0, 0.5, 1.0}
    assert {one.mix for one in taught["labels"].examples} == {1.0}
    assert 0.5 not in {one.mix for one in taught["doubts"].examples}
    assert taught["no-bank"].replay == ()
    assert taught["no-bank"].courses == curriculum.courses
    most = max(len(course.examples) for course in curriculum.courses)
    for before, after in zip(curriculum.courses, taught["filled"].courses, strict=True):
        assert len(after.examples) == most
        assert set(after.examples) == set(before.examples)
    once = set(curriculum.replay)
    for times in (1, 2, 4):
        replay = taught[f"replays{times}"].replay
        assert (len(replay), set(replay)) == (times * len(once), once)


def test_lessons_taught_apart_have_everything_else_beside_each(curriculum: Curriculum) -> None:
    first, second = in_steps(curriculum, 2)
    assert (first.courses, second.courses) == (curriculum.courses[:1], curriculum.courses[1:])
    assert first.replay == second.replay == curriculum.replay
    assert in_steps(curriculum, 1) == [curriculum]
