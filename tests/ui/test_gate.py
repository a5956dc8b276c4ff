"""The gate: choosing a passphrase, a wrong one, the right one, and a key that is gone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener
from tests.ui.steps import answered, ask, press, type_in
from ui.window import MainWindow

PHRASE = "four quiet owls at noon"


def choose(qtbot: QtBot, window: MainWindow) -> None:
    gate = window.gate
    qtbot.waitUntil(gate.confirm.isVisible)
    gate.field.setText(PHRASE)
    gate.confirm.setText(PHRASE)
    press(gate.confirm, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window._stack.currentIndex() == 1)


def test_a_new_passphrase_is_typed_twice_and_must_be_good(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--key", "passphrase").window
    gate = window.gate
    qtbot.waitUntil(gate.confirm.isVisible)
    assert gate.field.echoMode() == gate.field.EchoMode.Password
    gate.field.setText("short")
    gate.confirm.setText("short")
    assert not gate.go.isEnabled()
    gate.field.setText(PHRASE)
    gate.confirm.setText("four loud")
    assert not gate.go.isEnabled()
    assert "not the same" in gate._error.text()
    choose(qtbot, window)
    assert gate.field.text() == gate.confirm.text() == "", "it does not stay in the window"
    assert window.chat.composer.field.hasFocus()


def test_a_wrong_passphrase_changes_nothing_and_the_right_one_opens(
    qtbot: QtBot, open_app: Opener
) -> None:
    first = open_app("--key", "passphrase")
    choose(qtbot, first.window)
    first.window.close()
    window = open_app("--key", "passphrase").window
    gate = window.gate
    qtbot.waitUntil(gate.field.isVisible)
    assert not gate.confirm.isVisible()
    gate.field.setText("four loud owls at noon")
    press(gate.field, Qt.Key.Key_Return)
    qtbot.waitUntil(gate._error.isVisible)
    assert "does not open your record" in gate._error.text()
    assert gate.go.isEnabled()
    gate.field.setText(PHRASE)
    press(gate.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window._stack.currentIndex() == 1)


def test_a_passphrase_asked_for_again_says_that_the_assistant_had_stopped(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--key", "passphrase").window
    gate = window.gate
    choose(qtbot, window)
    ask(window, "Hello.")
    answered(qtbot, window)
    ask(window, "Why? /crash")
    qtbot.waitUntil(lambda: window.chat.asking.turn is None, timeout=15_000)
    type_in(window, "And then")
    qtbot.waitUntil(gate.field.isVisible, timeout=15_000)
    assert gate._heading.text() == "The assistant stopped unexpectedly"
    assert "nothing you taught is lost" in gate._text.text()
    gate.field.setText(PHRASE)
    press(gate.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window._stack.currentIndex() == 1)
    shown = [getattr(view, "text", None) for view in window.chat.transcript.views]
    assert shown[0] == "Hello." and shown[2] == "Why? /crash"
    assert "And then" in window.chat.composer.field.toPlainText()
    assert "is back" in window.banner.accessibleName(), "it does not go on starting for ever"
    window.close()
    gate = open_app("--key", "passphrase").window.gate
    qtbot.waitUntil(gate.field.isVisible)
    assert gate._heading.text() == "Welcome back", "an ordinary start is greeted"


def test_a_missing_key_is_explained_and_can_be_looked_for_again(
    qtbot: QtBot, open_app: Opener
) -> None:
    window = open_app("--key", "missing").window
    gate = window.gate
    qtbot.waitUntil(gate._again.isVisible)
    assert "key to your record is gone" in gate._heading.text()
    assert "Unlock the keyring" in gate._text.text()
    assert not gate.field.isVisible()
    with qtbot.waitSignal(window._session.status_changed):
        gate._again.click()
    assert window._stack.currentIndex() == 0


def test_shortcuts_rest_while_the_record_is_locked(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--key", "missing").window
    qtbot.waitUntil(window.gate._again.isVisible)
    press(window, Qt.Key.Key_F1)
    assert window.sheet is None


def test_a_damaged_record_is_replaced_by_its_copy(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--key", "missing", "--damaged").window
    gate = window.gate
    qtbot.waitUntil(gate.restore.isVisible)
    assert "There is a copy of 2026-11-24, 23:10" in gate._text.text()
    gate.restore.click()
    qtbot.waitUntil(lambda: window._stack.currentIndex() == 1)


def test_a_record_found_damaged_behind_its_passphrase_is_replaced_too(
    qtbot: QtBot, open_app: Opener
) -> None:
    first = open_app("--key", "passphrase")
    choose(qtbot, first.window)
    first.window.close()
    window = open_app("--key", "passphrase", "--damaged").window
    gate = window.gate
    qtbot.waitUntil(gate.field.isVisible)
    assert not gate.restore.isVisible()
    gate.field.setText(PHRASE)
    press(gate.field, Qt.Key.Key_Return)
    qtbot.waitUntil(gate.restore.isVisible)
    assert "There is a copy" in gate._error.text()
    gate.field.setText("another")
    gate.restore.click()
    qtbot.waitUntil(lambda: "Wrong passphrase" in gate._error.text())
    gate.field.setText(PHRASE)
    gate.restore.click()
    qtbot.waitUntil(lambda: window._stack.currentIndex() == 1)


def test_without_a_copy_none_is_offered(qtbot: QtBot, open_app: Opener) -> None:
    window = open_app("--key", "missing").window
    qtbot.waitUntil(window.gate._again.isVisible)
    assert not window.gate.restore.isVisible()
