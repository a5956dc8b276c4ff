"""The documents page: folders, the list, search, what can be done with a document, forgetting."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.document_steps import preview
from tests.ui.page_steps import page, page_by_key, said, unnamed
from tests.ui.steps import click, kept, press
from ui.document_row import DocumentRow
from ui.documents_page import DocumentsPage
from ui.forget_document_sheet import ForgetDocumentSheet
from ui.unwatch_sheet import UnwatchSheet
from ui.window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
RENTAL, MEETING, LOCKED, SCAN, READING, WAITING = 701, 703, 704, 705, 708, 707


@pytest.fixture
def documents(qtbot: QtBot, window: MainWindow) -> DocumentsPage:
    return page(qtbot, window, "documents", DocumentsPage)


def newest(documents: DocumentsPage) -> DocumentRow:
    """The row at the top."""
    item = documents._list.itemAt(0)
    row = item.widget() if item is not None else None
    assert isinstance(row, DocumentRow)
    return row


def choose(row: DocumentRow, act: str) -> None:
    """Choose something in a row's menu, which is asked for with the menu key."""
    row.open_menu(row.mapToGlobal(row.rect().center()))
    assert row.menu is not None
    actions = {action.data(): action for action in row.menu.actions()}
    assert actions[act].isEnabled()
    actions[act].trigger()
    row.menu.close()


def test_every_document_says_what_it_is_and_where_it_stands(documents: DocumentsPage) -> None:
    assert list(documents.rows) == [x.id for x in documents.session.documents]
    assert "Rental agreement.pdf\nPDF  ·  3 pages  ·  182 kB" in said(documents.rows[RENTAL])
    assert "Waiting" not in said(documents.rows[RENTAL])
    assert "Not read\nIt is protected by a password" in said(documents.rows[LOCKED])
    assert "Reading\n41 passages so far" in said(documents.rows[READING])
    assert "It is a scan without text" in said(documents.rows[SCAN])
    assert "Pasted" in said(documents.rows[MEETING])
    assert "File gone" in said(documents)
    assert unnamed(documents) == []


def test_folders_tell_figures_that_add_up_and_why_files_failed(documents: DocumentsPage) -> None:
    papers, work, usb = documents.folders.values()
    assert "1,204 files  ·  1,180 read  ·  23 left" in said(papers)
    assert papers.folder.found == sum(
        (papers.folder.read, papers.folder.failed, papers.folder.left)
    )
    assert "protected by a password" not in said(papers)
    click(papers.failed)
    assert "Tax return 2024.pdf\nIt is protected by a password" in said(papers)
    assert "Paused" in said(work)
    assert work.failed.isHidden()
    assert "cannot be reached now" in said(usb)
    assert not usb.pause.isEnabled()


def test_it_opens_by_its_key_and_takes_the_focus(window: MainWindow) -> None:
    window.chat.composer.setFocus()
    documents = page_by_key(window, "documents")
    focused = window.focusWidget()
    assert focused is not None
    assert documents.isAncestorOf(focused)


def test_rows_are_walked_with_the_arrows_and_opened_with_enter(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage
) -> None:
    documents.rows[WAITING].setFocus()
    press(documents.rows[WAITING], Qt.Key.Key_Return)
    assert window.sheet is None, "what was not read yet cannot be shown"
    press(documents.rows[WAITING], Qt.Key.Key_Down)
    assert window.focusWidget() is documents.rows[RENTAL]
    press(documents.rows[RENTAL], Qt.Key.Key_Return)
    view = preview(qtbot, window)
    press(view.text, Qt.Key.Key_Escape)
    assert window.sheet is None
    assert window.focusWidget() is documents.rows[RENTAL]


def test_typing_filters_titles_and_finds_passages(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage
) -> None:
    documents.search.setText("rental")
    assert list(documents.rows) == [RENTAL]
    documents.search.setText("DEPOSIT paid")
    qtbot.waitUntil(lambda: documents.results.rows != [] and not documents.results.searching)
    best = documents.results.rows[0]
    assert "Rental agreement.pdf, p. 2\n3. Deposit" in said(best)
    text, marks = best.snippet.text, best.snippet.marks
    assert [text[at : at + size] for at, size in marks] == ["deposit", "paid", "deposit"]
    assert not documents.folders[601].isVisible()
    press(best, Qt.Key.Key_Return)
    view = preview(qtbot, window)
    assert view.text.passage() == best.passage.text
    words = [x.cursor.selectedText() for x in view.text.extraSelections()[1:]]
    assert words == ["deposit", "paid", "deposit"]
    assert view.text.viewport().rect().contains(view.text.cursorRect().center())
    view.close_sheet()
    documents.search.setText("zebra")
    qtbot.waitUntil(lambda: not documents.results.searching)
    assert "No title fits." in said(documents)
    assert "Nothing in the texts fits." in said(documents)
    documents.search.clear()
    assert len(documents.rows) == 8
    assert documents.results.isHidden()


def test_only_the_newest_words_are_answered(qtbot: QtBot, documents: DocumentsPage) -> None:
    documents.results.search("deposit")
    documents.results._search()
    documents.results.search("bicycles")
    qtbot.waitUntil(lambda: not documents.results.searching)
    assert [row.passage.heading for row in documents.results.rows] == ["6. House rules"]


def test_what_has_a_problem_is_found_at_once(documents: DocumentsPage) -> None:
    documents.filter.take(2)
    assert set(documents.rows) == {LOCKED, SCAN, 706}
    documents.filter.take(1)
    assert set(documents.rows) == {READING, WAITING}


def test_forgetting_says_exactly_what_goes(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage, home: Path
) -> None:
    documents.rows[RENTAL].setFocus()
    press(documents.rows[RENTAL], Qt.Key.Key_Delete)
    sheet = window.sheet
    assert isinstance(sheet, ForgetDocumentSheet)
    told = said(sheet)
    assert "its 9 passages" in told
    assert "The file itself stays: /home/sam/Documents/Papers/Flat/Rental agreement.pdf" in told
    assert "/home/sam/Documents/Papers, which is watched" in told
    click(sheet.confirm)
    qtbot.waitUntil(lambda: RENTAL not in documents.rows)
    assert window.sheet is None
    assert "erased" in said(window.banner)
    assert RENTAL not in kept(home).texts


def test_a_refused_forget_says_why_in_the_sheet(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--fail", "forgetdocument").window
    documents = page(qtbot, window, "documents", DocumentsPage)
    choose(documents.rows[MEETING], "forget")
    sheet = window.sheet
    assert isinstance(sheet, ForgetDocumentSheet)
    assert "watched" not in said(sheet), "a pasted text lies in no folder"
    click(sheet.confirm)
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "The disk reported an error." in said(sheet.trouble)
    assert sheet.confirm.isEnabled()
    press(sheet.confirm, Qt.Key.Key_Escape)
    assert MEETING in documents.rows


def test_the_menu_offers_what_can_be_done(
    qtbot: QtBot,
    window: MainWindow,
    documents: DocumentsPage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    row = documents.rows[MEETING]
    row.open_menu(row.mapToGlobal(row.rect().center()))
    assert row.menu is not None
    able = [a.data() for a in row.menu.actions() if a.isEnabled() and a.data()]
    assert able == ["open", "ask", "through", "forget"], "a pasted text has no file"
    row.menu.close()
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    file = tmp_path / "note.txt"
    file.write_text("A note.", encoding="utf-8")
    window.teaching.teach([str(file)])
    qtbot.waitUntil(lambda: len(documents.rows) == 9)
    choose(newest(documents), "folder")
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]


def test_a_document_that_failed_is_read_again(
    qtbot: QtBot, open_app: Opener, tmp_path: Path
) -> None:
    window = open_app("--seed", "--read-s", "1").window
    documents = page(qtbot, window, "documents", DocumentsPage)
    file = tmp_path / "letter.locked"
    file.write_text("secret", encoding="utf-8")
    window.teaching.teach([str(file)])
    qtbot.waitUntil(lambda: "letter.locked" in said(documents))
    row = newest(documents)
    qtbot.waitUntil(lambda: row.document.state == "failed")
    assert "protected by a password" in said(row)
    choose(row, "again")
    qtbot.waitUntil(lambda: row.document.state in ("waiting", "reading"))
    qtbot.waitUntil(lambda: row.document.state == "failed")
    assert newest(documents) is row


def test_a_folder_is_watched_paused_and_left(
    qtbot: QtBot,
    window: MainWindow,
    documents: DocumentsPage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "Letters"
    folder.mkdir()
    for name in ("one.txt", "two.txt", "three.locked"):
        (folder / name).write_text(f"This is {name}.", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    click(documents.watch)
    qtbot.waitUntil(lambda: len(documents.folders) == 4)
    row = list(documents.folders.values())[-1]
    qtbot.waitUntil(lambda: row.folder.left == 0 and row.folder.found == 3)
    assert "3 files  ·  2 read" in said(row)
    assert row.failed.text() == "1 failed"
    click(row.pause)
    qtbot.waitUntil(lambda: row.folder.state == "paused")
    assert row.pause.toolTip() == "Go on watching"
    click(row.pause)
    qtbot.waitUntil(lambda: row.folder.state == "watching")
    click(row.stop)
    sheet = window.sheet
    assert isinstance(sheet, UnwatchSheet)
    assert sheet.keep.isChecked()
    assert "2 documents" in sheet.keep.text()
    sheet.forget.setChecked(True)
    assert not sheet.confirm.isVisible()
    click(sheet.strong)
    qtbot.waitUntil(lambda: len(documents.folders) == 3)
    qtbot.waitUntil(lambda: len(documents.rows) == 8)
    assert "2 documents forgotten." in said(window.banner)


def test_leaving_a_folder_can_keep_its_documents(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage
) -> None:
    documents.folders[602].stop.setFocus()
    press(documents.folders[602].stop, Qt.Key.Key_Space)
    sheet = window.sheet
    assert isinstance(sheet, UnwatchSheet)
    click(sheet.confirm)
    qtbot.waitUntil(lambda: len(documents.folders) == 2)
    assert len(documents.rows) == 8
    assert "86 documents kept." in said(window.banner)


def test_files_are_added_and_texts_pasted(
    qtbot: QtBot,
    window: MainWindow,
    documents: DocumentsPage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "plan.txt"
    file.write_text("Pack, then go.", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file)], ""))
    click(documents.add)
    qtbot.waitUntil(lambda: "“plan.txt” added" in said(window.banner))
    QApplication.clipboard().setText("The bicycle is insured until May 2027. It has two locks.")
    documents.rows[RENTAL].setFocus()
    press(documents.rows[RENTAL], Qt.Key.Key_V, CONTROL)
    qtbot.waitUntil(lambda: "is kept as a document" in said(window.banner))
    qtbot.waitUntil(lambda: len(documents.rows) == 10)
    assert newest(documents).title.text() == "The bicycle is insured until May 2027"
    click(window.banner.undo)
    qtbot.waitUntil(lambda: len(documents.rows) == 9)
    QApplication.clipboard().clear()
    click(documents.paste)
    assert "There is nothing to paste" in said(window.banner)


def test_nothing_to_read_says_what_to_do(qtbot: QtBot, open_app: Opener) -> None:
    documents = page(qtbot, open_app().window, "documents", DocumentsPage)
    assert documents.empty.isVisible()
    assert "Drop files or folders anywhere" in said(documents.empty)
    assert not documents.search.isVisible()
    assert unnamed(documents) == []


def test_ten_thousand_documents_are_shown_in_parts(qtbot: QtBot, open_app: Opener) -> None:
    documents = page(qtbot, open_app("--documents", "10000").window, "documents", DocumentsPage)
    assert "10,000 documents" in said(documents)
    assert len(documents.rows) == 40
    assert len(documents.findChildren(QWidget)) < 1200
    assert "40 more of 9,960" in documents.more.text()
    click(documents.more)
    assert len(documents.rows) == 80
    documents.search.setText("report 09999")
    assert [row.title.text() for row in documents.rows.values()] == ["Report 09999.pdf"]
    first = documents.rows[19_999]
    documents.session.documents_changed.emit()
    assert documents.rows[19_999] is first


def test_documents_that_cannot_be_read_are_told_and_read_again(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--seed", "--fail", "listdocuments").window
    documents = page(qtbot, window, "documents", DocumentsPage)
    assert "Your record could not be read" in said(documents.trouble)
    assert not documents.empty.isVisible()
    with qtbot.waitSignal(documents.session.trouble_changed):
        click(documents.trouble.again)


def test_endless_names_do_not_widen_anything(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage, tmp_path: Path
) -> None:
    window.resize(760, 540)
    file = tmp_path / ("Übersicht_" * 20 + ".locked")
    file.write_text("x", encoding="utf-8")
    window.teaching.teach([str(file)])
    qtbot.waitUntil(lambda: "Übersicht_" in said(window.banner))
    qtbot.waitUntil(lambda: len(documents.rows) == 9)
    assert documents._scroll.horizontalScrollBar().maximum() == 0
    choose(newest(documents), "forget")
    sheet = window.sheet
    assert isinstance(sheet, ForgetDocumentSheet)
    for text in sheet.card.findChildren(QLabel):
        assert text.minimumSizeHint().width() < sheet.card.width() - 56, text.text()


@pytest.mark.parametrize("wide", [760, 1180])
def test_nothing_is_wider_than_the_window(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage, wide: int
) -> None:
    window.resize(wide, 540)
    qtbot.waitUntil(lambda: documents.width() == wide - window.sidebar.width())
    assert documents._scroll.horizontalScrollBar().maximum() == 0


def test_the_page_survives_the_end_of_the_service(
    qtbot: QtBot, window: MainWindow, documents: DocumentsPage
) -> None:
    process = documents.session.backend._process
    assert process is not None
    process.kill()
    with qtbot.waitSignal(documents.session.documents_changed):
        pass
    qtbot.waitUntil(lambda: len(documents.rows) == 8)
