"""The preview: pages, the passage, finding, and what can be done with a selection."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.document_steps import passages, preview
from tests.ui.page_steps import said, unnamed
from tests.ui.steps import click, kept, press
from ui.document_view import DocumentView
from ui.place import Place
from ui.window import MainWindow

RENTAL, SCAN = 701, 705
BIG = "The quick brown fox jumps over the lazy dog.\n" * 46_000


@pytest.fixture
def view(qtbot: QtBot, window: MainWindow) -> DocumentView:
    found = next(x for x in passages(qtbot, window, "deposit back") if x.page == 2)
    window.desk.open(Place.of(found))
    return preview(qtbot, window)


def choose(menu: QMenu, words: str) -> None:
    """Choose something of a menu by its words."""
    action = next(x for x in menu.actions() if x.text().replace("&", "") == words)
    assert action.isEnabled()
    action.trigger()
    menu.close()


def select(view: DocumentView, words: str) -> None:
    """Select words as if with the mouse."""
    view.text.moveCursor(view.text.textCursor().MoveOperation.Start)
    assert view.text.find(words)


def test_the_passage_is_marked_and_in_sight(view: DocumentView) -> None:
    assert view.text.passage().startswith("The deposit is paid back")
    marks = view.text.extraSelections()
    assert [mark.cursor.selectedText()[:11] for mark in marks] == ["The deposit"]
    assert 0 <= view.text.cursorRect().top() < view.text.viewport().height() // 2
    assert [number for number, _ in view.text.pages_in_sight()] == [2, 3]
    assert "Rental agreement.pdf\nPDF  ·  3 pages" in said(view)
    assert unnamed(view) == []


def test_a_very_long_text_is_put_in_bit_by_bit(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "long.txt"
    file.write_text(BIG + "The needle.\n" + BIG[:9000], encoding="utf-8")
    window.teaching.teach([str(file)])
    qtbot.waitUntil(lambda: len(window._session.documents) == 9)
    number = window._session.documents[0].id
    qtbot.waitUntil(
        lambda: (x := window._session.document(number)) is not None and x.state == "ready"
    )
    window.desk.open(Place(number, len(BIG), len(BIG) + 11))
    sheet = window.sheet
    assert isinstance(sheet, DocumentView)
    qtbot.waitUntil(lambda: sheet.loaded)
    assert not sheet.text.whole, "one stretch of work does not hold two million characters"
    qtbot.waitUntil(lambda: sheet.text.whole)
    assert sheet.text.passage() == "The needle."
    assert sheet.text.viewport().rect().contains(sheet.text.cursorRect().center())


def test_words_are_found_going_round(view: DocumentView) -> None:
    press(view.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert view.finder.hasFocus()
    view.finder.setText("")
    for letter in "euros":
        press(view.finder, getattr(Qt.Key, f"Key_{letter.upper()}"))
    places = []
    for _ in range(6):
        assert view.text.selection() == "euros"
        places.append(view.text.textCursor().selectionStart())
        press(view.finder, Qt.Key.Key_Return)
    assert len(set(places)) == 5, "there are five, then the first again"
    view.finder.setText("")
    press(view.finder, Qt.Key.Key_Z)
    press(view.finder, Qt.Key.Key_Z)
    assert view.finder.property("role") == "search-none"


def test_a_selection_is_taught_as_a_text(
    qtbot: QtBot, window: MainWindow, view: DocumentView, home: Path
) -> None:
    menu = view.make_menu()
    assert not next(x for x in menu.actions() if x.text() == "&Teach this").isEnabled()
    menu.close()
    select(view, "Bicycles stand in the yard.")
    choose(view.make_menu(), "Teach this")
    qtbot.waitUntil(lambda: "is kept as a document" in said(window.banner))
    made = kept(home).documents[0]
    assert made.title == "From Rental agreement.pdf"
    assert kept(home).texts[made.id] == "Bicycles stand in the yard."


def test_asking_about_a_selection_quotes_it_in_the_question(
    qtbot: QtBot, window: MainWindow, view: DocumentView
) -> None:
    select(view, "quiet in the house")
    choose(view.make_menu(), "Ask about this")
    composer = window.chat.composer
    qtbot.waitUntil(lambda: window.sheet is None)
    assert composer.field.toPlainText() == "“quiet in the house”\n"
    assert composer.field.hasFocus()
    assert composer.scope.mode == "only"
    assert composer.scope.document_ids == (RENTAL,)


def test_a_scan_says_that_there_is_no_text(qtbot: QtBot, window: MainWindow) -> None:
    window.desk.open(Place(SCAN))
    view = preview(qtbot, window)
    assert "It is a scan without text" in said(view)
    assert "No text was found in this document." in said(view)


def test_a_document_that_is_gone_says_so(qtbot: QtBot, window: MainWindow) -> None:
    window.desk.open(Place(99))
    view = window.sheet
    assert isinstance(view, DocumentView)
    qtbot.waitUntil(view.trouble.isVisible)
    assert "There is no such document any more" in said(view.trouble)
    press(view.text, Qt.Key.Key_Escape)
    assert window.sheet is None


def test_a_text_is_never_taken_for_markup(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed").window
    hostile = "<img src='file:///etc/passwd'> <b>bold</b> ![x](file:///etc/passwd)"
    window.teaching.teach_text(hostile, "<b>Title</b>")
    qtbot.waitUntil(lambda: window._session.documents[0].title == "<b>Title</b>")
    window.desk.open(Place(window._session.documents[0].id))
    view = preview(qtbot, window)
    assert view.text.toPlainText() == hostile
    assert "<b>Title</b>" in said(view)


def test_it_fits_the_smallest_window(qtbot: QtBot, window: MainWindow, view: DocumentView) -> None:
    window.resize(760, 540)
    qtbot.waitUntil(lambda: view.width() == 760)
    assert view.card.width() <= 680
    assert view.card.height() <= 540
    click(view.ask)
    assert window.sheet is None
