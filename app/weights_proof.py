"""The proof of the weights: what is in use is made again from its lessons alone, and compared."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from app import protocol
from app.adapters import AdapterStore
from app.engine_client import EngineClient
from app.errors import AdapterError, StoppedError, StudyError
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER, AdapterDetails
from app.ledger_lessons import Forgotten, as_lesson
from app.ledger_shards import ShardRecord
from app.protocol import Finding
from app.school import School, told
from app.shards import ShardStore
from app.telling import Send
from learner import wire
from learner.errors import LearnerError, TrainingStoppedError
from learner.session import StudyProgress
from learner.shards import Shard
from learner.study import ground_of, rebuild


@dataclass(frozen=True)
class WeightsProof:
    """Compares the active version with what a study makes that never saw the lesson.

    `engine` is a process of its own with the base model, which has never loaded an adapter.
    """

    ledger: Ledger
    store: AdapterStore
    shards: ShardStore
    engine: EngineClient

    def findings(
        self, gone: Forgotten, request: protocol.Verify, send: Send, stop: threading.Event
    ) -> list[Finding]:
        """What is in use: nothing, or shards that never held the lesson; else a problem.

        Raises StudyError when they could not be made again, StoppedError, and as the engine does.
        """
        if gone.pending:
            return [
                problem(
                    "Weights",
                    "Lessons that shared its weights still wait to be taught without it.",
                    "Study, then verify again.",
                )
            ]
        version = self.ledger.active_adapter()
        if version == NO_ADAPTER:
            return [ok("Weights", "No version is in use: they are the base model's own.")]
        details = self.ledger.adapter_details(version)
        records = self.ledger.shards_of(version)
        if details.base_sha256 != self.engine.base_model().sha256:
            return [
                problem(
                    "Weights",
                    f"The active version was made for another model ({details.base_name}).",
                    "Choose that model, or study with this one, and verify again.",
                )
            ]
        found = [self._sum(details, records)]
        if request.quick:
            return [
                *found,
                note(
                    "Weights",
                    "They were not made again for comparison: this check was a quick one.",
                ),
            ]
        shard: Shard | None = None
        beneath: list[bytes] = []
        for number, record in enumerate(records, start=1):
            name = f"Shard {number} of {len(records)}"
            shard = self._shard(record, shard)
            if shard is None:
                return [*found, _changed(name)]
            made = self._made_again(name, shard, beneath, request, send, stop)
            found.append(_compared(name, shard, record, made))
            beneath.append(made.adapter_gguf)
        return found

    def _sum(self, details: AdapterDetails, records: list[ShardRecord]) -> Finding:
        """Whether what is served is what the shards add up to."""
        title = f"Version {details.version}"
        try:
            gguf = self.store.read(details)
            made = [record for record in records if record.file]
            whole = self.shards.merger(made) if made else None
        except AdapterError as error:
            return problem(title, error.message, error.next_step)
        if whole is None or len(made) < len(records):
            return problem(title, "Not all it is made of is recorded.", "Study again.")
        if (whole.adapter_gguf, whole.scale) != (gguf, details.scale):
            return problem(title, "It is not the sum of its shards.", "Study again.")
        return ok(
            title,
            f"It is exactly the sum of its {len(records)} shards"
            f" (SHA-256 {hashlib.sha256(gguf).hexdigest()}).",
        )

    def _made_again(
        self,
        title: str,
        shard: Shard,
        beneath: Sequence[bytes],
        request: protocol.Verify,
        send: Send,
        stop: threading.Event,
    ) -> wire.Trained:
        """A shard made from its lessons alone, on top of others that were made so too."""

        def on_progress(progress: StudyProgress) -> None:
            send(told(progress, request.id, f"{title}: "))

        try:
            return rebuild(
                shard,
                beneath,
                self.engine,
                recipe=School.recipe,
                amounts=School.amounts,
                on_progress=on_progress,
                stop=stop,
            )
        except TrainingStoppedError as error:
            raise StoppedError(error.title, error.message, error.next_step) from error
        except LearnerError as error:
            raise StudyError(error.title, error.message, error.next_step) from error

    def _shard(self, record: ShardRecord, beneath: Shard | None) -> Shard | None:
        """What a shard was taught, from the lessons as they are; None when it would be another."""
        lessons = [as_lesson(one) for one in self.ledger.lessons()[::-1]]
        taught = tuple(lesson for lesson in lessons if lesson.id in record.lesson_ids)
        shard = Shard(lessons=taught, group=taught, beneath=beneath)
        ground = ground_of(self.engine, School.recipe, School.amounts)
        return shard if record.digest and record.digest == shard.digest(ground) else None


def _compared(title: str, shard: Shard, record: ShardRecord, made: wire.Trained) -> Finding:
    names = f"{len(shard.lessons)} lessons"
    if made.sha256 != record.sha256:
        return problem(
            title,
            f"Made again from its {names} alone it has another hash"
            f" ({made.sha256[:12]}, not {record.sha256[:12]}).",
            "Reset what was learned, and study again.",
        )
    return ok(
        title,
        f"Made again from its {names} alone, without the forgotten one, it is the same byte"
        f" for byte (SHA-256 {made.sha256}).",
    )


def _changed(title: str) -> Finding:
    return problem(
        title,
        "It is not what would be made now: its training was cut short, or a lesson, the recipe or"
        " a library has changed since.",
        "Study, then verify again.",
    )


def ok(title: str, message: str) -> Finding:
    """Something that is as it should be."""
    return Finding(severity="ok", title=title, message=message)


def note(title: str, message: str) -> Finding:
    """Something to know."""
    return Finding(severity="note", title=title, message=message)


def problem(title: str, message: str, next_step: str) -> Finding:
    """Something that is not as it should be, and what to do."""
    return Finding(severity="problem", title=title, message=message, next_step=next_step)
