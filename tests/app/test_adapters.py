"""The adapter store: sealed files, rolling back, damage, and what a sweep tidies up."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.errors import AdapterError, BadRequestError
from app.ledger import Ledger
from app.sealed import MAGIC, seal, unseal
from tests.app.storage import lesson, made, manifest, opened

GGUF = b"GGUF plain adapter " * 500


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


@pytest.fixture
def store(home: Path, ledger: Ledger) -> AdapterStore:
    return AdapterStore(made(home), ledger)


def three(store: AdapterStore, ledger: Ledger) -> list[str]:
    """Three versions, each active after the one before; gives the ids of their lessons."""
    ids: list[str] = []
    for number in (1, 2, 3):
        ids.append(lesson(ledger, f"Lesson {number}?").id)
        store.activate(store.add(GGUF + bytes([number]), manifest(*ids, parent=number - 1)))
    return ids


def test_a_version_is_sealed_private_and_opens_with_its_record(
    store: AdapterStore, ledger: Ledger
) -> None:
    version = store.add(GGUF, manifest(lesson(ledger).id))
    path = store.path(version)
    assert ledger.active_adapter() == 0
    data = path.read_bytes()
    assert data.startswith(MAGIC)
    assert b"GGUF" not in data
    assert b"plain adapter" not in data
    ref = ledger.adapter_ref(version)
    assert (ref.path, unseal(path, ref.key)) == (str(path), GGUF)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_bytes_are_never_sealed_alike(store: AdapterStore) -> None:
    paths = [store.path(store.add(GGUF, manifest())) for _ in range(2)]
    first, second = (path.read_bytes() for path in paths)
    assert first[len(MAGIC) :] != second[len(MAGIC) :]
    assert len(first) == len(second)


def test_rolling_back_goes_one_step_or_to_any_version(store: AdapterStore, ledger: Ledger) -> None:
    three(store, ledger)
    assert store.rollback() == ledger.active_adapter() == 2
    assert store.rollback() == 1
    assert store.rollback() == 0
    with pytest.raises(BadRequestError):
        store.rollback()
    assert store.rollback(3) == ledger.active_adapter() == 3
    with pytest.raises(AdapterError):
        store.rollback(9)
    assert ledger.active_adapter() == 3


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:-20] + b"x" * 20),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(GGUF),
        lambda path: seal(path, GGUF, b"k" * 32),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["missing", "cut", "changed", "empty", "in the clear", "another key", "folder"],
)
def test_a_damaged_version_is_not_used_and_the_one_before_is(
    home: Path, store: AdapterStore, ledger: Ledger, harm: Callable[[Path], object]
) -> None:
    three(store, ledger)
    harm(store.path(3))
    with pytest.raises(AdapterError) as caught:
        store.activate(3)
    assert caught.value.next_step
    store.rollback(1)
    with pytest.raises(AdapterError):
        store.rollback(3)
    assert ledger.active_adapter() == 1
    ledger.activate_adapter(3)
    notes = AdapterStore(made(home), ledger).sweep()
    assert ledger.active_adapter() == 2
    assert "Version 3 of what was learned is missing or damaged." in notes
    assert "Version 2 is in use instead." in notes


def test_when_every_version_is_damaged_none_is_in_use(store: AdapterStore, ledger: Ledger) -> None:
    ids = three(store, ledger)
    for version in (1, 2, 3):
        store.path(version).write_bytes(b"gone")
    notes = store.sweep()
    assert ledger.active_adapter() == 0
    assert notes[-1] == "No version is in use now."
    assert {ledger.lesson(id_).state for id_ in ids} == {"new"}


def test_a_foreign_file_under_a_version_s_key_is_recognised(
    store: AdapterStore, ledger: Ledger
) -> None:
    version = store.add(GGUF, manifest())
    seal(store.path(version), b"another adapter", ledger.adapter_ref(version).key)
    with pytest.raises(AdapterError, match="not the one that was examined"):
        store.activate(version)


def test_a_sweep_removes_what_nobody_has_the_key_of(
    home: Path, store: AdapterStore, ledger: Ledger
) -> None:
    three(store, ledger)
    folder = home / "adapters"
    (folder / "v0004.adapter").write_bytes(b"sealed, never recorded")
    (folder / "v0002.adapter.1a2b3c4d.tmp").write_bytes(b"half sealed")
    (folder / "staging" / "candidate-1.sealed").write_bytes(b"left by a killed study")
    (folder / "staging" / "deeper").mkdir()
    (folder / "staging" / "deeper" / "checkpoint").write_bytes(b"x")
    (folder / "link").symlink_to(home / "ledger.db")
    (home / "keys.json.1a2b3c4d.tmp").write_bytes(b"half written")
    assert store.sweep() == ["6 unfinished files were removed."]
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        f"v000{n}.adapter" for n in (1, 2, 3)
    ]
    assert (home / "ledger.db").stat().st_size > 0
    assert not list(home.glob("*.tmp"))
    assert store.sweep() == []
    assert ledger.active_adapter() == 3


def test_forgetting_a_lesson_destroys_every_version_with_it(
    home: Path, store: AdapterStore, ledger: Ledger
) -> None:
    first, second, _ = three(store, ledger)
    assert store.forget_lesson(second) == [2, 3]
    assert ledger.active_adapter() == 1
    assert [p.name for p in (home / "adapters").iterdir() if p.is_file()] == ["v0001.adapter"]
    assert store.forget_lesson(first) == [1]
    assert ledger.active_adapter() == 0
    with pytest.raises(AdapterError):
        ledger.adapter_ref(1)


def test_an_adapter_of_a_forgotten_lesson_leaves_no_file(
    home: Path, store: AdapterStore, ledger: Ledger
) -> None:
    gone = lesson(ledger)
    ledger.forget_lesson(gone.id)
    with pytest.raises(AdapterError):
        store.add(GGUF, manifest(gone.id))
    assert [p for p in (home / "adapters").rglob("*") if p.is_file()] == []


def test_the_preview_counts_what_a_reset_destroys(store: AdapterStore, ledger: Ledger) -> None:
    three(store, ledger)
    preview = store.preview_reset("learned")
    assert (preview.adapters, preview.lessons, preview.checkpoints) == (3, 3, 0)
    assert preview.bytes_on_disk > 3 * len(GGUF)
    store.destroy_all()
    preview = store.preview_reset("learned")
    assert (preview.adapters, preview.lessons) == (0, 3)
