"""The shards on disk: each one's adapter sealed with a key of its own, to be kept or destroyed."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence

import msgspec

from app.erase import shred
from app.errors import AdapterError
from app.ledger import Ledger
from app.ledger_shards import SealedFile, ShardRecord
from app.paths import Home
from app.sealed import seal, unseal
from learner.merge import Part, served
from learner.shards import TrainedShard

logger = logging.getLogger("shards")


class ShardStore:
    """Sealed shards beside the versions made of them; the file comes before its record."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home = home
        self._ledger = ledger

    def put(self, base_sha256: str, shards: Sequence[TrainedShard]) -> tuple[int, ...]:
        """Keep the shards of a version to be; gives their numbers, old ones where nothing changed.

        Raises StorageFullError, LedgerError, and AdapterError when a lesson was forgotten.
        """
        known = self._ledger.shards_of(self._ledger.newest_version_for(base_sha256))
        numbers = {record.trained(b""): record.id for record in known if record.digest}
        bare = [msgspec.structs.replace(shard, adapter_gguf=b"", digest="") for shard in shards]
        return tuple(
            numbers.get(name) or self._add(base_sha256, shard)
            for name, shard in zip(bare, shards, strict=True)
        )

    def kept(self, base_sha256: str) -> list[TrainedShard]:
        """The shards of the version in use, or of the newest one for this base model.

        A destroyed or damaged one comes without its adapter.
        """
        version = self._ledger.newest_version_for(base_sha256)
        return [record.trained(self._opened(record)) for record in self._ledger.shards_of(version)]

    def merger(self, records: Sequence[ShardRecord]) -> Part:
        """The sum of shards as one adapter. Raises AdapterError when one is damaged."""
        return served([Part(self.read(record), record.scale) for record in records])

    def read(self, record: ShardRecord) -> bytes:
        """A shard's adapter. Raises AdapterError: destroyed, missing or damaged."""
        gguf = unseal(self._home.adapters / record.file, record.key) if record.file else b""
        if hashlib.sha256(gguf).hexdigest() != record.sha256:
            raise AdapterError(
                "Part of what was learned is damaged",
                f"The sealed file {record.file} is not the one that was examined.",
                "Study again; it is then made anew.",
            )
        return gguf

    def _opened(self, record: ShardRecord) -> bytes:
        if not record.file:
            return b""
        try:
            return self.read(record)
        except AdapterError as error:
            logger.warning("shard %d is not kept: %s", record.id, error.code)
            return b""

    def _add(self, base_sha256: str, shard: TrainedShard) -> int:
        sealed = SealedFile(
            name=f"s{secrets.token_hex(8)}.shard",
            key=secrets.token_bytes(32),
            sha256=shard.sha256,
            size=len(shard.adapter_gguf),
        )
        path = self._home.adapters / sealed.name
        seal(path, shard.adapter_gguf, sealed.key)
        recorded = False
        try:
            number = self._ledger.add_shard(sealed, base_sha256, shard)
            recorded = True
        finally:
            if not recorded:
                shred(path)
        return number
