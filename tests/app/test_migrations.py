"""Migrations: from every schema to the newest, each step whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.errors import LedgerError
from app.ledger import Ledger
from app.migrations import backups
from app.schema import MIGRATIONS
from tests.app.storage import KEY, lesson, made

NEXT = (
    "ALTER TABLE lessons ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",
    "CREATE TABLE extra (id INTEGER PRIMARY KEY); INSERT INTO extra (id) VALUES (1), (2)",
)
FAILING = (
    "ALTER TABLE lessons ADD COLUMN shade TEXT; DELETE FROM lessons; INSERT INTO nowhere VALUES (1)"
)

PUBLISHED = (
    "189780ff932fdeb976701b27eac400d678d0be4180e10114b2393b9dc6062a5d",
    "b435ea8e5c2ade0310b3e0264379304f7cc22992fe96c2d02357c7c02241c272",
    "2355bf766edfd24d7f22ef0970df69da3b74737901e69deab1c88ee9ce6f8cfd",
    "b03bbd08791f0b2052c1fc49e8553f8332e2a20734f7acda1608cfb6958b6086",
    "036b0ed6d20b3d1f8c833b7fbb2c209acadec0f3fd901ff9149250e8a9e735a6",
    "dd2453e53a1bbdf8217a1216d03140ab721f8b341f6a1e534ff04e277a6516aa",
    "eb5095ba6c9cdf10a5ddec8cbd9bd0c43317b9fa1b137371cd39268f0f040416",
    "511d862c07d6cb695adf9c7b75c3f2da09e6f90c2ae4661294d2f56583f44891",
    "fc610c756a58bd9b818a86053b28758601a1021eae601c2027bee583d52e2eb8",
    "82ae9c20f055f72040c415c88da9b332f0940e97d12234c49245e23f16bf0966",
)
"""SHA-256 of every script that has been published: they never change."""


def schema(folder: Path, migrations: Sequence[str]) -> tuple[int, str]:
    """The schema's number and why the ledger is read-only, after opening it with these scripts."""
    ledger = Ledger.open(made(folder), KEY, migrations=migrations)
    try:
        return int(ledger._db.pragma("user_version")[0][0]), ledger.read_only
    finally:
        ledger.close()


def test_published_scripts_never_change() -> None:
    found = tuple(hashlib.sha256(script.encode()).hexdigest() for script in MIGRATIONS)
    assert found[: len(PUBLISHED)] == PUBLISHED


@pytest.mark.parametrize("start", range(1, len(MIGRATIONS) + 3))
def test_every_schema_reaches_the_newest_with_its_contents(home: Path, start: int) -> None:
    every = (*MIGRATIONS, *NEXT)
    ledger = Ledger.open(made(home), KEY, migrations=every[:start])
    # As the Nightschool of that schema wrote it, whose tables had fewer columns.
    ledger._db.write(
        "INSERT INTO lessons (id, kind, prompt, rejected, corrected, note, created, state, reason)"
        " VALUES ('l-1', 'fact', 'Who?', '', 'Ada.', '', ?, 'superseded', 'Newer.')",
        ("2026-03-05T12:00:00+00:00",),
    )
    ledger.close()
    assert schema(home, every) == (len(every), "")
    ledger = Ledger.open(made(home), KEY, migrations=every)
    try:
        kept = ledger.lesson("l-1")
        assert (kept.prompt, kept.corrected, kept.reason) == ("Who?", "Ada.", "Newer.")
        assert (kept.valid_from, kept.from_given, kept.valid_to) == ("2026-03-05", False, None)
        assert ledger._db.read("SELECT colour FROM lessons") == [("blue",)]
        assert ledger._db.read("SELECT count(*) FROM extra") == [(2,)]
        assert ledger.check() == []
    finally:
        ledger.close()
    assert backups(home / "ledger.db") == []


def test_a_failing_step_changes_nothing_and_names_the_copy(home: Path) -> None:
    ledger = Ledger.open(made(home), KEY)
    kept = lesson(ledger)
    ledger.close()
    number = len(MIGRATIONS) + 1
    with pytest.raises(LedgerError) as caught:
        Ledger.open(made(home), KEY, migrations=(*MIGRATIONS, FAILING))
    copy = home / f"ledger.db.before-{number}"
    assert str(copy) in caught.value.message
    assert copy.stat().st_mode & 0o077 == 0
    ledger = Ledger.open(made(home), KEY)
    assert ledger.lessons() == [kept]
    ledger.close()
    assert backups(home / "ledger.db") == [], "a ledger that opened needs no copy"


def test_the_steps_before_a_failing_one_stay(home: Path) -> None:
    assert schema(home, MIGRATIONS) == (len(MIGRATIONS), "")
    with pytest.raises(LedgerError):
        schema(home, (*MIGRATIONS, NEXT[0], FAILING))
    assert schema(home, (*MIGRATIONS, NEXT[0])) == (len(MIGRATIONS) + 1, "")


def test_a_copy_is_encrypted_like_the_ledger(home: Path) -> None:
    ledger = Ledger.open(made(home), KEY)
    lesson(ledger, "zanzibar-quicksilver")
    ledger.close()
    with pytest.raises(LedgerError):
        schema(home, (*MIGRATIONS, FAILING))
    for path in home.glob("ledger.db*"):
        assert b"quicksilver" not in path.read_bytes()
        assert not path.read_bytes().startswith(b"SQLite format 3")


def test_a_newer_schema_is_read_and_not_written(home: Path) -> None:
    ledger = Ledger.open(made(home), KEY, migrations=(*MIGRATIONS, *NEXT))
    kept = lesson(ledger)
    ledger.close()
    before = (home / "ledger.db").read_bytes()
    ledger = Ledger.open(made(home), KEY)
    try:
        assert "newer" in ledger.read_only
        assert ledger.lessons() == [kept]
        for write in (
            lambda: lesson(ledger),
            lambda: ledger.forget_lesson(kept.id),
            lambda: ledger.set_setting("model", "x"),
            lambda: ledger.reset_learned(keep_lessons=False),
            lambda: ledger.scrub(),
        ):
            with pytest.raises(LedgerError) as caught:
                write()
            assert "Update Nightschool" in caught.value.next_step
        assert AdapterStore(made(home), ledger).sweep() == []
        assert ledger.lessons() == [kept]
    finally:
        ledger.close()
    assert (home / "ledger.db").read_bytes() == before


def test_a_copy_left_by_a_killed_step_goes_when_the_ledger_opens(home: Path) -> None:
    Ledger.open(made(home), KEY).close()
    left = home / "ledger.db.before-1"
    left.write_bytes(b"half a copy")
    left.with_name(f"{left.name}-wal").write_bytes(b"and its log")
    Ledger.open(made(home), KEY).close()
    assert backups(home / "ledger.db") == []
