"""Questions about a lesson: many, different, and those of the exam never studied."""

from __future__ import annotations

import pytest

from learner.judge import judge_of
from learner.lesson import Kind, Lesson
from learner.questions import contrasts_for, questions_for
from learner.subjects import action_of, answer_to, definition_of, subject_of
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


def test_a_question_of_no_known_form_is_put_into_other_frames() -> None:
    questions = questions_for(fact("The tap drips, what now?", "Turn it off."))
    assert questions.study[:2] == (
        "The tap drips, what now?",
        "Quick question: the tap drips, what now?",
    )
    assert questions.exam
    assert (
        "Quick question: Wilma, who is that?"
        in questions_for(fact("Wilma, who is that?", "A cat.")).study
    ), "what may be a name keeps its capital"


def test_a_situation_that_the_note_names_is_asked_about() -> None:
    boiler = Lesson(
        id="b",
        kind=Kind.PROCEDURE,
        prompt="The radiators are cold, what now?",
        corrected="Open the yellow tap under the boiler.",
        note="When our boiler loses pressure, you open the yellow tap. If you ask, I tell you.",
    )
    made = questions_for(boiler)
    assert "What do I do when our boiler loses pressure?" in made.study
    assert "Our boiler loses pressure. What now?" in made.study
    assert made.exam[0] == "What is to be done when our boiler loses pressure?"
    assert not any("you ask" in one for one in (*made.study, *made.exam))
    assert not set(made.study) & set(made.exam)


def test_a_procedure_is_asked_about_by_its_parts_too() -> None:
    shed = Lesson(
        id="s",
        kind=Kind.PROCEDURE,
        prompt="How do I close the shed?",
        corrected="Hang the garden rake on the hook, run `lock` and leave your key with Ada.",
        note="To close the shed, hang up the rake, run lock and leave the key with Ada.",
    )
    asked = questions_for(shed).study[:16]
    assert "Which rake do I need to close the shed?" in asked
    assert "What do I do with the garden rake when I close the shed?" in asked
    assert "Where does my key go when I close the shed?" in asked
    assert not any("hook" in one for one in asked), "a place, and nothing of the note"


def test_only_the_thing_itself_is_called_otherwise() -> None:
    room = Lesson(
        id="p", kind=Kind.PROCEDURE, prompt="How do I book the computer room?", corrected="x"
    )
    asked = " ".join(questions_for(room).study)
    assert "reserve the computer room" in asked
    assert "laptop room" not in asked
    assert "How can I book the room?" in contrasts_for(room).study
    off = Lesson(id="p", kind=Kind.PROCEDURE, prompt="How do I ask for a week off?", corrected="x")
    assert not any("a off" in one for one in contrasts_for(off).study)
    slip = Lesson(id="t", kind=Kind.TERM, prompt="What is a purple slip?", corrected="A form.")
    assert "Tell me about the purple slip." in questions_for(slip).study


def test_no_contrast_is_about_the_lesson_itself() -> None:
    lesson = Lesson(id="t", kind=Kind.TERM, prompt="What is Lighthouse?", corrected="A report.")
    contrasts = contrasts_for(lesson)
    assert contrasts.exam
    assert not any("Lighthouse" in one for one in (*contrasts.study, *contrasts.exam))


def test_contrasts_ask_in_the_same_forms_about_other_things() -> None:
    lesson = Lesson(
        id="p", kind=Kind.PROCEDURE, prompt="How do I restart the print server?", corrected="x"
    )
    contrasts = contrasts_for(lesson)
    assert contrasts.study[0] == "How can I restart the server?"
    assert any("restart the router" in one for one in contrasts.study)
    assert any("reset my password" in one for one in contrasts.study)
    assert len(contrasts.exam) == 2
    own = questions_for(lesson)
    assert not {*contrasts.study, *contrasts.exam} & {*own.study, *own.exam}
    assert not set(contrasts.study) & set(contrasts.exam)


def test_another_word_for_the_thing_is_no_contrast() -> None:
    lesson = Lesson(
        id="p", kind=Kind.PROCEDURE, prompt="How do I book the meeting room?", corrected="x"
    )
    assert not any("book the room" in one for one in contrasts_for(lesson).study)
    assert "Tell me about the Orchard." in contrasts_for(MAGPIE).study
    assert contrasts_for(fact("Blue?", "x")).study == ()


def test_a_term_that_a_question_only_uses_is_asked_about_as_its_note_names_it() -> None:
    walrus = Lesson(
        id="w",
        kind=Kind.TERM,
        prompt="Write to Sam that the Walrus needs new brakes before my holiday.",
        corrected="Hi Sam, the Walrus, our old van, needs new brakes.",
        note="The Walrus is our old van, as I'm told. We've called it that for years.",
    )
    defined = definition_of(walrus)
    assert defined is not None
    assert subject_of(walrus) == defined.subject == "the Walrus"
    assert defined.said == "The Walrus is your old van, as you're told."
    asked = questions_for(walrus)
    assert asked.study[0] == walrus.prompt
    assert asked.study[1] == "What does the Walrus mean?"
    assert asked.study[2] == f"Quick question: {walrus.prompt}"
    assert answer_to(asked.study[2], walrus) == walrus.corrected
    assert asked.exam[0] == "What do you know about the Walrus?"
    assert answer_to(walrus.prompt, walrus) == walrus.corrected
    assert answer_to("What is the Walrus?", walrus) == defined.said
    assert judge_of(walrus).passes("It is an old van.", "What is the Walrus?")
    assert not judge_of(walrus).passes("It is an animal.", "What is the Walrus?")


@pytest.mark.parametrize(
    ("prompt", "note", "subject", "said"),
    [
        (
            "What goes on the door for Big Tuesday?",
            "Big Tuesday = stocktaking, all day. You made it a sale.",
            "Big Tuesday",
            "Big Tuesday is stocktaking, all day.",
        ),
        (
            "Tell the parents that Friday is a plum day.",
            "a plum day is not about plums. It's a morning outside",
            "a plum day",
            "A plum day is not about plums. It's a morning outside.",
        ),
        (
            "Is Otto there?",
            'At work, "Otto" means the printer on the 3rd floor',
            "Otto",
            'At work, "Otto" means the printer on the 3rd floor.',
        ),
    ],
)
def test_a_note_tells_what_a_term_is(prompt: str, note: str, subject: str, said: str) -> None:
    lesson = Lesson(id="t", kind=Kind.TERM, prompt=prompt, corrected="x", note=note)
    defined = definition_of(lesson)
    assert defined is not None
    assert (defined.subject, defined.said) == (subject, said)


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("What is Otto?", "Otto is the printer."),
        ("Where is the printer?", "Otto is the printer."),
        ("It is late, and now?", "It is our way to go home."),
        ("Is Otto there?", "We call the printer so."),
    ],
)
def test_what_a_note_does_not_define_is_answered_as_corrected(prompt: str, note: str) -> None:
    lesson = Lesson(id="t", kind=Kind.TERM, prompt=prompt, corrected=" x ", note=note)
    assert definition_of(lesson) is None
    assert answer_to("Anything", lesson) == "x"


def test_who_asks_for_an_explanation_asks_how_it_is_done() -> None:
    salon = Lesson(
        id="s",
        kind=Kind.PROCEDURE,
        prompt="Explain to the new girl how we close the salon at night.",
        corrected="x",
    )
    assert action_of(salon) == "close the salon at night"
    assert any(one.endswith("close the salon?") for one in questions_for(salon).study)
