"""A full disk: every way of writing says so, and nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import copies
from app.adapters import AdapterStore
from app.copying import Copying
from app.errors import NightschoolError, StorageFullError
from app.keys import KeyStore
from app.ledger import Ledger
from app.lock import InstanceLock
from app.paths import write_atomic
from app.schema import MIGRATIONS
from tests.app.storage import KEY, lesson, made, manifest, report, result

SIZE = 4 << 20
GROWTH = "CREATE TABLE extra AS SELECT * FROM messages"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    options = ["-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let tests mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take every last byte of a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 512, 1):
            try:
                while True:
                    file.write(b"\xff" * size)
            except OSError:
                continue
    return filler


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(StorageFullError) as caught:
        call()
    error = caught.value
    assert error.title
    assert error.next_step.startswith("Free some space")


def test_every_way_of_writing_says_so_and_loses_nothing(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = made(small_disk / "home")
    ledger = Ledger.open(home, KEY)
    store = AdapterStore(home, ledger)
    chat = ledger.new_conversation("Before")
    messages = [ledger.add_message(chat, "user", f"{n} " + "a" * 3000) for n in range(30)]
    taught = lesson(ledger)
    store.activate(store.add(b"first " * 1000, manifest(taught.id)))
    ledger.add_report(report(result(taught.id, "Who?")))

    filler = fill(small_disk)
    big = "b" * 200_000
    refused(lambda: ledger.add_message(chat, "user", big))
    refused(lambda: lesson(ledger, big))
    refused(lambda: ledger.new_conversation(big))
    refused(lambda: ledger.rename_conversation(chat, big))
    refused(lambda: ledger.set_setting("model", big))
    refused(lambda: ledger.set_lesson(taught.id, reason=big))
    refused(lambda: ledger.add_report(report(result(taught.id, big))))
    refused(
        lambda: ledger.update_message(
            messages[0].id, text=big, state="complete", provenance=None, timings=None
        )
    )
    refused(lambda: store.add(b"second " * 1000, manifest(taught.id, parent=1)))
    refused(lambda: write_atomic(home.keys, b"{}"))
    refused(ledger.scrub)
    refused(lambda: Copying(ledger, KEY).make(threading.Event()))
    with monkeypatch.context() as patched:  # as if the room went while it is being made
        patched.setattr(copies, "SPARE", -SIZE)
        refused(lambda: Copying(ledger, KEY).make(threading.Event()))
    with pytest.raises(NightschoolError):
        made(small_disk / "another")
    assert ledger.messages(chat) == messages, "reading goes on"
    assert ledger.active_adapter() == 1

    filler.unlink()
    after = ledger.add_message(chat, "user", "There is room again.")
    ledger.scrub()
    ledger.close()
    reopened = Ledger.open(home, KEY)
    try:
        assert reopened.check() == []
        assert reopened.messages(chat) == [*messages, after]
        assert reopened.lessons() == [reopened.lesson(taught.id)]
        assert reopened.lesson(taught.id).prompt == taught.prompt
        assert len(reopened.reports()) == 1
        assert AdapterStore(home, reopened).sweep() == []
        assert reopened.active_adapter() == 1
    finally:
        reopened.close()
    left = {path.name for path in home.root.rglob("*") if path.is_file()}
    assert left == {"ledger.db", "v0001.adapter"}


def test_opening_on_a_full_disk_is_refused_with_a_reason(small_disk: Path) -> None:
    home, fresh = made(small_disk / "home"), made(small_disk / "fresh")
    ledger = Ledger.open(home, KEY)
    chat = ledger.new_conversation("Before")
    for n in range(30):
        ledger.add_message(chat, "user", f"{n} " + "a" * 30_000)
    ledger.close()
    filler = fill(small_disk)
    with pytest.raises(NightschoolError) as caught:  # the copy before the step has no room
        Ledger.open(home, KEY, migrations=(*MIGRATIONS, GROWTH))
    assert caught.value.code == "storage_full", caught.value
    with pytest.raises(StorageFullError):
        KeyStore(fresh).create("a passphrase of some length")
    with pytest.raises(NightschoolError):
        InstanceLock(home).acquire()
    assert not fresh.keys.exists()
    filler.unlink()
    reopened = Ledger.open(home, KEY)
    try:
        assert len(reopened.messages(chat)) == 30
        assert reopened.check() == []
    finally:
        reopened.close()
    assert sorted(path.name for path in home.root.glob("ledger*")) == ["ledger.db"]
