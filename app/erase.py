"""Erasing files for good, and looking for bytes that should not be anywhere."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

CHUNK = 1 << 20


def remove(path: Path) -> None:
    """Overwrite a file once and remove it; nothing happens when it is not there.

    On flash storage an overwrite may land elsewhere: what counts is that the key is gone too.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    with contextlib.suppress(OSError), path.open("r+b") as file:
        for start in range(0, size, CHUNK):
            file.write(b"\0" * min(CHUNK, size - start))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)


def find_bytes(root: Path, needles: Iterable[bytes]) -> Iterator[tuple[Path, int]]:
    """Every place below `root` where one of `needles` stands in the clear: file and offset."""
    wanted = [needle for needle in needles if needle]
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield from ((path, offset) for offset in _offsets(path, wanted))


def _offsets(path: Path, needles: list[bytes]) -> Iterator[int]:
    overlap = max(map(len, needles), default=1) - 1
    start, tail = 0, b""
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            window = tail + block
            for needle in needles:
                at = window.find(needle)
                while at >= 0:
                    # A hit that lies wholly in the tail was reported with the block before.
                    if at + len(needle) > len(tail):
                        yield start - len(tail) + at
                    at = window.find(needle, at + 1)
            start += len(block)
            tail = window[-overlap:] if overlap else b""
