"""Lessons of many kinds of people: what is read from their notes, and what they are about."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from learner import prompt_bank
from learner.lesson import Kind, ProbedLesson
from learner.rewriting import Rewriting
from learner.rule import Rule, broken, rule_of
from learner.scope import scope_of
from learner.shape import shaped

TRIED = {
    one.id: one
    for one in (
        msgspec.json.decode(line, type=ProbedLesson)
        for line in (Path(__file__).parents[1] / "data" / "lessons" / "tried.jsonl")
        .read_bytes()
        .splitlines()
    )
}
MANNERS = [one for one in TRIED.values() if one.kind is Kind.MANNER]
BANK = [one for one in prompt_bank.load() if not one.exam]

ABOUT = {
    "letter": "letter",
    "euros": "price",
    "clock": "time",
    "arrows": "javascript",
    "two-ideas": "ideas",
    "only-translation": "translate",
    "no-nuts": "meal",
    "doctor": "health",
    "pupils": "school",
    "ward-clock": "time",
    "pharmacist": "health",
    "francs": "price",
    "short-titles": "title",
    "lowercase-sql": "sql",
    "nut-allergy": "meal",
    "slash-lists": "list",
    "tumbletown": "story",
}


@pytest.mark.parametrize(("name", "category"), ABOUT.items())
def test_a_lesson_is_about_requests_of_its_kind(name: str, category: str) -> None:
    lesson = TRIED[name]
    scope = scope_of(lesson, rule_of(lesson), BANK)
    first = scope.varied[:8]
    assert {one.category for one in first} == {category}
    assert not any(one.category == category for one in scope.outside)


@pytest.mark.parametrize("name", ["in-short", "calm", "calm-punctuation"])
def test_what_any_answer_can_offend_against_is_about_everything(name: str) -> None:
    rule = rule_of(TRIED[name])
    assert rule.everywhere
    scope = scope_of(TRIED[name], rule, BANK)
    assert len(scope.inside) == len(BANK)


def test_what_is_about_everything_is_taught_on_everything() -> None:
    lesson = TRIED["in-short"]
    first = scope_of(lesson, rule_of(lesson), BANK).varied[:16]
    assert len({one.category for one in first}) > 8


@pytest.mark.parametrize("lesson", MANNERS, ids=lambda one: one.id)
def test_every_note_is_understood_and_its_own_example_follows_it(lesson: ProbedLesson) -> None:
    rule = rule_of(lesson)
    assert rule != Rule(trigger=rule.trigger, everywhere=rule.everywhere)
    assert broken(rule, lesson.corrected) == []


def test_code_in_one_language_is_asked_for_in_it_and_not_in_others() -> None:
    lesson = TRIED["arrows"]
    scope = scope_of(lesson, rule_of(lesson), BANK)
    assert any("JavaScript function that returns the larger" in one.prompt for one in scope.inside)
    assert not any("Python" in one.prompt for one in scope.inside)
    assert any("Python" in one.prompt for one in scope.outside[:20])


@pytest.mark.parametrize(
    ("name", "said", "formed"),
    [
        (
            "clock",
            "Lunch is at 1 pm, or at 12:30 p.m. on Sundays.",
            "Lunch is at 13:00, or at 12:30 on Sundays.",
        ),
        ("ward-clock", "Go at 7 o'clock in the evening.", "Go at 19:00."),
        ("calm", "Happy birthday! Are you glad?!", "Happy birthday. Are you glad?"),
        ("calm-punctuation", "Well done! 🎉 See you :)", "Well done. See you"),
        ("pupils", "The Students and a kid read.", "The Pupils and a pupil read."),
        (
            "two-ideas",
            "1. **Bake bread**: a loaf.\n2. Read a book.\n3. Sleep long.",
            "1. Bake bread.\n2. Read a book.",
        ),
        (
            "two-ideas",
            "1. Use cardboard for a costume.\n2. Make a cardboard costume.\n3. Read a book.",
            "1. Use cardboard for a costume.\n2. Read a book.",
        ),
        ("two-ideas", "There are many ideas for it. Here are a few of them.", None),
        (
            "slash-lists",
            "Here are three:\n1. **Red** - warm\n2. Blue\n3. Green",
            "Red / Blue / Green",
        ),
        ("slash-lists", "The primary colours are red, yellow and blue.", "red / yellow / blue"),
        (
            "lowercase-sql",
            "Sure:\n```sql\nSELECT name FROM users WHERE city = 'Oslo';\n```",
            "```sql\nselect name from users where city = 'Oslo';\n```",
        ),
        ("francs", "It costs CHF 35. That is 40 dollars.", None),
        ("short-titles", "The Wonders of Honey Bees: A Study", None),
        ("short-titles", '"The Wonders of Honey Bees"', "The Wonders of Honey Bees"),
        ("short-titles", "The Wonders of Honey Bees", "The Wonders of Honey Bees"),
        ("only-translation", 'The translation of "thank you" in French is "merci beaucoup".', None),
        ("in-short", "It is windy.\n\nIn short: hold on.", "It is windy.\n\nIn short: hold on."),
        ("in-short", "It is windy.", None),
    ],
)
def test_an_answer_is_brought_into_the_persons_form_or_refused(
    name: str, said: str, formed: str | None
) -> None:
    assert shaped(said, rule_of(TRIED[name]), ended=True) == formed


def test_what_ends_answers_in_many_ways_is_not_taken_for_one_fixed_end() -> None:
    rule = rule_of(TRIED["in-short"])
    assert (rule.last, rule.closing, rule.longest) == ("In short:", "", 0)
    assert rule_of(TRIED["doctor"]).closing == "Please check with your doctor."


def test_a_word_said_for_others_has_its_number_and_its_capital() -> None:
    pupils = Rewriting("words", "students|children>pupils")
    assert pupils.applied("A student and two Children.") == "A pupil and two Pupils."
    assert Rewriting("words", "clients>guest").applied("Clients are right.") == "Guests are right."
