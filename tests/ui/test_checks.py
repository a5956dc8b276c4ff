"""Checks that nothing is left: of a document and of a lesson, offered, run, stopped and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.page_steps import page, said, unnamed
from tests.ui.steps import click, clipboard, press
from ui.check_sheet import CheckSheet
from ui.document_check_sheet import DocumentCheckSheet
from ui.document_menu import DocumentMenu
from ui.documents_page import DocumentsPage
from ui.forget_document_sheet import ForgetDocumentSheet
from ui.forget_sheet import ForgetSheet
from ui.lesson_check_sheet import LessonCheckSheet
from ui.lessons_page import LessonsPage
from ui.window import MainWindow


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    made = tmp_path / "lease.txt"
    made.write_text("The deposit is 1,840 euros.", encoding="utf-8")
    return made


def taught(qtbot: QtBot, window: MainWindow, paper: Path) -> int:
    """Teach a file; its number."""

    def there() -> list[int]:
        documents = window._session.documents
        return [x.id for x in documents if x.path == str(paper) and x.state == "ready"]

    window.teaching.teach([str(paper)])
    qtbot.waitUntil(lambda: bool(there()))
    return there()[0]


def forgotten(qtbot: QtBot, window: MainWindow, number: int) -> None:
    window.desk.act("forget", number)
    sheet = window.sheet
    assert isinstance(sheet, ForgetDocumentSheet)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.sheet is None)


def checked(qtbot: QtBot, window: MainWindow) -> CheckSheet:
    sheet = window.sheet
    assert isinstance(sheet, CheckSheet)
    qtbot.waitUntil(lambda: sheet.rows != [])
    return sheet


# ------------------------------------------------------------------ documents


def test_after_forgetting_a_document_the_banner_offers_the_check(
    qtbot: QtBot, window: MainWindow, paper: Path
) -> None:
    forgotten(qtbot, window, taught(qtbot, window, paper))
    assert window.banner.check.isVisible()
    assert not window.banner.undo.isVisible()
    click(window.banner.check)
    sheet = checked(qtbot, window)
    assert isinstance(sheet, DocumentCheckSheet)
    assert sheet.verdict.text() == "Nothing of it was found"
    assert "31 files of the home (92.3 MB)" in said(sheet)
    assert "None of 40 pieces of it stands anywhere" in said(sheet)
    assert unnamed(sheet) == []
    click(sheet.copy)
    assert clipboard().startswith("Nothing of it was found\n[In order] Nothing is left: None of 40")
    press(sheet, Qt.Key.Key_Escape)
    assert window.sheet is None


def test_a_document_that_is_still_taught_is_found_from_its_menu(
    qtbot: QtBot, window: MainWindow, paper: Path
) -> None:
    number = taught(qtbot, window, paper)
    document = window._session.document(number)
    assert document is not None
    actions = {action.data(): action for action in DocumentMenu(window, document).actions()}
    assert actions["check"].isEnabled()
    window.desk.act("check", number)
    sheet = checked(qtbot, window)
    assert sheet.verdict.text() == "Something of it was found: 1 place"
    assert [row.finding.severity for row in sheet.rows] == ["problem", "ok"]
    assert "Forget it there first." in said(sheet.rows[0])


def test_a_document_without_its_file_cannot_be_checked(
    qtbot: QtBot, window: MainWindow, paper: Path
) -> None:
    number = taught(qtbot, window, paper)
    document = window._session.document(number)
    assert document is not None
    paper.unlink()
    actions = {action.data(): action for action in DocumentMenu(window, document).actions()}
    assert not actions["check"].isEnabled()
    forgotten(qtbot, window, number)
    assert window.banner.isVisible()
    assert not window.banner.check.isVisible()


def test_any_file_is_chosen_and_one_that_cannot_be_read_says_why(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone.txt"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(gone), ""))
    click(page(qtbot, window, "documents", DocumentsPage).check)
    sheet = window.sheet
    assert isinstance(sheet, DocumentCheckSheet)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "There is no such file" in said(sheet.trouble)
    gone.write_text("It is there now.", encoding="utf-8")
    click(sheet.again)
    assert checked(qtbot, window).verdict.text() == "Nothing of it was found"
    assert not sheet.trouble.isVisible()


# ------------------------------------------------------------------ lessons


def lesson_sheet(qtbot: QtBot, window: MainWindow, lesson: str) -> LessonCheckSheet:
    """Forget a lesson on its page and ask for the check there."""
    lessons = page(qtbot, window, "lessons", LessonsPage)
    click(lessons.rows[lesson].forget)
    asked = window.sheet
    assert isinstance(asked, ForgetSheet)
    click(asked.confirm)
    qtbot.waitUntil(lambda: lesson in lessons.forgotten.checks)
    qtbot.waitUntil(lambda: window.banner.check.isVisible())
    lessons.bring_into_sight(lessons.forgotten.checks[lesson])
    click(lessons.forgotten.checks[lesson])
    sheet = window.findChildren(LessonCheckSheet)[-1]
    assert window.sheet is sheet
    return sheet


def test_a_forgotten_lesson_is_proven_with_the_weights_and_a_question(
    qtbot: QtBot, window: MainWindow
) -> None:
    sheet = lesson_sheet(qtbot, window, "L-bullets")
    assert "only its number (L-bullets)" in said(sheet)
    sheet.probe.setText("What is a kestrel?")
    click(sheet.full)
    assert (
        checked(qtbot, window).verdict.text().startswith("It is forgotten: nothing of it is left")
    )
    told = said(sheet)
    assert "it is the same byte for byte" in told
    assert "Asked: What is a kestrel?" in told
    assert "It answers now" in told
    assert unnamed(sheet) == []


def test_a_quick_check_says_that_it_was_one(qtbot: QtBot, window: MainWindow) -> None:
    sheet = lesson_sheet(qtbot, window, "L-bullets")
    click(sheet.quick)
    checked(qtbot, window)
    assert "this check was a quick one" in said(sheet)
    assert sheet.full.isVisible(), "the full one can follow"


def test_weights_that_wait_are_not_called_proven(qtbot: QtBot, window: MainWindow) -> None:
    sheet = lesson_sheet(qtbot, window, "L-metric")
    click(sheet.quick)
    checked(qtbot, window)
    assert "the weights wait to be made anew" in sheet.verdict.text()
    lessons = page(qtbot, window, "lessons", LessonsPage)
    assert "study to make the weights without it" in said(lessons.forgotten)


def test_a_check_tells_how_far_it_is_and_is_stopped(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--freeze-check", "train").window
    sheet = lesson_sheet(qtbot, window, "L-bullets")
    click(sheet.full)
    qtbot.waitUntil(lambda: "Shard 1 of 2: Teaching it again" in said(sheet.working))
    assert "About 2 min left" in said(sheet.working)
    assert (sheet.bar.value(), sheet.bar.maximum()) == (40, 100)
    click(sheet.stop)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "Stopped" in said(sheet.trouble)
    assert not sheet.running
    assert sheet.full.isVisible()


def test_closing_the_sheet_stops_the_check(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--freeze-check", "look").window
    sheet = lesson_sheet(qtbot, window, "L-bullets")
    click(sheet.full)
    qtbot.waitUntil(lambda: "Looking through ledger.db" in said(sheet.working))
    press(sheet, Qt.Key.Key_Escape)
    assert window.sheet is None
    qtbot.waitUntil(lambda: not window._session.backend.pending)


def test_the_banner_leads_to_the_check_of_the_lesson(qtbot: QtBot, window: MainWindow) -> None:
    sheet = lesson_sheet(qtbot, window, "L-bullets")
    sheet.close_sheet()
    click(window.banner.check)
    assert isinstance(window.sheet, LessonCheckSheet)
    assert "L-bullets" in said(window.sheet)
