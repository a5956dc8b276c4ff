"""What long runs keep is taken again under the same circumstances, and under no others."""

from __future__ import annotations

from pathlib import Path

from learner.report import StudyResult
from learner.shards import TrainedShard
from tests.bench.kept import kept, stamped
from tests.bench.nights import Studied

SHARD = TrainedShard(lesson_ids=("a",), adapter_gguf=b"\0\xff", sha256="s", digest="d")
NIGHT = Studied(
    result=StudyResult(
        adapter_gguf=b"GGUF",
        sha256="s",
        scale=0.75,
        decision="used",
        lessons=(),
        taught=("a",),
        exam=None,
        seconds=1.5,
        peak_memory_mb=2.5,
        recipe_version="0",
        library_versions=(("torch", "2"),),
        shards=(SHARD,),
    ),
    notes=None,
)


def test_a_night_that_was_kept_is_not_studied_again(tmp_path: Path) -> None:
    studied: list[str] = []

    def study() -> Studied:
        studied.append("night")
        return NIGHT

    folder = stamped(tmp_path / "nights", "11", [SHARD])
    assert [kept(folder, "one", Studied, study) for _ in range(2)] == [NIGHT, NIGHT]
    assert len(studied) == 1
    kept(folder, "two", Studied, study)
    kept(stamped(tmp_path / "nights", "12", [SHARD]), "one", Studied, study)
    assert len(studied) == 3


def test_without_a_folder_nothing_is_kept() -> None:
    assert stamped(None, "11") is None
    assert kept(None, "one", Studied, lambda: NIGHT) == NIGHT
