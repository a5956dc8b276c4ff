"""Backup command: the ledger's copy, told, made, or put in the place of a damaged ledger."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from app.assistant import Assistant
from app.copies import Copies, told
from app.stopping import interruptible
from app.terminal import Command, Terminal

RESTORE = "restore"


def add(command: Command) -> None:
    """Add the command to the command line's parser."""
    backup = command("backup", _backup, "the copy of your record: when it was made, or another")
    backup.add_argument("action", nargs="?", choices=["status", "make", RESTORE])


def restores(options: argparse.Namespace) -> bool:
    """Whether a command is to work exactly when the ledger does not open."""
    return bool(options.command == "backup" and options.action == RESTORE)


def restore(assistant: Assistant, terminal: Terminal, passphrase: Callable[[], str]) -> int:
    """Put the copy in the ledger's place; `passphrase` asks for one. Raises NightschoolError."""
    copies, there = Copies(assistant.home), assistant.home.ledger.exists()
    before = copies.put_aside()
    assistant.start()
    try:
        status = assistant.status()
        if status.key != "passphrase":
            status = assistant.restore(None)
        if status.key == "passphrase":  # also of a key file that has just been put back
            status = assistant.restore(passphrase())
        if there and copies.put_aside() == before:
            terminal.result(status, "Your record opens; it did not have to be put back.")
        else:
            terminal.result(status, f"Your record is open again.{_kept(copies)}")
        return 0
    finally:
        assistant.close()


def _kept(copies: Copies) -> str:
    aside = copies.put_aside()
    return f" The damaged one is kept as “{aside[-1]}”." if aside else ""


def _backup(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.action == "make":
        with interruptible() as stop:
            assistant.back_up(stop)
    copies = Copies(assistant.home)
    terminal.result(assistant.status(), f"{_told(copies)}{_kept(copies)}")
    return 0


def _told(copies: Copies) -> str:
    if (made := copies.made) is None:
        return (
            "There is no copy of your record. The next night makes one, if studying by itself is"
            " turned on (`nightschool night --on`); `nightschool backup make` makes one now."
        )
    size = copies.path.stat().st_size
    return (
        f"Your record was copied {told(made)} ({size / 1e6:,.1f} MB, encrypted), to"
        f" “{copies.path}”. The copy goes when anything is forgotten."
    )
