"""Steps: what a person does in the window, and what the fake service then keeps."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
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


def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press and release a key in a widget."""
    QTest.keyClick(widget, key, modifiers)


def click(widget: QWidget) -> None:
    """Click the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


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
