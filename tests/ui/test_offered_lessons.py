"""Offered lessons: accepted as edited, dismissed, traced to their chat; answers rated, copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.page_steps import page, said, unnamed
from tests.ui.steps import click, kept, open_conversation, press
from ui.lessons_page import LessonsPage
from ui.window import MainWindow


@pytest.fixture
def window(open_app: Opener) -> MainWindow:
    return open_app("--seed", "--offers").window


@pytest.fixture
def lessons(qtbot: QtBot, window: MainWindow) -> LessonsPage:
    return page(qtbot, window, "lessons", LessonsPage)


def test_offers_stand_above_the_lessons_and_in_the_sidebar(
    window: MainWindow, lessons: LessonsPage
) -> None:
    told = said(lessons.offered)
    assert list(lessons.offered.rows) == [3, 2, 1]
    assert "“No, it’s half past nine since May.”\nAsked: When is our stand-up?" in told
    assert "You asked again 3 times, and kept the shorter answer." in told
    assert "How should it have been?" in told
    assert "3 offered" in said(window.sidebar)
    assert unnamed(lessons) == []
    assert len(lessons.rows) == 6, "an offer is no lesson"


def test_an_offer_is_accepted_as_the_person_edits_it(
    qtbot: QtBot, window: MainWindow, lessons: LessonsPage, home: Path
) -> None:
    row = lessons.offered.rows[3]
    press(row.accept, Qt.Key.Key_Space)
    editor = row.editor
    assert editor is not None
    assert editor.draft().answer == "Your stand-up is at half past nine."
    assert editor.draft().note == "It’s half past nine since May."
    assert "It answered first" in said(row)
    assert kept(home).accepted == [], "opening it is no consent"
    assert unnamed(lessons) == []
    editor._answer.setPlainText("At half past nine.")
    press(editor._answer, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: 3 not in lessons.offered.rows)
    (request,) = kept(home).accepted
    assert (request.proposal_id, request.answer) == (3, "At half past nine.")
    assert request.note == "It’s half past nine since May."
    qtbot.waitUntil(lambda: len(lessons.rows) == 7)
    assert "Noted" in said(window.banner)
    assert "2 offered" in said(window.sidebar)


def test_what_cannot_be_accepted_says_why_and_keeps_what_was_typed(
    qtbot: QtBot, window: MainWindow, lessons: LessonsPage
) -> None:
    row = lessons.offered.rows[1]
    click(row.accept)
    assert row.editor is not None
    assert row.editor.draft().answer == "Many things.", "the answer there was, to be edited"
    press(row.editor._answer, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "the same as the one" in said(window.banner))
    assert row.editor is not None
    assert row.editor._save.isEnabled()
    press(row.editor._answer, Qt.Key.Key_Escape)
    assert row.accept.isVisible(), "the editor is put away"


def test_a_dismissed_offer_goes_and_the_section_with_the_last(
    qtbot: QtBot, window: MainWindow, lessons: LessonsPage, home: Path
) -> None:
    for number in (3, 2, 1):
        press(lessons.offered.rows[number].dismiss, Qt.Key.Key_Space)
    qtbot.waitUntil(lessons.offered.isHidden)
    assert kept(home).dismissed == [3, 2, 1]
    assert "offered" not in said(window.sidebar)
    assert len(lessons.rows) == 6


def test_an_offer_leads_to_its_conversation(
    qtbot: QtBot, window: MainWindow, lessons: LessonsPage
) -> None:
    click(lessons.offered.rows[3].source)
    assert window.pages.current() == "chat"
    assert window.chat.conversation == 2
    qtbot.waitUntil(lambda: window.chat.transcript.answers() != [])


def test_chats_are_looked_through_by_hand(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app().window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    assert lessons.offered.isHidden()
    click(lessons.look)
    qtbot.waitUntil(lambda: list(lessons.offered.rows) == [3, 2, 1])
    assert "3 lessons offered" in said(window.banner)
    qtbot.waitUntil(lessons.look.isEnabled)
    click(lessons.look)
    qtbot.waitUntil(lambda: "Nothing new to offer" in said(window.banner))


def test_a_refused_dismissal_can_be_tried_again(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--offers", "--fail", "dismissproposal").window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    click(lessons.offered.rows[3].dismiss)
    qtbot.waitUntil(lambda: "Your record could not be read" in said(window.banner))
    assert lessons.offered.rows[3].dismiss.isEnabled()


def test_an_answer_is_marked_as_not_helpful_and_the_mark_taken_back(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    view = open_conversation(qtbot, window, 2)
    assert view.message is not None
    click(view.tools.unhelpful)
    qtbot.waitUntil(lambda: len(kept(home).rated) == 1)
    view.set_newest(False)
    assert view.tools.unhelpful.isVisible(), "the mark stays in sight"
    open_conversation(qtbot, window, 1)
    view = open_conversation(qtbot, window, 2)
    qtbot.waitUntil(lambda: view.tools.unhelpful.isChecked())
    press(view.tools.unhelpful, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: [x.unhelpful for x in kept(home).rated] == [True, False])
    assert kept(home).lessons == window.chat.session.lessons, "nothing is learned from it"


def test_a_mark_that_could_not_be_kept_is_not_shown(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--fail", "rate").window
    view = open_conversation(qtbot, window, 2)
    click(view.tools.unhelpful)
    qtbot.waitUntil(lambda: "Your record could not be read" in said(window.banner))
    assert not view.tools.unhelpful.isChecked()


def test_a_copied_answer_is_told(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    view = open_conversation(qtbot, window, 2)
    assert view.message is not None
    copied = view.message.id
    click(view.tools.copy)
    qtbot.waitUntil(lambda: kept(home).copied == [copied])
