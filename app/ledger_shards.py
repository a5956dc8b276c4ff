"""Shard records: what each version is put together from, and the half-done session's key."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import AdapterError
from app.ledger_database import Row, Table, now
from learner.shards import LeftOut, TrainedShard

_SHARD = "SELECT s.id, s.base_sha256, s.digest, s.sha256, s.scale, s.file, s.key FROM shards s"


@dataclass(frozen=True)
class SealedFile:
    """Where sealed bytes lie and how to open and check them."""

    name: str
    key: bytes
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ShardRecord:
    """A shard of a version; `file` and `key` are empty once its adapter was destroyed."""

    id: int
    base_sha256: str
    digest: str
    sha256: str
    scale: float
    file: str
    key: bytes
    lesson_ids: tuple[str, ...]
    beneath: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def trained(self, adapter_gguf: bytes) -> TrainedShard:
        """As the learner knows it; without bytes it says only who stays together."""
        return TrainedShard(
            lesson_ids=self.lesson_ids,
            adapter_gguf=adapter_gguf,
            sha256=self.sha256,
            digest=self.digest if adapter_gguf else "",
            scale=self.scale,
            beneath=self.beneath,
            left_out=self.left_out,
        )


class ShardRecords(Table):
    """Shards of versions. One that no version has is removed at the next start."""

    def shards_of(self, version: int) -> list[ShardRecord]:
        """The shards a version is the sum of, in their order; destroyed ones are among them."""
        rows = self._db.read(
            f"{_SHARD} JOIN version_shards v ON v.shard = s.id WHERE v.version = ?"
            " ORDER BY v.position",
            (version,),
        )
        return [self._shard(row) for row in rows]

    def shard(self, shard_id: int) -> ShardRecord | None:
        """One shard, or None when it is gone."""
        rows = self._db.read(f"{_SHARD} WHERE s.id = ?", (shard_id,))
        return self._shard(rows[0]) if rows else None

    def newest_version_for(self, base_sha256: str) -> int:
        """The active version when it is of this base model, else its newest, 0 for none."""
        rows = self._db.read(
            "SELECT version FROM adapters WHERE base_sha256 = ?"
            " ORDER BY state = 'active' DESC, version DESC LIMIT 1",
            (base_sha256,),
        )
        return int(rows[0][0]) if rows else 0

    def bases(self) -> list[str]:
        """SHA-256 of every base model there are versions for."""
        rows = self._db.read("SELECT DISTINCT base_sha256 FROM adapters ORDER BY base_sha256")
        return [str(row[0]) for row in rows]

    def add_shard(self, sealed: SealedFile, base_sha256: str, shard: TrainedShard) -> int:
        """Record a sealed shard; gives its number.

        Raises AdapterError when a lesson that it holds was forgotten meanwhile.
        """
        with self._db.transaction():
            for lesson_id in (*shard.lesson_ids, *shard.beneath):
                if not self._db.read("SELECT 1 FROM lessons WHERE id = ?", (lesson_id,)):
                    raise forgotten_meanwhile()
            number = self._db.write(
                "INSERT INTO shards (created, base_sha256, digest, sha256, size, scale, file, key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    now(),
                    base_sha256,
                    shard.digest,
                    sealed.sha256,
                    sealed.size,
                    shard.scale,
                    sealed.name,
                    sealed.key,
                ),
            )
            parts = [
                *((id_, "taught", "") for id_ in shard.lesson_ids),
                *((one.lesson_id, "left_out", one.why) for one in shard.left_out),
                *((id_, "beneath", "") for id_ in shard.beneath),
            ]
            for position, part in enumerate(parts):
                self._db.write(
                    "INSERT INTO shard_lessons (shard, position, lesson_id, part, why)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (number, position, *part),
                )
            return number

    def drop_unused_shards(self) -> None:
        """Delete what no version is made of, keys included."""
        with self._db.transaction():
            self._db.write("DELETE FROM shards WHERE id NOT IN (SELECT shard FROM version_shards)")

    # ------------------------------------------------------------------ the half-done session

    def notebook_key(self) -> bytes | None:
        """The key of the notebook, None when there is none."""
        rows = self._db.read("SELECT key FROM notebook")
        return bytes(rows[0][0]) if rows else None

    def set_notebook_key(self, name: str, key: bytes) -> None:
        """Remember the key of the notebook in the file `name`."""
        self._db.write("INSERT INTO notebook (file, key) VALUES (?, ?)", (name, key))

    def drop_notebook(self) -> None:
        """Destroy the notebook's key."""
        self._db.write("DELETE FROM notebook")

    def sealed_files(self) -> set[str]:
        """Names of all files that somebody has the key of."""
        rows = self._db.read(
            "SELECT file FROM adapters UNION SELECT file FROM shards WHERE file IS NOT NULL"
            " UNION SELECT file FROM notebook"
        )
        return {str(row[0]) for row in rows}

    # ------------------------------------------------------------------ forgetting

    def _versions_with_shards_of(self, lesson_id: str) -> list[int]:
        rows = self._db.read(
            "SELECT DISTINCT v.version FROM version_shards v JOIN shard_lessons l"
            " ON l.shard = v.shard WHERE l.lesson_id = ? AND l.part <> 'left_out'",
            (lesson_id,),
        )
        return [int(row[0]) for row in rows]

    def _mates(self, lesson_id: str) -> set[str]:
        """Other lessons whose weights cannot be had without this one's."""
        rows = self._db.read(
            "SELECT other.lesson_id FROM shard_lessons own JOIN shard_lessons other"
            " ON other.shard = own.shard WHERE own.lesson_id = ?1 AND own.part <> 'left_out'"
            " AND other.part = 'taught' AND other.lesson_id <> ?1"
            " UNION SELECT other.lesson_id FROM adapter_lessons own JOIN adapter_lessons other"
            " ON other.version = own.version WHERE own.lesson_id = ?1 AND other.lesson_id <> ?1"
            " AND own.version NOT IN (SELECT version FROM version_shards)",
            (lesson_id,),
        )
        return {str(row[0]) for row in rows}

    def _destroy_shards(self, lesson_id: str) -> None:
        """The keys and hashes of all shards that hold a lesson, or stand on one that does.

        Who else is in them is kept.
        """
        self._db.write(
            "UPDATE shards SET file = NULL, key = NULL, digest = '', sha256 = '', size = 0 WHERE id"
            " IN (SELECT shard FROM shard_lessons WHERE lesson_id = ? AND part <> 'left_out')",
            (lesson_id,),
        )
        self._db.write("DELETE FROM shard_lessons WHERE lesson_id = ?", (lesson_id,))
        self._db.write(
            "DELETE FROM shards WHERE id NOT IN"
            " (SELECT shard FROM shard_lessons WHERE part <> 'beneath')"
        )

    def _shard(self, row: Row) -> ShardRecord:
        id_, base_sha256, digest, sha256, scale, file, key = row
        parts = self._db.read(
            "SELECT lesson_id, part, why FROM shard_lessons WHERE shard = ? ORDER BY position",
            (id_,),
        )
        return ShardRecord(
            id=id_,
            base_sha256=base_sha256,
            digest=digest,
            sha256=sha256,
            scale=scale,
            file=file or "",
            key=key or b"",
            lesson_ids=tuple(name for name, part, _ in parts if part == "taught"),
            beneath=tuple(name for name, part, _ in parts if part == "beneath"),
            left_out=tuple(
                LeftOut(lesson_id=name, why=why) for name, part, why in parts if part == "left_out"
            ),
        )


def forgotten_meanwhile() -> AdapterError:
    """Weights hold a lesson that is gone: they must not come into use."""
    return AdapterError(
        "A lesson was forgotten meanwhile",
        "What was trained holds a lesson that has been forgotten, so it was thrown away.",
        "Study again.",
    )
