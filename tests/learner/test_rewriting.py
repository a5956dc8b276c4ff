"""What is written otherwise whatever an answer is about: dates, spelling, and forbidden words."""

from __future__ import annotations

import pytest

from learner.clock import on_the_clock
from learner.currency import currency_of
from learner.dates import dated, is_date
from learner.figures import in_words
from learner.hyponyms import with_hyponyms
from learner.lesson import Kind, Lesson
from learner.plain import (
    calm,
    spelt_out,
    without_comments,
    without_greeting,
    without_markup,
    without_punctuation,
    without_smileys,
)
from learner.reading import rule_of
from learner.rewriting import Rewriting
from learner.rule import Rule, broken
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
    assert dated("on the 8th of May 1945", "D MMMM YYYY") == "on 8 May 1945"
    assert dated("On 8 May 1945.", "MMMM D, YYYY") == "on May 8, 1945."
    assert dated("on 2024-03-03", "D MMMM YYYY") == "on 3 March 2024"
    assert is_date("YYYY-MM-DD")
    assert is_date("D MMMM YYYY")
    assert not is_date("HH:MM")
    assert dated("by March 3, 2024", "YYYY-MM-DD") == "by 2024-03-03"
    assert dated("by 2024-03-03", "YYYY-MM-DD") == "by 2024-03-03"


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
        ("mate its colour, favourite, organise", "British"),
        ("It is color, center and gray.", "American"),
        ("The color of the centre.", ""),
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


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Come at 7 p.m. Bring bread.", "Come at 19:00. Bring bread."),
        ("It starts at 12am and ends at 12 PM", "It starts at 00:00 and ends at 12:00"),
        ("Open from 9 to 11:30 am.", "Open from 09:00 to 11:30."),
        ("We open 9-5pm.", "We open 09:00-17:00."),
        ("Lunch is from 12 to 2 pm.", "Lunch is from 12:00 to 14:00."),
        ("Night shift: 10 to 6 am.", "Night shift: 22:00 to 06:00."),
        ("At seven pm, or at 8 o'clock in the evening.", "At 19:00, or at 20:00."),
        ("I am 7 and am happy; 25 pm is no time.", "I am 7 and am happy; 25 pm is no time."),
        ("It is 14:30 now.", "It is 14:30 now."),
    ],
)
def test_times_of_day_are_written_on_the_24_hour_clock(said: str, written: str) -> None:
    assert on_the_clock(said) == written
    assert on_the_clock(written) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("In 25 minutes at gate 4.", "In twenty-five minutes at gate four."),
        ("At 6:30, 7:05 or 9:00.", "At six thirty, seven oh five or nine o'clock."),
        ("It cost $5 in 1989, 15% of 1,234.", None),
        ("1. Wash.\n2. Dry for 3-5 min.", "- Wash.\n- Dry for three to five min."),
        ("Room B12, 600ft up.", "Room B twelve, six hundred ft up."),
        ("From 1900 to 1905.", "From nineteen hundred to nineteen oh five."),
        ("Version 2.1.0 is 0.5 s faster.", "Version 2.1.0 is zero point five s faster."),
        ("On the 21st it ends.", "On the twenty-first it ends."),
        ("No number.", "No number."),
    ],
)
def test_figures_are_written_as_words(said: str, written: str | None) -> None:
    money = (
        "It cost five dollars in nineteen eighty-nine, fifteen percent of one thousand two hundred"
        " thirty-four."
    )
    assert in_words(said) == (written or money)
    assert in_words(in_words(said)) == (written or money)


def test_marks_smileys_and_emphasis_go_and_the_words_stay() -> None:
    assert calm('Hi! Really?! "Yes!" a != b') == 'Hi. Really? "Yes." a != b'
    assert without_smileys("Fine 🎉 (see f(x): 2) :-)") == "Fine (see f(x): 2)"
    assert without_markup("# Title\n**Bold** and *slanted*, 2 * 3 * 4") == (
        "Title\nBold and slanted, 2 * 3 * 4"
    )
    assert (
        spelt_out("I'm here, it's ours and they can’t.") == "I am here, it is ours and they cannot."
    )
    assert spelt_out("Ann's book") == "Ann's book"
    assert without_greeting("Dear Ms Ito,\n\nthe hall is shut.") == "The hall is shut."
    assert without_greeting("Good evening! It is late.") == "It is late."
    assert without_greeting("Hello is a word, as hi is.") == "Hello is a word, as hi is."
    assert without_punctuation("Oh, it's 3.5 (or 4:10?) 'now'!") == "Oh it's 3.5 (or 4:10) 'now'"


@pytest.mark.parametrize(
    ("note", "example", "kind"),
    [
        ("No exclamation marks.", "Well done.", "calm"),
        ("Please drop the emojis.", "Well done.", "smileys"),
        ("No markdown, no bold.", "Well done.", "markup"),
        ("Avoid contractions in letters.", "I do not know.", "contractions"),
        ("Write in lower case.", "well done.", "case"),
        ("Use the 24-hour clock.", "At 19:30.", "clock"),
        ("Write times as my ticket does, like 07:15.", "At 19:30.", "clock"),
        ("Write every number as a word.", "At ten.", "figures"),
        ("Please spell out numbers.", "At ten.", "figures"),
        ("No digits, please.", "At ten.", "figures"),
        ("Words, not figures.", "At ten.", "figures"),
        ("Numbers should be spelled out.", "At ten.", "figures"),
        ("No capitalising.", "at ten.", "case"),
        ("Small letters here.", "at ten.", "case"),
        ("Leave out the salutation.", "The hall is shut.", "ungreeted"),
        ("Stop offering me more.", "The hall is shut.", "unoffered"),
        ("No long dashes.", "The hall is shut.", "undashed"),
        ("No punctuation in haikus.", "the rain is over", "unpunctuated"),
        ("Never commas or full stops.", "the rain is over", "unpunctuated"),
    ],
)
def test_what_is_written_otherwise_is_believed_only_with_the_example(
    note: str, example: str, kind: str
) -> None:
    assert [one.kind for one in manner(note, example).rewritings] == [kind]
    against = "Hi Ann, don't! 🎉 **Well** DONE — at 7 pm. Let me know more."
    assert manner(note, against).rewritings == ()


def test_who_wants_no_wine_offered_may_still_be_asked_something() -> None:
    assert manner("Never offer wine.", "The hall is shut.").rewritings == ()


def test_only_an_answer_that_shows_the_rule_is_worth_learning() -> None:
    dates = Rewriting("dates", "YYYY-MM-DD")
    assert dates.shown_by("July 20, 1969.", "1969-07-20.")
    assert dates.shown_by("1969-07-20.", "1969-07-20.")
    assert not dates.shown_by("In 1969.", "In 1969.")
    assert Rewriting("dates", "DD.MM.YYYY").shown_by("", "On 20.07.1969.")
    assert Rewriting("clock").shown_by("At 7 pm.", "At 19:00.")
    assert not Rewriting("clock").shown_by("At noon.", "At noon.")
    assert Rewriting("spelling", "British").shown_by("colour", "colour")
    assert Rewriting("calm").shown_by("Hi!", "Hi.")
    pupils = Rewriting("words", "kids|children>pupils")
    assert pupils.shown_by("Ask a pupil.", "Ask a pupil.")
    assert not pupils.shown_by("Ask them.", "Ask them.")
    assert not Rewriting("calm").shown_by("Hi.", "Hi.")


def test_code_is_not_written_otherwise() -> None:
    no_marks = manner("No exclamation marks.", "Well done.")
    assert shaped("Run `ls !` now!", no_marks, ended=True) == "Run `ls !` now."


def test_prices_are_in_the_persons_currency_alone() -> None:
    euros = manner("Give prices in euros.", "About 20 euros.")
    assert euros.currency == "euros"
    assert broken(euros, "About $20.") == ["currency"]
    assert broken(euros, "About €20.") == []
    assert manner("Be brief.", "About 20 euros.").currency == ""
    assert currency_of("20 euros or $22") == ""


def test_limits_are_read_and_kept_to() -> None:
    words = manner("Titles: five words max.", "Bread for All")
    assert words.most_words == 5
    assert broken(words, "A Very Long Title About Bread") == ["too many words"]
    two = manner("At most two sentences.", "Yes.")
    assert (two.most_sentences, two.sentences) == (2, 0)
    assert shaped("One. Two. Three.", two, ended=True) == "One. Two."
    assert manner("At most two sentences.", "One. Two. Three.").most_sentences == 0
    assert manner("Code without comments.", "```python\nx = 1\n```").bare
    halved = "```python\nx = 9 // 2\nprint('# 1')\n```"
    assert shaped(halved, manner("Python without comments.", halved), ended=True) == halved
    bare = manner("Python without comments.", "```python\nx = 1\n```")
    assert (
        shaped("```python\n# one\nx = 1  # two\n```", bare, ended=True) == "```python\nx = 1\n```"
    )


@pytest.mark.parametrize(
    ("language", "code", "bare"),
    [
        ("python", "# one\nx = 9 // 2  # two\nprint('# 3')", "x = 9 // 2\nprint('# 3')"),
        ("javascript", "let x = 1; // one\n  // two\nx--;", "let x = 1;\nx--;"),
        ("sql", "select 1 -- one\n-- two", "select 1"),
        ("shell", "#!/bin/sh\nls # one", "#!/bin/sh\nls"),
    ],
)
def test_comments_go_by_the_signs_of_the_language(language: str, code: str, bare: str) -> None:
    assert without_comments(code, language) == bare
    assert without_comments(bare, language) == bare


def test_spelling_leaves_code_as_it_is() -> None:
    british = Rewriting("spelling", "British")
    code = "```python\ndef shown(name):\n    return name.capitalize()  # in color\n```"
    assert british.applied(f"The color:\n{code}") == f"The colour:\n{code}"
    assert british.applied("Set `color: gray` for a gray text.") == (
        "Set `color: gray` for a grey text."
    )
