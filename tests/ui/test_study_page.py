"""The study page: what waits, the session as it runs, its end, and its report card."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.page_steps import page, page_by_key, said, unnamed
from tests.ui.steps import click, kept, press
from ui.study_page import StudyPage
from ui.window import MainWindow


@pytest.fixture
def study(qtbot: QtBot, window: MainWindow) -> StudyPage:
    return page(qtbot, window, "study", StudyPage)


@pytest.fixture
def practising(qtbot: QtBot, open_app: Opener) -> StudyPage:
    """A session that stays at its first step of practice until it is stopped."""
    window = open_app("--seed", "--freeze-study", "train").window
    made = page(qtbot, window, "study", StudyPage)
    click(made.start.go)
    qtbot.waitUntil(lambda: "Practising" in said(made.progress))
    return made


def window_of(study: StudyPage) -> MainWindow:
    window = study.window()
    assert isinstance(window, MainWindow)
    return window


def test_it_shows_what_waits_and_the_newest_report(study: StudyPage) -> None:
    assert "2 lessons wait to be studied" in said(study.start)
    assert "4 earlier lessons are studied along" in said(study.start)
    assert study.start.go.isEnabled()
    assert not study.progress.isVisible()
    assert "Version 2 is in use" in said(study.report)
    assert unnamed(study) == []


def test_it_opens_by_its_key(window: MainWindow) -> None:
    assert isinstance(page_by_key(window, "study"), StudyPage)


def test_progress_is_what_the_session_tells(practising: StudyPage) -> None:
    told = said(practising.progress)
    assert "Step 1 of 12" in told
    assert "About 2 min left" in told
    assert "Practising, 31 tokens a second" in told
    assert practising.progress.bar.maximum() == 12
    assert practising.progress.bar.value() == 1
    assert not practising.start.isVisible()
    assert "left" in window_of(practising).sidebar._buttons["study"].text()


def test_cancelling_ends_it_calmly_and_changes_nothing(
    qtbot: QtBot, practising: StudyPage, home: Path
) -> None:
    before = kept(home).adapters
    click(practising.progress.cancel)
    assert "Stopping" in said(practising.progress)
    qtbot.waitUntil(practising.ended.isVisible)
    assert "Stopped" in said(practising.ended)
    assert practising.ended.property("role") == "quiet-card"
    assert not window_of(practising).banner.isVisible()
    assert kept(home).adapters == before
    qtbot.waitUntil(practising.start.go.isEnabled)


def test_it_goes_on_while_other_pages_are_looked_at(practising: StudyPage, qtbot: QtBot) -> None:
    window = window_of(practising)
    window.show_page("chat")
    assert practising.session.study is not None
    qtbot.waitUntil(lambda: bool((s := practising.session.status) and s.studying))
    window.show_page("study")
    assert "Step 1 of 12" in said(practising.progress)


def test_the_report_card_shows_the_figures(qtbot: QtBot, study: StudyPage, home: Path) -> None:
    study.start.budget.take(0)
    click(study.start.go)
    qtbot.waitUntil(lambda: "Version 3 is in use" in said(study.report), timeout=15_000)
    assert kept(home).budgets == [10.0]
    told = said(study.report)
    assert "5 of 6 lessons now come without a note" in told
    assert "0 of 4" in told and "4 of 4" in told
    assert "It did not come through in unseen questions" in told
    assert "0.018" in told and "at most 0.03 is allowed" in told
    assert "12 of 12" in told
    assert "Took 4 min" in told and "fingerprint 9f2c41d7a0b3" in told
    assert "Nothing new waits" in said(study.start)
    assert unnamed(study) == []


def test_one_answer_is_compared_before_and_after(qtbot: QtBot, study: StudyPage) -> None:
    result = study.report.results[0]
    press(result.compare, Qt.Key.Key_Space)
    assert result.answers is not None
    qtbot.waitUntil(result.answers.isVisible)
    assert "Draft an email to my landlord" in said(result.answers)
    press(result.compare, Qt.Key.Key_Space)
    assert not result.answers.isVisible()


def test_rolling_back_from_the_report(qtbot: QtBot, study: StudyPage, home: Path) -> None:
    click(study.report.rollback)
    qtbot.waitUntil(lambda: "is not in use now" in said(study.report))
    assert [a.version for a in kept(home).adapters if a.active] == [1]
    assert not study.report.rollback.isVisible()
    assert "Version 1 is in use" in said(window_of(study).banner)


def test_what_came_while_it_was_out_of_sight_has_its_place_at_once(
    qtbot: QtBot, study: StudyPage
) -> None:
    window = window_of(study)
    click(study.start.go)
    window.show_page("lessons")
    qtbot.waitUntil(lambda: "Version 3" in said(study.report), timeout=15_000)
    qtbot.waitUntil(lambda: not study.session.backend.pending)
    window.show_page("study")
    assert study.report.height() >= study.report.minimumSizeHint().height()
    assert study.report.rollback.height() >= study.report.rollback.minimumSizeHint().height()


def test_a_session_that_ends_elsewhere_is_told_in_a_line(qtbot: QtBot, study: StudyPage) -> None:
    window = window_of(study)
    click(study.start.go)
    window.show_page("lessons")
    qtbot.waitUntil(window.banner.isVisible, timeout=15_000)
    assert "The study session is over" in said(window.banner)
    assert "5 of 6 lessons" in said(window.banner)


def test_an_error_is_told_with_what_to_do(qtbot: QtBot, open_app: Opener) -> None:
    study = page(qtbot, open_app("--seed", "--fail", "study").window, "study", StudyPage)
    click(study.start.go)
    qtbot.waitUntil(study.ended.isVisible)
    told = said(study.ended)
    assert "Your record could not be read" in told
    assert "The disk reported an error." in told
    assert "Free some space, then try again." in told


def test_nothing_taught_is_nothing_to_study(qtbot: QtBot, open_app: Opener) -> None:
    study = page(qtbot, open_app().window, "study", StudyPage)
    assert "There is nothing to study yet" in said(study)
    assert not study.start.isVisible()
    assert not study.report.isVisible()


def test_the_end_of_the_service_ends_the_session_and_the_page_comes_back(
    qtbot: QtBot, practising: StudyPage
) -> None:
    process = practising.session.backend._process
    assert process is not None
    process.kill()
    qtbot.waitUntil(practising.ended.isVisible)
    assert not practising.progress.isVisible()
    assert not practising.start.go.isEnabled()
    qtbot.waitUntil(practising.start.go.isEnabled, timeout=15_000)
    assert "Version 2 is in use" in said(practising.report)
