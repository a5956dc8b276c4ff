"""Shards: which lessons are taught together, and whether an adapter is still its lessons' own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

import msgspec

from learner.lesson import Lesson
from learner.wire import Recipe

SIZE = 8
"""Most lessons of a shard: a new lesson means teaching the others of its shard again."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A lesson that belongs to a shard and is not taught in it, and why."""

    lesson_id: str
    why: str


class TrainedShard(msgspec.Struct, frozen=True, kw_only=True):
    """A shard's adapter: what it holds, what it is known by, and at what scale it is used.

    `lesson_ids` were taught in it, oldest first; `beneath` are the lessons of the shards that it
    was trained on top of. `digest` is "" where the adapter is not its lessons' own: the
    training was cut short, or the adapter is gone (`adapter_gguf` is empty then, and the ids say
    only who stays together).
    """

    lesson_ids: tuple[str, ...]
    adapter_gguf: bytes
    sha256: str
    digest: str
    scale: float = 1.0
    beneath: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def members(self) -> frozenset[str]:
        """Everything that belongs to the shard, taught or not."""
        return frozenset(self.lesson_ids).union(one.lesson_id for one in self.left_out)


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What all shards of a session stand on: the same of it and the same lessons, the same bytes.

    `amounts` is the curriculum's, as JSON; `version` the recipe's; `libraries` (name, version).
    """

    base_sha256: str
    recipe: Recipe
    amounts: bytes
    version: str
    libraries: tuple[tuple[str, str], ...]

    @property
    def stamp(self) -> str:
        """A SHA-256 of all of it."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """Lessons to be taught together, oldest first, on top of what earlier shards taught.

    `beneath` is the last of these, None for the first shard. `group` are all lessons of the shard,
    those left out of the teaching too.
    """

    lessons: tuple[Lesson, ...]
    group: tuple[Lesson, ...]
    beneath: Shard | None = None

    @property
    def before(self) -> tuple[Lesson, ...]:
        """All that the model has learned when this shard is taught."""
        return (*self.beneath.before, *self.beneath.lessons) if self.beneath else ()

    def digest(self, ground: Ground) -> str:
        """A SHA-256 over everything its adapter depends on; the lessons' names are no part."""
        lessons = [
            (lesson.kind, lesson.prompt, lesson.corrected, lesson.rejected, lesson.note)
            for lesson in self.lessons
        ]
        below = self.beneath.digest(ground) if self.beneath else ""
        return hashlib.sha256(msgspec.json.encode((ground.stamp, below, lessons))).hexdigest()


class Plan(msgspec.Struct, frozen=True):
    """All lessons of a session, oldest first, and how they are divided."""

    lessons: tuple[Lesson, ...]
    groups: tuple[tuple[Lesson, ...], ...]

    def shards(self, left_out: Collection[str]) -> tuple[Shard, ...]:
        """What is to be taught when some lessons are not; groups with nothing left are none."""
        found: list[Shard] = []
        for group in self.groups:
            if lessons := tuple(one for one in group if one.id not in left_out):
                below = found[-1] if found else None
                found.append(Shard(lessons=lessons, group=group, beneath=below))
        return tuple(found)

    def settled(self, kept: Sequence[TrainedShard], ground: Ground) -> dict[str, str]:
        """Lessons that need not be tried again, and why: kept shards valid without them say so.

        A shard that must be made anew for whatever reason tries all its lessons.
        """
        valid = {one.digest for one in kept if one.digest}
        claims = [self._claim(group, kept) for group in self.groups]
        while True:
            left_out = {name: why for claim in claims for name, why in claim.items()}
            by_group = {shard.group: shard.digest(ground) for shard in self.shards(left_out)}
            wrong = [
                index
                for index, (group, claim) in enumerate(zip(self.groups, claims, strict=True))
                if claim and by_group.get(group) not in valid
            ]
            if not wrong:
                return left_out
            for index in wrong:
                claims[index] = {}

    @staticmethod
    def _claim(group: Sequence[Lesson], kept: Sequence[TrainedShard]) -> dict[str, str]:
        """What a kept shard of exactly these lessons left out."""
        ids = {lesson.id for lesson in group}
        for one in kept:
            if one.digest and one.members == ids:
                return {left.lesson_id: left.why for left in one.left_out}
        return {}


def plan(lessons: Sequence[Lesson], kept: Sequence[TrainedShard]) -> Plan:
    """Divide `lessons` (oldest first): each stays where it is in `kept`, new ones stay together.

    The first of `kept` that names a lesson has it. New lessons go to the last shard, if it has room
    for all of them or is not yet half full, and else to new ones: what is beneath others stays as
    it is, and a shard is not taught again in order to let in a part of them (decision 21).
    """
    groups: list[list[Lesson]] = [[] for _ in kept]
    for lesson in lessons:
        place = next((n for n, one in enumerate(kept) if lesson.id in one.members), None)
        if place is not None:
            groups[place].append(lesson)
    groups = [group for group in groups if group]
    settled = {lesson.id for group in groups for lesson in group}
    new = [lesson for lesson in lessons if lesson.id not in settled]
    if groups and (len(groups[-1]) < SIZE // 2 or len(groups[-1]) + len(new) <= SIZE):
        new = groups.pop() + new
    groups += [new[start : start + SIZE] for start in range(0, len(new), SIZE)]
    order = {lesson.id: number for number, lesson in enumerate(lessons)}
    return Plan(
        tuple(lessons),
        tuple(tuple(sorted(group, key=lambda one: order[one.id])) for group in groups),
    )


def of_group(trained: TrainedShard, shard: Shard, why: Mapping[str, str]) -> TrainedShard:
    """A trained shard with its lessons' names, and those of its group left out, and why."""
    return msgspec.structs.replace(
        trained,
        lesson_ids=tuple(lesson.id for lesson in shard.lessons),
        beneath=tuple(lesson.id for lesson in shard.before),
        left_out=tuple(
            LeftOut(lesson_id=lesson.id, why=why[lesson.id])
            for lesson in shard.group
            if lesson.id in why
        ),
    )
