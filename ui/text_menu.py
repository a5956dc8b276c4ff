"""Text menu: the menu of a read-only text in the conversation, with Teach this for a selection."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QTextEdit, QWidget

Text = QTextEdit | QPlainTextEdit


def text_at(inside: QWidget, event: QContextMenuEvent) -> Text | None:
    """The text a menu was asked for: with the keyboard the one in focus."""
    by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
    at = inside.mapFromGlobal(event.globalPos())
    found = QApplication.focusWidget() if by_key else inside.childAt(at)
    while found is not None and found is not inside:
        if isinstance(found, QTextEdit | QPlainTextEdit):
            return found
        found = found.parentWidget()
    return None


def selected_in(text: Text) -> str:
    """What is selected, with line ends as Python has them."""
    selected = text.textCursor().selectedText()
    return selected.replace("\u2029", "\n").replace("\u2028", "\n").strip()


def text_menu(text: Text, teach: Callable[[str], None]) -> QMenu:
    """Qt's own menu for a text, and Teach this, which keeps the selection as a document."""
    selected = selected_in(text)
    menu = text.createStandardContextMenu()
    menu.addSeparator()
    action = menu.addAction("&Teach this")
    action.setEnabled(bool(selected))
    action.triggered.connect(lambda: teach(selected))
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
