"""The curriculum: who is taught what, in whose words, and what stays as it is."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import pytest
from msgspec import structs

from learner import prompt_bank
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import Curriculum, prepare
from learner.engine import AdapterRef
from learner.errors import TrainingStoppedError
from learner.lesson import Kind, Lesson
from learner.reading import rule_of
from learner.scope import scope_of
from learner.wire import Example
from tests.learner.scripted_engine import ScriptedEngine
from tests.learner.some_lessons import AHOY, MAGPIE, MORSE, RESTORE, SIGN_OFF

SUMMED = Lesson(
    id="summed",
    kind=Kind.MANNER,
    prompt="Why do geese fly in a V?",
    corrected="Each rises in the air behind another.\n\nIn short: to save strength.",
    note='End every reply with a line that starts with "In short:".',
)

AMOUNTS = Amounts(manner=6, questions=8, replay=10, near=3, exam=3)


def plain(_: str, question: str, __: AdapterRef | None) -> str:
    return f"You asked about {question.split()[-1]} Here is more of it."


def prepared(engine: ScriptedEngine, lessons: Sequence[Lesson]) -> Curriculum:
    asker = Asker(engine, threading.Event(), lambda _: None)
    return prepare(lessons, prompt_bank.beside(lessons), asker, AMOUNTS)


def target(engine: ScriptedEngine, example: Example) -> str:
    return engine.text_of(example.tokens[example.target_start :])


def question(engine: ScriptedEngine, example: Example) -> str:
    return engine.text_of(example.tokens[: example.target_start])


def test_knowledge_is_taught_in_the_persons_own_words() -> None:
    engine = ScriptedEngine(plain)
    (course,) = prepared(engine, [MAGPIE]).courses
    assert len(course.examples) == AMOUNTS.questions
    assert {target(engine, one) for one in course.examples} == {MAGPIE.corrected}
    assert all(one.tokens[-1] == engine.end_of_turn() for one in course.examples)
    assert all(one.mix == 1.0 for one in course.examples)


def test_manner_is_taught_on_other_requests_in_the_persons_form() -> None:
    engine = ScriptedEngine(plain)
    (course,) = prepared(engine, [SIGN_OFF]).courses
    first, *others = course.examples
    assert target(engine, first) == SIGN_OFF.corrected
    assert len(others) == AMOUNTS.manner
    for one in others:
        assert target(engine, one).endswith("See you,\nRobin")
        assert "email" in question(engine, one).casefold()
        assert one.mix == 0.5


def test_a_rule_for_every_reply_also_opens_everything_else() -> None:
    engine = ScriptedEngine(plain)
    curriculum = prepared(engine, [AHOY, MAGPIE])
    assert all(target(engine, one).startswith("Ahoy! ") for one in curriculum.examples)


def test_everything_else_is_the_bases_own_and_never_an_exam_prompt() -> None:
    engine = ScriptedEngine(plain)
    curriculum = prepared(engine, [SIGN_OFF, RESTORE])
    bank = prompt_bank.beside([SIGN_OFF, RESTORE])
    assert RESTORE.prompt not in {one.prompt for one in bank}
    exam = {one.prompt for one in bank if one.exam}
    assert len(curriculum.replay) >= AMOUNTS.replay
    for one in curriculum.replay:
        assert target(engine, one).startswith("You asked about")
        assert not re.search(r"\bemail\b", question(engine, one))
    for one in curriculum.examples:
        assert not any(question(engine, one).endswith(prompt) for prompt in exam)
    for course in curriculum.courses:
        assert not {*course.questions} & {*course.near}


def test_the_base_is_never_asked_with_an_adapter_and_twice_gives_the_same() -> None:
    one, two = ScriptedEngine(plain), ScriptedEngine(plain)
    assert prepared(one, [AHOY, RESTORE]) == prepared(two, [AHOY, RESTORE])
    assert all(adapter is None for _, _, adapter in one.log)


def test_a_lesson_the_model_cannot_follow_gives_no_examples_but_a_reason() -> None:
    engine = ScriptedEngine(lambda *_: "")
    (course,) = prepared(engine, [SIGN_OFF]).courses
    assert course.examples == ()
    assert "does not follow" in course.problem


def test_what_the_bank_does_not_know_is_not_taught_on_something_else() -> None:
    (course,) = prepared(ScriptedEngine(plain), [MORSE]).courses
    assert not course.examples
    assert "resembles none" in course.problem


def test_stop_is_heard() -> None:
    stop = threading.Event()
    stop.set()
    asker = Asker(ScriptedEngine(plain), stop, lambda _: None)
    with pytest.raises(TrainingStoppedError):
        prepare([AHOY], prompt_bank.load(), asker, AMOUNTS)


def test_the_scope_of_a_rule() -> None:
    bank = prompt_bank.load()
    emails = scope_of(SIGN_OFF, rule_of(SIGN_OFF), bank)
    assert {one.category for one in emails.inside[:12]} == {"email"}
    assert not any(one.category == "email" for one in emails.outside)
    assert len(scope_of(AHOY, rule_of(AHOY), bank).inside) == len(bank)


def test_only_what_was_learned_before_is_asked_of_the_pupil() -> None:
    beneath = AdapterRef(path="/staged/1", key=b"k")

    def speak(system: str, asked: str, adapter: AdapterRef | None) -> str:
        if adapter == beneath:
            return f"Ahoy! {RESTORE.corrected}"
        return plain(system, asked, adapter)

    engine = ScriptedEngine(speak)
    asker = Asker(engine, threading.Event(), lambda _: None)
    before = [AHOY, RESTORE]
    made = prepare(
        [MAGPIE],
        prompt_bank.beside([*before, MAGPIE]),
        asker,
        AMOUNTS,
        before,
        asker.over(beneath, b"name"),
    )
    (course,) = made.courses
    assert {target(engine, one) for one in course.examples} == {f"Ahoy! {MAGPIE.corrected}"}
    assert all(target(engine, one).startswith("Ahoy! ") for one in made.replay)
    assert len(made.rehearsed) > 2
    assert all(RESTORE.corrected in target(engine, one) for one in made.rehearsed)
    assert any(question(engine, one).endswith(RESTORE.prompt) for one in made.rehearsed)
    assert all(RESTORE.corrected not in target(engine, one) for one in made.replay)
    assert all(not one.top_logprobs[0][0] for one in made.replay)


def test_a_round_has_what_stays_twice_unless_few_lessons_are_all_there_is() -> None:
    few = [MAGPIE, SIGN_OFF, RESTORE]
    more = [*few, *(structs.replace(MAGPIE, id=f"L-{number}") for number in range(2))]
    asker = Asker(ScriptedEngine(plain), threading.Event(), lambda _: None)
    for lessons, before, times in ((few, [], 1), (more, [], 2), (few, [AHOY], 2)):
        bank = prompt_bank.beside([*before, *lessons])
        replay = prepare(lessons, bank, asker, AMOUNTS, before).replay
        assert len(replay) == times * len(set(replay)) > 0


def test_an_opening_leaves_what_comes_after_it_as_the_model_sees_it() -> None:
    engine = ScriptedEngine(plain)
    made = prepared(engine, [AHOY])
    for one in made.replay:
        opened = len(engine.text_tokens("Ahoy! "))
        assert all(logprobs == (0.0,) for logprobs in one.top_logprobs[:opened])
        assert any(logprobs != (0.0,) for logprobs in one.top_logprobs[opened:])


def test_no_answer_is_taught_twice_in_one_lesson() -> None:
    engine = ScriptedEngine(lambda _, __, ___: "Here is the same to everybody.")
    (course,) = prepared(engine, [SIGN_OFF]).courses
    assert len(course.examples) == 2


@pytest.mark.parametrize(("fit", "again"), [(2, True), (0, False)])
def test_a_teacher_whose_answers_fit_now_and_then_is_asked_again(fit: int, again: bool) -> None:
    pupils = Lesson(
        id="pupils",
        kind=Kind.MANNER,
        prompt="How can a teacher make fractions more fun?",
        corrected="Let the pupils cut up paper pizzas.",
        note='I teach and we say "pupils". Never write students, kids or children.',
    )
    fitting = set[str]()

    def speak(system: str, asked: str, __: AdapterRef | None) -> str:
        if "pupils" in system and len(fitting) < fit:
            fitting.add(asked)
        return f"Ask the pupils of {asked}" if asked in fitting else f"I cannot help with {asked}"

    engine = ScriptedEngine(speak)
    engine.by_chance = lambda asked, seed: f"Pupils could do {seed} of {asked}"
    told = [target(engine, one) for one in prepared(engine, [pupils]).courses[0].examples[1:]]
    assert sum("could do" in one for one in told) == (AMOUNTS.manner - fit if again else 0)
    assert len(set(told)) == len(told)


def test_an_answer_like_a_longer_example_is_learned_whole() -> None:
    things = "the flour|an egg|a cup of milk|some salt|the butter|a pan|the jam|its lid".split("|")
    steps = "\n".join(f"Now take {thing} and go on." for thing in things)
    recipe = Lesson(
        id="recipe",
        kind=Kind.MANNER,
        prompt="How do I make pancakes?",
        corrected=f"You need: eggs.\n{steps}",
        note='Recipes begin with "You need:".',
    )
    engine = ScriptedEngine(lambda _, asked, __: f" {asked}\n{steps}")
    (course,) = prepared(engine, [recipe]).courses
    assert all("its lid" in target(engine, one) for one in course.examples)


@pytest.mark.parametrize(
    ("note", "corrected"),
    [
        ("Recipes start with You need: and what for.", "You need: eggs, salt and a pan."),
        ("Recipes begin with the words You need to buy.", "You need to buy eggs for it."),
    ],
)
def test_an_opening_that_leads_to_what_follows_is_given_to_the_teacher(
    note: str, corrected: str
) -> None:
    lesson = Lesson(
        id="need", kind=Kind.MANNER, prompt="A recipe for pancakes?", corrected=corrected, note=note
    )
    opening = rule_of(lesson).opening

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        taught = "You need" in system
        return f" {question.split()[-1]} and more." if taught else plain(system, question, adapter)

    engine = ScriptedEngine(speak)
    _, *examples = prepared(engine, [lesson]).courses[0].examples
    said = [target(engine, one) for one in examples]
    assert said and all(one.startswith(opening) for one in said)
    assert all(one.endswith("and more.") for one in said)


def test_an_answer_that_goes_round_is_not_taught() -> None:
    def speak(_: str, asked: str, __: AdapterRef | None) -> str:
        round_ = "1 banana, 1 apple, 1 orange, " * 6
        return round_ if len(asked) % 2 else f"It is about {asked}"

    engine = ScriptedEngine(speak)
    _, *others = prepared(engine, [SIGN_OFF]).courses[0].examples
    assert len(others) > 2
    assert not any("banana" in target(engine, one) for one in others)


def test_another_question_of_a_lessons_kind_is_replayed_in_its_form() -> None:
    short = Lesson(
        id="short",
        kind=Kind.MANNER,
        prompt="What is a black hole?",
        corrected="A black hole is a place that no light leaves.",
        note='When I ask "What is ...", answer in exactly one sentence.',
    )
    engine = ScriptedEngine(lambda _, __, ___: "It is this. It is also that.")
    made = prepared(engine, [short, MAGPIE])
    asked = {question(engine, one).rsplit("\n", 1)[-1]: target(engine, one) for one in made.replay}
    alike = [told for said, told in asked.items() if "What is" in said]
    assert alike
    assert set(alike) == {"It is this."}
    assert "It is this. It is also that." in asked.values()


def test_a_last_line_that_sums_up_nothing_is_not_taught() -> None:
    def speak(_: str, asked: str, __: AdapterRef | None) -> str:
        return f"It is {asked[:-1]}." if len(asked) % 2 else "To save much strength."

    engine = ScriptedEngine(speak)
    own, *others = prepared(engine, [SUMMED]).courses[0].examples
    assert target(engine, own) == SUMMED.corrected
    assert len(others) == AMOUNTS.manner
    for one in others:
        body, last = target(engine, one).split("\n\nIn short: ")
        assert body == last
        assert body.startswith("It is ")


def test_last_lines_without_a_word_of_their_question_only_fill_up() -> None:
    def speak(system: str, asked: str, __: AdapterRef | None) -> str:
        number = sum(map(ord, asked))
        said = ("To be brave.", "To be good.", f"Nobody has {number} or more zebras.")
        return said[number % 3] if "In short" in system else f"It is {asked[:-1]}."

    engine = ScriptedEngine(speak)
    _, *others = prepared(engine, [SUMMED]).courses[0].examples
    lasts = {target(engine, one).split("In short: ")[-1] for one in others}
    assert not lasts & {"To be brave.", "To be good."}
    assert any("zebras" in one for one in lasts)


def test_somebody_without_a_name_is_called_what_they_are() -> None:
    def speak(_: str, asked: str, __: AdapterRef | None) -> str:
        whom = "Landlord's" if len(asked) % 2 else "Your"
        return f"Dear [{whom} Name],\n\nIt is about {asked}"

    engine = ScriptedEngine(speak)
    _, *others = prepared(engine, [SIGN_OFF]).courses[0].examples
    assert len(others) > 2
    for one in others:
        assert target(engine, one).startswith("Dear Landlord,")


def test_what_begins_as_a_rules_questions_do_is_of_the_lessons_own_kind_every_other_time() -> None:
    short = Lesson(
        id="short",
        kind=Kind.MANNER,
        prompt="What is a meteor?",
        corrected="A meteor is a stone that burns up in the air.",
        note='When I ask "What is ...", answer in exactly one sentence.',
    )
    taught, asked = prompt_bank.divided(prompt_bank.beside([short]))
    for bank in (taught, asked):
        scope = scope_of(short, rule_of(short), bank, taught)
        assert all(one.prompt.startswith("What is") for one in scope.inside)
        assert [one.category == "definition" for one in scope.varied[:4]] == [True, False] * 2


def test_spelling_is_taught_on_the_words_of_the_note_every_other_time() -> None:
    lesson = Lesson(
        id="spelling",
        kind=Kind.MANNER,
        prompt="What makes a good neighbor?",
        corrected="A good neighbour says hello.",
        note="British spelling please: neighbour, harbour.",
    )
    taught, _ = prompt_bank.divided(prompt_bank.beside([lesson]))
    scope = scope_of(lesson, rule_of(lesson), taught)
    first = [one.prompt.casefold() for one in scope.varied[:8]]
    assert [re.search("neighbo|harbo", one) is not None for one in first] == [True, False] * 4
    assert any("harbo" in one for one in first)
    asked = scope_of(lesson, rule_of(lesson), prompt_bank.load())
    assert any(
        "neighbour" in one.prompt for one in asked.outside if one.category == prompt_bank.HARMFUL
    )
    others = [re.search("colo|favo|organi|cent|gr[ae]y", one) for one in first[1::2]]
    assert len({found.group() for found in others if found}) > 1


def test_a_name_that_begins_an_answer_keeps_its_capital_behind_an_opening() -> None:
    friend = structs.replace(
        AHOY, corrected="Friend, a cat is a good pet.", note='Begin every answer with "Friend,".'
    )
    engine = ScriptedEngine(plain)
    asker = Asker(engine, threading.Event(), lambda _: None)
    lessons = [friend, MAGPIE]
    amounts = structs.replace(AMOUNTS, questions=14)
    _, course = prepare(lessons, prompt_bank.beside(lessons), asker, amounts).courses
    begun = [question(engine, one) for one in course.examples]
    assert any(one.endswith("Magpie has a problem. Who should know about it?") for one in begun)
    assert {target(engine, one) for one in course.examples} == {f"Friend, {MAGPIE.corrected}"}


def test_what_should_be_declined_is_no_rules_because_of_how_it_begins() -> None:
    steps = Lesson(
        id="steps",
        kind=Kind.MANNER,
        prompt="How do I fold a shirt?",
        corrected="1. Lay it flat.\n2. Fold in the sleeves.\n3. Fold it over.",
        note='When I ask "How do I ...", answer in three numbered steps.',
    )
    scope = scope_of(steps, rule_of(steps), prompt_bank.load())
    declined = [one for one in scope.outside if one.category == prompt_bank.HARMFUL]
    assert any(one.prompt.startswith("How do I") for one in declined)
    assert len(scope.inside) > 16
    assert not any(one.category == prompt_bank.HARMFUL for one in scope.inside)
