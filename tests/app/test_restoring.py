"""Restoring: the copy comes back whole, the damaged ledger is kept, a kill loses nothing."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app import restoring
from app.copies import Copies
from app.copying import Copying
from app.errors import BadRequestError, KeyFileError, LedgerDamagedError, LedgerError
from app.keys import KeyStore
from app.ledger import Ledger
from app.paths import TEMPORARY, Home
from tests.app.storage import KEY, keyring_of, lesson, made, no_keyring, opened

PHRASE = "correct horse battery"


class KilledError(Exception):
    """What stands for SIGKILL."""


@pytest.fixture
def damaged(home: Path) -> Home:
    """A copy with one lesson; a ledger with two, damaged, whose log lies in the folder above."""
    with opened(home) as ledger:
        lesson(ledger, "Kept?")
        Copying(ledger, KEY).make(threading.Event())
    ledger = Ledger.open(made(home), KEY)
    lesson(ledger, "Later?")
    saved = home.parent / "wal"
    shutil.copy(home / "ledger.db-wal", saved)
    ledger.close()
    data = (home / "ledger.db").read_bytes()
    (home / "ledger.db").write_bytes(os.urandom(4096) + data[4096:])
    return made(home)


def restored(home: Home) -> Path | None:
    return restoring.restore(Copies(home), home, KEY)


def prompts(home: Home) -> list[str]:
    with opened(home.root) as ledger:
        assert ledger.check() == []
        return [record.prompt for record in ledger.lessons()]


def test_the_copy_comes_back_and_the_damaged_ledger_is_kept(
    damaged: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LedgerError):
        prompts(damaged)
    restoring.require_need(Copies(damaged), damaged, KEY)
    monkeypatch.setattr(restoring, "is_sound", lambda *_: False)  # it would write the log away
    # SQLite would take the log for the copy's, and write its pages into it.
    log = (damaged.root.parent / "wal").replace(damaged.root / "ledger.db-wal")
    (damaged.index / "generation").write_bytes(b"numbers of passages")
    before, log_before = damaged.ledger.read_bytes(), log.read_bytes()
    aside = restoring.restore(Copies(damaged), damaged, KEY)
    assert aside is not None
    assert aside.read_bytes() == before
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log_before
    assert not list(damaged.index.iterdir()), "it is built anew"
    assert prompts(damaged) == ["Kept?"]
    assert Copies(damaged).put_aside() == [aside]
    assert Copies(damaged).made is not None, "the copy stays"
    monkeypatch.undo()
    assert restored(damaged) is None, "it is sound"
    with pytest.raises(BadRequestError, match="nothing to put back"):
        restoring.require_need(Copies(damaged), damaged, KEY)
    with opened(damaged.root) as ledger:
        ledger.forget_lesson(ledger.lessons()[0].id)
    assert Copies(damaged).ledgers() == [], "the next forgetting takes both"


@pytest.mark.parametrize("last", [0, 3, 4])
def test_killed_halfway_it_is_done_again(
    damaged: Home, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill is played by an error that nobody catches, before one of its renames and links."""
    steps = 0

    def counted(do: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object) -> object:
            nonlocal steps
            steps += 1
            if steps == last + 1:
                raise KilledError
            return do(*arguments)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", counted(Path.replace))
        patched.setattr(os, "link", counted(os.link))
        with pytest.raises(KilledError):
            restored(damaged)
    assert damaged.ledger.exists(), "there is one at every moment"
    restored(damaged)
    assert prompts(damaged) == ["Kept?"]
    assert not list(damaged.root.glob(f"*{TEMPORARY}*"))


def test_a_missing_ledger_is_not_answered_by_an_empty_one(damaged: Home) -> None:
    damaged.ledger.unlink()
    assert KeyStore(damaged, keyring_of({})).state() == "missing", "nor a lost key by a new one"
    with pytest.raises(LedgerDamagedError, match="missing"):
        restoring.require_ledger(Copies(damaged), damaged)
    assert restored(damaged) is None
    restoring.require_ledger(Copies(damaged), damaged)
    assert prompts(damaged) == ["Kept?"]


def test_a_damaged_copy_is_not_put_back(damaged: Home) -> None:
    before = damaged.ledger.read_bytes()
    data = bytearray(Copies(damaged).path.read_bytes())
    data[5 * 4096 + 100] ^= 1
    Copies(damaged).path.write_bytes(data)
    with pytest.raises(LedgerError):
        restored(damaged)
    assert damaged.ledger.read_bytes() == before
    assert not list(damaged.root.glob(f"*{TEMPORARY}*"))


def test_without_a_copy_it_says_so(damaged: Home) -> None:
    with Copies(damaged).removed():
        pass
    with pytest.raises(BadRequestError, match="There is no copy"):
        restored(damaged)
    error = LedgerDamagedError("Damaged", "It is.", "Do something else.")
    assert restoring.offered(error, Copies(damaged)) is error


def test_a_lost_key_file_is_put_back(home: Path) -> None:
    keys, copies = KeyStore(made(home), no_keyring()), Copies(made(home))
    key = keys.create(PHRASE).subkey("ledger")
    with opened(home, key) as ledger:
        lesson(ledger)
        Copying(ledger, key).make(threading.Event())
    for spoil in (Path.unlink, lambda path: path.write_text("{")):
        spoil(home / "keys.json")
        with pytest.raises(KeyFileError) as caught:
            keys.root_key(PHRASE)
        assert "copy of that file" in restoring.offered(caught.value, copies).next_step
        assert restoring.key_for(copies, made(home), keys, None) is None, "a passphrase is needed"
    assert restoring.key_for(copies, made(home), keys, PHRASE) == key
    copies.destroy()
    (home / "keys.json").unlink()
    with pytest.raises(KeyFileError):
        restoring.key_for(copies, made(home), keys, PHRASE)
