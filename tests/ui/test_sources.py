"""Sources in the chat: chips, markers, the panel, the control at the input, what is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.protocol import Provenance, Source
from tests.ui.conftest import Opener
from tests.ui.document_steps import preview
from tests.ui.page_steps import said, unnamed
from tests.ui.steps import answered, ask, click, kept, newest, open_conversation
from ui.answer_view import AnswerView
from ui.prose_view import ProseView
from ui.scope import Limit, Scope
from ui.text_menu import Text, text_menu
from ui.theme import Theme
from ui.window import MainWindow

RENTAL = 701
QUESTION = "How much is the deposit? Is it paid back?"


@pytest.fixture
def answer(qtbot: QtBot, window: MainWindow) -> AnswerView:
    window.desk.act("ask", RENTAL)
    ask(window, QUESTION)
    return answered(qtbot, window)


def source(number: int, *, used: bool, title: str = "Lease.pdf") -> Source:
    return Source(
        number=number,
        document_id=RENTAL,
        passage_id=number,
        title=title,
        text="The rent is 920 euros." if title else "",
        start=10,
        end=32,
        page=4,
        used=used,
    )


def links(view: AnswerView) -> list[str]:
    """Where the links in an answer's text lead."""
    found = []
    for prose in view.markdown.findChildren(ProseView):
        block = prose.document().begin()
        while block.isValid():
            pieces = block.begin()
            while not pieces.atEnd():
                if href := pieces.fragment().charFormat().anchorHref():
                    found.append(href)
                pieces += 1
            block = block.next()
    return found


# ------------------------------------------------------------------ what an answer shows


def test_chips_stand_only_for_what_the_answer_cites(answer: AnswerView) -> None:
    chips = [chip.text() for chip in answer.sources.chips]
    assert chips == ["1 · Rental agreement.pdf, p. 2", "2 · Rental agreement.pdf, p. 2"]
    assert [x.used for x in answer.sources.sources] == [True, True, False]
    assert "searched" not in said(answer.sources)
    assert unnamed(answer.sources) == []


def test_a_chip_opens_the_document_at_the_passage(
    qtbot: QtBot, window: MainWindow, answer: AnswerView
) -> None:
    click(answer.sources.chips[0])
    view = preview(qtbot, window)
    assert view.text.passage() == answer.sources.sources[0].text
    view.close_sheet()
    assert window.focusWidget() is answer.sources.chips[0]


def test_markers_in_the_text_lead_to_the_same_place(
    qtbot: QtBot, window: MainWindow, answer: AnswerView
) -> None:
    assert links(answer) == ["source:2", "source:1"]
    prose = prose_of(answer)
    prose.anchorClicked.emit(QUrl("source:2"))
    view = preview(qtbot, window)
    assert view.text.passage() == answer.sources.sources[1].text


def test_markers_without_a_source_stay_the_text_they_are(qapp: QApplication, qtbot: QtBot) -> None:
    view = AnswerView(Theme(qapp))
    qtbot.addWidget(view)
    view.markdown.set_text("🙂 One [1, 3], `code [1]`, two [2], [web [1]](https://example.org/).")
    view.markdown.cite({1})
    assert links(view) == ["source:1", "https://example.org/"]
    view.markdown.cite(())
    assert links(view) == ["https://example.org/"]


def test_the_panel_shows_every_passage_the_model_was_shown(
    qtbot: QtBot, window: MainWindow, answer: AnswerView
) -> None:
    assert answer.sources.panel.isHidden()
    assert answer.sources.more.text() == "3 passages shown to the model"
    click(answer.sources.more)
    cards = answer.sources.cards
    assert ["Not cited" in said(card) for card in cards] == [False, False, True]
    assert "3. Deposit" in said(cards[0])
    click(cards[2].open)
    view = preview(qtbot, window)
    assert view.text.passage() == answer.sources.sources[2].text


def test_searched_but_not_cited_claims_nothing(qtbot: QtBot, window: MainWindow) -> None:
    ask(window, "An unquoted question about the deposit")
    view = answered(qtbot, window)
    assert view.sources.chips == []
    assert links(view) == []
    assert "this answer cites none of them" in said(view.sources)
    ask(window, "Why is the sky blue?")
    view = answered(qtbot, window)
    assert "nothing that fits was found" in said(view.sources)
    assert not view.sources.more.isVisible()


def test_an_answer_without_documents_says_nothing_of_them(
    qtbot: QtBot, window: MainWindow, open_app: Opener, tmp_path: Path
) -> None:
    assert not open_conversation(qtbot, window, 1).sources.isVisible()
    window = open_app(home=tmp_path / "other").window
    assert not window.chat.composer.switch.isVisible()
    ask(window, "Why is the sky blue?")
    assert not answered(qtbot, window).sources.isVisible()


def test_of_a_forgotten_document_only_the_number_stays(
    qtbot: QtBot, window: MainWindow, answer: AnswerView
) -> None:
    click(answer.sources.more)
    window.desk.act("forget", RENTAL)
    sheet = window.sheet
    assert sheet is not None
    click(sheet.confirm)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: answer.sources.numbers() == frozenset())
    assert [chip.text() for chip in answer.sources.chips] == [
        "1 · a document you forgot",
        "2 · a document you forgot",
    ]
    assert not answer.sources.chips[0].isEnabled()
    assert "1,840 euros, which is" not in said(answer.sources)
    assert links(answer) == []
    assert window.chat.composer.scope == Scope(), "it limits no further question"


def test_a_record_that_already_lost_a_document_is_shown_so(
    qapp: QApplication, qtbot: QtBot
) -> None:
    view = AnswerView(Theme(qapp))
    qtbot.addWidget(view)
    gone, there = source(1, used=True, title=""), source(2, used=True)
    view.sources.show_provenance(Provenance(model="m", sources=(gone, there), documents_asked=True))
    assert [chip.isEnabled() for chip in view.sources.chips] == [False, True]
    assert view.sources.numbers() == frozenset({2})


# ------------------------------------------------------------------ what a question is limited to


def test_the_control_decides_which_documents_are_used(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    composer = window.chat.composer
    assert composer.switch.isVisible()
    actions = {action.data(): action for action in composer.switch.menu().actions()}
    assert actions["auto"].isChecked()
    actions["none"].trigger()
    assert "No documents" in composer.switch.accessibleName()
    ask(window, QUESTION)
    assert not answered(qtbot, window).sources.isVisible()
    actions["only"].trigger()
    ask(window, "Why is the sky blue?")
    assert answered(qtbot, window).markdown.text() == "That is not in your documents."
    window.chat.regenerate()
    answered(qtbot, window)
    assert [asked.documents for asked in kept(home).asked] == ["none", "only", "only"]
    window.new_chat()
    assert composer.scope == Scope(), "a new conversation begins as always"


def test_a_limit_is_a_chip_that_can_be_taken_away(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    composer = window.chat.composer
    window.desk.ask_folder(602)
    assert "in: Work" in said(composer)
    ask(window, "What about the deposit?")
    view = answered(qtbot, window)
    assert {x.title for x in view.sources.sources} == {"Kestrel handbook.docx"}
    assert "in: Work" in said(composer), "it holds for the next question"
    assert kept(home).asked[-1].folder_ids == (602,)
    composer._unlimit(Limit("folder", 602, "Work"))
    assert "in: Work" not in said(composer)
    assert composer.scope == Scope()


def test_asking_about_a_document_begins_a_conversation_of_its_own(
    qtbot: QtBot, window: MainWindow
) -> None:
    open_conversation(qtbot, window, 1)
    window.show_page("documents")
    window.desk.act("ask", RENTAL)
    assert window.pages.current() == "chat"
    assert window.chat.conversation is None
    assert "in: Rental agreement.pdf" in said(window.chat.composer)
    open_conversation(qtbot, window, 2)
    assert window.chat.composer.scope == Scope()
    window.new_chat()
    assert window.chat.composer.scope.document_ids == (RENTAL,)


# ------------------------------------------------------------------ teaching from the conversation


def prose_of(view: AnswerView) -> ProseView:
    """The first text of an answer."""
    return next(x for x in view.markdown.findChildren(ProseView) if not x.empty)


def menu_over(qtbot: QtBot, window: MainWindow, text: Text) -> QMenu:
    """The menu that a right click into a text of the conversation brings."""
    transcript, inside = window.chat.transcript, QPoint(8, 8)
    seen = text.viewport()
    qtbot.waitUntil(lambda: transcript.childAt(seen.mapTo(transcript, inside)) is seen)
    at = seen.mapToGlobal(inside)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(seen, QContextMenuEvent(reason, inside, at))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_a_selection_in_an_answer_is_taught(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    view = open_conversation(qtbot, window, 3)
    prose = prose_of(view)
    prose.moveCursor(prose.textCursor().MoveOperation.Start)
    assert prose.find("Blue light is scattered in every direction")
    menu = menu_over(qtbot, window, prose)
    words = [action.text().partition("\t")[0].replace("&", "") for action in menu.actions()]
    assert {"Copy", "Teach this"} <= set(words)
    menu.actions()[-1].trigger()
    menu.close()
    qtbot.waitUntil(lambda: "is kept as a document" in said(window.banner))
    made = kept(home).documents[0]
    assert kept(home).texts[made.id] == "Blue light is scattered in every direction"
    click(window.banner.undo)
    qtbot.waitUntil(lambda: "Undone" in said(window.banner))
    qtbot.waitUntil(lambda: len(window._session.documents) == 8)


def test_the_menu_key_brings_the_menu_of_the_text_in_focus(
    qtbot: QtBot, window: MainWindow
) -> None:
    prose = prose_of(open_conversation(qtbot, window, 3))
    prose.setFocus()
    prose.selectAll()
    reason = QContextMenuEvent.Reason.Keyboard
    at = prose.mapToGlobal(QPoint(1, 1))
    QApplication.sendEvent(prose, QContextMenuEvent(reason, QPoint(1, 1), at))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.actions()[-1].text() == "&Teach this"
    assert menu.actions()[-1].isEnabled()
    menu.close()


def test_without_a_selection_there_is_nothing_to_teach(qtbot: QtBot, window: MainWindow) -> None:
    view = open_conversation(qtbot, window, 3)
    prose = prose_of(view)
    menu = text_menu(prose, lambda _: None)
    assert not menu.actions()[-1].isEnabled()
    menu.close()


def test_a_long_pasted_text_can_be_kept_as_a_document(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    composer = window.chat.composer
    data = QMimeData()
    data.setText("Short.")
    composer.field.insertFromMimeData(data)
    assert composer.offer.isHidden()
    data.setText("The bicycle is insured. " * 100)
    composer.field.insertFromMimeData(data)
    assert composer.offer.isVisible()
    click(composer.offer.keep)
    qtbot.waitUntil(lambda: "is kept as a document" in said(window.banner))
    assert composer.offer.isHidden()
    assert "insured" in composer.field.toPlainText(), "the question stays as it was typed"
    assert kept(home).documents[0].title == "The bicycle is insured"


def test_a_question_half_typed_keeps_its_limit(qtbot: QtBot, window: MainWindow) -> None:
    window.desk.act("ask", RENTAL)
    ask(window, "/busy what is the rent?")
    answered_or_back = window.chat.composer
    qtbot.waitUntil(lambda: "/busy" in answered_or_back.field.toPlainText())
    assert answered_or_back.scope.document_ids == (RENTAL,)


def test_the_newest_answer_is_the_one_cited(qtbot: QtBot, window: MainWindow) -> None:
    ask(window, QUESTION)
    answered(qtbot, window)
    ask(window, "/slow what is the deposit?")
    qtbot.waitUntil(lambda: newest(window).markdown.text() != "")
    assert not newest(window).sources.isVisible(), "nothing is claimed before the answer is there"
    window.chat.stop()
    assert answered(qtbot, window).message is not None
