"""The notes beside a document's text: none, being made, stopped, shown, and where they lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.document_steps import preview
from tests.ui.page_steps import said, unnamed
from tests.ui.steps import click, kept, press
from ui.document_view import DocumentView
from ui.place import Place
from ui.window import MainWindow

RENTAL, HANDBOOK = 701, 702


def opened(qtbot: QtBot, window: MainWindow) -> DocumentView:
    """The preview of the rental agreement, turned to its notes."""
    window.desk.open(Place(RENTAL))
    view = preview(qtbot, window)
    click(view.side.button(1))
    qtbot.waitUntil(lambda: view.notes.loaded)
    return view


@pytest.fixture
def noted(qtbot: QtBot, window: MainWindow) -> DocumentView:
    """The same with notes."""
    view = opened(qtbot, window)
    click(view.notes.make)
    qtbot.waitUntil(lambda: view.notes.notes is not None)
    return view


def test_there_are_none_until_they_are_made(
    qtbot: QtBot, window: MainWindow, noted: DocumentView, home: Path
) -> None:
    told = said(noted.notes)
    assert "This is an agreement on renting a flat." in told
    assert "Of the first 12 of its 14 parts only." in told
    assert "When is the deposit paid back?" in told
    assert "Within three months after the tenant has moved out.  ·  p. 2" in told
    assert "Made by SmolLM2-135M-Instruct on 25 November 2026." in told
    assert "A model's words, not the document's." in told
    assert noted.text.isHidden()
    assert unnamed(noted) == []
    assert RENTAL in kept(home).notes


def test_making_shows_its_steps_and_can_be_stopped(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--seed", "--delay", "0.1").window
    view = opened(qtbot, window)
    assert "There are no notes of this document yet." in said(view.notes)
    click(view.notes.make)
    qtbot.waitUntil(lambda: "Question 1 of 5" in said(view.notes))
    assert not view.notes.make.isEnabled()
    click(view.notes.stop)
    qtbot.waitUntil(view.notes.make.isEnabled)
    assert view.notes.notes is None
    assert "What was made is kept." in said(view.notes.trouble)


def test_a_question_leads_to_its_passage(noted: DocumentView) -> None:
    row = noted.notes.rows[-1]
    row.setFocus()
    press(row, Qt.Key.Key_Return)
    assert noted.side.taken() == 0
    assert noted.notes.isHidden()
    assert noted.text.passage().startswith("The deposit is paid back")


def test_what_contradicts_leads_to_the_other_document(
    qtbot: QtBot, window: MainWindow, noted: DocumentView
) -> None:
    row = noted.notes.rows[0]
    assert "This may contradict: Handbook.md, “The deposit is 1,480 euros.”" in said(row)
    click(row)
    qtbot.waitUntil(lambda: window.sheet is not noted)
    assert preview(qtbot, window).place.document_id == HANDBOOK
