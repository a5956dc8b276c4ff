"""Keeping versions: names, pins, which ones stay and why, and what goes for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.erase import find_in_ledger
from app.errors import AdapterError, BadRequestError
from app.keeping import Candidate, keeping
from app.ledger import Ledger
from app.shards import ShardStore
from tests.app.shards import BASE, shard, version
from tests.app.storage import KEY, lesson, made, opened

OTHER = "cd" * 32


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


@pytest.fixture
def store(home: Path, ledger: Ledger) -> AdapterStore:
    return AdapterStore(made(home), ledger)


@pytest.fixture
def shards(home: Path, ledger: Ledger) -> ShardStore:
    return ShardStore(made(home), ledger)


def candidate(
    number: int, parent: int = 0, *, active: bool = False, pinned: bool = False, base: str = BASE
) -> Candidate:
    return Candidate(version=number, parent=parent, base_sha256=base, active=active, pinned=pinned)


def line(last: int, *, pinned: tuple[int, ...] = ()) -> list[Candidate]:
    """Versions 1 to `last`, each made while the one before was in use."""
    return [candidate(n, n - 1, active=n == last, pinned=n in pinned) for n in range(1, last + 1)]


def test_the_last_ones_stay_and_what_must() -> None:
    assert keeping(line(9, pinned=(2,)), 3) == {
        9: "active", 8: "before", 7: "last", 6: "last", 5: "", 4: "", 3: "", 2: "pinned", 1: ""
    }  # fmt: skip
    assert keeping(line(3), 0) == {3: "active", 2: "before", 1: ""}
    assert keeping([], 5) == {}


def test_after_going_back_newer_ones_count_and_the_one_before_stays() -> None:
    went_back = [candidate(n, n - 1, active=n == 2) for n in range(1, 8)]
    assert keeping(went_back, 2) == {
        7: "last", 6: "last", 5: "", 4: "", 3: "", 2: "active", 1: "before"
    }  # fmt: skip


def test_the_newest_for_another_model_stays() -> None:
    others = [candidate(1, base=OTHER), candidate(2, 1, base=OTHER)]
    mine = [candidate(3, 2), candidate(4, 3), candidate(5, 4, active=True)]
    assert keeping([*others, *mine], 0) == {5: "active", 4: "before", 3: "", 2: "model", 1: ""}


def test_a_name_and_a_pin_are_kept(home: Path) -> None:
    with opened(home) as ledger:
        store, shards = AdapterStore(made(home), ledger), ShardStore(made(home), ledger)
        version(ledger, store, shards, shard(lesson(ledger).id))
        changed = ledger.change_adapter(1, name="  Before the\n holidays ", pinned=True)
        assert (changed.name, changed.pinned) == ("Before the holidays", True)
        assert ledger.change_adapter(1) == changed
        with pytest.raises(BadRequestError):
            ledger.change_adapter(1, name="x" * 61)
        with pytest.raises(AdapterError):
            ledger.change_adapter(2, name="x")
        with pytest.raises(BadRequestError):
            ledger.keep_versions(-1)
        ledger.keep_versions(7)
    with opened(home) as ledger:
        assert ledger.adapters() == [changed]
        assert ledger.versions_kept() == 7
        assert ledger.change_adapter(1, name="").name == ""


def test_what_is_not_kept_is_destroyed_and_shared_shards_stay(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore
) -> None:
    first = shard(lesson(ledger, "First?").id)
    growing = [shard(lesson(ledger, f"Number {n}?").id, seed=n) for n in range(1, 6)]
    for last in growing:
        version(ledger, store, shards, first, last)
    ledger.change_adapter(2, pinned=True)
    ledger.keep_versions(0)
    assert {one.version: one.kept for one in ledger.adapters()} == {
        5: "active", 4: "before", 3: "", 2: "pinned", 1: ""
    }  # fmt: skip
    keys = {n: ledger.adapter_details(n).key for n in (1, 3, 4)}
    lost = {record.file: record.key for n in (1, 3) for record in ledger.shards_of(n)[1:]}
    assert store.tidy() == [store.path(1), store.path(3)]
    left = {path.name for path in (home / "adapters").iterdir() if path.is_file()}
    # Three versions, and four shards: the first is part of all of them.
    assert left == ledger.sealed_files()
    assert len(left) == 7
    assert not left & set(lost)
    for key in (keys[1], keys[3], *lost.values()):
        assert find_in_ledger(home / "ledger.db", KEY, [key]) == []
    assert find_in_ledger(home / "ledger.db", KEY, [keys[4]]) != []
    assert [one.lesson_ids for one in shards.kept(BASE)] == [
        first.lesson_ids,
        growing[4].lesson_ids,
    ]
    assert all(one.adapter_gguf for one in shards.kept(BASE))
    # Going back leads over the gap, and every version that is there can be used.
    assert [store.rollback() for _ in range(3)] == [4, 2, 0]
    assert store.tidy() == [store.path(4)]  # with nothing in use, it is before nothing
    assert store.tidy() == []


def test_a_lesson_of_a_version_that_went_is_forgotten_as_any(
    ledger: Ledger, store: AdapterStore, shards: ShardStore
) -> None:
    a, b = lesson(ledger, "A?"), lesson(ledger, "B?")
    version(ledger, store, shards, shard(a.id))
    version(ledger, store, shards, shard(a.id, b.id, seed=2))
    version(ledger, store, shards, shard(b.id, seed=3))
    ledger.keep_versions(0)
    store.tidy()
    assert store.forget_lesson(a.id) == [2]
    assert [one.version for one in ledger.adapters()] == [3]
    assert ledger.active_adapter() == 3
