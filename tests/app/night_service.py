"""The real service with short sessions (or whole ones), hearing of a person's input from a file."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

from app import night_watch, service
from app.machine import MachineState
from tests.app.small_school import shorten

FASTER, FASTER_WHOLE = 600, 60
"""Ten minutes without input are a second; with whole sessions, whose minutes would soon be used up,
one minute is."""


class FileSenses:
    """A machine at rest on mains, whose clock runs `faster`.

    The file holds the idle seconds and, after a space, the local time, else the real one; without
    it the idle seconds are unknown.
    """

    def __init__(self, path: Path, faster: float) -> None:
        self._path = path
        self._faster = faster

    def idle(self) -> float | None:
        return float(told[0]) if (told := self._read()) else None

    def seconds(self) -> float:
        return time.monotonic() * self._faster

    def now(self) -> datetime:
        told = self._read()
        return datetime.fromisoformat(told[1]) if len(told) > 1 else datetime.now()

    def _read(self) -> list[str]:
        return self._path.read_text().split() if self._path.exists() else []

    def machine(self) -> MachineState:
        return MachineState(mains=True, battery=None, hot=False, free=10**12, load=0.0)


def main() -> int:
    """`python -m tests.app.night_service FILE [--whole] --home FOLDER`."""
    whole = "--whole" in sys.argv
    if whole:
        sys.argv.remove("--whole")
    else:
        shorten()
    night_watch.LOOK_S = 0.2
    senses = FileSenses(Path(sys.argv.pop(1)), FASTER_WHOLE if whole else FASTER)
    return service.main(senses)


if __name__ == "__main__":
    sys.exit(main())
