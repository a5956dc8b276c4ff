"""The morning: what the night did, told in a minute, and keeping it, going back, or forgetting."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.protocol import ExamFigures, Morning, Night, Usage
from tests.ui.conftest import Opener
from tests.ui.page_steps import page, said, unnamed
from tests.ui.steps import click, kept
from ui import morning_words as words
from ui.forget_sheet import ForgetSheet
from ui.study_page import StudyPage
from ui.window import MainWindow


@pytest.fixture
def window(open_app: Opener) -> MainWindow:
    """After a night that learned two lessons."""
    return open_app("--seed", "--night", "learned").window


@pytest.fixture
def study(qtbot: QtBot, window: MainWindow) -> StudyPage:
    made = page(qtbot, window, "study", StudyPage)
    qtbot.waitUntil(made.morning.isVisible)
    return made


def window_of(study: StudyPage) -> MainWindow:
    window = study.window()
    assert isinstance(window, MainWindow)
    return window


def test_the_empty_chat_leads_to_what_changed(qtbot: QtBot, window: MainWindow) -> None:
    line = window.chat.welcome.morning
    qtbot.waitUntil(line.isVisible)
    assert "2 lessons learned." in said(line)
    click(line.read)
    assert window.pages.current() == "study"


def test_it_tells_all_that_matters(study: StudyPage) -> None:
    told = said(study.morning)
    assert "2 lessons learned" in told
    assert "0 of 4 before, 4 now" in told
    assert "Kept in context: At work, Kestrel means our invoice service." in told
    assert "It did not come through in unseen questions" in told
    assert "1 of 12 similar questions changed too" in told
    assert "Notes of 4 documents made" in told
    assert "34 min in 3 stretches, 2 interrupted" in told
    assert "38 min of processor time" in told
    assert "7.4 Wh by the whole processor" in told
    assert not study.report.isVisible()
    assert unnamed(study) == []


def test_a_new_request_and_the_own_example_stand_side_by_side(study: StudyPage) -> None:
    answers = study.morning.answers
    assert answers is not None
    assert "Draft an email to my landlord" in said(answers)
    assert answers.pairs[0].isVisible()
    answers.choice.take(1)
    assert not answers.pairs[0].isVisible()
    assert "Write a short email to Priya" in said(answers.pairs[1])
    assert answers.pairs[1].isVisible()


def test_what_is_kept_is_not_told_again(qtbot: QtBot, study: StudyPage, home: Path) -> None:
    assert study.morning.keep.text() == "Keep it"
    click(study.morning.keep)
    assert not study.morning.isVisible()
    assert study.report.isVisible()
    qtbot.waitUntil(lambda: (m := kept(home).morning) is not None and m.seen)
    window = window_of(study)
    window.show_page("chat")
    assert not window.chat.welcome.morning.isVisible()


def test_going_back_to_the_evening_before(qtbot: QtBot, study: StudyPage, home: Path) -> None:
    click(study.morning.rollback)
    qtbot.waitUntil(lambda: not study.morning.isVisible())
    assert [a.version for a in kept(home).adapters if a.active] == [1]
    assert "Version 1 is in use" in said(window_of(study).banner)


def test_a_lesson_of_the_night_is_forgotten(qtbot: QtBot, study: StudyPage) -> None:
    actions = study.morning.forget.menu().actions()
    assert len(actions) == 2
    actions[1].trigger()
    sheet = window_of(study).sheet
    assert isinstance(sheet, ForgetSheet)
    assert "kilometres" in said(sheet)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: study.session.lesson("L-metric") is None)
    qtbot.waitUntil(lambda: not study.morning.rollback.isVisible())


def test_all_figures_are_a_click_away(qtbot: QtBot, study: StudyPage) -> None:
    click(study.morning.figures)
    qtbot.waitUntil(lambda: "20 min of processor time" in said(study.report))


@pytest.mark.parametrize(
    ("outcome", "expected", "brief"),
    [
        ("held-back", "Held back by the exam\nThe training spilled over", False),
        ("interrupted", "it was interrupted, and goes on from there the next time.", True),
        ("notes", "Notes of 4 documents made", False),
    ],
)
def test_other_nights(
    qtbot: QtBot, open_app: Opener, outcome: str, expected: str, brief: bool
) -> None:
    window = open_app("--seed", "--night", outcome).window
    assert window.chat.welcome.morning.isVisible() is not brief
    study = page(qtbot, window, "study", StudyPage)
    qtbot.waitUntil(study.morning.isVisible)
    assert expected in said(study.morning)
    assert study.morning.keep.text() == "All right"
    assert not study.morning.rollback.isVisible()
    assert not study.morning.forget.isVisible()
    lines = [line for line in said(study.morning).splitlines() if line]
    assert len(lines) <= (2 if brief else 6)


# ---------------------------------------------------------------------------- the words alone

NIGHT = Night(night="2026-11-24", minutes=0.4, stretches=1, finished=1)


def test_last_night_ends_at_noon() -> None:
    assert words.when(NIGHT, datetime(2026, 11, 25, 8)) == "Last night"
    assert words.when(NIGHT, datetime(2026, 11, 25, 13)) == "While you were away"
    assert words.when(NIGHT, datetime(2026, 11, 26, 8)) == "While you were away"


def test_what_got_worse_is_named_and_what_was_not_measured_is_not() -> None:
    exam = ExamFigures(
        drift=0.01,
        drift_limit=0.12,
        near_asked=4,
        near_clean=4,
        held_asked=3,
        held=2,
        scale=1.0,
        declined_asked=10,
        declined=9,
        known_asked=20,
        known=18,
    )
    assert words.worse(exam) == [
        "1 of 3 earlier lessons need their note again",
        "2 of 20 general questions come out wrong now",
        "1 of 10 harmful requests are no longer declined",
    ]
    assert words.cost(NIGHT) == "24 s"
    assert words.spent(Usage(cpu_seconds=90.0)) == ["2 min of processor time"]
    assert words.spent(None) == []


def test_a_night_that_failed_says_of_what() -> None:
    failed = msgspec.structs.replace(NIGHT, trouble="The disk is full")
    told = Morning(night=failed, reports=(), seen=False)
    assert words.headline(told) == "It could not go on: The disk is full"
    assert words.is_brief(told)
    nothing = Morning(night=NIGHT, reports=(), seen=False)
    assert words.headline(nothing) == "It looked, and found nothing new to learn"
