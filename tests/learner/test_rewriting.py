"""What is written otherwise whatever an answer is about: dates, spelling, and forbidden words."""

from __future__ import annotations

import pytest

from learner.dates import dated, has_spoken_date, is_date
from learner.hyponyms import with_hyponyms
from learner.lesson import Kind, Lesson
from learner.rule import Rule, broken, rule_of
from learner.shape import shaped, without_loops
from learner.spelling import spelt, varies, variety_of


def manner(note: str, corrected: str) -> Rule:
    return rule_of(Lesson(id="m", kind=Kind.MANNER, prompt="Ask.", corrected=corrected, note=note))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("It was on July 20, 1969.", "It was on 1969-07-20."),
        ("the 8th of May 1945", "1945-05-08"),
        ("On 3 Oct. 1990 it ended.", "on 1990-10-03 it ended."),
        ("February 30, 2001", "February 30, 2001"),
        ("In 1789 it began.", "In 1789 it began."),
    ],
)
def test_dates_are_written_as_the_placeholder_shows(said: str, written: str) -> None:
    assert dated(said, "YYYY-MM-DD") == written


def test_iso_dates_follow_other_patterns_too() -> None:
    assert dated("It was 2020-05-04.", "DD.MM.YYYY") == "It was 04.05.2020."
    assert is_date("YYYY-MM-DD")
    assert not is_date("HH:MM")
    assert has_spoken_date("by March 3, 2024")
    assert not has_spoken_date("by 2024-03-03")


def test_spelling_follows_the_variety_and_keeps_capitals() -> None:
    american = "My favorite Color is GRAY; I organize the center."
    british = "My favourite Colour is GREY; I organise the centre."
    assert spelt(american, "British") == british
    assert spelt(british, "American") == american
    assert spelt(american, "") == american
    assert varies("the city center")
    assert not varies("the city")
    # Words that are British too, as another part of speech.
    assert spelt("a computer program, in practice", "British") == "a computer program, in practice"


@pytest.mark.parametrize(
    ("note", "variety"),
    [
        ("Use British spelling: colour.", "British"),
        ("Spell words the American way.", "American"),
        ("Write British English, please.", "British"),
        ("Write about British history.", ""),
    ],
)
def test_a_note_tells_which_spelling_it_wants(note: str, variety: str) -> None:
    assert variety_of(note) == variety


def test_rules_of_rewriting_are_read_held_against_answers_and_applied() -> None:
    iso = manner("Write every date as YYYY-MM-DD.", "It opened on 1989-11-09.")
    assert iso.rewrites
    assert broken(iso, "It opened on November 9, 1989.") == ["dates"]
    assert shaped("It opened on November 9, 1989.", iso, ended=True) == "It opened on 1989-11-09."
    british = manner("Use British spelling.", "My favourite colour is grey.")
    assert broken(british, "My favorite color.") == ["spelling"]
    assert shaped("My favorite color.", british, ended=True) == "My favourite colour."


def test_what_falls_under_a_forbidden_word_is_forbidden_too() -> None:
    vegetarian = manner("Never suggest meat or fish.", "How about a chickpea curry?")
    assert vegetarian.banned == ("meat", "fish")
    assert broken(vegetarian, "Try grilled salmon.") == ["banned words"]
    assert broken(vegetarian, "Try chicken breasts.") == ["banned words"]
    assert broken(vegetarian, "Read Hamlet, about a hamlet.") == []
    assert with_hyponyms(("stones", "glass")) == ("stones", "glass", "stone")


def test_a_forbidden_clause_before_the_answer_goes_alone() -> None:
    calm = manner('Never apologise: no "sorry".', "I can't do that.")
    said = "I'm sorry, but I can't call her."
    assert shaped(said, calm, ended=True) == "I can't call her."


def test_a_forbidden_aside_goes_alone_and_its_sentence_stays() -> None:
    metric = manner("Give distances in kilometres, never miles.", "They are 344 km apart.")
    said = "Everest is 8,848 m (29,032 ft) high (in summer). It is 5 miles to walk (or so)."
    assert shaped(said, metric, ended=True) == "Everest is 8,848 m high (in summer)."
    assert broken(metric, "It is 600ft high.") == ["banned words"]
    assert broken(metric, "It is a draft of 600 rafts.") == []
    imperial = manner("Use metric units, never imperial.", "They are 344 km apart.")
    assert broken(imperial, "It is 86°F today.") == ["banned words"]
    code = Rule(banned=("miles",))
    assert shaped("Call print (a) and f(miles).", code, ended=True) is None


def test_a_decimal_point_does_not_end_a_sentence() -> None:
    rule = Rule(banned=("Fahrenheit",))
    said = "A baby's bath is warm. It should have 37°C (98.6°F). Ask a nurse."
    assert (
        shaped(said, rule, ended=True) == "A baby's bath is warm. It should have 37°C. Ask a nurse."
    )
    said = said.replace("(", "or ").replace(")", "")
    assert shaped(said, rule, ended=True) == "A baby's bath is warm. Ask a nurse."
    cut_off = "A baby's bath is warm. It should have 37°C (98."
    assert shaped(cut_off, rule, ended=False) == "A baby's bath is warm."
    assert shaped("Node.js 4.2 runs.\nNode.js 4.3 runs too.", rule, ended=True) is not None
    unfinished = "It is 37.5 degrees, which is 99.5°F, and that is warm"
    assert shaped(unfinished, rule, ended=True) is None
    assert without_loops("It is 4.24 here and 4.24 there") == "It is 4.24 here and 4.24 there"
