"""Forgetting: a lesson out of use and destroyed at once, and what never held it goes on serving."""

from __future__ import annotations

import logging

from app.adapters import AdapterManifest, AdapterStore
from app.errors import AdapterError
from app.ledger import Ledger
from app.ledger_adapters import AdapterDetails
from app.mind import Mind
from app.shards import ShardStore

logger = logging.getLogger("forgetting")


class Forgetting:
    """The use case `forget`. No study session may run meanwhile."""

    def __init__(self, ledger: Ledger, store: AdapterStore, shards: ShardStore, mind: Mind) -> None:
        self._ledger = ledger
        self._store = store
        self._shards = shards
        self._mind = mind

    def forget(self, lesson_id: str) -> None:
        """Forget a lesson: its texts, its name, and every version, shard and note that held it.

        Copies of the ledger and keys go first, then what the engine has in memory, then files.
        Where other shards of the active version never held it, their sum is the active version
        from now on; the lessons that shared its shard wait for the next study. The same is kept
        for other base models, to come back to. Raises BadRequestError for an unknown lesson.
        """
        # A copy made halfway would have what is only taken out afterwards.
        with self._ledger.copies.removed():
            self._forget(lesson_id)

    def _forget(self, lesson_id: str) -> None:
        active = self._ledger.active_adapter()
        newest = [
            self._ledger.adapter_details(self._ledger.newest_version_for(base))
            for base in self._ledger.bases()
        ]
        gone = self._store.forget_lesson(lesson_id)
        self._mind.drop([self._store.path(version) for version in gone])
        for before in newest:
            if before.version in gone:
                rest = self._untouched(before)
                if rest is not None and before.version == active:
                    self._store.activate(rest)
        self._ledger.supersede_lessons()
        self._ledger.scrub()

    def _untouched(self, before: AdapterDetails) -> int | None:
        """What is left of a destroyed version as a version of its own, None when it is no use."""
        found = [self._ledger.shard(number) for number in before.shards]
        records = [record for record in found if record is not None]
        untouched = [record for record in records if record.file]
        held = tuple(name for record in untouched for name in record.lesson_ids)
        learned = tuple(name for name in before.learned if name in held)
        if not learned:
            return None
        try:
            whole = self._shards.merger(untouched)
        except AdapterError as error:
            logger.warning("the rest is not used: %s", error.code)
            return None
        manifest = AdapterManifest(
            base_name=before.base_name,
            base_sha256=before.base_sha256,
            lesson_ids=held,
            learned=learned,
            scale=whole.scale,
            recipe=before.recipe,
            seed=before.seed,
            libraries=before.libraries,
            parent=self._ledger.ancestor(before.parent, without=()),
            # The destroyed ones too: they say which lessons stay together at the next study.
            shards=tuple(record.id for record in records),
        )
        return self._store.add(whole.adapter_gguf, manifest)
