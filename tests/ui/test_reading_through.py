"""Reading a document through from the window: asked, followed, stopped, told under the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.protocol import PartReading, Provenance, ReadThrough, Source
from tests.ui.document_steps import preview
from tests.ui.page_steps import page, said, unnamed
from tests.ui.steps import answered, click, kept, newest, press
from ui.answer_sources import AnswerSources, read_through
from ui.documents_page import DocumentsPage
from ui.place import Place
from ui.read_through_sheet import USUAL, ReadThroughSheet
from ui.theme import Theme
from ui.thinking import Thinking
from ui.window import MainWindow

RENTAL = 701


def sheet_of(window: MainWindow) -> ReadThroughSheet:
    sheet = window.sheet
    assert isinstance(sheet, ReadThroughSheet)
    return sheet


def test_a_question_is_answered_from_the_whole_document(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    documents = page(qtbot, window, "documents", DocumentsPage)
    row = documents.rows[RENTAL]
    row.open_menu(row.mapToGlobal(row.rect().center()))
    assert row.menu is not None
    (action,) = [a for a in row.menu.actions() if a.data() == "through"]
    action.trigger()
    row.menu.close()
    sheet = sheet_of(window)
    assert sheet.field.text() == USUAL
    assert "Rental agreement" in said(sheet)
    assert unnamed(sheet) == []
    sheet.field.setText(" ")
    assert not sheet.confirm.isEnabled()
    sheet.field.setText("How much is the deposit?")
    press(sheet.field, Qt.Key.Key_Return)
    assert window.sheet is None
    assert window.pages.current() == "chat"
    view = answered(qtbot, window)
    asked = kept(home).asked[-1]
    assert (asked.read_through, asked.text) == (RENTAL, "How much is the deposit?")
    assert view.message is not None
    assert view.message.text
    assert "“Rental agreement.pdf” was read whole, in 3 parts; part 2 helped." in said(view.sources)
    assert view.sources.chips
    assert "behind its notes" in view.sources.more.text()
    assert window.chat.composer.scope.limits == (), "the next question is about anything"


def test_the_preview_offers_it_and_stop_ends_it_within_a_part(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.desk.open(Place(RENTAL))
    view = preview(qtbot, window)
    assert "Read it through…" in [a.text().replace("&", "") for a in view.make_menu().actions()]
    click(view.through)
    sheet = sheet_of(window)
    sheet.field.setText("Summarise this /slow")
    click(sheet.confirm)
    qtbot.waitUntil(lambda: window.chat.transcript.answers() != [])
    qtbot.waitUntil(lambda: "Reading part 1 of 3" in said(newest(window)))

    # Another conversation and back: the line is still there.
    window.new_chat()
    turn = window.chat.asking.turn
    assert turn is not None
    window.chat.open(turn.conversation_id)
    qtbot.waitUntil(lambda: window.chat.transcript.answers() != [])
    assert "Reading part 1 of 3" in said(newest(window))
    click(window.chat.composer._button)
    stopped = answered(qtbot, window)
    assert stopped.message is not None
    assert (stopped.message.state, stopped.message.text) == ("stopped", "")
    assert "You stopped this answer." in said(stopped)
    assert "read whole" not in said(stopped)


def test_chips_of_one_document_name_its_sections_and_stay_few(
    qapp: QApplication, qtbot: QtBot
) -> None:
    sources = tuple(
        Source(
            number=number,
            document_id=RENTAL,
            passage_id=number,
            title="Lease.pdf",
            text="The rent is 920 euros.",
            start=0,
            end=22,
            heading="" if number == 2 else f"§ {number}",
            page=number,
            used=True,
        )
        for number in range(1, 31)
    )
    view = AnswerSources(Theme(qapp))
    qtbot.addWidget(view)
    through = ReadThrough(document_id=RENTAL, parts=9, read=9, helped=(1,))
    view.show_provenance(Provenance(model="m", sources=sources, through=through))
    assert [chip.text() for chip in view.chips[:2]] == ["1 · § 1, p. 1", "2 · Lease.pdf, p. 2"]
    assert view.chips[0].accessibleName() == "Source 1: Lease.pdf, p. 1"
    assert len(view.chips) < len(sources)
    click(view.more)
    assert len(view.cards) == len(sources)
    assert "“Lease.pdf” was read whole" in said(view)
    view.keep_only(())
    assert "Lease.pdf" not in said(view)
    assert "The document was read whole" in said(view)


def test_one_at_a_time_is_answered(qtbot: QtBot, window: MainWindow) -> None:
    window.desk.read_through(RENTAL)
    sheet_of(window).field.setText("Summarise this /slow")
    click(sheet_of(window).confirm)
    qtbot.waitUntil(lambda: window.chat.asking.turn is not None)
    window.desk.read_through(RENTAL)
    click(sheet_of(window).confirm)
    assert "Another answer is still being written" in said(window.banner)
    window.chat.stop()
    answered(qtbot, window)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (PartReading(id="", part=1, parts=17), "Reading part 1 of 17"),
        (
            PartReading(id="", part=3, parts=17, seconds_left=118.0),
            "Reading part 3 of 17 · about 2 min left",
        ),
        (
            PartReading(id="", part=17, parts=17, combining=True, seconds_left=20.0),
            "Putting the notes on 17 parts together · about 20 s left",
        ),
    ],
)
def test_the_line_tells_where_the_reading_is(
    qapp: QApplication, qtbot: QtBot, part: PartReading, told: str
) -> None:
    thinking = Thinking(Theme(qapp))
    qtbot.addWidget(thinking)
    thinking.show_part(part)
    assert said(thinking) == told
    assert thinking.accessibleName() == told


@pytest.mark.parametrize(
    ("parts", "read", "helped", "told"),
    [
        (3, 0, (), ""),
        (1, 1, (1,), "The document was read whole."),
        (3, 3, (), "The document was read whole, in 3 parts."),
        (3, 3, (1, 2, 3), "The document was read whole, in 3 parts, and all of them helped."),
        (9, 9, (2, 7), "The document was read whole, in 9 parts; parts 2, 7 helped."),
        (
            40,
            40,
            tuple(range(1, 13)),
            "The document was read whole, in 40 parts;"
            " parts 1, 2, 3, 4, 5, 6, 7, 8 and 4 more helped.",
        ),
    ],
)
def test_the_line_under_the_answer_claims_what_was_done(
    parts: int, read: int, helped: tuple[int, ...], told: str
) -> None:
    through = ReadThrough(document_id=1, parts=parts, read=read, helped=helped)
    assert read_through(through, "") == told
    assert read_through(through, "Lease.pdf") == told.replace("The document", "“Lease.pdf”")
