"""File hash: a large file's SHA-256, computed once, in the background."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path


class FileHash:
    """The SHA-256 of a file that does not change; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._value = ""

    def start(self) -> None:
        """Begin to compute it, so that `value` need not wait."""
        threading.Thread(target=self.value, name="file-hash", daemon=True).start()

    def value(self) -> str:
        """The hash in hexadecimal, or nothing when the file cannot be read."""
        with self._guard:
            if not self._value:
                try:
                    with self._path.open("rb") as file:
                        self._value = hashlib.file_digest(file, "sha256").hexdigest()
                except OSError:
                    return ""
            return self._value
