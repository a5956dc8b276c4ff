"""Asking: streamed replies, stopping, asking again, editing, comparing, and odd texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui import fake_texts as texts
from tests.ui.conftest import Opener
from tests.ui.steps import (
    ODD,
    answered,
    ask,
    click,
    clipboard,
    kept,
    newest,
    open_conversation,
    press,
    type_in,
    writing,
)
from ui.code_block import CodeBlock
from ui.plain_text import PlainView
from ui.prose_view import ProseView, open_link
from ui.question_view import QuestionView
from ui.window import MainWindow


def questions(window: MainWindow) -> list[QuestionView]:
    return [view for view in window.chat.transcript.views if isinstance(view, QuestionView)]


def shown(document: QTextDocument) -> str:
    return document.toPlainText()


def test_a_reply_streams_and_ends_as_text_and_code(qtbot: QtBot, window: MainWindow) -> None:
    ask(window, "Show me the code")
    view = writing(qtbot, window)
    assert view.message is None, "words are seen before the reply is complete"
    assert answered(qtbot, window) is view
    assert view.markdown.text() == texts.MARKDOWN
    [block] = view.findChildren(CodeBlock)
    assert block.code().startswith("from pathlib import Path")
    prose = [shown(part.document()) for part in view.findChildren(ProseView)]
    assert any("Open it with a context manager, so that" in text for text in prose)
    assert window.chat.conversation is not None
    assert window.chat.composer.field.toPlainText() == ""


def test_copy_takes_the_reply_as_it_was_written_and_code_without_its_fence(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = open_conversation(qtbot, window, 1)
    click(view.tools.copy)
    assert clipboard() == view.message.text if view.message else False
    [block] = view.findChildren(CodeBlock)
    click(block._copy)
    assert clipboard() == block.code()
    assert "```" not in clipboard()


def test_escape_stops_the_reply_and_keeps_what_came(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    ask(window, "Why is the sky blue? /slow")
    writing(qtbot, window)
    press(window.chat.composer.field, Qt.Key.Key_Escape)
    view = answered(qtbot, window)
    assert view.message is not None
    assert view.message.state == "stopped"
    assert "You stopped this answer." in view._state.text()
    assert texts.PLAIN.startswith(view.markdown.text())
    assert not window.banner.isVisible(), "a stop the person asked for is no error"
    assert kept(home).messages[window.chat.conversation or 0][-1].state == "stopped"


def test_regenerate_replaces_the_newest_answer(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    before = open_conversation(qtbot, window, 3).message
    press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    after = answered(qtbot, window).message
    assert before is not None
    assert after is not None
    assert after.id > before.id
    assert len(window.chat.transcript.views) == len(kept(home).messages[3]) == 2


def test_editing_a_question_of_yesterday_replaces_what_came_after(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    open_conversation(qtbot, window, 3)
    ask(window, "And at night?")
    answered(qtbot, window)
    first = questions(window)[0]
    first._edit.click()
    field = window.chat.composer.field
    assert field.toPlainText() == first.text
    assert window.chat.composer._editing_row.isVisible()
    field.selectAll()
    ask(window, "Why is the sea blue?")
    answered(qtbot, window)
    assert [view.text for view in questions(window)] == ["Why is the sea blue?"]
    assert [m.text for m in kept(home).messages[3] if m.role == "user"] == ["Why is the sea blue?"]


@pytest.mark.parametrize("wide", [1280, 760])
def test_without_what_you_learned_fits_beside_or_below_and_is_not_kept(
    qtbot: QtBot, window: MainWindow, home: Path, wide: int
) -> None:
    window.resize(wide, 800)
    view = open_conversation(qtbot, window, 2)
    click(view.tools.compare)
    panel = view.comparison
    assert panel is not None
    qtbot.waitUntil(lambda: panel.text() == texts.BARE)
    qtbot.waitUntil(lambda: view.width() <= window.chat.transcript.viewport().width())
    right = panel.mapTo(window, QPoint(panel.width(), 0)).x()
    assert right <= window.width()
    beside = panel.mapTo(view, QPoint(0, 0)).x() > view.width() // 3
    assert beside == (wide > 1000)
    assert len(kept(home).messages[2]) == 2
    panel.close_panel()
    assert view.comparison is None


def test_each_conversation_keeps_its_own_half_typed_question(
    qtbot: QtBot, window: MainWindow
) -> None:
    type_in(window, "for a new one")
    open_conversation(qtbot, window, 1)
    type_in(window, "for the first")
    window.new_chat()
    assert window.chat.composer.field.toPlainText() == "for a new one"
    open_conversation(qtbot, window, 1)
    assert window.chat.composer.field.toPlainText() == "for the first"


def test_a_reply_goes_on_while_another_conversation_is_looked_at(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--seed", "--delay", "0.01").window
    open_conversation(qtbot, window, 3)
    ask(window, "Tell me more")
    writing(qtbot, window)
    open_conversation(qtbot, window, 1)
    type_in(window, "not sent yet")
    press(window.chat.composer.field, Qt.Key.Key_Return)
    assert window.chat.composer.field.toPlainText() == "not sent yet"
    assert "still being written" in window.chat.composer._button.toolTip()
    open_conversation(qtbot, window, 3)
    assert answered(qtbot, window).markdown.text() == texts.PLAIN


def test_a_question_that_is_refused_goes_back_to_where_it_was_typed(
    qtbot: QtBot, window: MainWindow
) -> None:
    open_conversation(qtbot, window, 3)
    ask(window, "Too early /busy")
    qtbot.waitUntil(window.banner.isVisible)
    assert window.chat.composer.field.toPlainText() == "Too early /busy"
    assert len(window.chat.transcript.views) == 2


def test_a_reply_that_broke_off_says_why_and_can_be_asked_again(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    ask(window, "Why? /error")
    view = answered(qtbot, window)
    assert "The model stopped while answering" in view._state.text()
    assert view.markdown.text(), "what came stays readable"
    assert view._retry.isVisible()
    assert view._retry.window() is window
    view._retry.click()
    qtbot.waitUntil(lambda: newest(window) is not view)
    answered(qtbot, window)
    assert [m.role for m in kept(home).messages[window.chat.conversation or 0]] == ["user"]


def test_a_very_long_answer_is_drawn_in_slices_to_its_end(qtbot: QtBot, window: MainWindow) -> None:
    view = open_conversation(qtbot, window, 1)
    view.markdown.set_text("\n\n".join([texts.MARKDOWN] * 40))
    assert not view.markdown.drawn, "the window may draw in between"
    qtbot.waitUntil(lambda: view.markdown.drawn, timeout=20_000)
    # Qt shows what was put into a layout with the next events.
    qtbot.waitUntil(
        lambda: len([b for b in view.findChildren(CodeBlock) if not b.isHidden()]) == 40
    )


def test_a_hostile_reply_loads_nothing_and_opens_only_the_web(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    ask(window, "/hostile")
    view = answered(qtbot, window)
    text = "".join(shown(part.document()) for part in view.findChildren(ProseView))
    assert "<img src='file:///etc/passwd'>" in text
    assert "שלום 🙂" in text
    assert "\N{SYMBOL FOR NULL}" in text
    for part in view.findChildren(ProseView):
        assert part.loadResource(2, "file:///etc/passwd") is None
    open_link(QUrl("file:///etc/passwd"))
    open_link(QUrl("https://example.org/a"))
    assert opened == ["https://example.org/a"]


@pytest.mark.parametrize("name", ODD)
def test_odd_text_is_asked_exactly_as_typed(
    qtbot: QtBot, window: MainWindow, home: Path, name: str
) -> None:
    ask(window, ODD[name])
    answered(qtbot, window)
    assert questions(window)[-1].text == ODD[name]
    assert kept(home).messages[window.chat.conversation or 0][0].text == ODD[name]
    window.new_chat()
    found = max(c.id for c in kept(home).conversations)
    open_conversation(qtbot, window, found)
    assert questions(window)[-1].text == ODD[name]


def test_a_megabyte_is_pasted_sent_and_shown_folded(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    pasted = QMimeData()
    pasted.setText("lorem ipsum dolor " * 58_000)
    field = window.chat.composer.field
    field.insertFromMimeData(pasted)
    assert field.toPlainText() == ""
    assert len(window.chat.composer.draft().whole()) > 1_000_000
    ask(window, "Shorten this:")
    answered(qtbot, window)
    sent = kept(home).messages[window.chat.conversation or 0][0].text
    assert sent == "Shorten this:\n\n" + pasted.text()
    [view] = questions(window)[-1].findChildren(PlainView)
    assert len(view.toPlainText()) < 2_000


def test_actions_of_earlier_messages_are_reached_with_tab_alone(
    qtbot: QtBot, window: MainWindow
) -> None:
    earlier = open_conversation(qtbot, window, 3)
    ask(window, "And at night?")
    answered(qtbot, window)
    qtbot.waitUntil(lambda: not earlier.tools.copy.isVisible())
    [first, _] = questions(window)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert first._edit.hasFocus()
    press(first._edit, Qt.Key.Key_Tab)
    assert first._copy.hasFocus()
    press(first._copy, Qt.Key.Key_Tab)
    assert earlier.tools.correct.hasFocus()
    assert not first._edit.isVisible()
    QTest.keyClick(earlier.tools.correct, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert first._edit.hasFocus()
    earlier.setFocus(Qt.FocusReason.TabFocusReason)
    press(earlier.tools.correct, Qt.Key.Key_Space)
    assert earlier.editor is not None
    window.chat.composer.setFocus()
    assert not earlier.tools.copy.isVisible()
