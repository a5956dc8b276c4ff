"""Restoring: the copy in the place of a ledger that is damaged, and of a key file that is gone."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from app.copies import SPARE, Copies, check, is_sound, told
from app.erase import shred_all
from app.errors import BadRequestError, KeyFileError, LedgerDamagedError, NightschoolError
from app.keys import KeyStore
from app.paths import (
    TEMPORARY,
    Home,
    disk_errors,
    free_bytes,
    full_error,
    sync_folder,
    write_atomic,
)

LOGS = ("-wal", "-journal", "-shm")


def offered(error: NightschoolError, copies: Copies) -> NightschoolError:
    """The same error; where the copy is a remedy, its next step names it."""
    made = copies.made
    if made is not None and isinstance(error, LedgerDamagedError):
        what = f"There is a copy of {told(made)}: put it back here, or with"
        after = " What came after it is not in it."
    elif copies.key_file.is_file() and isinstance(error, KeyFileError):
        what, after = "There is a copy of that file: put it back here, or with", ""
    else:
        return error
    next_step = f"{what} `nightschool backup restore`.{after}"
    return type(error)(error.title, error.message, next_step)


def key_for(copies: Copies, home: Home, keys: KeyStore, passphrase: str | None) -> bytes | None:
    """The ledger's key; keys.json is put back first where it is missing or damaged.

    None where a file that was put back wants a passphrase that is not given. Raises KeyFileError
    where there is no copy of it, WrongPassphraseError, KeyMissingError, LockedError.
    """
    back = _put_back_key_file(copies, home, keys)
    if back and passphrase is None and keys.state() == "passphrase":
        return None
    return keys.root_key(passphrase).subkey("ledger")


def _put_back_key_file(copies: Copies, home: Home, keys: KeyStore) -> bool:
    """Whether there was need of it."""
    try:
        keys.require_file()
        return False
    except KeyFileError:
        if not copies.key_file.is_file():
            raise
    with disk_errors(copies.key_file):
        data = copies.key_file.read_bytes()
    write_atomic(home.keys, data)
    return True


def require_ledger(copies: Copies, home: Home) -> None:
    """Raises LedgerDamagedError where only a copy is there, so that no empty ledger is made."""
    if copies.made is not None and not home.ledger.exists():
        raise LedgerDamagedError(
            "The ledger is missing",
            f"“{home.ledger}” is not there, but a copy of it is.",
            "Put it back, or remove the copy as well to begin anew.",
        )


def require_need(copies: Copies, home: Home, key: bytes) -> None:
    """Raises BadRequestError where the ledger is sound, or there is no copy."""
    if is_sound(home.ledger, key):
        raise BadRequestError(
            "There is nothing to put back",
            "The ledger opens, and all of it can be read.",
            "Go on as usual.",
        )
    _require_copy(copies)


def _require_copy(copies: Copies) -> None:
    if copies.made is None:
        raise BadRequestError(
            "There is no copy",
            f"“{copies.path}” does not exist: none was made, or something was forgotten since.",
            "Restore the home folder from a backup of your system, or begin anew with --home.",
        )


def restore(copies: Copies, home: Home, key: bytes) -> Path | None:
    """Put the copy in the ledger's place, unless that is sound; gives where the damaged one is now.

    The index goes with it, and is built anew from the copy's vectors when that is opened. The
    ledger must not be open. Nothing is changed where this raises BadRequestError (there is no
    copy), LedgerError (it is not sound) or StorageFullError. Killed in between, the ledger is
    the damaged one or the copy's, and it can be done again.
    """
    if is_sound(home.ledger, key):
        return None
    _require_copy(copies)
    new = home.ledger.with_name(f"{home.ledger.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        _write(copies.path, new, key)
        # The index may know passages that the copy does not, under numbers that are given anew.
        shred_all(home.index)
        return _exchange(new, home.ledger, copies.path.with_name(f"damaged-{_moment()}.db"))
    finally:
        for ending in ("", *LOGS):
            new.with_name(new.name + ending).unlink(missing_ok=True)


def _write(copy: Path, new: Path, key: bytes) -> None:
    with disk_errors(new):
        if free_bytes(new.parent) < copy.stat().st_size + SPARE:
            raise full_error(new.parent)
        shutil.copyfile(copy, new)
        new.chmod(0o600)
    check(new, key)


def _exchange(new: Path, ledger: Path, aside: Path) -> Path | None:
    """The logs leave first: found beside the copy, SQLite would write their pages into it."""
    with disk_errors(ledger):
        for ending in LOGS:
            _move(ledger.with_name(ledger.name + ending), aside.with_name(aside.name + ending))
        sync_folder(ledger.parent)
        was = ledger.exists()
        if was:
            _twin(ledger, aside)
        new.replace(ledger)
        sync_folder(aside.parent)
        sync_folder(ledger.parent)
    return aside if was else None


def _move(old: Path, new: Path) -> None:
    with suppress(FileNotFoundError):
        old.replace(new)


def _twin(file: Path, other: Path) -> None:
    """The same file under another name too, so that there is one at every moment."""
    link: Callable[[Path, Path], object] = os.link
    try:
        link(file, other)
    except OSError:  # a file system without hard links
        shutil.copyfile(file, other)


def _moment() -> str:
    return f"{datetime.now():%Y-%m-%d-%H%M%S}-{secrets.token_hex(2)}"
