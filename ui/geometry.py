"""Geometry: the window's place and size, kept in `<home>/window.ini`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

NAME = "window.ini"
_SECTION = "[window]\ngeometry="
LARGEST = 4096


def restore(window: QWidget, home: Path) -> bool:
    """Put the window where it was; false when nothing usable is kept."""
    try:
        text = (home / NAME).read_bytes()[:LARGEST].decode("ascii")
    except (OSError, UnicodeDecodeError):
        return False
    if not text.startswith(_SECTION):
        return False
    kept = QByteArray.fromBase64(text.removeprefix(_SECTION).strip().encode())
    return window.restoreGeometry(kept)


def keep(window: QWidget, home: Path) -> None:
    """Write where the window is; a home that cannot be written costs only this comfort."""
    text = _SECTION + bytes(window.saveGeometry().toBase64().data()).decode("ascii") + "\n"
    temporary: Path | None = None
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".window-", dir=home)
        temporary = Path(name)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(home / NAME)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
