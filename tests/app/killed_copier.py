"""A process that copies and forgets in turns, and is killed: what is acknowledged is forgotten."""

from __future__ import annotations

import itertools
import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from app.copying import Copying
from app.ledger import Ledger
from app.paths import Home
from tests.app.storage import KEY, lesson


def main(folder: str, end: int = 0) -> None:
    """`python -m tests.app.killed_copier FOLDER [END]`; tells the texts of lessons.

    With END it is not killed from without at any moment, but ends itself right after copy END.
    """
    home = Home(Path(folder))
    home.create()
    ledger = Ledger.open(home, KEY)
    ledger.copies.sweep()
    copying = Copying(ledger, KEY)
    for turn in itertools.count(1):
        record = lesson(ledger, text := secrets.token_hex(40))
        copying.make(threading.Event())
        print("copied", text, flush=True)
        if turn == end:
            os.kill(os.getpid(), signal.SIGKILL)
        ledger.forget_lesson(record.id)
        ledger.scrub()
        print("forgotten", text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
