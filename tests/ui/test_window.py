"""The window as a whole: its frame, place, keys, looks and single instance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import ROOT, Opener
from tests.ui.steps import click, open_conversation, press
from ui.application import Application
from ui.single_instance import SingleInstance
from ui.tokens import DARK, LIGHT
from ui.window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier


def left(window: MainWindow, part: QWidget) -> int:
    return part.mapTo(window, QPoint(0, 0)).x()


def right(window: MainWindow, part: QWidget) -> int:
    return left(window, part) + part.width()


def test_a_window_opens_with_the_record_in_it(window: MainWindow) -> None:
    assert window.pages.current() == "chat"
    assert window._session.conversations
    assert window.chat.welcome.isVisible()
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert shown == [window], "nothing else ever shows as a window of its own"


def test_a_hidden_banner_takes_no_room(window: MainWindow) -> None:
    assert window.pages.mapTo(window, QPoint(0, 0)).y() == 0
    window.banner.show_note("Good news", "All of it.")
    QTest.qWait(0)
    assert window.pages.mapTo(window, QPoint(0, 0)).y() >= window.banner.height()
    window.banner.hide()
    QTest.qWait(0)
    assert window.pages.mapTo(window, QPoint(0, 0)).y() == 0


@pytest.mark.parametrize("wide", [1280, 760])
def test_answers_questions_and_input_share_their_edges(
    qtbot: QtBot, window: MainWindow, wide: int
) -> None:
    window.resize(wide, 800)
    answer = open_conversation(qtbot, window, 1)
    qtbot.waitUntil(lambda: left(window, answer) == left(window, window.chat.composer))
    assert right(window, answer) == right(window, window.chat.composer)
    assert right(window, window.chat.composer) <= wide


def test_the_window_comes_back_where_it_was(qtbot: QtBot, open_app: Opener, home: Path) -> None:
    first = open_app("--seed").window
    first.setGeometry(QRect(10, 20, 770, 600))
    first.close()
    text = (home / "window.ini").read_text()
    assert text.startswith("[window]\ngeometry=")
    second = open_app("--seed").window
    assert (second.width(), second.height()) == (770, 600)


@pytest.mark.parametrize("spoilt", [b"\xff\xfe", b"[window]\ngeometry=%%%", b""])
def test_a_spoilt_place_is_ignored(open_app: Opener, home: Path, spoilt: bytes) -> None:
    home.mkdir(parents=True)
    (home / "window.ini").write_bytes(spoilt)
    assert open_app("--seed").window.width() == 1180


def test_a_second_start_raises_the_first_window_and_goes_away(
    qtbot: QtBot, application: Application, home: Path
) -> None:
    first = SingleInstance(home)
    assert first.is_first()
    first.wanted.connect(application.window.come_forward)
    application.window.showMinimized()
    command = [sys.executable, "-P", "-m", "ui", "--home", str(home)]
    with (
        qtbot.waitSignal(first.wanted, timeout=20_000),
        subprocess.Popen(command, env=dict(os.environ), cwd=ROOT) as second,
    ):
        pass
    assert second.returncode == 0
    assert not application.window.isMinimized()
    first.close()


def test_a_socket_left_by_a_killed_window_does_not_keep_the_next_one_out(home: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from PySide6.QtCore import QCoreApplication; from ui.single_instance import *\n"
        "qt = QCoreApplication([]); one = SingleInstance(Path(sys.argv[1]))\n"
        "assert one.is_first(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(home)], check=True, cwd=ROOT)
    again = SingleInstance(home)
    assert again.is_first()
    again.close()


def test_the_look_follows_light_and_dark_live(qtbot: QtBot, application: Application) -> None:
    window = application.window
    open_conversation(qtbot, window, 1)
    for scheme, palette in ((Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT)):
        with qtbot.waitSignal(application.theme.changed):
            application.theme.follow(scheme)
        QTest.qWait(0)
        image = window.grab().toImage()
        assert image.pixelColor(window.width() - 200, 26).name().upper() == palette.surface
    application.theme.follow(None)


def test_letters_for_alt_are_underlined_only_while_it_is_held(window: MainWindow) -> None:
    new = window.sidebar._new
    assert new.text() == "New chat"
    assert new.shortcut().toString() == "Alt+N"
    QTest.keyPress(window, Qt.Key.Key_Alt)
    assert new.text() == "&New chat"
    QTest.keyRelease(window, Qt.Key.Key_Alt)
    assert new.text() == "New chat"
    assert new.shortcut().toString() == "Alt+N"


def test_keys_reach_what_they_say(qtbot: QtBot, window: MainWindow) -> None:
    open_conversation(qtbot, window, 1)
    press(window, Qt.Key.Key_N, CONTROL)
    assert window.chat.conversation is None
    press(window, Qt.Key.Key_K, CONTROL)
    assert window.sidebar.conversations._search.hasFocus()
    press(window, Qt.Key.Key_L, CONTROL)
    assert window.chat.composer.field.hasFocus()
    press(window, Qt.Key.Key_F1)
    assert window.sheet is not None
    window.sheet.close_sheet()
    assert window.chat.composer.field.hasFocus()


def test_a_model_that_is_missing_is_said_above_the_input(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--model", "missing").window
    notice = window.chat.notice
    qtbot.waitUntil(notice.isVisible)
    assert "not there" in notice._title.text()
    window.chat.composer.field.insertPlainText("typed anyway")
    assert not window.chat.composer._button.isEnabled()
    click(notice._choose)
    qtbot.waitUntil(lambda: window.sheet is not None)
    assert window.sheet is not None
    window.sheet.close_sheet()


def test_no_text_is_cut_off_in_a_narrow_window(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(760, 540)
    QTest.qWait(20)
    for text in window.chat.welcome.findChildren(QLabel):
        if text.isVisible() and text.wordWrap():
            assert text.height() >= text.heightForWidth(text.width()), text.text()
            assert right(window, text) <= window.width(), text.text()
