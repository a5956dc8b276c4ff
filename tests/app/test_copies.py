"""Copies: true, private and only one; none outlives what it holds; damage is never copied."""

from __future__ import annotations

import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.copying import Copying
from app.erase import find_in_ledger
from app.errors import LedgerDamagedError, StoppedError
from app.ledger import Ledger
from app.looking import Looking
from app.mind import Mind
from app.night_book import NightBook
from app.paths import TEMPORARY, Home
from app.shards import ShardStore
from app.usage_records import Usage
from app.verify import Verifier
from tests.app.documents_in_ledger import document
from tests.app.storage import KEY, lesson, made, manifest, opened

NEVER = threading.Event()
CYCLES = 5


def copied(ledger: Ledger) -> Copying:
    copying = Copying(ledger, KEY)
    copying.make(NEVER)
    return copying


def inside(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "backups").iterdir())


def test_a_copy_has_what_the_ledger_has_and_nothing_that_was_deleted(home: Path) -> None:
    with opened(home) as ledger:
        chat = ledger.new_conversation("A long one")
        for number in range(30):
            ledger.add_message(chat, "user", f"{number} wombats " + "a" * 3000)
        taught = lesson(ledger)
        made(home).keys.write_text("{}")
        copies = copied(ledger).copies
        assert inside(home) == ["keys.json", "ledger.db"]
        assert stat.S_IMODE(copies.path.stat().st_mode) == 0o600
        assert b"wombats" not in copies.path.read_bytes()
        assert find_in_ledger(copies.path, KEY, [b"20 wombats"])
        ledger.truncate_from(chat, ledger.messages(chat)[10].id)
        copies.make(KEY, NEVER)
        assert inside(home) == ["keys.json", "ledger.db"], "one copy"
        assert not find_in_ledger(copies.path, KEY, [b"20 wombats"])
    other = made(home.parent / "other")
    copies.path.rename(other.ledger)
    with opened(other.root) as ledger:
        assert ledger.check() == []
        assert ledger.lessons() == [taught]
        assert len(ledger.messages(chat)) == 10


def test_one_is_due_once_a_night_and_only_when_something_changed(home: Path) -> None:
    with opened(home) as ledger:
        now = datetime.now()
        copying = Copying(ledger, KEY)
        assert not copying.due(now), "nothing is in it"
        chat = ledger.new_conversation("A")
        assert copying.due(now)
        copying.make(NEVER)
        assert not copying.due(now)
        later = now + timedelta(days=1)
        assert not copying.due(later), "nothing is new"
        book = NightBook(ledger)
        book.begin(date.today())
        book.end(date.today(), finished=True, noted=0, trouble="", usage=Usage())
        assert not copying.due(later), "what the night writes of itself is nothing new"
        ledger.rename_conversation(chat, "B")
        assert not copying.due(now), "once a night"
        assert copying.due(later)
        assert Copying(ledger, KEY).due(later), "after a restart, too"
        copying.make(NEVER)
        first = copying.due(now)
        ledger.delete_conversation(ledger.new_conversation("C"))
        again = copying.due(now)
        assert not first
        assert again, "it went with what was deleted, so another is made"
        ledger.delete_conversation(ledger.new_conversation("D"))
        assert copying.due(now) != again, "also where the night tried it before"


def forget_lesson(home: Home, ledger: Ledger) -> None:
    ledger.forget_lesson(ledger.lessons()[0].id)


def forget_document(home: Home, ledger: Ledger) -> None:
    ledger.forget_documents([ledger.documents()[0].id])


def delete_conversation(home: Home, ledger: Ledger) -> None:
    ledger.delete_conversation(ledger.conversations()[0].id)


def destroy_old_version(home: Home, ledger: Ledger) -> None:
    ledger.keep_versions(0)
    AdapterStore(home, ledger).tidy()


def reset_learned(home: Home, ledger: Ledger) -> None:
    AdapterStore(home, ledger).destroy_all()
    assert not ledger.copies.ledgers(), "before the keys go"
    ledger.reset_learned(keep_lessons=True)


def destroy(home: Home, ledger: Ledger) -> None:
    ledger.destroy()


@pytest.mark.parametrize(
    "forget",
    [
        forget_lesson,
        forget_document,
        delete_conversation,
        destroy_old_version,
        reset_learned,
        destroy,
    ],
)
def test_no_copy_outlives_a_forgetting(home: Path, forget: Callable[[Home, Ledger], None]) -> None:
    with opened(home) as ledger:
        store = AdapterStore(made(home), ledger)
        taught = lesson(ledger)
        for _ in range(3):
            store.add(b"weights " * 100, manifest(taught.id))
        store.activate(3)
        document(ledger, "/a.txt", "Wombats are insured.")
        ledger.new_conversation("A")
        made(home).keys.write_text("{}")
        copied(ledger)
        (home / "backups" / "damaged-2026-11-25-101500.db").write_bytes(b"put aside")
        (home / "backups" / f"ledger.db{TEMPORARY}").write_bytes(b"half made")
        forget(made(home), ledger)
        assert inside(home) == ([] if forget is destroy else ["keys.json"])


def test_what_changes_nothing_leaves_the_copy(home: Path) -> None:
    with opened(home) as ledger:
        lesson(ledger)
        copied(ledger)
        AdapterStore(made(home), ledger).tidy()
        ledger.truncate_from(chat := ledger.new_conversation("A"), said(ledger, chat))
        assert inside(home) == ["ledger.db"]


def said(ledger: Ledger, chat: int) -> int:
    return ledger.add_message(chat, "user", "Hello").id


def test_one_being_made_gives_way_to_a_forgetting_and_to_the_person(home: Path) -> None:
    with opened(home) as ledger:
        chat = ledger.new_conversation("A long one")
        with ledger._db.transaction():
            for number in range(2500):
                ledger.add_message(chat, "user", f"{number} " + "a" * 3000)
        gone = lesson(ledger)
        stopped: list[Exception] = []

        def make(stop: threading.Event) -> None:
            try:
                Copying(ledger, KEY).make(stop)
            except StoppedError as error:
                stopped.append(error)

        making = threading.Thread(target=make, args=(NEVER,))
        making.start()
        while not list((home / "backups").glob("*")):
            assert making.is_alive()
        ledger.forget_lesson(gone.id)
        making.join()
        assert len(stopped) == 1
        assert inside(home) == []
        ledger.scrub()
        wanted = threading.Event()
        wanted.set()
        make(wanted)
        assert len(stopped) == 2
        assert inside(home) == []


def test_damage_is_told_and_not_copied(home: Path) -> None:
    with opened(home) as ledger:
        chat = ledger.new_conversation("A long one")
        for number in range(60):
            ledger.add_message(chat, "user", f"{number} " + "a" * 3000)
        copying = copied(ledger)
        before = copying.copies.path.read_bytes()
        ledger.scrub()
        data = bytearray((home / "ledger.db").read_bytes())
        data[17 * 4096 + 100] ^= 1
        (home / "ledger.db").write_bytes(data)
        with pytest.raises(LedgerDamagedError) as caught:
            copying.make(NEVER)
        assert "backup restore" in caught.value.next_step
        assert copying.trouble is not None
        assert copying.trouble.code == "ledger_damaged"
        assert copying.copies.path.read_bytes() == before
        assert inside(home) == ["ledger.db"]


def test_a_check_sees_a_copy_that_is_older_than_the_forgetting(home: Path) -> None:
    with opened(home) as ledger:
        store, shards = AdapterStore(made(home), ledger), ShardStore(made(home), ledger)
        mind = Mind(made(home), ledger, store, lambda what: None)
        verifier = Verifier(made(home), ledger, store, shards, mind, KEY)
        gone, other = lesson(ledger), lesson(ledger)
        old = copied(ledger).copies.path.read_bytes()
        ledger.forget_lesson(gone.id)
        ledger.scrub()

        def told() -> tuple[str, str]:
            (forgotten,) = ledger.forgotten()
            looking = Looking(made(home), "v", lambda event: None, NEVER)
            found = [
                one for one in verifier._absence(forgotten, "", looking) if one.title == "Copy"
            ]
            assert len(found) == 1
            return found[0].severity, found[0].message

        assert told() == ("ok", "No copy of the ledger has it: there is none.")
        ledger.copies.path.write_bytes(old)  # as a backup of the system would bring it back
        assert told() == ("problem", "“ledger.db” is older than the forgetting.")
        copied(ledger)
        assert told()[0] == "ok"
        assert ledger.lessons() == [ledger.lesson(other.id)]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_at_any_moment_no_copy_has_what_was_forgotten(home: Path) -> None:
    chosen = random.Random(20261125)
    forgotten, copies = set[bytes](), 0
    for cycle in range(CYCLES):
        # Where the disk is fast, no moment by the clock may fall while there is a copy: every
        # other process ends at one itself, at its second, so that something was forgotten before.
        ends = ["2"] if cycle % 2 else []
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.app.killed_copier", str(home), *ends],
            stdout=subprocess.PIPE,
            text=True,
        )
        with child:
            assert child.stdout is not None
            lines = list[str]()
            if not ends:
                lines = [child.stdout.readline() for _ in range(chosen.randrange(1, 6))]
                time.sleep(chosen.random() * 0.05)
                child.send_signal(signal.SIGKILL)
            lines += child.stdout.read().split("\n")[:-1]
        told = [line.split() for line in lines]
        forgotten |= {text.encode() for what, text in told if what == "forgotten"}
        with opened(home) as ledger:
            gone = [record.id.encode() for record in ledger.forgotten()]
            assert len(forgotten) <= len(gone)
            for path in ledger.copies.ledgers():
                copies += 1
                assert find_in_ledger(path, KEY, sorted(forgotten)) == []
                named = find_in_ledger(path, KEY, gone)
                assert len(named) <= len(gone), "their tombstones alone"
            ledger.copies.sweep()
            assert set(inside(home)) <= {"ledger.db"}
    assert copies >= CYCLES // 2, "those that ended at one left it"
    assert len(forgotten) >= CYCLES // 2
