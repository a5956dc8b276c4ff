"""Adapter records: one active at most, numbers never reused, lessons told where they stand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import AdapterError
from app.ledger import Ledger
from app.ledger_adapters import AdapterManifest
from app.ledger_shards import SealedFile
from tests.app.storage import lesson, manifest, opened


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    with opened(home) as ledger:
        yield ledger


def add(ledger: Ledger, made_of: AdapterManifest) -> int:
    version = ledger.next_adapter()
    sha256 = hashlib.sha256(str(version).encode()).hexdigest()
    ledger.add_adapter(version, SealedFile(f"v{version}", b"k" * 32, sha256, 10), made_of)
    return version


def states(ledger: Ledger) -> dict[int, str]:
    return {r.version: ledger.adapter_details(r.version).state for r in ledger.adapters()}


def test_a_record_keeps_its_whole_manifest(ledger: Ledger) -> None:
    ids = tuple(lesson(ledger).id for _ in range(3))
    given = manifest(*ids[::-1], parent=5)
    details = ledger.adapter_details(add(ledger, given))
    for name in AdapterManifest.__dataclass_fields__:
        assert getattr(details, name) == getattr(given, name), name
    assert len(set(details.digests)) == 3
    (record,) = ledger.adapters()
    assert (record.lesson_ids, record.active, record.drift) == (ids[::-1], False, 0.01)
    ref = ledger.adapter_ref(details.version)
    assert (Path(ref.path).name, ref.key, ref.scale) == (details.file, b"k" * 32, 0.75)


def test_digests_are_salted_by_adapter(ledger: Ledger) -> None:
    id_ = lesson(ledger).id
    one, two = (ledger.adapter_details(add(ledger, manifest(id_))).digests for _ in range(2))
    assert one != two


def test_at_most_one_version_is_active(ledger: Ledger) -> None:
    assert ledger.active_adapter() == 0
    one, two = add(ledger, manifest()), add(ledger, manifest(parent=1))
    assert ledger.active_adapter() == 0
    ledger.activate_adapter(one)
    ledger.activate_adapter(two)
    assert (ledger.active_adapter(), states(ledger)) == (two, {one: "kept", two: "active"})
    ledger.activate_adapter(one)
    assert states(ledger) == {one: "active", two: "retired"}
    ledger.activate_adapter(0)
    assert ledger.active_adapter() == 0
    with pytest.raises(AdapterError):
        ledger.activate_adapter(99)


def test_numbers_are_never_given_twice(home: Path) -> None:
    with opened(home) as ledger:
        assert [add(ledger, manifest()) for _ in range(3)] == [1, 2, 3]
        ledger.remove_adapters()
        assert add(ledger, manifest()) == 4
        ledger.reset_learned(keep_lessons=False)
        ledger.scrub()
    with opened(home) as ledger:
        assert add(ledger, manifest()) == 5


def test_an_adapter_with_a_forgotten_lesson_is_refused(ledger: Ledger) -> None:
    kept, gone = lesson(ledger), lesson(ledger)
    ledger.forget_lesson(gone.id)
    with pytest.raises(AdapterError):
        add(ledger, manifest(kept.id, gone.id))
    assert ledger.adapters() == []


def test_lessons_follow_the_active_version(ledger: Ledger) -> None:
    old, new = lesson(ledger, "old"), lesson(ledger, "new")
    one = add(ledger, manifest(old.id))
    ledger.activate_adapter(one)
    assert (ledger.lesson(old.id).state, ledger.lesson(old.id).adapter) == ("learned", one)
    two = add(ledger, manifest(old.id, new.id, parent=one))
    ledger.activate_adapter(two)
    assert {ledger.lesson(each.id).adapter for each in (old, new)} == {two}
    ledger.activate_adapter(one)
    assert (ledger.lesson(old.id).state, ledger.lesson(old.id).adapter) == ("learned", one)
    assert (ledger.lesson(new.id).state, ledger.lesson(new.id).adapter) == ("new", None)
    assert ledger.lesson(new.id).reason
    ledger.activate_adapter(two)
    assert ledger.lesson(new.id).state == "learned"
    ledger.activate_adapter(0)
    assert {each.state for each in ledger.lessons()} == {"new"}


def test_a_lesson_trained_but_not_learned_stays_in_context(ledger: Ledger) -> None:
    id_ = lesson(ledger).id
    ledger.set_lesson(id_, state="in_context", reason="It did not help.")
    ledger.activate_adapter(add(ledger, manifest(id_, learned=False)))
    assert ledger.lesson(id_).reason == "It did not help."


def test_forgetting_steps_back_to_the_nearest_forerunner_without_the_lesson(
    ledger: Ledger,
) -> None:
    first, second, third = (lesson(ledger, name).id for name in ("first", "second", "third"))
    one = add(ledger, manifest(first))
    two = add(ledger, manifest(first, second, parent=one))
    three = add(ledger, manifest(first, second, third, parent=two))
    ledger.activate_adapter(three)
    assert ledger.remove_adapters(second) == (two, three)
    assert ledger.active_adapter() == one
    assert ledger.lesson(first).adapter == one
    assert ledger.lesson(third).state == "new"
    assert ledger.remove_adapters(first) == (one,)
    assert ledger.active_adapter() == 0


def test_a_version_whose_parent_was_removed_goes_back_to_its_grandparent(ledger: Ledger) -> None:
    first, second = lesson(ledger, "first").id, lesson(ledger, "second").id
    one = add(ledger, manifest(first))
    two = add(ledger, manifest(first, second, parent=one))
    three = add(ledger, manifest(first, parent=two))
    ledger.remove_adapters(second)
    assert ledger.adapter_details(three).parent == one


def test_a_reset_keeps_lessons_or_not(ledger: Ledger) -> None:
    id_ = lesson(ledger).id
    ledger.activate_adapter(add(ledger, manifest(id_)))
    ledger.reset_learned(keep_lessons=True)
    assert (ledger.adapters(), ledger.reports(), ledger.active_adapter()) == ([], [], 0)
    assert (ledger.lesson(id_).state, ledger.lesson(id_).reason) == ("new", "")
    ledger.reset_learned(keep_lessons=False)
    assert ledger.lessons() == []
    assert [each.id for each in ledger.forgotten()] == [id_]
