"""Clipboard: what was dragged or copied, as paths of this computer or as text."""

from __future__ import annotations

from PySide6.QtCore import QMimeData


def sendable(text: str) -> str:
    """The text as it can be sent: what is no Unicode (a name in another encoding) becomes “?”."""
    return text.encode("utf-8", "replace").decode()


def paths_in(data: QMimeData | None) -> list[str]:
    """The files and folders of this computer that a drag or a copy carries (None: nothing)."""
    if data is None or not data.hasUrls():
        return []
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile() and url.toLocalFile()]
