"""Forgetting: whatever held a lesson is destroyed, whatever did not goes on serving."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.adapters import AdapterStore
from app.erase import find_in_ledger
from app.errors import AdapterError
from app.forgetting import Forgetting
from app.ledger import Ledger
from app.mind import Mind
from app.notebook import NAME, SealedNotebook
from app.protocol import Provenance
from app.shards import ShardStore
from learner.merge import Part, served
from learner.shards import LeftOut, TrainedShard
from tests.app.shards import BASE, shard, version
from tests.app.storage import KEY, lesson, made, opened


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


@pytest.fixture
def forgetting(home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore) -> Forgetting:
    return Forgetting(ledger, store, shards, Mind(made(home), ledger, store, lambda what: None))


def files(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "adapters").iterdir() if path.is_file())


def test_a_shard_is_sealed_and_comes_back_as_it_was(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore
) -> None:
    a, b = lesson(ledger), lesson(ledger)
    one = shard(a.id)
    two = TrainedShard(
        lesson_ids=(b.id,),
        adapter_gguf=shard(seed=2).adapter_gguf,
        sha256=shard(seed=2).sha256,
        digest="d",
        scale=0.5,
        beneath=(a.id,),
        left_out=(LeftOut(lesson_id="l-x", why="It spoils."),),
    )
    version(ledger, store, shards, one, two)
    assert shards.kept(BASE) == [one, two]
    assert shards.kept("cd" * 32) == []
    for path in (home / "adapters").glob("*.shard"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"GGUF" not in path.read_bytes()
    # What did not change is not sealed again.
    before = files(home)
    version(ledger, store, shards, one, two)
    assert files(home) == sorted([*before, "v0002.adapter"])


def test_a_damaged_shard_is_not_kept(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore
) -> None:
    a = lesson(ledger)
    version(ledger, store, shards, shard(a.id))
    (path,) = (home / "adapters").glob("*.shard")
    path.write_bytes(path.read_bytes()[:-1])
    (kept,) = shards.kept(BASE)
    assert (kept.lesson_ids, kept.adapter_gguf, kept.digest) == ((a.id,), b"", "")
    with pytest.raises(AdapterError):
        shards.merger(ledger.shards_of(1))


def test_the_untouched_shards_serve_on_and_the_others_wait(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore, forgetting: Forgetting
) -> None:
    a, b, c, d = (lesson(ledger, f"Who is {name}?") for name in "abcd")
    one, two, three = shard(a.id, b.id), shard(c.id, seed=2), shard(d.id, seed=3)
    version(ledger, store, shards, one, two, three)
    forgetting.forget(a.id)
    active = ledger.adapter_details(ledger.active_adapter())
    assert (active.version, active.lesson_ids, active.learned) == (2, (c.id, d.id), (c.id, d.id))
    whole = served([Part(s.adapter_gguf, s.scale) for s in (two, three)])
    assert store.read(active) == whole.adapter_gguf
    states = {record.id: record.state for record in ledger.lessons()}
    assert states == {b.id: "new", c.id: "learned", d.id: "learned"}
    assert ledger.forgotten()[0].pending
    # The place of the one that waits is kept, its adapter is not.
    assert [kept.lesson_ids for kept in shards.kept(BASE)] == [(b.id,), (c.id,), (d.id,)]
    assert [bool(kept.adapter_gguf) for kept in shards.kept(BASE)] == [False, True, True]
    assert len(files(home)) == 3  # two shards and their sum
    # A second one: the last shard alone.
    forgetting.forget(c.id)
    active = ledger.adapter_details(ledger.active_adapter())
    last = served([Part(three.adapter_gguf, three.scale)])
    assert store.read(active) == last.adapter_gguf
    assert active.scale == three.scale
    forgetting.forget(d.id)
    assert ledger.active_adapter() == 0
    assert files(home) == []
    ledger.settle_forgotten()
    assert not any(one.pending for one in ledger.forgotten())


def test_a_lesson_alone_in_its_shard_leaves_nothing_to_be_made_anew(
    ledger: Ledger, store: AdapterStore, shards: ShardStore, forgetting: Forgetting
) -> None:
    a, b = lesson(ledger), lesson(ledger, "Who is Bo?")
    version(ledger, store, shards, shard(a.id), shard(b.id, seed=2))
    lesson(ledger, "a new one")
    forgetting.forget(a.id)
    assert not ledger.forgotten()[0].pending


def test_a_lesson_takes_every_shard_with_it_that_stands_on_its_own(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore, forgetting: Forgetting
) -> None:
    rule, b, c = (lesson(ledger, f"Who is {name}?") for name in "abc")
    version(ledger, store, shards, shard(c.id, seed=3))
    version(ledger, store, shards, shard(rule.id), shard(b.id, seed=2, beneath=(rule.id,)))
    forgetting.forget(rule.id)
    assert ledger.active_adapter() == 1, "the version before never stood on it"
    assert [kept.lesson_ids for kept in shards.kept(BASE)] == [(c.id,)]
    assert len(files(home)) == 2
    assert ledger.forgotten()[0].pending


def test_only_left_out_of_a_shard_is_not_in_its_weights(
    ledger: Ledger, store: AdapterStore, shards: ShardStore, forgetting: Forgetting
) -> None:
    a, b = lesson(ledger), lesson(ledger, "Who is Bo?")
    whole = shard(a.id)
    fields = {name: getattr(whole, name) for name in whole.__struct_fields__}
    fields["left_out"] = (LeftOut(lesson_id=b.id, why="It spoils."),)
    version(ledger, store, shards, TrainedShard(**fields))
    forgetting.forget(b.id)
    assert ledger.active_adapter() == 1
    assert shards.kept(BASE) == [whole]
    assert not ledger.forgotten()[0].pending


def test_no_row_names_a_forgotten_lesson_but_its_tombstone(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore, forgetting: Forgetting
) -> None:
    a, b = lesson(ledger), lesson(ledger, "Who is Bo?")
    version(ledger, store, shards, shard(a.id, b.id))
    chat = ledger.new_conversation("c")
    behind = Provenance(model="m", lessons_in_context=(a.id, b.id), lessons_in_weights=(a.id,))
    reply = ledger.add_message(chat, "assistant", "x", provenance=behind)
    assert ledger.rows_naming(a.id)["messages"] == 1
    forgetting.forget(a.id)
    assert ledger.rows_naming(a.id) == {"forgotten_lessons": 1}
    assert len(find_in_ledger(home / "ledger.db", KEY, [a.id.encode()])) == 1
    left = ledger.message(reply.id).provenance
    assert left is not None
    assert (left.lessons_in_context, left.lessons_in_weights) == ((b.id,), ())
    # Nor does a reply that ends after the forgetting bring it back.
    ledger.update_message(reply.id, text="y", state="complete", provenance=behind, timings=None)
    assert ledger.rows_naming(a.id) == {"forgotten_lessons": 1}


def test_the_notebook_is_sealed_and_forgetting_or_resetting_destroys_it(
    home: Path, ledger: Ledger, store: AdapterStore, forgetting: Forgetting
) -> None:
    notebook = SealedNotebook(made(home), ledger)
    path = home / "adapters" / NAME
    assert notebook.load() is None
    for data in (b"half done", b"more"):
        notebook.save(data)
        assert notebook.load() == data
    assert b"half" not in path.read_bytes()
    assert store.sweep() == [], "it outlives a start"
    assert store.preview_reset("learned").checkpoints == 1
    key = ledger.notebook_key()
    notebook.save(b"again")
    assert ledger.notebook_key() == key
    forgetting.forget(lesson(ledger).id)
    assert (notebook.load(), path.exists(), ledger.notebook_key()) == (None, False, None)
    notebook.save(b"anew")
    assert ledger.notebook_key() != key
    store.destroy_all()
    assert (notebook.load(), path.exists()) == (None, False)
    notebook.save(b"anew")
    notebook.clear()
    assert (notebook.load(), path.exists(), ledger.notebook_key()) == (None, False, None)
    notebook.save(b"damaged")
    path.write_bytes(b"x")
    assert notebook.load() is None


def test_a_start_removes_shards_of_no_version(
    home: Path, ledger: Ledger, store: AdapterStore, shards: ShardStore
) -> None:
    a = lesson(ledger)
    shards.put(BASE, [shard(a.id)])
    assert store.sweep() == ["1 unfinished files were removed."]
    assert files(home) == []
    assert ledger.shard(1) is None


def test_a_shard_of_a_forgotten_lesson_is_refused_and_leaves_no_file(
    home: Path, ledger: Ledger, shards: ShardStore, forgetting: Forgetting
) -> None:
    a = lesson(ledger)
    forgetting.forget(a.id)
    with pytest.raises(AdapterError):
        shards.put(BASE, [shard(a.id)])
    assert files(home) == []


def test_each_base_model_has_its_own_shards_to_come_back_to(
    ledger: Ledger, store: AdapterStore, shards: ShardStore, forgetting: Forgetting
) -> None:
    a, b = lesson(ledger), lesson(ledger, "Who is Bo?")
    other = "cd" * 32
    version(ledger, store, shards, shard(a.id), shard(b.id, seed=2))
    version(ledger, store, shards, shard(a.id, b.id, seed=3), base=other)
    assert shards.kept(BASE) == [shard(a.id), shard(b.id, seed=2)]
    assert shards.kept(other) == [shard(a.id, b.id, seed=3)]
    forgetting.forget(a.id)
    assert ledger.active_adapter() == 0
    assert shards.kept(other) == []
    kept = shards.kept(BASE)
    assert kept == [shard(b.id, seed=2)]
    assert [details.active for details in ledger.adapters()] == [False]
