"""The real service with short sessions, hearing of a person's input from a file."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app import night_watch, service
from app.machine import MachineState
from tests.app.small_school import shorten

FASTER = 600
"""Ten minutes without input are a second."""


class FileSenses:
    """A machine at rest on mains; the file holds the idle seconds, without it they are unknown."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def idle(self) -> float | None:
        return float(text) if (text := self._read()) else None

    def _read(self) -> str:
        return self._path.read_text() if self._path.exists() else ""

    def machine(self) -> MachineState:
        return MachineState(mains=True, battery=None, hot=False, free=10**12, load=0.0)


def main() -> int:
    """`python -m tests.app.night_service FILE --home FOLDER`."""
    shorten()
    night_watch.LOOK_S = 0.2
    senses = FileSenses(Path(sys.argv.pop(1)))
    return service.main(senses, lambda: time.monotonic() * FASTER)


if __name__ == "__main__":
    sys.exit(main())
