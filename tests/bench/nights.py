"""Nights: lessons taught four a night, all of them asked again after every night."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from learner.engine import AdapterRef
from learner.lesson import Lesson, ProbedLesson
from learner.report import StudyResult
from learner.shards import TrainedShard
from tests.bench import tables
from tests.bench.arms import Workshop, for_weights, in_nights
from tests.bench.counted import Counted
from tests.bench.kept import kept
from tests.bench.yardstick import Arm, Yardstick, count_all
from tests.learner.paper import Paper

ARMS = ("ours", "nights-naive")
"""The ways to go on from night to night that are compared."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """After one night: what was taught in it, and how the probes of all lessons fare.

    `drift` in nats a token. `decision` is what the study said of itself; where it was refused,
    the adapter of the night before stayed in use.
    """

    taught: tuple[str, ...]
    probes: dict[str, tuple[bool, ...]]
    drift: float
    decision: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0


class Studied(msgspec.Struct, frozen=True, kw_only=True):
    """What the product's study of one night came to, and the notebook it left for the next."""

    result: StudyResult
    notes: bytes | None


class Nights(msgspec.Struct, frozen=True, kw_only=True):
    """One arm's nights with one seed."""

    name: str
    seed: int
    nights: tuple[Night, ...]

    def matrix(self) -> list[list[Counted]]:
        """A row for what was taught each night, a column for how it fares after each."""
        return [
            [count_all(after.probes, night.taught) for after in self.nights]
            for night in self.nights
        ]

    def kept(self) -> Counted:
        """Of the probes that passed right after their lesson's night: those that do at the end."""
        last = self.nights[-1].probes
        return Counted.of(
            still
            for night in self.nights
            for name in night.taught
            for was, still in zip(night.probes[name], last[name], strict=True)
            if was
        )


def measure(
    names: Sequence[str],
    seeds: Sequence[int],
    workshop: Workshop,
    yardstick: Yardstick,
    lessons: Sequence[ProbedLesson],
    on_found: Callable[[Nights], None],
    keep: Path | None = None,
) -> None:
    """Teach and ask; `on_found` hears each arm and seed as soon as it is through.

    The product's own nights are kept in the folder `keep`, and one that lies there is taken as it
    is.
    """
    for name in names:
        for seed in seeds:
            taught = in_nights(lessons)
            if name == "ours":
                going = _ours(workshop, taught, seed, keep)
            else:
                going = _naive(workshop, taught, seed)
            found: list[Night] = []
            for night, ref in going:
                # Only the weights are asked: nothing of any lesson stands in the prompt.
                arm = Arm(name=name, adapter=ref)
                passed, _, _ = yardstick.ask(arm)
                drift = yardstick.drift(arm)
                found.append(msgspec.structs.replace(night, probes=passed, drift=drift))
                every = ", ".join(f"{one} {Counted.of(probes)}" for one, probes in passed.items())
                said = f"measured {name}, night {len(found)}: drift {drift:.3f}, {every}"
                print(said, file=sys.stderr, flush=True)
            on_found(Nights(name=name, seed=seed, nights=tuple(found)))


def show(found: Nights) -> None:
    """One arm's retention matrix, and what each night cost."""
    tables.print_matrix(f"{found.name}, seed {found.seed}", found.matrix(), found.kept())
    for number, night in enumerate(found.nights, start=1):
        print(
            f"  night {number}: drift {night.drift:.3f}, {night.seconds:.0f} s,"
            f" {night.peak_mb:.0f} MB  {night.decision}",
            flush=True,
        )


def write(found: Sequence[Nights], model: Path, file: Path) -> None:
    """Everything as JSON."""
    rows = [
        {
            "name": one.name,
            "seed": one.seed,
            "matrix": one.matrix(),
            "kept": one.kept(),
            "nights": one.nights,
        }
        for one in found
    ]
    made = msgspec.json.encode({"model": model.stem, "arms": rows})
    file.write_bytes(msgspec.json.format(made))


def _ours(
    workshop: Workshop, nights: Sequence[Sequence[ProbedLesson]], seed: int, keep: Path | None
) -> Iterator[tuple[Night, AdapterRef | None]]:
    """Each night the product's own study of all lessons there are by then, with what it kept.

    Nights that lie in the folder `keep` are not studied again.
    """
    in_use: AdapterRef | None = None
    shards: tuple[TrainedShard, ...] = ()
    so_far: list[Lesson] = []
    notes = Paper()
    for number, lessons in enumerate(nights, start=1):
        new = for_weights(lessons)
        so_far += new
        name = f"ours-{seed}-night{number}"
        study = partial(_studied, workshop, so_far, seed, in_use, shards, notes)
        found = kept(keep, name, Studied, study)
        result, notes.data = found.result, found.notes
        if result.adapter_gguf is not None:
            shards = result.shards
            in_use = workshop.stage(result.adapter_gguf, name, result.scale)
        night = Night(
            taught=tuple(one.id for one in new),
            probes={},
            drift=0.0,
            decision=result.decision,
            seconds=result.seconds,
            peak_mb=result.peak_memory_mb,
        )
        yield night, in_use


def _studied(
    workshop: Workshop,
    lessons: Sequence[Lesson],
    seed: int,
    in_use: AdapterRef | None,
    shards: Sequence[TrainedShard],
    notes: Paper,
) -> Studied:
    result = workshop.study(lessons, seed, in_use, shards, notes)
    return Studied(result=result, notes=notes.data)


def _naive(
    workshop: Workshop, nights: Sequence[Sequence[ProbedLesson]], seed: int
) -> Iterator[tuple[Night, AdapterRef | None]]:
    """Each night the corrected pairs of that night alone, on top of yesterday's adapter."""
    made = workshop.chained(nights, seed)
    for number, (lessons, adapter) in enumerate(zip(nights, made.adapters, strict=True), start=1):
        night = Night(
            taught=tuple(one.id for one in for_weights(lessons)),
            probes={},
            drift=0.0,
            seconds=made.seconds / len(nights),
            peak_mb=made.peak_mb,
        )
        yield night, workshop.stage(adapter, f"nights-naive-{seed}-night{number}")
