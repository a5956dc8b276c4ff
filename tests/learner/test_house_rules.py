"""The rules a training keeps to: openings for every reply, and what may be replayed."""

from __future__ import annotations

from learner.house import House
from learner.reading import rule_of
from learner.rewriting import Rewriting
from learner.rule import Rule
from tests.learner.some_lessons import AHOY, MAGPIE, SIGN_OFF

CAPTAIN = Rule(opening="Captain, ", everywhere=True)
BULLETS = Rule(bullet="- ", lines=3)
CALM = Rule(banned=("sorry",))
ISO = Rule(rewritings=(Rewriting("dates", "YYYY-MM-DD"),))


def test_a_sign_that_one_rule_forbids_leaves_other_answers_alone() -> None:
    titles = Rule(banned=("colon", "boring"), most_words=5)
    house = House((titles,), ())
    assert house.kept("It opens at 14:30.", ended=True) == "It opens at 14:30."
    assert house.kept("A boring day.", ended=True) == ""


def test_an_opening_goes_before_answers_without_a_form_of_their_own() -> None:
    house = House((CAPTAIN, BULLETS), (CAPTAIN,))
    assert house.written("The sky is blue.", Rule(), "Why?") == "Captain, the sky is blue."
    assert house.written("The sky is blue.", CAPTAIN, "Why?") == "Captain, the sky is blue."
    assert house.written("Captain, yes.", Rule(), "So?") == "Captain, yes.", "it is there already"
    assert house.written("- Rest.", BULLETS, "Tips?") == "- Rest."


def test_names_keep_their_capital_after_an_opening() -> None:
    house = House((CAPTAIN,), (CAPTAIN,))
    asked = "How far is it from London to Paris?"
    told = house.written("London is 344 km away.", Rule(), asked)
    assert told == "Captain, London is 344 km away."
    assert house.written("Sure, I will.", Rule(), "Help!") == "Captain, sure, I will."
    assert house.written("Albert Einstein did.", Rule(), "Who?") == "Captain, Albert Einstein did."


def test_what_a_lesson_forbids_is_not_replayed_and_dates_are_rewritten() -> None:
    house = House((CALM, ISO), ())
    assert house.kept("I'm sorry, I can't.", ended=True) == ""
    assert house.kept("It was July 20, 1969.", ended=True) == "It was 1969-07-20."
    assert house.kept("It was long ago.", ended=True) == "It was long ago."
    assert house.kept("Go on. Go on. Go on.", ended=True) == "", "a loop is nothing to keep"
    # An earlier lesson's rule counts for nothing here.
    assert House((), ()).kept("I'm sorry, I can't.", ended=True) == "I'm sorry, I can't."


def test_a_question_that_begins_as_a_lessons_do_is_asked_for_its_rule() -> None:
    short = Rule(sentences=1, trigger="What is")
    house = House((CAPTAIN, short), (CAPTAIN,))
    assert house.asked_for("what is jazz?") == short
    assert house.asked_for("Who is Bo?") is None


def test_a_house_has_the_rules_of_manner_lessons() -> None:
    rules = (rule_of(AHOY), rule_of(SIGN_OFF))
    assert House.of([MAGPIE, AHOY, SIGN_OFF]) == House(rules, rules[:1])
