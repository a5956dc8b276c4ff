"""Document steps: dragging files into the window, and what the fake service knows of documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.protocol import Passage, Search
from ui.document_view import DocumentView
from ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
COPY = Qt.DropAction.CopyAction


def carried(paths: Sequence[Path]) -> QMimeData:
    """What a file manager puts into a drag or onto the clipboard."""
    made = QMimeData()
    made.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return made


def drag(target: QWidget, data: QMimeData) -> bool:
    """Drag over a widget; whether it would take it."""
    event = QDragEnterEvent(QPoint(20, 20), COPY, data, LEFT, NO_KEYS)
    event.ignore()
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def drop(target: QWidget, data: QMimeData) -> None:
    """Drag over a widget and let go."""
    assert drag(target, data)
    event = QDropEvent(QPointF(20, 20), COPY, data, LEFT, NO_KEYS, QEvent.Type.Drop)
    QApplication.sendEvent(target, event)


def passages(qtbot: QtBot, window: MainWindow, words: str) -> list[Passage]:
    """What the service finds."""
    found: list[list[Passage]] = []
    call = window._session.backend.send(Search(id="", text=words), list[Passage])
    call.then(found.append)
    qtbot.waitUntil(lambda: bool(found))
    return found[0]


def preview(qtbot: QtBot, window: MainWindow) -> DocumentView:
    """The preview that was opened, with its text."""
    qtbot.waitUntil(lambda: isinstance(window.sheet, DocumentView))
    view = window.sheet
    assert isinstance(view, DocumentView)
    qtbot.waitUntil(lambda: view.loaded and view.text.whole)
    return view
