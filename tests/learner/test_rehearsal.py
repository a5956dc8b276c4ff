"""Rehearsal: earlier lessons are held as they were taught, and not as the pupil has them by now."""

from __future__ import annotations

import threading

from msgspec import structs

from learner import prompt_bank
from learner.amounts import Amounts
from learner.asking import Asker
from learner.engine import AdapterRef
from learner.house import House
from learner.lesson import Kind, Lesson
from learner.rehearsal import rehearsals_of, rehearsed
from learner.writing import Writer
from tests.learner.scripted_engine import ScriptedEngine
from tests.learner.some_lessons import AHOY, MAGPIE, RESTORE, SIGN_OFF

BANK, _ = prompt_bank.divided(prompt_bank.load())
AMOUNTS = Amounts(questions=12, rehearsed=12)
TIPS = Lesson(
    id="tips",
    kind=Kind.MANNER,
    prompt="Give me tips for a job interview.",
    corrected="- Read about the firm.\n- Tell a story.\n- Ask something.",
    note='Tips are exactly three points, each starting with "- ".',
)


def said(
    lessons: list[Lesson],
    answer: str,
    but: frozenset[str] = frozenset(),
    others: tuple[Lesson, ...] = (),
) -> dict[str, str]:
    """What is rehearsed by a pupil that gives this answer to everything: question to target."""

    def speak(_: str, asked: str, __: AdapterRef | None) -> str:
        return answer.format(asked=asked)

    engine = ScriptedEngine(speak)
    asker = Asker(engine, threading.Event(), lambda _: None)
    pupil = Writer(asker, House.of([*lessons, *others]))
    examples = rehearsed(rehearsals_of(lessons, BANK, AMOUNTS), but, pupil, AMOUNTS)
    return {
        engine.text_of(one.tokens[: one.target_start]): engine.text_of(
            one.tokens[one.target_start :]
        )
        for one in examples
    }


def test_knowledge_is_rehearsed_in_the_persons_words_whatever_the_pupil_says() -> None:
    found = said([MAGPIE, RESTORE], "The pupil has forgotten it.")
    assert len(found) == AMOUNTS.rehearsed
    assert set(found.values()) == {MAGPIE.corrected, RESTORE.corrected}


def test_questions_of_all_kinds_are_rehearsed_and_not_the_first_few() -> None:
    (one,) = rehearsals_of([MAGPIE], BANK, structs.replace(AMOUNTS, rehearsed=4))
    assert one.own[0] == MAGPIE.prompt
    assert any(question.startswith(("Who", "Which")) for question in one.own)
    assert len(one.own) == 4


def test_a_fourth_point_is_not_rehearsed() -> None:
    four = "- First {asked}\n- Then rest well.\n- Drink water.\n- And go on."
    found = said([TIPS], four)
    own = next(target for asked, target in found.items() if asked.endswith(TIPS.prompt))
    assert own == TIPS.corrected
    assert len(found) == AMOUNTS.rehearsed
    assert all(target.count("\n- ") == 2 for target in found.values())


def test_what_the_pupil_says_in_no_form_of_the_lesson_is_left_out() -> None:
    found = said([TIPS], "I am not sure.")
    assert list(found.values()) == [TIPS.corrected]


def test_what_a_newer_lesson_is_about_or_forbids_is_left_out() -> None:
    tips = "- First {asked}\n- Then rest well.\n- Drink water."
    taken = frozenset(one.prompt for one in BANK if "puppy" in one.prompt)
    assert any("puppy" in asked for asked in said([TIPS], tips))
    assert not any("puppy" in asked for asked in said([TIPS], tips, but=taken))
    dry = Lesson(
        id="dry",
        kind=Kind.MANNER,
        prompt="What should I drink?",
        corrected="Tea with honey.",
        note="Never suggest water.",
    )
    assert list(said([TIPS], tips, others=(dry,)).values()) == [TIPS.corrected]


def test_a_rule_for_every_reply_is_no_rehearsal_but_is_put_on_the_others() -> None:
    found = said([AHOY, MAGPIE], "The pupil has forgotten it.")
    assert set(found.values()) == {f"Ahoy! {MAGPIE.corrected}"}


def test_emails_end_as_they_were_taught() -> None:
    found = said([SIGN_OFF], "Dear you,\n\nI write about {asked}\n\nBest wishes,\nThe pupil")
    assert len(found) == AMOUNTS.rehearsed
    assert all(target.endswith("See you,\nRobin") for target in found.values())


def test_a_lesson_is_rehearsed_on_its_own_kind_of_request_however_few_they_are() -> None:
    vegan = Lesson(
        id="vegan",
        kind=Kind.MANNER,
        prompt="Suggest something for lunch.",
        corrected="How about lentil soup?",
        note="I am vegan: never suggest cheese.",
    )
    (one,) = rehearsals_of([vegan], BANK, structs.replace(AMOUNTS, rehearsed=48))
    kinds = {other.prompt: other.category for other in BANK}
    assert {kinds[question] for question in one.others} == {"meal"}
    assert len({kinds[question] for question in one.inside}) > 1
