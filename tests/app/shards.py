"""Shards and versions made of them, for the tests of what is kept and what is forgotten."""

from __future__ import annotations

import hashlib

import numpy as np

from app.adapters import AdapterStore
from app.ledger import Ledger
from app.shards import ShardStore
from learner import adapter_file
from learner.adapter_file import AdapterFile, Pair
from learner.merge import Part, served
from learner.shards import TrainedShard
from tests.app.storage import manifest

BASE = "ab" * 32


def shard(
    *lesson_ids: str, seed: int = 0, beneath: tuple[str, ...] = (), digest: str = ""
) -> TrainedShard:
    """A small random adapter as a shard of these lessons."""
    random = np.random.default_rng(seed)
    pair = Pair(*(random.standard_normal(size).astype("f4") for size in ((2, 4), (3, 2))))
    gguf = adapter_file.write(AdapterFile("llama", 2.0, {"blk.0.attn_q.weight": pair}))
    return TrainedShard(
        lesson_ids=lesson_ids,
        adapter_gguf=gguf,
        sha256=hashlib.sha256(gguf).hexdigest(),
        digest=digest or f"digest {seed}",
        scale=0.75,
        beneath=beneath,
    )


def version(
    ledger: Ledger, store: AdapterStore, shards: ShardStore, *of: TrainedShard, base: str = BASE
) -> int:
    """An active version of these shards, in which everything taught is learned."""
    ids = tuple(name for one in of for name in one.lesson_ids)
    whole = served([Part(one.adapter_gguf, one.scale) for one in of])
    given = manifest(*ids, parent=ledger.active_adapter())
    fields = {name: getattr(given, name) for name in given.__dataclass_fields__}
    fields |= {"scale": whole.scale, "shards": shards.put(base, of), "base_sha256": base}
    number = store.add(whole.adapter_gguf, type(given)(**fields))
    store.activate(number)
    return number
