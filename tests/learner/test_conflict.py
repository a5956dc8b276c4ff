"""Conflicts: what cannot both be followed is found and told, and nothing else."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import msgspec
import pytest

from learner.conflict import conflicts, superseded
from learner.lesson import Kind, Lesson, ProbedLesson, read_lessons
from tests.learner.some_lessons import AHOY, MAGPIE, RESTORE, SIGN_OFF

DEV = Path(__file__).parents[3] / "shared" / "lessons" / "dev.jsonl"


def term(id_: str, prompt: str, corrected: str, note: str = "") -> Lesson:
    return Lesson(id=id_, kind=Kind.TERM, prompt=prompt, corrected=corrected, note=note)


def rule(note: str, prompt: str = "Why is it so?", corrected: str = "It is.") -> Lesson:
    return Lesson(id=note, kind=Kind.MANNER, prompt=prompt, corrected=corrected, note=note)


def knowledge(kind: Kind, prompt: str, corrected: str) -> Lesson:
    return Lesson(id=f"{prompt} {corrected}", kind=kind, prompt=prompt, corrected=corrected)


def told(older: Lesson, newer: Lesson) -> str:
    """Why the older one is superseded; "" when it is not."""
    older = msgspec.structs.replace(older, id="older")
    newer = msgspec.structs.replace(newer, id="newer")
    found = conflicts([older, newer])
    assert len(found) <= 1
    assert not found or (found[0].older, found[0].newer) == ("older", "newer")
    return found[0].reason if found else ""


def test_the_newer_of_two_answers_to_one_question_wins() -> None:
    left, right = term("a", "What now?", "Left."), term("b", "what  NOW?", "Right.")
    back = term("c", "What now?", "Back.")
    assert superseded([left, right]) == {"a": "b"}
    assert superseded([left, right, back]) == {"a": "c", "b": "c"}
    assert superseded([left, term("d", "What then?", "Right.")]) == {}
    assert superseded([left, term("e", "What now?", " left. ")]) == {}


def test_a_lesson_that_is_contradicted_itself_contradicts_nothing_more() -> None:
    miles, both = rule("Use miles."), rule("Use kilometres in a dry tone.")
    metric = rule("Use kilometres.")
    assert superseded([metric, miles, both]) == {"Use miles.": both.id}


def test_a_fact_ends_the_one_before_it_though_a_newer_one_ended_it() -> None:
    paris = knowledge(Kind.FACT, "Where do I live?", "You live in Paris.")
    rome = knowledge(Kind.FACT, "Where do I live?", "You live in Rome.")
    back = msgspec.structs.replace(paris, id="back")
    assert superseded([paris, rome, back]) == {paris.id: rome.id, rome.id: "back"}
    (first, second) = conflicts([paris, rome, back])
    assert first.reason.endswith("With that this one ended.")
    assert second.reason.endswith("The newer one counts.")
    assert superseded([paris, back]) == {}


def test_the_first_that_contradicts_a_lesson_is_told_beside_the_newest() -> None:
    one, two, three = (knowledge(Kind.FACT, "Who leads?", f"{n} leads.") for n in ("A", "B", "C"))
    (first, second) = conflicts([one, two, three])
    assert (first.newer, first.first) == (three.id, two.id)
    assert (second.newer, second.first) == (three.id, three.id)


def test_two_rules_taught_on_one_question_both_stand() -> None:
    mail = "Write an email to Kim."
    short = rule("Be short.", mail, "Hi!")
    signed = rule("Sign it.", mail, "Hi!\n\nSam")
    assert told(short, signed) == ""
    assert told(short, msgspec.structs.replace(signed, note="Be short.")) != ""


def test_a_rule_and_what_is_known_both_stand_on_one_question() -> None:
    brief = rule("Answer in one sentence.", "What is Heron?", "Heron is our cluster.")
    assert told(term("t", "What is Heron?", "Heron is our test cluster. Ops runs it."), brief) == ""


def test_the_reason_says_who_contradicts_whom_and_over_what() -> None:
    reason = told(rule("Use kilometres."), rule("Use miles for distances."))
    assert reason == (
        "A newer lesson, “Use miles for distances.”, wants miles where this one wants kilometres."
        " The newer one counts."
    )


CHEERS = rule('Emails end with "Cheers, Sam".', "Email Kim.", "Hi Kim,\n\nFine.\n\nCheers, Sam")
BEST = rule('End every email with "Best, Sam".', "Email Jo.", "Hi Jo,\n\nGood.\n\nBest, Sam")
CAPTAIN = rule('Start every reply with "Captain".', "A pet?", "Captain, a cat.")
HELLO = rule('Begin each answer with "Hello".', "A book?", "Hello, try Dune.")
OPPOSED = [
    (CHEERS, BEST, "ends answers with “Best, Sam”"),
    (CAPTAIN, HELLO, "begins answers with “Hello”"),
    (rule("Use kilometres."), rule("Use miles."), "wants miles"),
    (
        rule("Always give distances in kilometres, never miles."),
        rule("Give distances in miles."),
        "miles",
    ),
    (rule("Use British spelling."), rule("Use American spelling."), "American spelling"),
    (rule("UK spelling, please."), rule("Write in US English."), "American spelling"),
    (rule("Give temperatures in Celsius."), rule("Temperatures in Fahrenheit."), "Fahrenheit"),
    (
        rule("When I ask for tips, answer with exactly three bullet points."),
        rule("When I ask for tips, give exactly five bullets."),
        "wants exactly 5 points where this one wants exactly 3",
    ),
    (rule("Answer in one sentence."), rule("Answer in at least three sentences."), "at least 3"),
    (
        rule("Summaries have at most 50 words."),
        rule("A summary has more than 100 words."),
        "words",
    ),
    (rule("Never use emoji."), rule("Use emoji in every answer."), "wants what this one forbids"),
    (rule("Always include an example."), rule("Do not include an example."), "forbids what"),
    (rule('Never say "sorry".'), rule('Say "sorry" first.'), "“sorry”"),
    (rule("Never suggest meat or fish."), rule("Suggest fish."), "“fish”"),
    (rule("Write every date as YYYY-MM-DD."), rule("Dates are DD/MM/YYYY."), "DD/MM/YYYY"),
    (rule("Use the 24-hour clock."), rule("Use the 12-hour clock."), "12-hour"),
    (rule("Emails are formal."), rule("My emails are informal."), "informal"),
    (rule("Keep answers short."), rule("Give long answers."), "long answers"),
    (rule("Indent code with tabs."), rule("Indent code with spaces."), "spaces"),
    (rule("Answer in French."), rule("Answer in German."), "German"),
    (rule("Use bullet points."), rule("Never use bullet points."), "forbids"),
]


@pytest.mark.parametrize(("older", "newer", "over"), OPPOSED)
def test_rules_that_cannot_both_be_followed(older: Lesson, newer: Lesson, over: str) -> None:
    assert over in told(older, newer)
    assert told(newer, older)


TOGETHER = [
    ("Use kilometres.", "Use Celsius."),
    ("Use kilometres.", "Use kilometres and metres, never miles."),
    ("Give distances in kilometres and in miles.", "Use miles."),
    ("Use British spelling.", "Answer in French."),
    ("Never use emoji in emails.", "Use emoji in poems."),
    ("Emails are short.", "Recipes are detailed."),
    ("Keep answers short.", "Answers about physics are detailed."),
    ("When I ask for tips, give three bullets.", "When I ask for a summary, give five bullets."),
    ("At most five bullets.", "Exactly three bullets."),
    ("Answer in one or two sentences.", "Answer in one sentence."),
    ("Give no more than three points.", "Give two points."),
    ("Never use the passive voice.", "Use the active voice."),
    ("Never apologise.", "Say what you can do instead."),
    ("Never say that something is impossible.", "Say what is possible."),
    ("Begin with a summary.", "End with a question."),
    ("No comments in code.", "Always give code type hints."),
    ("Emails to my boss are formal.", "Emails are informal."),
    ("Do not use tables.", "Use bullet points."),
    ("Write every date as YYYY-MM-DD.", "Write times as HH:MM."),
    ("Avoid long sentences.", "Answer in three sentences."),
    ("Never mention my age.", "Mention my name in emails."),
]


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_rules_that_can_both_be_followed(one: str, other: str) -> None:
    assert told(rule(one), rule(other)) == ""
    assert told(rule(other), rule(one)) == ""


ELSEWHERE = [
    (CAPTAIN, rule('Emails begin with "Hi Kim".', "Email Kim.", "Hi Kim,\n\nFine.")),
    (CHEERS, rule('Letters end with "Yours, Sam".', "Letter to Kim.", "Dear Kim,\n\nYours, Sam")),
    (CHEERS, rule('Emails end with "Cheers".', "Email Al.", "Hi Al,\n\nWell.\n\nCheers")),
]


@pytest.mark.parametrize(("older", "newer"), ELSEWHERE)
def test_other_words_for_other_requests_are_no_conflict(older: Lesson, newer: Lesson) -> None:
    assert told(older, newer) == ""


CHANGED = [
    (Kind.FACT, "Who is my dentist?", "Dr. Okafor.", "What is the name of my dentist?", "Dr. Lind"),
    (
        Kind.FACT,
        "Who is my dentist?",
        "Your dentist is Dr. Okafor, in Leuven.",
        "What is my dentist called?",
        "Your dentist is Dr. Peeters, in Leuven.",
    ),
    (
        Kind.FACT,
        "Where does my sister live?",
        "Your sister Odile lives in Ghent.",
        "In which city does my sister live?",
        "She lives in Brussels now.",
    ),
    (Kind.FACT, "How old is my son?", "He is 7.", "how old is my son now", "He is 8."),
    (
        Kind.TERM,
        "What is Bluebird?",
        "Bluebird is our internal billing service.",
        "What does Bluebird mean?",
        "Bluebird is our payroll service.",
    ),
    (
        Kind.TERM,
        "What is the Pond?",
        "The Pond is our retrospective.",
        "Explain the Pond.",
        "The Pond is the garden behind the office.",
    ),
    (
        Kind.PROCEDURE,
        "How do I release the website?",
        "Run `just ship`.",
        "What is the command to deploy the site?",
        "Run `make deploy` from the root.",
    ),
    (
        Kind.PROCEDURE,
        "How do I book the meeting room?",
        "Ask Lena at the desk.",
        "How can I reserve the conference room?",
        "Open Roomy and press the green button.",
    ),
]


@pytest.mark.parametrize(("kind", "asked", "was", "asked_now", "now"), CHANGED)
def test_the_same_subject_in_other_words_with_another_answer(
    kind: Kind, asked: str, was: str, asked_now: str, now: str
) -> None:
    older, newer = knowledge(kind, asked, was), knowledge(kind, asked_now, now)
    assert "says something else about" in told(older, newer)
    assert told(newer, older)


BESIDE = [
    (Kind.FACT, "Who is my dentist?", "Dr. Okafor.", "Where is my dentist?", "In Leuven."),
    (Kind.FACT, "Who is my dentist?", "Dr. Okafor.", "Who is my doctor?", "Dr. Lind."),
    (Kind.FACT, "Where does my son live?", "In Ghent.", "Where does my son work?", "In Aalst."),
    (
        Kind.FACT,
        "What is my dentist's phone number?",
        "555 123",
        "How old is my dentist?",
        "She is 45.",
    ),
    (
        Kind.FACT,
        "What is my sister's name?",
        "Your sister is called Odile.",
        "Who is my sister?",
        "Your sister is Odile Maes.",
    ),
    (
        Kind.TERM,
        "What is Bluebird?",
        "Bluebird is our billing service. Payments owns it.",
        "What does Bluebird mean?",
        "Bluebird is a project of Payments.",
    ),
    (
        Kind.TERM,
        "What is Bluebird?",
        "Bluebird is our billing service.",
        "What does Bluebird do?",
        "It sends the invoices.",
    ),
    (
        Kind.TERM,
        "What is Bluebird?",
        "Bluebird is our billing service.",
        "What is Redbird?",
        "Redbird is our payroll.",
    ),
    (
        Kind.PROCEDURE,
        "How do I restart the server?",
        "Run `heron up`.",
        "How do I restart the print server?",
        "Run `quill restart`.",
    ),
    (
        Kind.PROCEDURE,
        "How do I release the website?",
        "Run `just ship`.",
        "How do I publish the website?",
        "With just ship: run `just ship` from the root.",
    ),
    (
        Kind.PROCEDURE,
        "How do I release the website?",
        "Run `just ship`.",
        "How do I test the website?",
        "Run `just test`.",
    ),
]


@pytest.mark.parametrize(("kind", "asked", "was", "asked_now", "now"), BESIDE)
def test_more_about_the_same_subject_is_no_conflict(
    kind: Kind, asked: str, was: str, asked_now: str, now: str
) -> None:
    older, newer = knowledge(kind, asked, was), knowledge(kind, asked_now, now)
    assert told(older, newer) == ""
    assert told(newer, older) == ""


def test_no_two_of_the_known_lessons_contradict_each_other() -> None:
    for older, newer in permutations([AHOY, MAGPIE, RESTORE, SIGN_OFF], 2):
        assert told(older, newer) == ""


@pytest.mark.skipif(not DEV.exists(), reason="../shared is absent")
def test_no_two_of_the_measuring_lessons_contradict_each_other() -> None:
    for older, newer in permutations(read_lessons(DEV, ProbedLesson), 2):
        assert told(older, newer) == ""
