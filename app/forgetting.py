"""Forgetting: a lesson out of use and destroyed at once, and what never held it goes on serving."""

from __future__ import annotations

import logging

from app.adapters import AdapterManifest, AdapterStore
from app.errors import AdapterError
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER, AdapterDetails
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

        Keys go first, then what the engine has in memory, then files. Where other shards of the
        active version never held it, their sum is the active version from now on; the lessons that
        shared its shard wait for the next study. Raises BadRequestError for an unknown lesson.
        """
        active = self._ledger.active_adapter()
        before = self._ledger.adapter_details(active) if active != NO_ADAPTER else None
        gone = self._store.forget_lesson(lesson_id)
        self._mind.drop([self._store.path(version) for version in gone])
        if before is not None and before.version in gone:
            self._serve_untouched(before)
        self._ledger.supersede_lessons()
        self._ledger.scrub()

    def _serve_untouched(self, before: AdapterDetails) -> None:
        """What is left of a version that was destroyed, when it is something."""
        found = [self._ledger.shard(number) for number in before.shards]
        records = [record for record in found if record is not None]
        untouched = [record for record in records if record.file]
        held = tuple(name for record in untouched for name in record.lesson_ids)
        learned = tuple(name for name in before.learned if name in held)
        if not learned:
            return
        try:
            whole = self._shards.merger(untouched)
        except AdapterError as error:
            logger.warning("the rest is not used: %s", error.code)
            return
        manifest = AdapterManifest(
            base_name=before.base_name,
            base_sha256=before.base_sha256,
            lesson_ids=held,
            learned=learned,
            scale=whole.scale,
            recipe=before.recipe,
            seed=before.seed,
            libraries=before.libraries,
            parent=self._ledger.active_adapter(),
            # The destroyed ones too: they say which lessons stay together at the next study.
            shards=tuple(record.id for record in records),
        )
        self._store.activate(self._store.add(whole.adapter_gguf, manifest))
