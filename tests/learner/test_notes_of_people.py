"""Lessons of many kinds of people: what is read from their notes, and what they are about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from learner import prompt_bank
from learner.amounts import Amounts
from learner.curriculum import examined
from learner.house import House
from learner.lesson import Kind, Lesson, ProbedLesson, read_lessons
from learner.reading import rule_of
from learner.rewriting import Rewriting
from learner.rule import Rule, broken
from learner.scope import scope_of
from learner.shape import shaped
from tests.learner.some_lessons import MORSE

LESSONS = Path(__file__).parents[1] / "data" / "lessons"
TRIED = {one.id: one for one in read_lessons(LESSONS / "tried.jsonl", ProbedLesson)}
MANNERS = [one for one in TRIED.values() if one.kind is Kind.MANNER]
BANK, _ = prompt_bank.divided(prompt_bank.load())

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
    "plumber-water-off": "repair",
    "student-flashcard": "definition",
    "sailor-knots": "weather",
    "lawyer-number-pairs": "notices",
    "dev-bash-strict": "shell",
    "parent-ask-back": "kids",
    "teacher-marks": "quiz",
    "dyslexic-lines": "explain",
    "accountant-brackets": "money",
    "accordion-solfege": "music",
    "gardener-latin": "garden",
    "tick-boxes": "checklist",
    "for-sale-ad": "advert",
    "clock-24": "plan",
    "swiss-francs": "price",
    "short-recipes": "recipe",
    "for-against": "debate",
    "floor-chat": "message",
    "say-guests": "customers",
    "evening-class-js": "javascript",
    "four-line-poems": "story",
    "soap-labels": "descriptions",
    "ward-handover": "reports",
    "client-first-line": "customers",
    "bare-lyrics": "story",
    "names-one-line": "names",
}
ONLY_SHOWN = {
    "lawyer-number-pairs",
    "gardener-latin",
    "librarian-surname",
    "trucker-number-first",
    "socialworker-could",
}
"""Of their form nothing is read: what the teacher makes of note and example is learned."""

_FIVE_NAMES = "Ash / Birk / Elm / Fir / Oak"


@pytest.mark.parametrize(("name", "category"), ABOUT.items())
def test_a_lesson_is_about_requests_of_its_kind(name: str, category: str) -> None:
    lesson = TRIED[name]
    bank, _ = prompt_bank.divided(prompt_bank.beside([lesson]))
    scope = scope_of(lesson, rule_of(lesson), bank)
    first = scope.varied[:8]
    assert {one.category for one in first} == {category}
    assert not any(one.category == category for one in scope.outside)


def test_what_the_bank_does_not_know_is_about_nothing_of_it() -> None:
    assert not scope_of(MORSE, rule_of(MORSE), BANK).inside


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
    unread = Rule(
        trigger=rule.trigger, polar=rule.polar, everywhere=rule.everywhere, unquoted=rule.unquoted
    )
    assert (rule == unread) == (lesson.id in ONLY_SHOWN)
    assert broken(rule, lesson.corrected) == []


@pytest.mark.parametrize(
    ("name", "banned"),
    [
        ("sailor-knots", ("km/h", "mph", "kilometres")),
        ("dev-bash-strict", ()),
        ("parent-ask-back", ()),
        ("teacher-marks", ()),
        ("chef-allergens", ()),
        ("gardener-latin", ()),
        ("learner-words", ()),
        ("teen-lowercase", ()),
        ("accordion-solfege", ("letters",)),
        ("nurse-micrograms", ("mcg",)),
        ("evening-class-js", ()),
        ("four-line-poems", ("title",)),
        ("say-guests", ("clients", "customers")),
        ("client-first-line", ()),
        ("bare-lyrics", ("capitals",)),
    ],
)
def test_only_what_a_note_forbids_is_forbidden(name: str, banned: tuple[str, ...]) -> None:
    assert rule_of(TRIED[name]).banned == banned


def test_an_exams_requests_are_of_the_lessons_kind_too() -> None:
    category = {one.prompt: one.category for one in prompt_bank.load()}
    for name in ("gardener-latin", "parent-ask-back", "plumber-water-off", "sailor-knots"):
        (course,) = examined([TRIED[name]], prompt_bank.load(), Amounts())
        assert {category[question] for question in course.questions[:3]} == {ABOUT[name]}


def test_how_an_answer_ends_is_read_without_quotes() -> None:
    ends = {name: rule_of(TRIED[name]) for name in ("chef-allergens", "parent-ask-back")}
    assert {(rule.last, rule.joint) for rule in ends.values()} == {
        ("Allergens:", "\n"),
        ("What do you think", " "),
    }
    rule = ends["parent-ask-back"]
    assert broken(rule, "The sea is deep. What do you think lives there?") == []
    assert broken(rule, "What do you think? The sea is deep.") == ["end"]


def test_what_somebody_says_first_is_put_before_requests_though_the_note_spells_it_otherwise() -> (
    None
):
    lesson = TRIED["stuck-hint"]
    scope = scope_of(lesson, rule_of(lesson), BANK)
    assert {one.prompt[:11] for one in scope.inside} == {"I'm stuck. "}
    assert set(scope.outside) == set(BANK)


@pytest.mark.parametrize(
    ("prompt", "note", "trigger"),
    [
        ("Sum up. It is late.", "When I say sum up, be brief.", "Sum up."),
        ("Sum up. It is late.", "Whenever I write “sum up”: be brief.", "sum up"),
        ("Sum up. It is late.", "I say that a sum up is brief.", ""),
        ("Sum up the day.", "When I say sum up, be brief.", ""),
    ],
)
def test_a_request_begins_with_what_the_note_says_that_it_does(
    prompt: str, note: str, trigger: str
) -> None:
    lesson = Lesson(id="x", kind=Kind.MANNER, prompt=prompt, corrected="Late.", note=note)
    assert rule_of(lesson).trigger == trigger


@pytest.mark.parametrize(
    ("note", "example", "rule"),
    [
        ("End with a question.", "It is deep. How deep?", Rule(asks=True)),
        ("Finish with one easy question for her.", "It is deep. Why?", Rule(asks=True)),
        ("Ask me something back.", "It is deep. Why?", Rule(asks=True)),
        ("Ask me back.", "It is deep.", Rule()),
        ("The question comes last.", "It is deep. Why?", Rule(asks=True)),
        ("Ask him one thing.", "It is deep. Why?", Rule(asks=True)),
        ("When I ask a question, be kind.", "It is deep. Why?", Rule()),
        ("The first line is “Serves 2”.", "Serves 2\n\nBoil it.", Rule(opening="Serves 2\n\n")),
        ("Lead with “Verdict”.", "Verdict: it is fine.", Rule(opening="Verdict: ")),
        (
            "The last words are “over and out”.",
            "Go. over and out",
            Rule(closing="over and out", joint=" "),
        ),
        ("Don't ramble.", "It is deep.", Rule(longest=160)),
        ("A wall of text is no use.", "It is deep.", Rule(longest=160)),
        ("This is not a novel.", "It is deep.", Rule(longest=160)),
        ("When I ask for things: one / two / three.", "a / b / c", Rule(separator=" / ")),
        ("Three things, with slashes.", "a / b / c", Rule(separator=" / ", things=3)),
        ("Commit messages on one line.", "mend the door", Rule(lines=1)),
        (
            "Shop boards have Hours and Way.",
            "Hours: daily.\nWay: stairs.",
            Rule(opening="Hours: ", wanted=("Way:",)),
        ),
        ("Shop boards tell the hours.", "Hours: daily.\nWay: stairs.", Rule()),
    ],
)
def test_how_many_things_what_labels_and_whether_a_question_ends_it(
    note: str, example: str, rule: Rule
) -> None:
    lesson = Lesson(id="x", kind=Kind.MANNER, prompt="Tell me.", corrected=example, note=note)
    assert rule_of(lesson) == msgspec.structs.replace(rule, unquoted=True)


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
        (
            "plumber-water-off",
            "Take off the handle. Fit a new washer.",
            "Water off first.\nTake off the handle. Fit a new washer.",
        ),
        (
            "dyslexic-lines",
            "A tax is money for the state. You pay it each year.\nIt pays for schools.",
            "A tax is money for the state.\n\nYou pay it each year.\n\nIt pays for schools.",
        ),
        ("screenreader-words", "Press **Start**, then Settings.", "Press Start, then Settings."),
        ("student-flashcard", "Osmosis is a flow of water.", None),
        ("biologist-r-arrow", "```r\nx = mean(y)\n```", None),
        ("biologist-r-arrow", "```r\nx <- y |> mean()\n```", "```r\nx <- y |> mean()\n```"),
        ("francs", "It costs CHF 35. That is 40 dollars.", None),
        ("short-titles", "The Wonders of Honey Bees: A Study", None),
        ("short-titles", '"The Wonders of Honey Bees"', "The Wonders of Honey Bees"),
        ("short-titles", "The Wonders of Honey Bees", "The Wonders of Honey Bees"),
        ("only-translation", 'The translation of "thank you" in French is "merci beaucoup".', None),
        ("in-short", "It is windy.\n\nIn short: hold on.", "It is windy.\n\nIn short: hold on."),
        ("in-short", "It is windy.", None),
        ("ward-handover", "Now: asleep.\nWatch: fever.", None),
        (
            "ward-handover",
            "Now: asleep.\n\nWatch: fever.\nStill to do: tea.\nGood night.",
            "Now: asleep.\nWatch: fever.\nStill to do: tea.",
        ),
        ("client-first-line", "Your invoice is overdue.", None),
        ("client-first-line", "Hello, you need to pay it.", "You need to pay it."),
        ("stuck-hint", "Hint: What is twice three?\nIt is six.", "Hint: What is twice three?"),
        ("stuck-hint", "It is six.", None),
        ("bare-lyrics", "Oh, the rain,\nit's 3.5 miles!", "oh the rain\nit's 3.5 miles"),
        ("names-one-line", "1. Ash\n2. Birk\n3. Elm\n4. Fir\n5. Oak\n6. Yew", _FIVE_NAMES),
        ("names-one-line", "1. Ash\n2. Birk\n3. Elm", None),
        ("numbers-as-words", "Gate 4, at 6:30.", "Gate four, at six thirty."),
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


def test_what_is_taught_does_not_depend_on_the_order_of_a_processs_sets() -> None:
    """Scores are sums over sets of words: in another order their last digits would be others."""
    program = (
        "from tests.learner.test_notes_of_people import BANK, MANNERS, rule_of, scope_of\n"
        "for one in MANNERS: print(scope_of(one, rule_of(one), BANK))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
    assert said != {b""}


def test_people_are_called_what_a_note_says_without_quotes() -> None:
    rule = rule_of(TRIED["say-guests"])
    assert rule.rewritten("A customer wrote to us.") == "A guest wrote to us."
    assert rule.wanted == ("guest",)


def test_what_is_to_be_said_is_read_without_quotes_and_replaces_no_word() -> None:
    rule = rule_of(TRIED["soap-labels"])
    assert rule.wanted == ("made by hand",)
    assert [one.kind for one in rule.rewritings] == ["calm"]
    assert not rule.everywhere, "it is about the soaps"


def test_a_poem_has_as_many_lines_as_the_note_says() -> None:
    rule = rule_of(TRIED["four-line-poems"])
    poem = "Rain on the roof\nand rain on the tree\nrain on the road\nand rain on me"
    assert shaped(f"**Rain**\n\n{poem}\nand so on", rule, ended=True) == poem
    assert shaped(f"Here is one:\n\n{poem}\nand so", rule, ended=False) == poem
    assert shaped(poem, rule, ended=False) is None, "its last line may not be whole"
    assert broken(rule, f"{poem}\nand so on") == ["lines"]


@pytest.mark.parametrize("name", ["lowercase-sql", "teen-lowercase", "shop-signs"])
def test_the_case_of_one_kind_of_answer_says_nothing_of_others(name: str) -> None:
    rule = rule_of(TRIED[name])
    assert {one.kind for one in rule.rewritings} & {"case", "capitals"}
    house = House.of([TRIED[name]])
    said = "The capital of France is Paris."
    assert house.kept(said, ended=True) == said
    assert house.written(said, Rule(), "What is the capital of France?") == said


def test_a_case_for_everything_is_for_everything() -> None:
    lesson = Lesson(
        id="small",
        kind=Kind.MANNER,
        prompt="Name a tree.",
        corrected="an oak.",
        note="Write everything in lower case.",
    )
    assert House.of([lesson]).kept("It is an Elm.", ended=True) == "it is an elm."


@pytest.mark.parametrize(
    ("note", "everywhere"),
    [
        ("No exclamation marks.", True),
        ("In general, no exclamation marks.", True),
        ("For me, exclamation marks are shouting: no exclamation marks.", True),
        ("When you talk to me, no exclamation marks.", True),
        ("For the jars on my stall: no exclamation marks.", False),
        ("When my sister asks about her horse, no exclamation marks.", False),
        ("No exclamation marks in emails.", False),
    ],
)
def test_what_any_answer_could_have_is_for_every_reply_unless_the_note_says_for_what(
    note: str, everywhere: bool
) -> None:
    lesson = Lesson(
        id="x", kind=Kind.MANNER, prompt="Describe a jar.", corrected="A plain jar.", note=note
    )
    assert rule_of(lesson).everywhere == everywhere


def test_what_is_told_after_a_comma_is_not_forbidden() -> None:
    prices = rule_of(TRIED["spoken-prices"])
    assert not prices.banned, '"half my customers are over seventy" tells why'
    assert prices.currency == "euros"
