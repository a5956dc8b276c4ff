"""A process that copies and forgets in turns, and is killed: what is acknowledged is forgotten."""

from __future__ import annotations

import secrets
import sys
import threading
from pathlib import Path

from app.copying import Copying
from app.ledger import Ledger
from app.paths import Home
from tests.app.storage import KEY, lesson


def main(folder: str) -> None:
    """`python -m tests.app.killed_copier FOLDER`; tells the texts of lessons."""
    home = Home(Path(folder))
    home.create()
    ledger = Ledger.open(home, KEY)
    ledger.copies.sweep()
    copying = Copying(ledger, KEY)
    while True:
        record = lesson(ledger, text := secrets.token_hex(40))
        copying.make(threading.Event())
        print("copied", text, flush=True)
        ledger.forget_lesson(record.id)
        ledger.scrub()
        print("forgotten", text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
