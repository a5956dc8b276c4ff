"""Adapter records: what is known of each trained version, and which one is active."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import msgspec

from app.errors import AdapterError
from app.ledger_database import now, to_json
from app.ledger_shards import SealedFile, ShardRecords, forgotten_meanwhile
from app.protocol import ExamFigures

NO_ADAPTER = 0
"""The version number that stands for the untouched base model."""

_DETAILS = """
SELECT version, created, state, file, key, sha256, size, base_name, base_sha256, scale, recipe,
       seed, libraries, exam, parent, name, pinned, started, failed_starts, trouble
FROM adapters
"""


@dataclass(frozen=True, kw_only=True)
class AdapterManifest:
    """What an adapter was made of: enough to make the same bytes again, and to judge them.

    `lesson_ids` are all lessons trained on, `learned` those of them that passed the exam;
    `libraries` are lines like "torch 2.13.0"; `parent` is the version active before, 0 for none;
    `shards` are the numbers of those it is the sum of.
    """

    base_name: str
    base_sha256: str
    lesson_ids: tuple[str, ...]
    learned: tuple[str, ...] = ()
    scale: float = 1.0
    recipe: str = ""
    seed: int = 0
    libraries: tuple[str, ...] = ()
    exam: ExamFigures | None = None
    parent: int = NO_ADAPTER
    shards: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AdapterDetails(AdapterManifest):
    """A manifest with what the store knows: the sealed file's name, its key, the GGUF's hash.

    `digests` has one salted SHA-256 a lesson, in the order of `lesson_ids`. `started`,
    `failed_starts` and `trouble` are explained in `app.schema`.
    """

    version: int
    created: str
    state: str
    file: str
    key: bytes
    sha256: str
    size: int
    digests: tuple[str, ...]
    name: str
    pinned: bool
    started: int
    failed_starts: int
    trouble: str


class AdapterRecords(ShardRecords):
    """Trained versions; a number is never given to two of them."""

    def adapter_details(self, version: int) -> AdapterDetails:
        """All that is known of one version. Raises AdapterError when there is none such."""
        found = self._details("WHERE version = ?", version)
        if not found:
            raise AdapterError(
                "No such version",
                f"There is no version {version} of what was learned, or it was destroyed.",
                "Look into the list of versions for their numbers.",
            )
        return found[0]

    def active_adapter(self) -> int:
        """The active version, 0 for none."""
        rows = self._db.read("SELECT version FROM adapters WHERE state = 'active'")
        return int(rows[0][0]) if rows else NO_ADAPTER

    def next_adapter(self) -> int:
        """The number the next adapter gets."""
        rows = self._db.read("SELECT seq FROM sqlite_sequence WHERE name = 'adapters'")
        return int(rows[0][0]) + 1 if rows else 1

    def add_adapter(self, version: int, sealed: SealedFile, manifest: AdapterManifest) -> None:
        """Record a sealed adapter as `kept`.

        Raises AdapterError when a lesson in it was forgotten while it was being made: its
        weights must not come into use then.
        """
        salt = secrets.token_bytes(16)
        with self._db.transaction():
            self._db.write(
                "INSERT INTO adapters (version, created, state, file, key, sha256, size,"
                " base_name, base_sha256, scale, recipe, seed, libraries, exam, parent, salt)"
                " VALUES (?, ?, 'kept', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    version,
                    now(),
                    sealed.name,
                    sealed.key,
                    sealed.sha256,
                    sealed.size,
                    manifest.base_name,
                    manifest.base_sha256,
                    manifest.scale,
                    manifest.recipe,
                    manifest.seed,
                    to_json(manifest.libraries),
                    to_json(manifest.exam) if manifest.exam else None,
                    manifest.parent,
                    salt,
                ),
            )
            for position, lesson_id in enumerate(manifest.lesson_ids):
                self._db.write(
                    "INSERT INTO adapter_lessons (version, position, lesson_id, digest, learned)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (
                        version,
                        position,
                        lesson_id,
                        self._digest(salt, lesson_id),
                        lesson_id in manifest.learned,
                    ),
                )
            for position, shard in enumerate(manifest.shards):
                self._db.write(
                    "INSERT INTO version_shards (version, position, shard) VALUES (?, ?, ?)",
                    (version, position, shard),
                )

    def activate_adapter(self, version: int) -> None:
        """Make `version` (0: none) the active one, and say of each lesson where it stands now.

        Lessons that the version holds are `learned` in it; those learned only in another one
        are `new` again. Raises AdapterError for an unknown version.
        """
        with self._db.transaction():
            if version != NO_ADAPTER:
                self.adapter_details(version)
            before = self.active_adapter()
            if before == version:
                return
            # Stepping back leaves the version aside; stepping on keeps it to come back to.
            state = "retired" if before > version else "kept"
            self._db.write("UPDATE adapters SET state = ? WHERE version = ?", (state, before))
            self._db.write("UPDATE adapters SET state = 'active' WHERE version = ?", (version,))
            self._settle_lessons(version)

    def remove_adapters(self, lesson_id: str | None = None) -> tuple[int, ...]:
        """Delete the records, keys included, of all versions holding a lesson (None: of all).

        With them go the shards that hold it and the half-done session's notebook. When the active
        version is among them, its nearest ancestor that stays becomes active.
        """
        with self._db.forgetting():
            gone = self._versions_with(lesson_id)
            self.drop_notebook()
            heir = self.ancestor(self.active_adapter(), without=gone)
            for version in gone:
                forerunner = self.ancestor(version, without=gone)
                self._db.write(
                    "UPDATE adapters SET parent = ? WHERE parent = ?", (forerunner, version)
                )
                self._db.write("DELETE FROM adapters WHERE version = ?", (version,))
            if lesson_id is None:
                self._db.write("DELETE FROM shards")
            else:
                self._destroy_shards(lesson_id)
            self._db.write("UPDATE adapters SET state = 'active' WHERE version = ?", (heir,))
            self._settle_lessons(heir)
            return gone

    def _versions_with(self, lesson_id: str | None) -> tuple[int, ...]:
        if lesson_id is None:
            rows = self._db.read("SELECT version FROM adapters")
            return tuple(sorted(int(row[0]) for row in rows))
        rows = self._db.read(
            "SELECT version FROM adapter_lessons WHERE lesson_id = ?", (lesson_id,)
        )
        found = {int(row[0]) for row in rows}.union(self._versions_with_shards_of(lesson_id))
        return tuple(sorted(found))

    def ancestor(self, version: int, *, without: tuple[int, ...]) -> int:
        """`version` or its nearest forerunner that can be used and is not in `without`, else 0.

        One that is gone, or was set aside because it did not start, cannot.
        """
        rows = self._db.read("SELECT version, parent, trouble = '' FROM adapters")
        parents = {number: parent for number, parent, _ in rows}
        usable = {number for number, _, sound in rows if sound}.difference(without)
        while version != NO_ADAPTER and version not in usable:
            # A parent is always older, so this ends whatever the rows say.
            version = min(int(parents.get(version, NO_ADAPTER)), version - 1)
        return max(version, NO_ADAPTER)

    def _settle_lessons(self, active: int) -> None:
        self._db.write(
            "UPDATE lessons SET state = 'new', adapter = NULL,"
            " reason = 'The version it was learned in is not in use.'"
            " WHERE state = 'learned' AND id NOT IN"
            " (SELECT lesson_id FROM adapter_lessons WHERE version = ? AND learned)",
            (active,),
        )
        self._db.write(
            "UPDATE lessons SET state = 'learned', adapter = ?1, reason = ''"
            " WHERE state <> 'superseded' AND id IN"
            " (SELECT lesson_id FROM adapter_lessons WHERE version = ?1 AND learned)",
            (active,),
        )

    def _digest(self, salt: bytes, lesson_id: str) -> str:
        rows = self._db.read(
            "SELECT id, kind, prompt, rejected, corrected, note FROM lessons WHERE id = ?",
            (lesson_id,),
        )
        if not rows:
            raise forgotten_meanwhile()
        return hashlib.sha256(salt + msgspec.json.encode(rows[0])).hexdigest()

    def _details(self, which: str, *values: object) -> list[AdapterDetails]:
        found = []
        for row in self._db.read(f"{_DETAILS} {which}", values):
            lessons = self._db.read(
                "SELECT lesson_id, digest, learned FROM adapter_lessons WHERE version = ?"
                " ORDER BY position",
                (row[0],),
            )
            found.append(
                AdapterDetails(
                    version=row[0],
                    created=row[1],
                    state=row[2],
                    file=row[3],
                    key=row[4],
                    sha256=row[5],
                    size=row[6],
                    base_name=row[7],
                    base_sha256=row[8],
                    scale=row[9],
                    recipe=row[10],
                    seed=row[11],
                    libraries=msgspec.json.decode(row[12], type=tuple[str, ...]),
                    exam=row[13] and msgspec.json.decode(row[13], type=ExamFigures),
                    parent=row[14],
                    name=row[15],
                    pinned=bool(row[16]),
                    started=row[17],
                    failed_starts=row[18],
                    trouble=row[19],
                    shards=tuple(shard.id for shard in self.shards_of(row[0])),
                    lesson_ids=tuple(lesson[0] for lesson in lessons),
                    digests=tuple(lesson[1] for lesson in lessons),
                    learned=tuple(lesson[0] for lesson in lessons if lesson[2]),
                )
            )
        return found
