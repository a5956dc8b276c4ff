"""Correcting: in place, with a note, undone, beside a streaming reply, and never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.page_steps import said
from tests.ui.steps import (
    ODD,
    answered,
    ask,
    click,
    kept,
    newest,
    open_conversation,
    press,
    writing,
)
from ui.answer_view import AnswerView
from ui.application import Application
from ui.correction_editor import CorrectionEditor
from ui.growing_edit import LONGEST
from ui.kind_switch import kind_name
from ui.window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def edit(qtbot: QtBot, view: AnswerView) -> CorrectionEditor:
    view.tools.correct.click()
    assert view.editor is not None
    qtbot.waitUntil(view.editor.isVisible)
    return view.editor


def button(view: AnswerView, text: str) -> QPushButton | None:
    found = [b for b in view.findChildren(QPushButton) if text in b.text() and b.isVisible()]
    return found[0] if found else None


def test_a_correction_is_noted_with_undo(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    view = open_conversation(qtbot, window, 2)
    press(window, Qt.Key.Key_E, CONTROL)
    editor = view.editor
    assert editor is not None
    assert view.message is not None
    assert editor.draft().answer == view.message.text
    assert not view.markdown.isVisible(), "it is edited in place"
    editor._answer.setPlainText("Hi Ms. Alvarez,\n\nThe heater broke.\n\nCheers,\nSam")
    editor._note.setPlainText("Emails are short.")
    press(editor._answer, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: view.noted.lesson is not None)
    assert view.editor is None
    assert view.noted.isVisible()
    lesson = kept(home).lessons[0]
    assert (lesson.note, lesson.message_id) == ("Emails are short.", view.message.id)
    assert lesson.corrected.endswith("Cheers,\nSam")
    assert lesson.rejected == view.message.text
    qtbot.waitUntil(lambda: button(view, "Undo") is not None)
    undo = button(view, "Undo")
    assert undo is not None
    click(undo)
    qtbot.waitUntil(lambda: not view.noted.isVisible())
    assert lesson.id not in [x.id for x in kept(home).lessons]


def test_the_editor_shows_every_line_and_grows(qtbot: QtBot, window: MainWindow) -> None:
    editor = edit(qtbot, open_conversation(qtbot, window, 2))
    for lines in (1, 7, 12):
        text = "\n".join(f"line {n} 🙂 שלום" for n in range(lines))
        editor._answer.setPlainText(text)
        qtbot.waitUntil(lambda: editor._answer.verticalScrollBar().maximum() == 0)
        last = editor._answer.document().lastBlock()
        box = editor._answer.blockBoundingGeometry(last)
        bottom = box.translated(editor._answer.contentOffset()).bottom()
        assert bottom <= editor._answer.viewport().height()


def test_escape_leaves_the_answer_as_it_was(
    qtbot: QtBot, application: Application, home: Path
) -> None:
    window = application.window
    view = open_conversation(qtbot, window, 2)
    editor = edit(qtbot, view)
    editor._answer.setPlainText("never mind")
    press(editor._answer, Qt.Key.Key_Escape)
    assert view.editor is None
    assert view.markdown.isVisible()
    assert window.chat.drafts.corrections == {}
    assert all(lesson.corrected != "never mind" for lesson in kept(home).lessons)


def test_an_earlier_answer_is_corrected_while_a_reply_streams(
    qtbot: QtBot, open_app: Opener, home: Path
) -> None:
    window = open_app("--seed", "--delay", "0.05").window
    first = open_conversation(qtbot, window, 3)
    ask(window, "And at sunset?")
    second = writing(qtbot, window)
    editor = edit(qtbot, first)
    editor._answer.setPlainText("Rayleigh scattering.")
    press(editor._answer, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: first.noted.lesson is not None)
    assert window.chat.asking.turn is not None, "the reply is still being written"
    window.chat.stop()
    assert answered(qtbot, window) is second
    assert kept(home).lessons[0].corrected == "Rayleigh scattering."
    assert len(kept(home).messages[3]) == 4


def test_a_half_typed_correction_survives_a_crash_and_another_conversation(
    qtbot: QtBot, window: MainWindow
) -> None:
    editor = edit(qtbot, open_conversation(qtbot, window, 2))
    editor._answer.setPlainText("half a correc")
    editor._note.setPlainText("a no")
    ask(window, "Now /crash")
    qtbot.waitUntil(window.banner.isVisible)
    qtbot.waitUntil(lambda: window._session.able)
    open_conversation(qtbot, window, 1)
    open_conversation(qtbot, window, 2)
    qtbot.waitUntil(lambda: any(v.editor for v in window.chat.transcript.answers()))
    again = next(v.editor for v in window.chat.transcript.answers() if v.editor)
    assert (again.draft().answer, again.draft().note) == ("half a correc", "a no")


@pytest.mark.parametrize("name", ODD)
def test_odd_text_is_learned_exactly_as_typed(
    qtbot: QtBot, window: MainWindow, home: Path, name: str
) -> None:
    view = open_conversation(qtbot, window, 2)
    editor = edit(qtbot, view)
    editor._answer.setPlainText(ODD[name])
    editor._note.setPlainText(ODD[name])
    editor._save.click()
    qtbot.waitUntil(lambda: view.noted.lesson is not None)
    lesson = kept(home).lessons[0]
    assert (lesson.corrected, lesson.note) == (ODD[name], ODD[name])


def test_the_kind_can_be_chosen_by_the_person(qtbot: QtBot, window: MainWindow, home: Path) -> None:
    view = open_conversation(qtbot, window, 2)
    editor = edit(qtbot, view)
    menu = editor._kind_button.menu()
    next(a for a in menu.actions() if a.text().startswith("Procedure")).trigger()
    editor._save.click()
    qtbot.waitUntil(lambda: newest(window).noted.lesson is not None)
    assert kept(home).lessons[0].kind == "procedure"


def test_the_editor_tells_where_each_kind_is_kept(qtbot: QtBot, window: MainWindow) -> None:
    editor = edit(qtbot, open_conversation(qtbot, window, 2))
    assert editor._kind_button.text() == "Automatic"
    assert editor._kept.text().startswith("Let Nightschool sort it.")
    actions = {action.data(): action for action in editor._kind_button.menu().actions()}
    assert list(actions) == [None, "manner", "term", "procedure", "fact"]
    actions["fact"].trigger()
    assert editor._kind_button.text() == "Fact"
    assert editor.draft().kind == "fact"
    assert "Kept in memory" in editor._kept.text()
    actions["manner"].trigger()
    assert "Studied into the model" in editor._kept.text()
    assert editor._kept.isVisible()


def test_what_a_correction_was_sorted_as_is_seen_and_changed_under_the_answer(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    view = open_conversation(qtbot, window, 2)
    editor = edit(qtbot, view)
    editor._answer.setPlainText("Short.")
    editor._save.click()
    qtbot.waitUntil(lambda: view.noted.kind is not None and view.noted.kind.isVisible())
    assert view.noted.kind is not None
    lesson = kept(home).lessons[0]
    assert view.noted.kind.text() == kind_name(lesson.kind) == "Manner"
    actions = {action.data(): action for action in view.noted.kind.menu().actions()}
    assert list(actions) == ["manner", "term", "procedure", "fact"]
    actions["fact"].trigger()
    qtbot.waitUntil(lambda: view.noted.kind is not None and view.noted.kind.text() == "Fact")
    qtbot.waitUntil(lambda: "Kept in memory" in said(view.noted))
    assert [x.kind for x in kept(home).lessons if x.id == lesson.id] == ["fact"]


def test_an_endless_paste_is_shortened_and_said(qtbot: QtBot, window: MainWindow) -> None:
    editor = edit(qtbot, open_conversation(qtbot, window, 2))
    pasted = QMimeData()
    pasted.setText("x" * 1_000_000)
    editor._answer.clear()
    editor._answer.insertFromMimeData(pasted)
    assert 19_000 < len(editor.draft().answer) <= LONGEST
    assert editor._shortened.isVisible()
