"""A process that writes to a home and is killed: at any moment, or by itself at a named step."""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.adapters import AdapterStore
from app.ledger import Ledger
from app.ledger_adapters import AdapterRecords
from app.paths import Home
from tests.app.storage import KEY, lesson, manifest

STEPS = (
    "sealing",  # the file lies under its temporary name
    "sealed",  # it has its name, and no record
    "recording",  # the record is written and not committed
    "recorded",  # it is committed, and not active
    "switching",  # the switch is written and not committed
)
"""Where `activate` may be told to die."""


def die(*_: object) -> None:
    """As the out-of-memory killer would have it."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(function: Callable[..., Any]) -> Callable[..., Any]:
    """Die instead of doing it."""
    return die


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """Do it, then die."""

    def dying(*arguments: object) -> None:
        function(*arguments)
        die()

    return dying


def write_for_ever(ledger: Ledger) -> None:
    """Messages and lessons, each acknowledged on standard output once it is written."""
    chat = ledger.new_conversation("A long one")
    for number in itertools.count():
        text = f"{os.getpid()}-{number} " + "x" * (number * 97 % 5000)
        message = ledger.add_message(chat, "user", text)
        print("message", message.id, len(text), flush=True)
        if number % 3 == 0:
            print("lesson", lesson(ledger, text).id, len(text), flush=True)


def activate(home: Home, ledger: Ledger, step: str) -> None:
    """Add and activate a second version, and die on the way."""
    if step == "sealing":
        Path.replace = before(Path.replace)  # type: ignore[method-assign]
    elif step == "sealed":
        Ledger.add_adapter = before(Ledger.add_adapter)  # type: ignore[method-assign]
    elif step == "recording":
        AdapterRecords._digest = before(AdapterRecords._digest)  # type: ignore[method-assign]
    elif step == "recorded":
        Ledger.activate_adapter = before(Ledger.activate_adapter)  # type: ignore[method-assign]
    elif step == "switching":
        settle = AdapterRecords._settle_lessons
        AdapterRecords._settle_lessons = after(settle)  # type: ignore[method-assign]
    store = AdapterStore(home, ledger)
    ids = [record.id for record in ledger.lessons()]
    store.activate(store.add(b"second version " * 1000, manifest(*ids, parent=1)))


def main(folder: str, task: str) -> None:
    """`python -m tests.app.killed_writer FOLDER write|STEP`."""
    home = Home(Path(folder))
    home.create()
    ledger = Ledger.open(home, KEY)
    if task == "write":
        write_for_ever(ledger)
    activate(home, ledger, task)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
