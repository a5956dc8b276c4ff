"""Damage: a ledger that does not open or cannot be read says so, and is never written over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import LedgerError
from app.ledger import Ledger
from tests.app.storage import lesson, made, opened


@pytest.fixture
def ledger_file(home: Path) -> Path:
    """A closed ledger of some size."""
    with opened(home) as ledger:
        chat = ledger.new_conversation("A long one")
        for number in range(60):
            ledger.add_message(chat, "user", f"{number} " + "a" * 3000)
        lesson(ledger)
    return home / "ledger.db"


def use(home: Path) -> list[str]:
    """Everything a start and a check-up read."""
    with opened(home) as ledger:
        for conversation in ledger.conversations():
            ledger.messages(conversation.id)
        ledger.lessons()
        return ledger.check()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: os.urandom(len(data)),
        lambda data: os.urandom(4096) + data[4096:],
        lambda data: data[:1000],
        lambda data: b"SQLite format 3\0" + data[16:],
    ],
    ids=["random", "first page", "cut short", "not encrypted"],
)
def test_a_ledger_that_does_not_open_is_left_as_it_is(
    home: Path, ledger_file: Path, damage: Callable[[bytes], bytes]
) -> None:
    damaged = damage(ledger_file.read_bytes())
    ledger_file.write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(LedgerError) as caught:
            use(home)
        assert caught.value.title
        assert str(ledger_file) in caught.value.message
        assert "backup" in caught.value.next_step
    assert ledger_file.read_bytes() == damaged


@pytest.mark.parametrize("page", [3, 17, 40])
def test_a_damaged_page_is_found(home: Path, ledger_file: Path, page: int) -> None:
    data = bytearray(ledger_file.read_bytes())
    data[page * 4096 + 100] ^= 1
    ledger_file.write_bytes(data)
    try:
        assert use(home) != []
    except LedgerError as error:
        assert error.next_step


def test_a_ledger_cut_in_the_middle_is_found(home: Path, ledger_file: Path) -> None:
    data = ledger_file.read_bytes()
    ledger_file.write_bytes(data[: len(data) // 2 // 4096 * 4096])
    try:
        assert use(home) != []
    except LedgerError as error:
        assert error.next_step


def test_another_key_opens_nothing_and_changes_nothing(home: Path, ledger_file: Path) -> None:
    before = ledger_file.read_bytes()
    with pytest.raises(LedgerError):
        Ledger.open(made(home), b"x" * 32)
    assert ledger_file.read_bytes() == before
    assert use(home) == []


def test_a_closed_ledger_says_so(home: Path) -> None:
    with opened(home) as ledger:
        pass
    for call in (ledger.lessons, ledger.conversations, lambda: lesson(ledger), ledger.scrub):
        with pytest.raises(LedgerError):
            call()


def test_a_failed_write_leaves_neither_half_nor_lock(home: Path) -> None:
    with opened(home) as ledger:
        kept = lesson(ledger)
        with pytest.raises(RuntimeError), ledger._db.transaction():
            ledger.set_setting("a", "1")
            lesson(ledger, "never")
            raise RuntimeError
        assert ledger.setting("a") is None
        assert ledger.lessons() == [kept]
        ledger.set_setting("a", "2")
    with opened(home) as ledger:
        assert ledger.setting("a") == "2"
