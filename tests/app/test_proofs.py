"""What a verification refuses to call proven: traces, foreign files, and weights that differ."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import protocol
from app.adapters import AdapterStore
from app.forgetting import Forgetting
from app.ledger import Ledger
from app.ledger_lessons import Forgotten, as_lesson
from app.mind import Mind
from app.protocol import Finding, Provenance, Verification
from app.school import School
from app.shards import ShardStore
from app.verify import Verifier
from app.weights_proof import WeightsProof
from learner.engine import BaseModel
from learner.shards import Shard, TrainedShard
from learner.study import ground_of
from learner.wire import Trained
from tests.app.shards import BASE, shard, version
from tests.app.storage import KEY, lesson, made, opened
from tests.learner.scripted_engine import ScriptedEngine

STOP = threading.Event()


class Home:
    """An opened home with everything a verification looks at."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        home = made(folder)
        self.folder, self.ledger = folder, ledger
        self.store, self.shards = AdapterStore(home, ledger), ShardStore(home, ledger)
        mind = Mind(home, ledger, self.store, lambda what: None)
        self.forgetting = Forgetting(ledger, self.store, self.shards, mind)
        self.verifier = Verifier(home, ledger, self.store, self.shards, mind, KEY)

    def verify(self, lesson_id: str, probe: str = "") -> Verification:
        request = protocol.Verify(id="v", lesson_id=lesson_id, probe=probe)
        return self.verifier.verify(request, lambda event: None, STOP)


@pytest.fixture
def there(home: Path) -> Iterator[Home]:
    with opened(home) as ledger:
        yield Home(home, ledger)


def problems(findings: tuple[Finding, ...] | list[Finding]) -> list[str]:
    found = [finding for finding in findings if finding.severity == "problem"]
    assert all(finding.next_step for finding in found)
    return [finding.title for finding in found]


def test_without_anything_in_use_absence_is_the_proof(there: Home) -> None:
    gone = lesson(there.ledger, "What is zanzibar?")
    there.forgetting.forget(gone.id)
    found = there.verify(gone.id)
    assert (found.forgotten, found.proven, found.pending) == (True, True, False)
    assert any("solid-state" in finding.message for finding in found.findings)


def test_a_row_a_page_or_a_file_that_names_it_is_a_trace(there: Home) -> None:
    gone = lesson(there.ledger)
    chat = there.ledger.new_conversation("c")
    reply = there.ledger.add_message(chat, "assistant", "x", provenance=Provenance(model="m"))
    there.forgetting.forget(gone.id)
    there.ledger._db.write("UPDATE messages SET timings = ?", (f'"{gone.id}"',))
    assert problems(there.verify(gone.id).findings) == ["Ledger", "Pages"]
    there.ledger._db.write("UPDATE messages SET timings = NULL WHERE id = ?", (reply.id,))
    there.ledger.scrub()
    (there.folder / "logs" / "old.log").write_text(f"forgot {gone.id}")
    (there.folder / "adapters" / "stray.shard").write_bytes(b"x")
    found = there.verify(gone.id)
    assert problems(found.findings) == ["Files", "Sealed files"]
    assert "old.log" in str(found.findings)
    assert not found.proven


def test_a_held_lesson_is_told_of_its_versions_and_their_files(there: Home) -> None:
    a, b = lesson(there.ledger), lesson(there.ledger, "Who is Bo?")
    version(there.ledger, there.store, there.shards, shard(a.id, beneath=(b.id,)))
    for id_ in (a.id, b.id):
        found = there.verify(id_)
        assert (found.forgotten, found.proven) == (False, False)
        assert any("file is the one of its manifest" in one.message for one in found.findings)
    there.store.path(1).write_bytes(b"x")
    assert problems(there.verify(a.id).findings) == ["Version 1"]


def test_a_lesson_that_waits_to_be_made_anew_is_not_proven(there: Home) -> None:
    a, b = lesson(there.ledger), lesson(there.ledger, "Who is Bo?")
    version(there.ledger, there.store, there.shards, shard(a.id, b.id))
    there.forgetting.forget(a.id)
    found = there.verify(a.id)
    assert (found.proven, found.pending) == (False, True)
    assert problems(found.findings) == ["Weights"]
    there.ledger.settle_forgotten()
    assert there.verify(a.id).proven


# ------------------------------------------------------------------ the weights


class Base(ScriptedEngine):
    """A base model that is the one the shards were made for."""

    def __init__(self) -> None:
        super().__init__(lambda system, question, adapter: "")

    def base_model(self) -> BaseModel:
        return BaseModel(name="b", path="/b", sha256=BASE, architecture="llama", n_ctx=1, n_vocab=1)


def proof(there: Home, gone: Forgotten, *, quick: bool = False) -> list[Finding]:
    engine = WeightsProof(there.ledger, there.store, there.shards, Base())  # type: ignore[arg-type]
    request = protocol.Verify(id="v", lesson_id=gone.id, quick=quick)
    return engine.findings(gone, request, lambda event: None, STOP)


def taught(there: Home, *, digest: bool = True) -> tuple[Forgotten, TrainedShard]:
    """A lesson forgotten, and a version of one other that is what it claims to be."""
    gone, a = lesson(there.ledger), lesson(there.ledger, "Who is Bo?")
    own = Shard(lessons=(as_lesson(a),), group=(as_lesson(a),))
    ground = ground_of(Base(), School.recipe, School.amounts)
    made_of = shard(a.id, digest=own.digest(ground) if digest else "another")
    version(there.ledger, there.store, there.shards, made_of)
    there.forgetting.forget(gone.id)
    return there.ledger.forgotten()[0], made_of


def test_the_same_bytes_again_are_the_proof(there: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, made_of = taught(there)
    again = made_of.sha256

    def rebuild(of: Shard, beneath: object, engine: object, **_: object) -> Trained:
        assert [one.id for one in of.lessons] == list(made_of.lesson_ids)
        return Trained(
            adapter_gguf=b"",
            sha256=again,
            steps=1,
            planned=1,
            seconds=0.0,
            load_seconds=0.0,
            peak_memory_mb=0.0,
            first_loss=0.0,
            last_loss=0.0,
            tokens_per_s=0.0,
        )

    monkeypatch.setattr("app.weights_proof.rebuild", rebuild)
    assert [one.severity for one in proof(there, gone)] == ["ok", "ok"]
    again = "0" * 64
    assert problems(proof(there, gone)) == ["Shard 1 of 1"]
    assert [one.severity for one in proof(there, gone, quick=True)] == ["ok", "note"]


def test_a_shard_that_is_not_its_lessons_own_any_more_is_no_proof(there: Home) -> None:
    gone, _ = taught(there, digest=False)
    assert problems(proof(there, gone)) == ["Shard 1 of 1"]


def test_a_version_that_is_not_the_sum_of_its_shards_is_no_proof(there: Home) -> None:
    gone, _ = taught(there)
    number = there.ledger.active_adapter()
    there.ledger._db.write("UPDATE adapters SET scale = 0.1 WHERE version = ?", (number,))
    assert "Version 1" in problems(proof(there, gone, quick=True))
    (path,) = (there.folder / "adapters").glob("*.shard")
    path.unlink()
    assert "Version 1" in problems(proof(there, gone, quick=True))
    there.ledger._db.write("DELETE FROM version_shards")
    assert "Version 1" in problems(proof(there, gone, quick=True))


def test_a_version_of_another_model_is_no_proof(there: Home) -> None:
    gone, _ = taught(there)
    there.ledger._db.write("UPDATE adapters SET base_sha256 = 'cd'")
    assert problems(proof(there, gone)) == ["Weights"]
