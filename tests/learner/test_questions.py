"""Questions about a lesson: many, different, and those of the exam never studied."""

from __future__ import annotations

import pytest

from learner.lesson import Kind, Lesson
from learner.questions import action_of, questions_for, subject_of
from tests.learner.some_lessons import MAGPIE, RESTORE


def fact(prompt: str, corrected: str) -> Lesson:
    return Lesson(id="f", kind=Kind.FACT, prompt=prompt, corrected=corrected)


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("What is Magpie?", "Magpie"),
        ("What does TLA mean?", "TLA"),
        ("Where does my aunt live?", "my aunt"),
        ("Who is our tax adviser?", "our tax adviser"),
        ("Blue?", ""),
    ],
)
def test_what_a_question_is_about(prompt: str, subject: str) -> None:
    assert subject_of(fact(prompt, "x")) == subject


def test_what_a_procedure_does() -> None:
    assert action_of(RESTORE) == "restart the server"


@pytest.mark.parametrize("lesson", [MAGPIE, RESTORE, fact("Where is my bike?", "In the shed.")])
def test_many_questions_and_others_for_the_exam(lesson: Lesson) -> None:
    questions = questions_for(lesson)
    assert questions.study[0] == lesson.prompt
    assert len(questions.study) >= 12
    assert len(questions.exam) == 4
    assert not set(questions.study) & set(questions.exam)
    assert len(set(questions.study)) == len(questions.study)


def test_an_action_is_asked_for_in_other_words() -> None:
    assert any("reboot the" in question for question in questions_for(RESTORE).study)


def test_a_name_in_the_answer_is_asked_for_too() -> None:
    questions = questions_for(fact("Who is my aunt?", "Your aunt is Wilma, a painter."))
    assert any("Wilma" in question for question in questions.study)


def test_a_question_of_no_known_form_cannot_be_examined() -> None:
    assert questions_for(fact("Blue or green?", "Green.")).exam == ()
