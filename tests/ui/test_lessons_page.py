"""The lessons page: the list, its search, kinds, import, and forgetting."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDateEdit, QFileDialog
from pytestqt.qtbot import QtBot

from app.protocol import Correct, LessonRecord
from tests.ui.conftest import Opener
from tests.ui.page_steps import page, page_by_key, said, unnamed
from tests.ui.steps import click, kept, press
from ui.forget_sheet import ForgetSheet
from ui.lesson_words import dates, standing
from ui.lessons_page import LessonsPage
from ui.validity_sheet import ValiditySheet
from ui.window import MainWindow

FILE = {"id": "one", "kind": "fact", "prompt": "Who leads?", "corrected": "Ada leads."}


@pytest.fixture
def lessons(qtbot: QtBot, window: MainWindow) -> LessonsPage:
    return page(qtbot, window, "lessons", LessonsPage)


def sheet_of(window: MainWindow) -> ForgetSheet:
    assert isinstance(window.sheet, ForgetSheet)
    return window.sheet


def test_it_lists_every_lesson_with_its_state_in_words(lessons: LessonsPage) -> None:
    assert list(lessons.rows) == [lesson.id for lesson in lessons.session.lessons]
    told = said(lessons)
    assert "Always give distances in kilometres" in told
    assert "Shown to the model until studied." in told
    assert "in version 2" in told
    assert "Kept in context\nIt did not come through" in told
    assert unnamed(lessons) == []


def test_it_opens_by_its_key_and_takes_the_focus(window: MainWindow) -> None:
    window.chat.composer.setFocus()
    lessons = page_by_key(window, "lessons")
    assert window.focusWidget() is not None
    assert lessons.isAncestorOf(window.focusWidget())


def test_a_lesson_opens_and_stays_open_when_the_list_changes(
    qtbot: QtBot, lessons: LessonsPage
) -> None:
    row = lessons.rows["L-email"]
    press(row.more, Qt.Key.Key_Space)
    assert row.opened
    assert "It answered" in said(row)
    assert "You wanted" in said(row)
    request = Correct(id="", answer="Four.", prompt="Two and two?")
    lessons.session.backend.send(request, LessonRecord)
    qtbot.waitUntil(lambda: len(lessons.rows) == 7)
    assert lessons.rows["L-email"] is row
    assert row.opened


def test_another_kind_is_sent_and_the_lesson_waits_again(
    qtbot: QtBot, lessons: LessonsPage, home: Path
) -> None:
    row = lessons.rows["L-metric"]
    actions = {action.data(): action for action in row.kind.menu().actions()}
    assert list(actions) == ["manner", "term", "procedure", "fact"]
    assert actions["manner"].isChecked()
    actions["term"].trigger()
    qtbot.waitUntil(lambda: row.lesson.kind == "term")
    assert row.kind.text().startswith("Term")
    assert "New" in said(row)
    assert [x.kind for x in kept(home).lessons if x.id == "L-metric"] == ["term"]


def test_a_superseded_lesson_says_which_newer_one_counts_and_why(lessons: LessonsPage) -> None:
    row = lessons.rows["L-metric"]
    reason = "A newer lesson, “Use miles.”, wants miles. The newer one counts."
    row.show_lesson(msgspec.structs.replace(row.lesson, state="superseded", reason=reason))
    assert f"Superseded\n{reason}" in said(row)


def test_a_fact_shows_since_when_it_holds_and_what_took_its_place(
    qtbot: QtBot, open_app: Opener
) -> None:
    lessons = page(qtbot, open_app("--seed", "--facts").window, "lessons", LessonsPage)
    assert "Since 3 March 2025" in said(lessons.rows["L-vega"])
    assert "Superseded\n" in said(lessons.rows["L-moreau"])
    told = "Since 1 May 2019, until 3 March 2025, replaced by “Your dentist is Dr. Vega.”"
    assert told in said(lessons.rows["L-moreau"])
    assert told in lessons.rows["L-moreau"].accessibleName()
    assert "Since" not in said(lessons.rows["L-metric"])
    assert lessons.rows["L-metric"].dates.isHidden()
    assert unnamed(lessons) == []


def test_the_dates_of_a_fact_are_changed_in_a_sheet(
    qtbot: QtBot, open_app: Opener, home: Path
) -> None:
    window = open_app("--seed", "--facts").window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    row = lessons.rows["L-vega"]
    click(row.dates)
    sheet = window.sheet
    assert isinstance(sheet, ValiditySheet)
    assert (sheet.since.day(), sheet.ended.isChecked()) == ("2025-03-03", False)
    assert not sheet.until.isEnabled()
    assert unnamed(sheet) == []
    sheet.since.setCurrentSection(QDateEdit.Section.YearSection)
    press(sheet.since, Qt.Key.Key_Down)
    press(sheet.ended, Qt.Key.Key_Space)
    sheet.until.show_day("2023-01-01")
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "The end is before the beginning" in said(sheet.trouble)
    sheet.until.show_day("2024-06-30")
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.sheet is None)
    qtbot.waitUntil(lambda: "Since 3 March 2024, until 30 June 2024" in said(row))
    assert "Ended\nIt is no longer shown to the model." in said(row)
    stored = next(x for x in kept(home).lessons if x.id == "L-vega")
    assert (stored.valid_from, stored.valid_to) == ("2024-03-03", "2024-06-30")


def test_a_fact_goes_back_to_the_day_it_was_taught(
    qtbot: QtBot, open_app: Opener, home: Path
) -> None:
    window = open_app("--seed", "--facts").window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    click(lessons.rows["L-moreau"].dates)
    sheet = window.sheet
    assert isinstance(sheet, ValiditySheet)
    assert "it ends on 3 March 2025, when what you taught later begins" in said(sheet)
    click(sheet.taught)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.sheet is None)
    stored = next(x for x in kept(home).lessons if x.id == "L-moreau")
    assert (stored.from_given, stored.to_given) == (False, False)


def test_a_fact_of_the_future_says_that_it_is_to_come() -> None:
    fact = LessonRecord(
        id="L", kind="fact", prompt="?", rejected="", corrected="!", note="", created="",
        state="new", valid_from="2999-01-01",
    )  # fmt: skip
    assert standing(fact).word == "To come"
    older = msgspec.structs.replace(
        fact, state="superseded", valid_from="2020-01-01", valid_to="2999-01-01"
    )
    assert standing(older).word == "New", "it holds until then"
    assert dates(older, fact) == "Since 1 January 2020, until 1 January 2999, replaced by “!”"


def test_a_fact_kept_in_context_says_when_it_has_ended() -> None:
    fact = LessonRecord(
        id="L", kind="fact", prompt="?", rejected="", corrected="!", note="", created="",
        state="in_context", valid_from="2020-01-01",
    )  # fmt: skip
    assert standing(fact).word == "Kept in context"
    assert standing(msgspec.structs.replace(fact, valid_to="2021-01-01")).word == "Ended"


def test_forgetting_says_what_goes_and_removes_the_row(
    qtbot: QtBot, window: MainWindow, lessons: LessonsPage, home: Path
) -> None:
    click(lessons.rows["L-metric"].forget)
    sheet = sheet_of(window)
    assert "Versions 1 and 2, which hold it, are destroyed" in said(sheet)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: "L-metric" not in lessons.rows)
    qtbot.waitUntil(lambda: window.sheet is None)
    assert "L-metric" not in [x.id for x in kept(home).lessons]
    assert window.banner.isVisible()
    assert "study again" in said(window.banner)
    qtbot.waitUntil(lambda: lessons.session.adapters == [])


def test_a_lesson_no_version_holds_is_forgotten_without_talk_of_versions(
    window: MainWindow, lessons: LessonsPage
) -> None:
    click(lessons.rows["L-bullets"].forget)
    assert "ersion" not in said(sheet_of(window))


def test_escape_keeps_the_lesson(window: MainWindow, lessons: LessonsPage) -> None:
    lessons.rows["L-metric"].forget.setFocus()
    press(lessons.rows["L-metric"].forget, Qt.Key.Key_Space)
    press(sheet_of(window).confirm, Qt.Key.Key_Escape)
    assert window.sheet is None
    assert "L-metric" in lessons.rows
    assert window.focusWidget() is lessons.rows["L-metric"].forget


def test_a_refused_forget_says_why_in_the_sheet(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--fail", "forget").window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    click(lessons.rows["L-metric"].forget)
    sheet = sheet_of(window)
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    told = said(sheet.trouble)
    assert "Your record could not be read" in told
    assert "The disk reported an error." in told
    assert "Free some space, then try again." in told
    assert sheet.confirm.isEnabled()
    assert "L-metric" in lessons.rows


def test_searching_and_filtering(lessons: LessonsPage) -> None:
    lessons.search.setText("INVOICE kestrel")
    assert list(lessons.rows) == ["L-kestrel"]
    lessons.search.setText("zebra")
    assert "No lesson fits." in said(lessons)
    lessons.search.clear()
    lessons.filter.take(1)
    assert set(lessons.rows) == {"L-bullets", "L-captain"}
    lessons.filter.take(0)
    assert len(lessons.rows) == 6


def test_a_long_list_is_shown_in_parts(qtbot: QtBot, open_app: Opener) -> None:
    lessons = page(qtbot, open_app("--many", "90").window, "lessons", LessonsPage)
    assert len(lessons.rows) == 40
    assert "40 more of 50" in lessons.more.text()
    click(lessons.more)
    click(lessons.more)
    assert len(lessons.rows) == 90
    assert lessons.more.isHidden()


def test_nothing_taught_leads_to_the_chat(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app().window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    assert lessons.empty.isVisible()
    assert "press Correct…" in said(lessons.empty)
    lessons.page_wanted.emit("chat")
    assert window.pages.current() == "chat"


def test_a_lesson_file_is_imported(
    qtbot: QtBot,
    window: MainWindow,
    lessons: LessonsPage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "lessons.jsonl"
    file.write_text(json.dumps(FILE), encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    click(lessons.add)
    qtbot.waitUntil(lambda: "one" in lessons.rows)
    assert "1 lesson added" in said(window.banner)
    file.write_text("garbage", encoding="utf-8")
    click(lessons.add)
    qtbot.waitUntil(lambda: "cannot be read" in said(window.banner))
    assert "Write one JSON object a line." in said(window.banner)
    assert lessons.add.isEnabled()


def test_lessons_that_cannot_be_read_are_told_and_read_again(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--seed", "--fail", "listlessons").window
    lessons = page(qtbot, window, "lessons", LessonsPage)
    assert "Your record could not be read" in said(lessons.trouble)
    assert not lessons.empty.isVisible()
    with qtbot.waitSignal(lessons.session.trouble_changed):
        click(lessons.trouble.again)


def test_the_page_survives_the_end_of_the_service(
    qtbot: QtBot, window: MainWindow, lessons: LessonsPage
) -> None:
    click(lessons.rows["L-metric"].forget)
    sheet = sheet_of(window)
    process = lessons.session.backend._process
    assert process is not None
    process.kill()
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    with qtbot.waitSignal(lessons.session.lessons_changed):
        pass
    sheet.close_sheet()
    assert len(lessons.rows) == 6
