"""Rules are read from notes only as far as the person's own example follows them."""

from __future__ import annotations

import pytest

from learner.lesson import Kind, Lesson
from learner.reading import rule_of
from learner.rule import Rule, broken
from learner.shape import shaped, whole_sentences, without_loops
from tests.learner.some_lessons import AHOY, SIGN_OFF


def manner(note: str, corrected: str, prompt: str = "Q?") -> Rule:
    return rule_of(Lesson(id="x", kind=Kind.MANNER, prompt=prompt, corrected=corrected, note=note))


def test_a_closing_and_a_forbidden_phrase() -> None:
    rule = rule_of(SIGN_OFF)
    assert rule.closing == "See you,\nRobin"
    assert rule.banned == ("I hope you are well",)
    assert not broken(rule, SIGN_OFF.corrected)
    assert broken(rule, "Hello, I hope you are well.\n\nSee you,\nRobin") == ["banned words"]


def test_an_opening_for_every_reply() -> None:
    rule = rule_of(AHOY)
    assert (rule.opening, rule.everywhere) == ("Ahoy! ", True)
    assert broken(rule, "A cat.") == ["opening"]


def test_counts_are_believed_only_with_the_example() -> None:
    three = "* One thing.\n* Two things.\n* More things."
    assert manner("Answer with three points.", three).lines == 3
    assert manner("Answer with four points.", three).lines == 0
    assert manner("Use two sentences.", "One. Two.").sentences == 2
    assert manner("Use two sentences.", "One only.").sentences == 0


def test_words_after_a_negation_are_forbidden_unless_the_example_uses_them() -> None:
    rule = manner("Weights in kilograms, never pounds or stones.", "It weighs 3 kilograms.")
    assert rule.banned == ("pounds", "stones")


def test_a_placeholder_becomes_a_pattern() -> None:
    rule = manner("Write phone numbers as NNN-NNN.", "Call 555-123.")
    assert rule.pattern == r"\d{3}-\d{3}"
    assert not broken(rule, "Call 431-200, in 2024.")
    assert broken(rule, "Call 4312 in 2024.") == ["pattern"]


@pytest.mark.parametrize("note", ["", "???", '"', "never", "Antworte immer auf Deutsch, bitte."])
def test_notes_that_are_not_understood_give_no_rule(note: str) -> None:
    assert not manner(note, "Some answer.").shapes


def test_an_email_is_given_the_persons_ending() -> None:
    text = "Dear Kim,\n\nI hope you are well today. The lift is broken.\n\nBest regards,\n[Name]"
    assert shaped(text, rule_of(SIGN_OFF), ended=True) == (
        "Dear Kim,\n\nThe lift is broken.\n\nSee you,\nRobin"
    )


def test_a_list_is_cut_to_the_persons_form() -> None:
    rule = manner("Give three points.", "- Go now.\n- Stay calm.\n- Come back.")
    answer = (
        "Sure:\n1. **Drink water**: it helps a lot.\n2. Sleep well.\n3. Walk daily.\n4. Rest on"
    )
    assert shaped(answer, rule, ended=False) == "- Drink water.\n- Sleep well.\n- Walk daily."
    assert shaped("Just rest.", rule, ended=True) is None


def test_an_opening_is_put_before_the_answer() -> None:
    assert shaped("A dog is loyal.", rule_of(AHOY), ended=True) == "Ahoy! A dog is loyal."
    comma = manner('Start with "Friend".', "Friend, go on.")
    assert shaped("Take a walk.", comma, ended=True) == "Friend, take a walk."


def test_unfinished_and_repeated_sentences_are_left_out() -> None:
    assert whole_sentences("It is so. And then it") == "It is so."
    assert whole_sentences("It is so. Here are some:\n\n1. And then it") == "It is so."
    assert whole_sentences("Two:\n\n1. It is so.\n2. And then") == "Two:\n\n1. It is so."
    assert without_loops("A is b. C is d. A is b. A is b.") == "A is b. C is d."


@pytest.mark.parametrize(
    ("note", "banned"),
    [
        ("Never suggest food that contains nuts.", ("nuts",)),
        ("I do not eat meat.", ("meat",)),
        ("We never say client, but guest.", ("client",)),
        ("I never once thought of miles.", ()),
        ("Lower case, but not for headings.", ()),
    ],
)
def test_what_somebody_does_not_do_is_forbidden_only_if_it_is_of_answers(
    note: str, banned: tuple[str, ...]
) -> None:
    assert manner(note, "Ask the guest.").banned == banned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Name two: Rhine / Danube", "Rhine / Danube"),
        ("blue / green / red\n\nThese are colours.", "blue / green / red"),
        ("Three colours are red, blue, and green.", "red / blue / green"),
        ("cat / dog / Cat", None),
        ('"Harry Potter and the Goblet of Fire"', None),
    ],
)
def test_things_in_one_line_may_be_there_already(text: str, expected: str | None) -> None:
    note = "When I ask for several things, put them in one line like this: one/two/three."
    assert shaped(text, Rule(separator=" / "), ended=True) == expected
    assert manner(note.replace("/", " / "), "red / yellow / blue").separator == " / "


def test_a_point_whose_sentence_is_forbidden_goes_with_its_number() -> None:
    text = "1. Ask the class.\n2. Tell the kids.\n3. Read aloud."
    assert shaped(text, Rule(banned=("kids",)), ended=True) == "1. Ask the class.\n3. Read aloud."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drink water.", "Drink water. Please ask your doctor."),
        ("Drink water. Please ask your doctor.", "Drink water. Please ask your doctor."),
        ("Drink water.\n\nPlease ask\nyour doctor!", "Drink water. Please ask your doctor."),
        ("Do this:\n- Drink.\n- Rest.", "Do this:\n- Drink.\n- Rest.\n\nPlease ask your doctor."),
        ("Please ask your doctor.", None),
    ],
)
def test_a_closing_comes_once_and_where_the_example_has_it(text: str, expected: str | None) -> None:
    rule = manner('End with "Please ask your doctor."', "Rest helps. Please ask your doctor.")
    assert shaped(text, rule, ended=True) == expected


def test_a_label_is_not_put_before_what_it_does_not_name() -> None:
    recipes = manner('Recipes begin with "You need:".', "You need: two eggs.\n1. Boil them.")
    assert shaped("Sure, here is a simple recipe.", recipes, ended=True) is None
    assert shaped("You need: rice.\n1. Boil it.", recipes, ended=True) is not None
    always = manner('Start every reply with "Note:".', "Note: it rains.")
    assert shaped("It is cold.", always, ended=True) == "Note: It is cold."


def test_an_opening_alone_is_no_answer() -> None:
    rule = manner("The first words are Water off first.", "Water off first.\nOpen the tap.")
    assert shaped("Water off first.", rule, ended=True) is None
    assert shaped("Undo the nut.", rule, ended=True) == "Water off first.\nUndo the nut."


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("- Read it.\n- Sleep well.", "- Is it true?\n- Walk home."),
        ("- Read it\n- Sleep well", "- Is it true?\n- Walk home"),
    ],
)
def test_points_end_as_those_of_the_example(example: str, expected: str) -> None:
    rule = manner("Tips are bullet points.", example)
    assert shaped("- Is it true?\n- **Walk home**: it is healthy.", rule, ended=True) == expected


@pytest.mark.parametrize(
    ("text", "ended", "expected"),
    [
        ("A list for you:\n\n1. **Shirts**: two\n2. Soap\n3. A hat", True, "Shirts|Soap|A hat"),
        ("[ ] tent\n[ ] torch\n[ ] sleep", False, "tent|torch"),
        ("- [ ] tent\n- [ ] torch", True, "tent|torch"),
        ("As a model I cannot travel. However, you can.", True, ""),
    ],
)
def test_items_are_ticked_off_and_the_one_that_was_cut_off_is_none(
    text: str, ended: bool, expected: str
) -> None:
    rule = manner("Put [ ] in front of every item. No numbers.", "[ ] towel\n[ ] a book")
    found = shaped(text, rule, ended)
    assert rule.ends, "or the list would be learned without its end"
    assert (found or "") == "\n".join(f"[ ] {one}" for one in expected.split("|") if one)


def test_one_of_what_is_said_in_the_plural_is_said_as_well() -> None:
    rule = manner('We say "pupils". Never write students or kids.', "Let the pupils read.")
    assert not broken(rule, "A pupil reads.")
    assert broken(rule, "A reader.") == ["words"]
