"""Erasing: files overwritten and gone, and no text left in any file, decrypted pages included."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.erase import find_bytes, find_in_ledger, shred, shred_all
from app.ledger import Ledger
from tests.app.storage import KEY, lesson, made, manifest, opened, report, result

SECRET = "zanzibar-quicksilver"


def fill(ledger: Ledger, store: AdapterStore) -> tuple[str, int]:
    """A secret in every place it can come to; gives the ids of its lesson and its chat."""
    for number in range(40):
        lesson(ledger, f"Another {number}? " + "x" * 300)
    chat = ledger.new_conversation(f"About {SECRET}")
    for number in range(20):
        ledger.add_message(chat, "user", f"{number} what is {SECRET}? " + "y" * 900)
    taught = lesson(ledger, f"What is {SECRET}?", note=SECRET, corrected=f"{SECRET} is a ship.")
    store.activate(store.add(SECRET.encode() * 100, manifest(taught.id)))
    ledger.add_report(report(result(taught.id, f"Tell me of {SECRET}")))
    return taught.id, chat


def traces(home: Path) -> list[tuple[Path, int]]:
    """Where the secret stands: in any file as it lies, or in the ledger's decrypted pages."""
    needles = [SECRET.encode(), SECRET[:12].encode()]
    return find_bytes(home, needles) + find_in_ledger(home / "ledger.db", KEY, needles)


def test_the_search_sees_what_is_there(home: Path) -> None:
    with opened(home) as ledger:
        fill(ledger, AdapterStore(made(home), ledger))
        assert find_in_ledger(home / "ledger.db", KEY, [SECRET.encode()])
        assert find_bytes(home, [SECRET.encode()]) == [], "everything on disk is encrypted"
    (home / "note").write_bytes(b"x" * ((1 << 20) - 5) + SECRET.encode())
    assert find_bytes(home, [SECRET.encode()]) == [(home / "note", (1 << 20) - 5)]


def test_a_forgotten_lesson_and_chat_leave_no_text(home: Path) -> None:
    with opened(home) as ledger:
        store = AdapterStore(made(home), ledger)
        lesson_id, chat = fill(ledger, store)
        store.forget_lesson(lesson_id)
        ledger.delete_conversation(chat)
        ledger.scrub()
        assert traces(home) == []
        assert len(ledger.lessons()) == 40
        assert not list((home / "adapters").glob("v*"))
    assert traces(home) == []


@pytest.mark.parametrize("keep", [True, False], ids=["lessons kept", "lessons too"])
def test_a_reset_leaves_no_adapter_and_no_report(home: Path, keep: bool) -> None:
    with opened(home) as ledger:
        store = AdapterStore(made(home), ledger)
        lesson_id, chat = fill(ledger, store)
        (home / "adapters" / "staging" / "candidate.sealed").write_bytes(b"x" * 1000)
        store.destroy_all()
        ledger.reset_learned(keep_lessons=keep)
        ledger.delete_conversation(chat)
        ledger.scrub()
        assert [p for p in (home / "adapters").rglob("*") if p.is_file()] == []
        assert ledger.counts().studies == ledger.counts().adapters == ledger.active_adapter() == 0
        assert bool(traces(home)) is keep
        if keep:
            assert ledger.lesson(lesson_id).state == "new"


def test_destroying_the_ledger_leaves_no_file_of_it(home: Path) -> None:
    with opened(home) as ledger:
        store = AdapterStore(made(home), ledger)
        fill(ledger, store)
        (home / "ledger.db.before-2").write_bytes(b"a copy")
        store.destroy_all()
        ledger.destroy()
    assert [p for p in home.rglob("*") if p.is_file()] == []


def test_a_shredded_file_is_overwritten_first(tmp_path: Path) -> None:
    path, other = tmp_path / "secret", tmp_path / "other name"
    path.write_bytes(SECRET.encode() * 1000)
    os.link(path, other)
    shred(path)
    assert not path.exists()
    assert SECRET.encode() not in other.read_bytes()
    assert other.stat().st_size == len(SECRET) * 1000
    shred(path)


def test_a_link_is_removed_and_what_it_names_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(b"dear")
    (tmp_path / "link").symlink_to(tmp_path / "photo")
    shred(tmp_path / "link")
    assert (tmp_path / "photo").read_bytes() == b"dear"
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(
    "make",
    [lambda path: path.write_bytes(b""), lambda path: (path.write_bytes(b"x"), path.chmod(0o400))],
    ids=["empty", "read-only"],
)
def test_awkward_files_go_too(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "one")
    (tmp_path / "two").write_bytes(b"x")
    assert shred_all(tmp_path) == 2
    assert list(tmp_path.iterdir()) == []
