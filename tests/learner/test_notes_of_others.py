"""150 notes by four authors who knew nothing of the program: what is read of them.

Of the first author's twenty-four notes of manner twelve were misread, and then of the second's
forty fifteen (learner/LOG.md, 1 December). What would take a form of its own is not listed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from learner import prompt_bank
from learner.lesson import Kind, Lesson, read_lessons
from learner.reading import rule_of
from learner.rewriting import Rewriting
from learner.rule import Rule, broken
from learner.scope import scope_of
from learner.shape import shaped

LESSONS = Path(__file__).parents[1] / "data" / "lessons"
NOTES = {one.id: one for one in read_lessons(LESSONS / "notes.jsonl", Lesson)}
BANK, _ = prompt_bank.divided(prompt_bank.load())

READ = {
    "fahrenheit-gardener": Rule(banned=("brackets", "Celsius")),
    "class-question": Rule(last="Ask the class:", joint="\n\n"),
    "no-shall": Rule(wanted=("must",), banned=("shall",)),
    "ingredients-first": Rule(opening="You need:\n"),
    "all-lowercase": Rule(rewritings=(Rewriting("case"),), banned=("capitals",), everywhere=True),
    "24h-clock": Rule(rewritings=(Rewriting("clock"),)),
    "school-signoff": Rule(closing="Bea (mum of Joris)", joint="\n\n"),
    "status-line": Rule(opening="STATUS: "),
    "no-hope-this-finds": Rule(banned=("I hope this finds you well",)),
    "example-sentence": Rule(last="Example:", joint="\n"),
    "one-sentence-per-line": Rule(spread="\n", everywhere=True),
    "no-exclamation": Rule(rewritings=(Rewriting("calm"),), everywhere=True),
    "yes-no-first": Rule(starts=("Yes.", "No."), polar=True),
    "done-when": Rule(last="Done when:", joint="\n", trigger="How do I"),
    "eur-in-front": Rule(currency="euros"),
    "guests-not-customers": Rule(
        rewritings=(Rewriting("words", "customers|clients|consumers>guests"),),
        wanted=("guest",),
        banned=("customers", "clients", "consumers"),
    ),
    "compare-pick": Rule(last="Pick:", joint="\n", banned=("both have their merits",)),
    "iso-dates": Rule(pattern=r"\d{4}-\d{2}-\d{2}", rewritings=(Rewriting("dates", "YYYY-MM-DD"),)),
    "no-unfortunately": Rule(banned=("unfortunately", "regret", "afraid")),
    "long-options": Rule(),
    "quick-ten-words": Rule(most_words=10, trigger="quick:"),
    "nurse-24h-clock": Rule(rewritings=(Rewriting("clock"),)),
    "grandma-no-emoji-love": Rule(closing="Love, Nana Jean", joint=" "),
    "german-engineer-comma": Rule(rewritings=(Rewriting("decimals"),)),
    "teen-lowercase": Rule(rewritings=(Rewriting("case"),), banned=("hashtags",)),
    "lawyer-short-answer-first": Rule(opening="Short answer: ", polar=True),
    "baker-grams": Rule(banned=("cups", "ounces")),
    "dad-joke-groan": Rule(closing="Ba dum tss!", joint=" "),
    "hr-they-colleague": Rule(
        rewritings=(Rewriting("words", "staff|worker|employee>colleague"),),
        wanted=("colleague",),
        banned=("staff", "worker", "employee"),
    ),
    "fisherman-wind-knots": Rule(banned=("km/h", "mph", "kilometres")),
    "dyslexic-short-lines": Rule(spread="\n\n"),
    "japanese-learner-simple": Rule(),
    "no-exclamation-mourner": Rule(
        closing="With gratitude, the Hallorans", joint=" ", rewritings=(Rewriting("calm"),)
    ),
    "quick-prefix": Rule(most_words=3, trigger="quick:"),
    "toddler-mum-story-end": Rule(last="Night night", joint=" "),
    "retired-major-numbered-paras": Rule(bullet="1. ", stop=".", lines=3),
    "gamer-tldr": Rule(last="TL;DR:", joint="\n\n", everywhere=True),
    "nonbinary-honorific": Rule(closing="Thanks,\nRowan", joint="\n", subject=True),
    "caregiver-repeat-question": Rule(opening="You asked: "),
    "blunt-no-sure": Rule(
        banned=(
            "Sure!",
            "Sure,",
            "Certainly!",
            "Certainly,",
            "Of course!",
            "Of course,",
            "great question",
            "hope this helps",
        ),
        everywhere=True,
    ),
    "bus-two-sentences": Rule(most_sentences=2),
    "signoff-tomasz": Rule(closing="With kind regards,\nTomasz Wrona\nWarehouse 4", joint="\n\n"),
    "grams-not-cups": Rule(banned=("cups", "ounces")),
    "fahrenheit-grill": Rule(banned=("Celsius",)),
    "nurse-24h": Rule(rewritings=(Rewriting("clock"),)),
    "archive-dates": Rule(
        pattern="\\d{4}-\\d{2}-\\d{2}", rewritings=(Rewriting("dates", "YYYY-MM-DD"),)
    ),
    "no-emoji-notary": Rule(rewritings=(Rewriting("smileys"),), everywhere=True),
    "tulip-emoji-end": Rule(closing="🌷", joint=" "),
    "no-offers-at-end": Rule(rewritings=(Rewriting("unoffered"),)),
    "quiz-me-back": Rule(asks=True),
    "code-no-comments": Rule(fence="```python\n", language="python", bare=True),
    "commit-ticket-first": Rule(opening="SHOP-000: ", lines=1),
    "summary-who-acts": Rule(last="To do:", joint="\n"),
    "hates-journey": Rule(banned=("passionate", "journey")),
    "guests-not-customers-2": Rule(banned=("customers", "clients")),
    "shopping-slashes": Rule(separator=" / "),
    "label-draft": Rule(opening="DRAFT\n"),
    "hej-greeting": Rule(opening="Hej "),
    "no-exclamation-funeral": Rule(rewritings=(Rewriting("calm"),), everywhere=True),
    "result-before-method": Rule(opening="Result: ", wanted=("Method:", "Next:")),
    "no-pity-phrases": Rule(
        banned=("I'm so sorry to hear that", "I understand how frustrating this must be")
    ),
    "one-pick-only": Rule(banned=("It depends",)),
    "beekeeper-celsius-only": Rule(banned=("Fahrenheit",)),
    "night-baker-grams": Rule(banned=("cups", "ounces")),
    "kenyan-student-three-sentences": Rule(sentences=3),
    "game-master-no-closing-offer": Rule(rewritings=(Rewriting("unoffered"),), everywhere=True),
    "portuguese-nurse-pt-pt": Rule(),
    "python-no-comments": Rule(fence="```python\n", language="python", bare=True),
    "dyslexic-carpenter-line-per-sentence": Rule(spread="\n"),
    "translation-and-nothing-else": Rule(longest=78),
    "letters-without-contractions": Rule(rewritings=(Rewriting("contractions"),)),
    "helpline-numbered-steps": Rule(bullet="1. ", stop="."),
    "copywriter-no-long-dashes": Rule(rewritings=(Rewriting("undashed"),), everywhere=True),
    "train-dispatcher-24h": Rule(rewritings=(Rewriting("clock"),)),
    "compare-in-a-table": Rule(table=True),
    "packing-tick-boxes": Rule(bullet="- [ ] ", terse=True),
    "brewer-three-names": Rule(lines=3),
    "manager-verdict-last": Rule(last="Verdict:", joint="\n"),
    "excel-learner-no-simply": Rule(banned=("just", "simply", "easily")),
    "shopping-one-line": Rule(separator=", "),
    "poet-all-lowercase": Rule(rewritings=(Rewriting("case"), Rewriting("unpunctuated"))),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_read_of_a_note(name: str) -> None:
    assert rule_of(NOTES[name]) == msgspec.structs.replace(READ[name], unquoted=True)
    assert broken(rule_of(NOTES[name]), NOTES[name].corrected) == []


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("fahrenheit-gardener", "measure"),
        ("class-question", "explain"),
        ("no-shall", "notices"),
        ("ingredients-first", "recipe"),
        ("status-line", "reports"),
        ("no-hope-this-finds", "email"),
        ("eur-in-front", "price"),
        ("compare-pick", "compare"),
        ("iso-dates", "date"),
        ("sql-lowercase", "sql"),
        ("listing-caps-title", "advert"),
        ("long-options", "shell"),
        ("baker-grams", "recipe"),
        ("german-engineer-comma", "number"),
        ("muslim-shopkeeper-greeting", "message"),
        ("toddler-mum-story-end", "story"),
    ],
)
def test_what_a_note_is_about(name: str, category: str) -> None:
    found = scope_of(NOTES[name], rule_of(NOTES[name]), BANK)
    assert found.category == category
    assert found.inside and found.outside


def test_yes_or_no_is_said_first_where_a_question_asks_for_it() -> None:
    lesson = NOTES["yes-no-first"]
    inside = [one.prompt for one in scope_of(lesson, rule_of(lesson), BANK).inside]
    assert "Can penguins fly?" in inside
    assert not [one for one in inside if one.startswith(("How", "What", "Can you", "Write"))]
    rule = rule_of(lesson)
    assert shaped("Yes, they can. Some do.", rule, ended=True) == "Yes. They can. Some do."
    assert shaped("No. Penguins swim.", rule, ended=True) == "No. Penguins swim."
    assert shaped("Penguins cannot fly.", rule, ended=True) is None
    assert shaped("N. Smith says that they swim.", rule, ended=True) is None


def test_a_label_before_yes_or_no_is_taught_on_questions_that_they_answer() -> None:
    lesson = NOTES["lawyer-short-answer-first"]
    found = scope_of(lesson, rule_of(lesson), BANK)
    assert "Is Pluto a planet?" in [one.prompt for one in found.inside]
    assert "What is the capital of Norway?" in [one.prompt for one in found.outside]


def test_decimals_have_a_comma_and_versions_and_code_keep_their_points() -> None:
    rule = rule_of(NOTES["german-engineer-comma"])
    assert rule.rewritten("About 3.66 m, `x = 1.5`, version 2.1.0.") == (
        "About 3,66 m, `x = 1.5`, version 2.1.0."
    )


def test_a_table_is_taken_out_of_what_is_around_it() -> None:
    rule = rule_of(NOTES["compare-in-a-table"])
    table = "| | Gas | Wood |\n|---|---|---|\n| Price | high | low |"
    assert shaped(f"Here it is:\n\n{table}\n\nBoth are warm.", rule, ended=True) == table
    assert shaped(f"{table}\n| Smo", rule, ended=False) == table
    assert shaped("Gas is dear, wood is not.", rule, ended=True) is None


def test_an_offer_of_more_goes_and_long_dashes_are_commas() -> None:
    offer = rule_of(NOTES["game-master-no-closing-offer"])
    said = "Marta never blinks. Would you like a map? Let me know if I can help."
    assert shaped(said, offer, ended=True) == "Marta never blinks."
    assert shaped("Would you like tea? she asks.", offer, ended=True) == (
        "Would you like tea? she asks."
    )
    dashes = rule_of(NOTES["copywriter-no-long-dashes"])
    assert shaped("Soap — of oats – is kind. 3–5 min.", dashes, ended=True) == (
        "Soap, of oats, is kind. 3–5 min."
    )


@pytest.mark.parametrize(
    ("note", "example", "banned"),
    [
        ("No uses bulos en mis textos, por favor.", "Un texto.", ()),
        ("Bitte kein no-go.", "Ein Text.", ()),
        ("Nunca digas “vale” en los correos.", "Hola.", ()),
        ("No slang.", "A text.", ("slang",)),
    ],
)
def test_a_note_in_another_language_is_not_read_as_english(
    note: str, example: str, banned: tuple[str, ...]
) -> None:
    lesson = Lesson(id="x", kind=Kind.MANNER, prompt="Hola?", corrected=example, note=note)
    assert rule_of(lesson).banned == banned


def test_what_assistants_always_say_goes_and_to_make_sure_stays() -> None:
    rule = rule_of(NOTES["blunt-no-sure"])
    said = "Sure! Make sure that it is dry. I hope this helps you."
    assert shaped(said, rule, ended=True) == "Make sure that it is dry."


def test_what_only_this_person_begins_with_is_put_before_requests_of_the_bank() -> None:
    lesson = NOTES["quick-ten-words"]
    found = scope_of(lesson, rule_of(lesson), BANK)
    assert all(one.prompt.startswith("quick: ") for one in found.inside)
    assert "quick: how do I remove a coffee stain from a shirt?" in [
        one.prompt for one in found.inside
    ]
    # The same requests without it are to be answered as ever.
    assert set(found.outside) == set(BANK)


@pytest.mark.parametrize(
    ("note", "banned"),
    [
        ("Never mention lager.", ("lager",)),
        ("Say no to somebody without fuss.", ("fuss",)),
        ("A yes or no question is fine.", ()),
        ("No more, long lists make me dizzy.", ()),
        ("No more than a line.", ()),
        ("I hate it when you say “in conclusion”.", ("in conclusion",)),
        ("The words cheap and nasty are forbidden.", ("cheap", "nasty")),
        ("“Dear Sir” is banned.", ("Dear Sir",)),
        ("Why do you always start with Thank you for asking?", ("Thank you for asking",)),
        ("Why do you keep telling me that you are only a model?", ("that you are only a model",)),
        ("Don't use it, my printer hates it.", ()),
        ("Don't ramble.", ()),
        ("dont ever guess, and do not give me the solution", ()),
        ("dont just say lager", ()),
        ("dont ever say lager", ("lager",)),
        ("Please do not mention wheat or rye.", ("wheat", "rye")),
        ("Never put slang in letters.", ("slang",)),
        ("I'm not going to start converting.", ()),
        ("There's never a decision in it.", ()),
        ("No announcing, no lager.", ("lager",)),
        ("Lager at three in the morning, no thanks.", ()),
        ("Not in letters, not in mails.", ()),
        ("Quit saying 'at the end of the day'.", ()),
        ("Never say 'I'm so sorry'.", ("I'm so sorry",)),
        ("If I see lager or stout one more time I leave.", ("lager", "stout")),
        ("No words that a seven year old wouldn't know.", ()),
        ("I can't eat gluten, nothing with wheat or rye please.", ("gluten", "wheat", "rye")),
    ],
)
def test_what_a_note_forbids(note: str, banned: tuple[str, ...]) -> None:
    lesson = Lesson(
        id="x", kind=Kind.MANNER, prompt="Name a beer.", corrected="A stout.", note=note
    )
    assert rule_of(lesson).banned == banned


@pytest.mark.parametrize(
    ("note", "example", "placeholder"),
    [
        ("Dates like 2025-05-03.", "It is on 2024-01-02.", "YYYY-MM-DD"),
        ("Dates like 3.5.2025.", "It is on 02.01.2024.", "DD.MM.YYYY"),
        ("Dates like 23/5/2025.", "It is on 02/01/2024.", "DD/MM/YYYY"),
        ("Dates like 5/23/2025.", "It is on 01/02/2024.", "MM/DD/YYYY"),
        ("Write dates as day/month/year.", "It is on 02/01/2024.", "DD/MM/YYYY"),
        ("Dates like 3/5/2025.", "It is on 02/01/2024.", ""),
        ("We moved on 2025-05-03.", "It is on 2024-01-02.", ""),
        ("Dates like 2025-05-03.", "It is in May.", ""),
        ("Dates like 27 January 1756.", "It was on 4 June 1812.", "D MMMM YYYY"),
        ("Dates as 4 June 1812, not June 4, 1812.", "It was on 4 June 1812.", "D MMMM YYYY"),
        ("In dates the month comes as a word.", "It was on June 4, 1812.", "MMMM D, YYYY"),
        ("Write dates with the day before the month.", "It was in June.", ""),
        ("We met on 4 June 1812.", "It was on 4 June 1812.", ""),
    ],
)
def test_dates_that_a_note_shows(note: str, example: str, placeholder: str) -> None:
    lesson = Lesson(id="x", kind=Kind.MANNER, prompt="When is it?", corrected=example, note=note)
    dates = [one.form for one in rule_of(lesson).rewritings if one.kind == "dates"]
    assert dates == ([placeholder] if placeholder else [])


@pytest.mark.parametrize(
    ("note", "example", "banned"),
    [
        ("Give me metric.", "It is 12 km away.", ("miles",)),
        ("Metric, never miles.", "It is 12 km away.", ("miles",)),
        ("Not metric.", "It is 12 miles away.", ("metric",)),
        ("I think in Celsius.", "It is 12 °C.", ("Fahrenheit",)),
        ("I think in Celsius.", "It is warm.", ()),
        ("I think in Celsius.", "It is 12 °C, 54 in Fahrenheit.", ()),
    ],
)
def test_who_names_a_unit_forbids_the_other(
    note: str, example: str, banned: tuple[str, ...]
) -> None:
    lesson = Lesson(id="x", kind=Kind.MANNER, prompt="How far is it?", corrected=example, note=note)
    assert rule_of(lesson).banned == banned


@pytest.mark.parametrize(
    ("note", "example", "rule"),
    [
        (
            "start messages with hey team and put a 🌱 at the end",
            "Hey team, practice is off. See you Thursday. 🌱",
            Rule(opening="Hey team, ", closing="🌱", joint=" "),
        ),
        ("messages begin with a 👋", "👋 Practice is off.", Rule(opening="👋 ")),
        (
            "letters to parents: end them with warm hugs",
            "School is out at noon. Warm hugs",
            Rule(closing="Warm hugs", joint=" "),
        ),
        (
            "always give me an in short: line at the end",
            "Practice is off.\nIn short: stay home.",
            Rule(last="In short:", joint="\n"),
        ),
        ("I am blue today.", "Blue, like the sky.", Rule()),
    ],
)
def test_ends_are_read_without_quotes_and_in_any_case(note: str, example: str, rule: Rule) -> None:
    lesson = Lesson(
        id="x", kind=Kind.MANNER, prompt="Write something.", corrected=example, note=note
    )
    assert rule_of(lesson) == msgspec.structs.replace(rule, unquoted=True)


@pytest.mark.parametrize(
    ("note", "banned"),
    [
        ("No contractions in letters.", ()),
        ("No jargon, no technical terms in emails.", ()),
        ("Never mention gravy in letters.", ("gravy",)),
    ],
)
def test_what_is_no_word_forbids_none_and_nor_does_where(
    note: str, banned: tuple[str, ...]
) -> None:
    lesson = Lesson(id="x", kind=Kind.MANNER, prompt="Help.", corrected="Of course.", note=note)
    assert rule_of(lesson).banned == banned


@pytest.mark.parametrize(
    ("note", "everywhere"),
    [
        ('Always end with "Over."', True),
        ('Please always close with "Over."', True),
        ('Always end emails with "Over."', False),
        ('Always end with "Over." when I ask about the boat.', False),
    ],
)
def test_who_always_wants_an_end_wants_it_of_every_reply(note: str, everywhere: bool) -> None:
    lesson = Lesson(
        id="x", kind=Kind.MANNER, prompt="Name a tree.", corrected="An oak. Over.", note=note
    )
    assert rule_of(lesson).everywhere == everywhere


def test_things_are_counted_beside_commas_of_the_note() -> None:
    lesson = Lesson(
        id="x",
        kind=Kind.MANNER,
        prompt="Suggest names for a cat.",
        corrected="Milo, Luna, Felix",
        note="When I ask for names, give exactly three, separated by commas.",
    )
    assert rule_of(lesson).things == 3
