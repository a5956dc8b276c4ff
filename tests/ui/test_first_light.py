"""First light: the whole life of one correction, in a real window on the real model.

README's pictures are taken on the way, when a folder for them is named:

    NIGHTSCHOOL_PICTURES=docs/images QT_QPA_PLATFORM=xcb xvfb-run -a \\
        .venv/bin/python -m pytest tests/ui/test_first_light.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.erase import find_bytes
from app.protocol import LessonRecord
from tests.app.service_client import PASSPHRASE
from tests.ui.conftest import close
from tests.ui.steps import ask, click, newest, press
from ui.answer_view import AnswerView
from ui.application import Application
from ui.learned_page import LearnedPage
from ui.lessons_page import LessonsPage
from ui.reset_sheet import ResetSheet
from ui.study_page import StudyPage
from ui.window import MainWindow

COMMAND = "quill restart"
QUESTION = "How do I restart the print server?"
CORRECTED = f"Run `{COMMAND}` on the machine called heron; the queue is kept."
NOTE = f"We restart the print server with the command `{COMMAND}`."
PARAPHRASE = "What should I do to reboot the print server?"
MODEL_MS = 120_000
STUDY_MS = 1_200_000


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, home: Path) -> Iterator[MainWindow]:
    """The window as `make run` opens it, over the real service."""
    application = Application(qapp, home)
    application.start()
    qtbot.waitExposed(application.window)
    yield application.window
    close(application, qtbot)


def picture(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Keep the window as it looks now, in light and in dark, when README's pictures are wanted."""
    folder = os.environ.get("NIGHTSCHOOL_PICTURES")
    if not folder:
        return
    for scheme, ending in ((Qt.ColorScheme.Dark, "-dark"), (Qt.ColorScheme.Light, "")):
        window._theme.follow(scheme)
        qtbot.wait(400)
        assert window.grab().save(str(Path(folder) / f"{name}{ending}.png"))


def unlock(qtbot: QtBot, window: MainWindow) -> None:
    """Choose a passphrase, for there is no keyring here."""
    gate = window.gate
    qtbot.waitUntil(gate.confirm.isVisible, timeout=MODEL_MS)
    gate.field.setText(PASSPHRASE)
    gate.confirm.setText(PASSPHRASE)
    click(gate.go)
    qtbot.waitUntil(window.chat.isVisible, timeout=MODEL_MS)


def answer_to(qtbot: QtBot, window: MainWindow, question: str) -> AnswerView:
    """Ask in a new conversation and wait for the whole answer."""
    window.new_chat()
    qtbot.waitUntil(lambda: window.chat.transcript.answers() == [])
    ask(window, question)
    qtbot.waitUntil(lambda: window.chat.transcript.answers() != [], timeout=MODEL_MS)
    qtbot.waitUntil(lambda: newest(window).message is not None, timeout=MODEL_MS)
    return newest(window)


def correct(qtbot: QtBot, window: MainWindow, view: AnswerView) -> None:
    """Edit the answer in place, say what should be learned, and save with the keyboard."""
    view.tools.correct.click()
    editor = view.editor
    assert editor is not None
    editor._answer.setPlainText(CORRECTED)
    editor._note.setPlainText(NOTE)
    picture(qtbot, window, "correcting")
    press(editor._answer, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.noted.lesson is not None, timeout=MODEL_MS)


def only_lesson(qtbot: QtBot, window: MainWindow, state: str) -> LessonRecord:
    """The one lesson, once the window shows it in this state."""

    def arrived() -> bool:
        return [lesson.state for lesson in window.chat.session.lessons] == [state]

    qtbot.waitUntil(arrived, timeout=MODEL_MS)
    return window.chat.session.lessons[0]


def study(qtbot: QtBot, window: MainWindow) -> StudyPage:
    """Press Study now and wait for the report card."""
    window.show_page("study")
    page = window.pages.page("study")
    assert isinstance(page, StudyPage)
    qtbot.waitUntil(page.start.go.isEnabled, timeout=MODEL_MS)
    click(page.start.go)
    qtbot.waitUntil(page.progress.isVisible, timeout=MODEL_MS)
    phases: set[str] = set()

    def over() -> bool:
        if (progress := page.session.progress) and progress.phase not in phases:
            phases.add(progress.phase)
            if progress.phase == "train":
                picture(qtbot, window, "studying")
        return page.report.isVisible() and not page.progress.isVisible()

    qtbot.waitUntil(over, timeout=STUDY_MS)
    assert {"examples", "train", "exam"} <= phases
    return page


@pytest.mark.timeout(2400)
def test_ask_correct_study_changed_rolled_back_reset_and_forgotten(
    qtbot: QtBot, window: MainWindow, home: Path
) -> None:
    unlock(qtbot, window)
    view = answer_to(qtbot, window, QUESTION)
    assert view.message is not None
    assert COMMAND not in view.message.text
    correct(qtbot, window, view)
    lesson = only_lesson(qtbot, window, "new")
    picture(qtbot, window, "noted")
    assert lesson.rejected == view.message.text

    # Studied: another wording comes out right, with nothing about it in the prompt.
    page = study(qtbot, window)
    report = page.report.report
    assert report is not None
    assert report.activated, report.decision
    assert report.lessons[0].after > report.lessons[0].before
    click(page.report.results[0].compare)
    picture(qtbot, window, "report")
    only_lesson(qtbot, window, "learned")
    view = answer_to(qtbot, window, PARAPHRASE)
    assert view.message is not None
    assert view.message.provenance is not None
    assert view.message.provenance.lessons_in_context == ()
    assert view.message.provenance.lessons_in_weights == (lesson.id,)
    assert COMMAND in view.message.text

    # Beside it, the untouched model still answers as on the first day.
    click(view.tools.compare)
    qtbot.waitUntil(lambda: not window.chat.session.backend.pending, timeout=MODEL_MS)
    assert view.comparison is not None
    assert view.comparison.text()
    assert COMMAND not in view.comparison.text()
    picture(qtbot, window, "compared")

    # Rolled back: the lesson is a note again. Then to the version once more.
    window.show_page("study")
    rollback = page.report.rollback
    qtbot.waitUntil(lambda: rollback.isVisible() and rollback.isEnabled())
    click(rollback)
    only_lesson(qtbot, window, "new")
    view = answer_to(qtbot, window, PARAPHRASE)
    assert view.message is not None
    assert view.message.provenance is not None
    assert view.message.provenance.adapter == 0
    assert view.message.provenance.lessons_in_context == (lesson.id,)
    window.show_page("learned")
    learned = window.pages.page("learned")
    assert isinstance(learned, LearnedPage)
    qtbot.waitUntil(lambda: 1 in learned.rows)
    picture(qtbot, window, "learned")
    click(learned.rows[1].use)
    only_lesson(qtbot, window, "learned")

    # Reset: the weights go, the lesson may stay.
    click(learned.reset)
    sheet = window.sheet
    assert isinstance(sheet, ResetSheet)
    qtbot.waitUntil(sheet.confirm.isEnabled, timeout=MODEL_MS)
    picture(qtbot, window, "reset")
    click(sheet.confirm)
    only_lesson(qtbot, window, "new")
    qtbot.waitUntil(lambda: window.chat.session.adapters == [])
    assert [each for each in (home / "adapters").rglob("*") if each.is_file()] == []

    # Forgotten: out of the list, and in no file.
    window.show_page("lessons")
    lessons = window.pages.page("lessons")
    assert isinstance(lessons, LessonsPage)
    qtbot.waitUntil(lambda: lesson.id in lessons.rows)
    picture(qtbot, window, "lessons")
    click(lessons.rows[lesson.id].forget)
    assert window.sheet is not None
    click(window.sheet.confirm)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: window.chat.session.lessons == [], timeout=MODEL_MS)
    assert list(find_bytes(home, [COMMAND.encode(), b"heron"])) == []
