"""Geometry: the window's place and size, kept in `<home>/window.ini`."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from ui import window_file

NAME = "window.ini"
_SECTION = "[window]\ngeometry="


def restore(window: QWidget, home: Path) -> bool:
    """Put the window where it was; false when nothing usable is kept."""
    try:
        text = window_file.read(home, NAME).decode("ascii")
    except UnicodeDecodeError:
        return False
    if not text.startswith(_SECTION):
        return False
    kept = QByteArray.fromBase64(text.removeprefix(_SECTION).strip().encode())
    return window.restoreGeometry(kept)


def keep(window: QWidget, home: Path) -> None:
    """Write where the window is."""
    text = _SECTION + bytes(window.saveGeometry().toBase64().data()).decode("ascii") + "\n"
    window_file.write(home, NAME, text.encode("ascii"))
