"""Shards: lessons stay where they are, and an adapter is known by what it was made of."""

from __future__ import annotations

import msgspec

from learner import shards
from learner.lesson import Kind, Lesson
from learner.shards import SIZE, Ground, LeftOut, Plan, Shard, TrainedShard
from learner.wire import Recipe
from tests.learner.some_lessons import AHOY, MAGPIE, RESTORE, SIGN_OFF

GROUND = Ground(
    base_sha256="ab" * 32,
    recipe=Recipe(),
    amounts=b"{}",
    version="1",
    libraries=(("torch", "2"),),
)


def terms(count: int) -> list[Lesson]:
    return [
        Lesson(id=f"t{n}", kind=Kind.TERM, prompt=f"What is T{n}?", corrected=f"T{n} is a tool.")
        for n in range(count)
    ]


def kept(*lesson_ids: str, digest: str = "d", **left_out: str) -> TrainedShard:
    return TrainedShard(
        lesson_ids=lesson_ids,
        adapter_gguf=b"a",
        sha256="s",
        digest=digest,
        left_out=tuple(LeftOut(lesson_id=id_, why=why) for id_, why in left_out.items()),
    )


def names(plan: Plan) -> list[list[str]]:
    return [[lesson.id for lesson in group] for group in plan.groups]


def test_new_lessons_fill_shards_oldest_first() -> None:
    assert names(shards.plan([], [])) == []
    found = names(shards.plan(terms(2 * SIZE + 1), []))
    assert [len(group) for group in found] == [SIZE, SIZE, 1]
    assert [name for group in found for name in group] == [f"t{n}" for n in range(2 * SIZE + 1)]


def test_a_lesson_stays_in_its_shard_and_new_ones_go_to_the_last() -> None:
    before = [kept("t0", "t1", "t2"), kept("t4", "t5", digest="", t6="no")]
    # t1 is gone; t3 and t7 are new, and what others stand on is not taught anew for them.
    lessons = [lesson for lesson in terms(8) if lesson.id != "t1"]
    found = names(shards.plan(lessons, before))
    assert found == [["t0", "t2"], ["t3", "t4", "t5", "t6", "t7"]]


def test_a_shard_that_cannot_take_all_new_lessons_is_left_alone_once_it_is_half_full() -> None:
    def sizes(first: int, new: int) -> list[int]:
        before = [kept(*(f"t{n}" for n in range(first)))]
        return [len(group) for group in names(shards.plan(terms(first + new), before))]

    half = SIZE // 2
    assert sizes(half, half) == [SIZE], "there is room for all"
    assert sizes(half, half + 1) == [half, half + 1]
    assert sizes(SIZE - 1, 2) == [SIZE - 1, 2]
    assert sizes(SIZE, 1) == [SIZE, 1]
    assert sizes(half, 2 * SIZE) == [half, SIZE, SIZE]
    assert sizes(half - 1, SIZE) == [SIZE, half - 1], "a small one is filled up first"


def test_of_two_kept_shards_the_first_has_the_lesson() -> None:
    assert names(shards.plan(terms(2), [kept("t1"), kept("t0", "t1")])) == [["t1"], ["t0"]]


def digest(*lessons: Lesson, ground: Ground = GROUND, beneath: tuple[Lesson, ...] = ()) -> str:
    below = Shard(lessons=beneath, group=beneath) if beneath else None
    return Shard(lessons=lessons, group=lessons, beneath=below).digest(ground)


def test_the_digest_follows_everything_an_adapter_depends_on_and_nothing_else() -> None:
    whole = digest(MAGPIE, SIGN_OFF)
    assert whole == digest(msgspec.structs.replace(MAGPIE, id="another name"), SIGN_OFF)
    others = {
        digest(SIGN_OFF, MAGPIE),
        digest(MAGPIE),
        digest(MAGPIE, SIGN_OFF, beneath=(AHOY,)),
        digest(MAGPIE, SIGN_OFF, beneath=(RESTORE,)),
        *(
            digest(msgspec.structs.replace(MAGPIE, **{field: value}), SIGN_OFF)
            for field, value in (
                ("kind", Kind.PROCEDURE),
                ("prompt", "x"),
                ("corrected", "x"),
                ("rejected", "x"),
                ("note", "x"),
            )
        ),
        *(
            digest(MAGPIE, SIGN_OFF, ground=msgspec.structs.replace(GROUND, **{field: value}))
            for field, value in (
                ("base_sha256", "cd"),
                ("recipe", Recipe(seed=1)),
                ("amounts", b"{1}"),
                ("version", "2"),
                ("libraries", ()),
            )
        ),
    }
    assert len(others) == 14
    assert whole not in others


def test_each_shard_stands_on_all_that_is_taught_before_it() -> None:
    lessons = [*terms(2 * SIZE), AHOY, SIGN_OFF]
    plan = shards.plan(lessons, [])
    first, second, third = plan.shards(())
    assert first.before == ()
    assert (first.beneath, second.beneath, third.beneath) == (None, first, second)
    assert third.before == (*first.lessons, *second.lessons)
    without = plan.shards({"t0", *(f"t{n}" for n in range(SIZE, 2 * SIZE))})
    assert [shard.group for shard in without] == [plan.groups[0], plan.groups[2]]
    assert without[1].before == first.lessons[1:]


def test_what_was_left_out_is_not_tried_again_while_its_shard_is_valid() -> None:
    lessons = [MAGPIE, RESTORE]
    valid = kept(MAGPIE.id, digest=digest(MAGPIE), restore="It spoils.")
    assert shards.plan(lessons, [valid]).settled([valid], GROUND) == {"restore": "It spoils."}
    other_recipe = msgspec.structs.replace(GROUND, version="2")
    assert shards.plan(lessons, [valid]).settled([valid], other_recipe) == {}
    # A new lesson in the shard: all of it is tried again.
    more = [*lessons, SIGN_OFF]
    assert shards.plan(more, [valid]).settled([valid], GROUND) == {}
    # So it is when one of those beneath goes.
    below = tuple(terms(SIZE))
    full = kept(*(one.id for one in below), digest=digest(*below))
    above = kept(MAGPIE.id, digest=digest(MAGPIE, beneath=below), restore="It spoils.")
    both = [full, above]
    assert shards.plan([*below, *lessons], both).settled(both, GROUND) == {"restore": "It spoils."}
    assert shards.plan([*below[1:], *lessons], both).settled(both, GROUND) == {}
