"""The learned page: the versions, going to any of them, and the privacy reset."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.fake_versions import WORDS
from tests.ui.page_steps import page, page_by_key, said, unnamed
from tests.ui.steps import click, kept, open_conversation, press, type_in
from ui.learned_page import LearnedPage
from ui.reset_sheet import ResetSheet
from ui.sheet import Sheet
from ui.version_row import VersionRow
from ui.version_sheets import ExportSheet, ImportSheet, NameSheet
from ui.window import MainWindow

SheetT = TypeVar("SheetT", bound=Sheet)


@pytest.fixture
def learned(qtbot: QtBot, window: MainWindow) -> LearnedPage:
    return page(qtbot, window, "learned", LearnedPage)


def unlock(qtbot: QtBot, window: MainWindow) -> None:
    """Choose a passphrase at the gate."""
    qtbot.waitUntil(window.gate.confirm.isVisible)
    window.gate.field.setText("four quiet owls")
    window.gate.confirm.setText("four quiet owls")
    click(window.gate.go)
    qtbot.waitUntil(window.sidebar.isVisible)


def reset_sheet(qtbot: QtBot, learned: LearnedPage) -> ResetSheet:
    click(learned.reset)
    window = learned.window()
    assert isinstance(window, MainWindow)
    assert isinstance(window.sheet, ResetSheet)
    qtbot.waitUntil(window.sheet.confirm.isEnabled)
    return window.sheet


def in_use(learned: LearnedPage, version: int) -> bool:
    """Whether this version alone is marked, and another can be chosen again."""
    marked = [row.version for row in learned.rows.values() if row.active]
    return marked == [version] and learned.rows[2].use.isEnabled()


def test_it_lists_the_versions_and_marks_the_one_in_use(learned: LearnedPage) -> None:
    assert list(learned.rows) == [2, 1, 0]
    assert [row.active for row in learned.rows.values()] == [True, False, False]
    told = said(learned.rows[2]).replace("\N{NO-BREAK SPACE}", " ")
    assert "In use" in told
    assert "3 lessons" in told
    assert "10 MB" in told
    assert "Changes unrelated answers by 0.018" in told
    assert not learned.rows[2].use.isVisible()
    press(learned.rows[2].more, Qt.Key.Key_Space)
    assert "We deploy with `just ship`" in said(learned.rows[2])
    assert unnamed(learned) == []


def test_it_opens_by_its_key(window: MainWindow) -> None:
    assert isinstance(page_by_key(window, "learned"), LearnedPage)


def test_any_version_can_be_put_to_use(
    qtbot: QtBot, window: MainWindow, learned: LearnedPage, home: Path
) -> None:
    for version in (1, 0, 2):
        click(learned.rows[version].use)
        qtbot.waitUntil(partial(in_use, learned, version))
        assert learned.rows[version].use.isHidden()
        assert [a.version for a in kept(home).adapters if a.active] == (
            [version] if version else []
        )
        below = f"Learned: version {version}" if version else "Nothing learned yet"
        assert below in said(window.sidebar)


def test_a_refused_version_says_why_and_the_mark_stays(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--fail", "rollback").window
    learned = page(qtbot, window, "learned", LearnedPage)
    click(learned.rows[1].use)
    qtbot.waitUntil(window.banner.isVisible)
    told = said(window.banner)
    assert "Your record could not be read" in told
    assert "The disk reported an error. Free some space, then try again." in told
    assert learned.rows[2].active
    assert learned.rows[1].use.isEnabled()


def test_nothing_learned_leads_to_study(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app().window
    learned = page(qtbot, window, "learned", LearnedPage)
    assert learned.empty.isVisible()
    assert learned.rows == {}
    assert learned.reset.isVisible()


# ------------------------------------------------------------------ names, pins, what stays


def opened_row(learned: LearnedPage, version: int) -> VersionRow:
    """A version's row with all that it offers."""
    row = learned.rows[version]
    if not row.export.isVisible():
        click(row.more)
    assert row.export.isVisible()
    return row


def sheet_of(learned: LearnedPage, kind: type[SheetT]) -> SheetT:
    window = learned.window()
    assert isinstance(window, MainWindow)
    assert isinstance(window.sheet, kind)
    assert unnamed(window.sheet) == []
    return window.sheet


def test_a_version_gets_a_name_and_a_pin(
    qtbot: QtBot, window: MainWindow, learned: LearnedPage, home: Path
) -> None:
    assert "Kept to go back to" in said(learned.rows[1])
    assert unnamed(opened_row(learned, 1)) == []
    click(learned.rows[1].rename)
    sheet = sheet_of(learned, NameSheet)
    sheet.field.setText("Before the holidays")
    press(sheet.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Version 1  ·  Before the holidays" in said(learned.rows[1]))
    assert window.sheet is None
    click(learned.rows[1].pin)
    qtbot.waitUntil(lambda: "Pinned" in said(learned.rows[1]))
    assert [(a.name, a.pinned) for a in kept(home).adapters if a.version == 1] == [
        ("Before the holidays", True)
    ]
    assert learned.rows[1].pin.text() == "Unpin"
    click(learned.rows[1].pin)
    qtbot.waitUntil(lambda: "Kept to go back to" in said(learned.rows[1]))


def test_how_many_are_kept_is_set_and_what_goes_is_marked(
    qtbot: QtBot, open_app: Opener, home: Path
) -> None:
    window = open_app("--seed", "--set-aside").window
    learned = page(qtbot, window, "learned", LearnedPage)
    assert learned.kept.last.value() == 5
    assert "after the next study." not in said(learned.kept).splitlines()[-1]
    learned.kept.last.setFocus()
    learned.kept.last.setValue(0)
    press(learned.kept.last, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "1 version goes after the next study." in said(learned.kept))
    assert kept(home).versions_kept == 0
    assert "Did not start" in said(learned.rows[3])


def test_a_version_that_did_not_start_is_told_of_once(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--set-aside").window
    qtbot.waitUntil(window.banner.isVisible)
    told = said(window.banner)
    assert "Version 3 did not start" in told
    assert "Version 2 is in use instead." in told
    window.banner.hide()
    learned = page(qtbot, window, "learned", LearnedPage)
    assert "It did not start twice in a row, so it is not used." in said(learned.rows[3])
    with qtbot.waitSignal(learned.session.status_changed):
        learned.session.refresh_status()
    assert not window.banner.isVisible()


# ------------------------------------------------------------------ export and import


def test_a_version_is_exported_under_a_passphrase(
    qtbot: QtBot,
    window: MainWindow,
    learned: LearnedPage,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "my version.nightschool"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    click(opened_row(learned, 1).export)
    sheet = sheet_of(learned, ExportSheet)
    assert "What you forget later is still in that file" in said(sheet)
    sheet.field.setText(WORDS)
    assert not sheet.confirm.isEnabled()
    sheet.again.setText(WORDS)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.sheet is None)
    assert [(x.version, x.path, x.passphrase) for x in kept(home).exports] == [
        (1, str(path), WORDS)
    ]
    qtbot.waitUntil(window.banner.isVisible)
    assert "Version exported" in said(window.banner)


def test_a_refused_export_says_why(
    qtbot: QtBot, open_app: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "x"), ""))
    window = open_app("--seed", "--fail", "exportadapter").window
    learned = page(qtbot, window, "learned", LearnedPage)
    click(opened_row(learned, 2).export)
    sheet = sheet_of(learned, ExportSheet)
    sheet.field.setText(WORDS)
    sheet.again.setText(WORDS)
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "The disk reported an error." in said(sheet.trouble)
    assert sheet.card.isEnabled()


def test_a_version_is_imported_and_its_exam_followed(
    qtbot: QtBot, window: MainWindow, learned: LearnedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/tmp/x.nightschool", ""))
    click(learned.bring)
    sheet = sheet_of(learned, ImportSheet)
    sheet.field.setText("another")
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "Wrong passphrase" in said(sheet.trouble)
    sheet.field.setText(WORDS)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.pages.current() == "study")
    qtbot.waitUntil(lambda: 3 in learned.rows and learned.rows[3].active)
    assert learned.session.study is None
    assert "From my laptop" in said(page(qtbot, window, "learned", LearnedPage).rows[3])


# ------------------------------------------------------------------ privacy reset


def test_the_reset_sheet_counts_what_goes_and_what_stays(
    qtbot: QtBot, learned: LearnedPage
) -> None:
    sheet = reset_sheet(qtbot, learned)
    qtbot.waitUntil(lambda: "This stays" in said(sheet))
    going, staying = said(sheet).split("This stays")
    assert "2 versions of what was learned" in going
    assert "31 MB on disk" in going
    assert "6 lessons, as text" in staying
    assert "Your conversations and settings" in staying
    sheet.keep.setChecked(False)
    qtbot.waitUntil(lambda: "6 lessons" in said(sheet))
    assert "6 lessons" in said(sheet).split("This stays")[0]
    click(sheet.choices["everything"])
    qtbot.waitUntil(lambda: "7 conversations with 14 messages" in said(sheet))
    assert not sheet.keep.isVisible()
    assert unnamed(sheet) == []


@pytest.mark.parametrize("keep", [True, False])
def test_only_what_was_learned_goes(
    qtbot: QtBot, window: MainWindow, learned: LearnedPage, home: Path, keep: bool
) -> None:
    sheet = reset_sheet(qtbot, learned)
    sheet.keep.setChecked(keep)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.sheet is None)
    qtbot.waitUntil(lambda: learned.rows == {})
    sent = kept(home).resets
    assert [(reset.scope, reset.keep_lessons) for reset in sent] == [("learned", keep)]
    assert len(kept(home).lessons) == (6 if keep else 0)
    assert len(kept(home).conversations) == 7
    assert "Privacy reset done" in said(window.banner)
    assert "2 versions of what was learned" in said(window.banner)


def test_everything_goes_only_after_the_word_is_typed(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    open_conversation(qtbot, window, 2)
    type_in(window, "a secret not yet sent")
    learned = page(qtbot, window, "learned", LearnedPage)
    sheet = reset_sheet(qtbot, learned)
    click(sheet.choices["everything"])
    qtbot.waitUntil(lambda: "7 conversations" in said(sheet))
    assert not sheet.confirm.isEnabled()
    sheet.typed.setText("eras")
    press(sheet.typed, Qt.Key.Key_Return)
    assert kept(home).resets == []
    sheet.typed.setText("Erase")
    assert sheet.confirm.isEnabled()
    press(sheet.typed, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.sheet is None)
    sent = kept(home).resets
    assert [(reset.scope, reset.keep_lessons) for reset in sent] == [("everything", False)]
    qtbot.waitUntil(lambda: window.chat.transcript.answers() == [])
    assert window.chat.composer.field.toPlainText() == ""
    assert "".join(draft.whole() for draft in window.chat.drafts.questions.values()) == ""
    qtbot.waitUntil(lambda: learned.session.conversations == [])


def test_after_everything_a_new_passphrase_begins_an_empty_record(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--seed", "--key", "passphrase").window
    unlock(qtbot, window)
    learned = page(qtbot, window, "learned", LearnedPage)
    qtbot.waitUntil(lambda: learned.rows != {})
    sheet = reset_sheet(qtbot, learned)
    click(sheet.choices["everything"])
    sheet.typed.setText("erase")
    qtbot.waitUntil(sheet.confirm.isEnabled)
    click(sheet.confirm)
    qtbot.waitUntil(window.gate.isVisible)
    assert learned.session.lessons == []
    unlock(qtbot, window)
    qtbot.waitUntil(learned.empty.isVisible)
    assert "Privacy reset done" in said(window.banner)


def test_a_refused_reset_says_why_in_the_sheet(qtbot: QtBot, open_app: Opener, home: Path) -> None:
    window = open_app("--seed", "--fail", "reset").window
    sheet = reset_sheet(qtbot, page(qtbot, window, "learned", LearnedPage))
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "The disk reported an error." in said(sheet.trouble)
    assert sheet.confirm.isEnabled()
    assert sheet.keep.isChecked()


def test_the_page_and_the_sheet_survive_the_end_of_the_service(
    qtbot: QtBot, window: MainWindow, learned: LearnedPage
) -> None:
    sheet = reset_sheet(qtbot, learned)
    process = learned.session.backend._process
    assert process is not None
    process.kill()
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    with qtbot.waitSignal(learned.session.adapters_changed):
        pass
    sheet.close_sheet()
    assert list(learned.rows) == [2, 1, 0]


def test_where_nothing_was_learned_there_is_nothing_to_destroy(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--many", "2").window
    learned = page(qtbot, window, "learned", LearnedPage)
    click(learned.reset)
    sheet = window.sheet
    assert isinstance(sheet, ResetSheet)
    qtbot.waitUntil(lambda: "Nothing is there to destroy" in said(sheet))
    assert not sheet.confirm.isEnabled()
    sheet.keep.setChecked(False)
    qtbot.waitUntil(sheet.confirm.isEnabled)
