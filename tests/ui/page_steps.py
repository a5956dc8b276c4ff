"""Page steps: opening a page beside the chat, and reading what it says."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.steps import click, press
from ui.page import Page
from ui.window import MainWindow

PageT = TypeVar("PageT", bound=Page)
KEYS = {
    "documents": Qt.Key.Key_2,
    "lessons": Qt.Key.Key_3,
    "study": Qt.Key.Key_4,
    "learned": Qt.Key.Key_5,
    "checkup": Qt.Key.Key_6,
    "settings": Qt.Key.Key_7,
}


def page(qtbot: QtBot, window: MainWindow, name: str, kind: type[PageT]) -> PageT:
    """Open a page by its button in the sidebar."""
    click(window.sidebar._buttons[name])
    made = window.pages.page(name)
    assert isinstance(made, kind)
    assert window.pages.current() == name
    assert made.isVisible()
    qtbot.waitUntil(made.loading.isHidden)
    return made


def page_by_key(window: MainWindow, name: str) -> QWidget:
    """Open a page by its shortcut."""
    press(window, KEYS[name], Qt.KeyboardModifier.ControlModifier)
    assert window.pages.current() == name
    return window.pages.page(name)


def said(widget: QWidget) -> str:
    """Everything that can be read in a widget now, a label a line."""
    texts = (x.text() for x in widget.findChildren(QLabel) if x.isVisibleTo(widget))
    return "\n".join(texts).replace("\u200b", "")  # where a long path may be wrapped


def unnamed(widget: QWidget) -> list[QWidget]:
    """What can be reached with Tab but has no name for a screen reader."""
    return [
        child
        for child in widget.findChildren(QWidget)
        if child.isVisibleTo(widget)
        and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (child.accessibleName() or getattr(child, "text", str)())
    ]
