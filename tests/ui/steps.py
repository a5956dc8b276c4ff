"""Steps: what a person does in the window, and what the fake service then keeps."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.fake_service import Store
from ui.answer_view import AnswerView
from ui.window import MainWindow

ODD = {
    "right-to-left": "שלום עולם, كيف الحال؟ and back",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🙂",
    "controls": "before\0after \u202ereversed\u202c\ttab",
}


NONE = Qt.KeyboardModifier.NoModifier

PLACE_S = 5.0
"""How long a page may take to lay itself out on a busy machine."""


def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press and release a key in a widget."""
    QTest.keyClick(widget, key, modifiers)


def click(widget: QWidget) -> None:
    """Click the middle of a widget once it has its place; fails when a button does not take it.

    A page that has just come into sight is laid out over some turns of the event loop: for some
    milliseconds a button may be a few pixels high, or none, and then nothing is hit.
    """
    until = time.monotonic() + PLACE_S
    while not _has_its_place(widget) and time.monotonic() < until:
        QTest.qWait(1)
    taken: list[bool] = []
    if isinstance(widget, QAbstractButton):
        widget.clicked.connect(lambda: taken.append(True))
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    assert taken or not isinstance(widget, QAbstractButton), "the button did not take the click"


def _has_its_place(widget: QWidget) -> bool:
    least = widget.minimumSizeHint().boundedTo(widget.maximumSize())
    return widget.isVisible() and widget.size().expandedTo(least) == widget.size()


def type_in(window: MainWindow, text: str) -> None:
    """Type a question without sending it."""
    window.chat.composer.field.insertPlainText(text)


def ask(window: MainWindow, text: str) -> None:
    """Type a question and press Enter."""
    type_in(window, text)
    press(window.chat.composer.field, Qt.Key.Key_Return)


def answered(qtbot: QtBot, window: MainWindow) -> AnswerView:
    """Wait until nothing is being written; the newest answer."""
    qtbot.waitUntil(lambda: window.chat.asking.turn is None, timeout=15_000)
    return newest(window)


def newest(window: MainWindow) -> AnswerView:
    """The answer at the end of the transcript."""
    return window.chat.transcript.answers()[-1]


def writing(qtbot: QtBot, window: MainWindow) -> AnswerView:
    """Wait until the first words of a reply can be seen."""
    qtbot.waitUntil(lambda: window.chat.transcript.answers() != [])
    qtbot.waitUntil(lambda: newest(window).markdown.text() != "")
    return newest(window)


def open_conversation(qtbot: QtBot, window: MainWindow, number: int) -> AnswerView:
    """Choose a conversation in the list, by its id in the seeded record."""
    window.sidebar.conversations.chosen.emit(number)
    qtbot.waitUntil(lambda: window.chat.transcript.answers() != [])
    qtbot.waitUntil(window.chat.transcript.settled)
    return newest(window)


def kept(home: Path) -> Store:
    """What the fake service wrote down."""
    return msgspec.json.decode((home / "fake.json").read_bytes(), type=Store)


def clipboard() -> str:
    """What was copied."""
    return QApplication.clipboard().text()
