"""Window file: a small file of the window's own in the home, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

LARGEST = 4096
"""Bytes that are read of one; none of ours is longer."""


def read(home: Path, name: str) -> bytes:
    """Its bytes; none where there is no such file."""
    try:
        return (home / name).read_bytes()[:LARGEST]
    except OSError:
        return b""


def write(home: Path, name: str, content: bytes) -> None:
    """Put it there, mode 0600; a home that cannot be written costs only a comfort."""
    temporary: Path | None = None
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, made = tempfile.mkstemp(prefix=".window-", dir=home)
        temporary = Path(made)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(home / name)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
