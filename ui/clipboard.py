"""Clipboard: what was dragged or copied, as paths of this computer or as text."""

from __future__ import annotations

from PySide6.QtCore import QMimeData


def paths_in(data: QMimeData | None) -> list[str]:
    """The files and folders of this computer that a drag or a copy carries (None: nothing)."""
    if data is None or not data.hasUrls():
        return []
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile() and url.toLocalFile()]
