"""Ablation bench: what each choice of the recipe is worth, on the same examples and probes.

    python -m tests.bench.ablation_bench --model M.gguf --lessons FILE.jsonl [--ids a,b]
        [--arms product,labels,…] [--first N] [--exam] [--keep FOLDER] [--save FOLDER]
        [--json FILE] [--verbose]

Examples are prepared once, as the product does, and every arm trains on them; those of a second
shard ask the first arm's adapter. With --keep they, and the adapters trained, are kept in a folder
for the next run, which goes on where this one was broken off.
Adapters are measured as they are, at scale 1 where no other is told; --exam also prints what the
exam says of them at that scale, the first shard's adapter being in use.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import threading
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import msgspec
from msgspec.structs import replace

from app.engine_client import EngineClient
from learner import exam, prompt_bank, report, shards, trainer, wire
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import Curriculum, examined
from learner.engine import AdapterRef
from learner.lesson import Kind, ProbedLesson
from learner.merge import Part, merged, served
from learner.report import Candidate
from learner.session import curriculum_of, job_of, sum_of
from learner.shards import Shard, TrainedShard
from learner.study import RECIPE
from tests.bench import tables
from tests.bench.arms import for_weights
from tests.bench.kept import kept, stamped
from tests.bench.learning_bench import chosen, common_arguments, running
from tests.bench.yardstick import Arm, Measured, Yardstick

Taught = Callable[[Curriculum], Curriculum]

_STEPS_SAID = 50
"""So many steps of a training pass before the next line says how far it is."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One arm: what of the recipe is otherwise, and what is done to the examples.

    `seeds` adapters are trained and their mean is taken. `apart` teaches a shard's lessons in so
    many steps, one on top of the other. Of `scale` see `learner.merge.Part`. `shards`, where it is
    not 0, is how many are taught at all.
    """

    about: str
    recipe: dict[str, object] = {}
    taught: Taught = lambda curriculum: curriculum
    seeds: int = 1
    apart: int = 1
    scale: float = 1.0
    shards: int = 0


def _labels(curriculum: Curriculum) -> Curriculum:
    """Every target's own words, without what else the teacher thought of."""
    return _each(curriculum, lambda one: replace(one, mix=1.0))


def _doubts(curriculum: Curriculum) -> Curriculum:
    """The teacher's whole belief, wherever there is one."""
    return _each(curriculum, lambda one: replace(one, mix=0.0) if one.top_ids else one)


def _each(curriculum: Curriculum, change: Callable[[wire.Example], wire.Example]) -> Curriculum:
    return Curriculum(
        tuple(
            replace(course, examples=tuple(map(change, course.examples)))
            for course in curriculum.courses
        ),
        tuple(map(change, curriculum.rehearsed)),
        tuple(map(change, curriculum.replay)),
        tuple(map(change, curriculum.shown)),
    )


def _no_bank(curriculum: Curriculum) -> Curriculum:
    return replace(curriculum, replay=())


def _often(examples: Sequence[wire.Example], times: int) -> tuple[wire.Example, ...]:
    """Each of the examples so many times, however often it is there."""
    return times * tuple(dict.fromkeys(examples))


def _replays(times: int) -> Taught:
    """Each of the base's own answers so often in a round."""

    def changed(curriculum: Curriculum) -> Curriculum:
        return replace(curriculum, replay=_often(curriculum.replay, times))

    return changed


def _filled(curriculum: Curriculum) -> Curriculum:
    """Each lesson with as many examples as the one that has most: what it has, more often."""
    most = max(len(course.examples) for course in curriculum.courses)
    courses = (
        replace(course, examples=tuple(islice(cycle(course.examples), most)))
        for course in curriculum.courses
    )
    return replace(curriculum, courses=tuple(courses))


def _rehearsed(times: int, mix: float) -> Taught:
    """What earlier lessons taught, so often in a round, a share of the loss on the words alone."""

    def changed(curriculum: Curriculum) -> Curriculum:
        mixed = [replace(one, mix=mix) for one in curriculum.rehearsed]
        return replace(curriculum, rehearsed=_often(mixed, times))

    return changed


CHOICES = {
    "product": Choice(about="the recipe as it is"),
    "seed1": Choice(about="another seed of the training", recipe={"seed": 1}),
    "labels": Choice(about="no teacher: targets as plain labels", taught=_labels),
    "doubts": Choice(about="the teacher's belief alone, not firmer", taught=_doubts),
    "no-bank": Choice(about="nothing of the bank replayed", taught=_no_bank),
    "first": Choice(about="the first shard alone", shards=1),
    "rehearsed2": Choice(about="earlier lessons rehearsed twice", taught=_rehearsed(2, 0.0)),
    "firm": Choice(about="earlier lessons rehearsed firmly", taught=_rehearsed(1, 0.5)),
    "firm2": Choice(about="earlier lessons rehearsed twice, firmly", taught=_rehearsed(2, 0.5)),
    "filled": Choice(about="lessons of few examples have them more often", taught=_filled),
    "replays1": Choice(about="replays once in each round", taught=_replays(1)),
    "replays2": Choice(about="replays twice in each round", taught=_replays(2)),
    "replays4": Choice(about="replays four times in each round", taught=_replays(4)),
    "rank4": Choice(about="rank 4", recipe={"rank": 4, "alpha": 8.0}),
    "rank16": Choice(about="rank 16", recipe={"rank": 16, "alpha": 32.0}),
    "rank32": Choice(about="rank 32", recipe={"rank": 32, "alpha": 64.0}),
    "last5": Choice(about="the last 5 blocks", recipe={"layers": 5}),
    "last14": Choice(about="the last 14 blocks", recipe={"layers": 14}),
    "faster": Choice(about="1.6 times the learning rate", recipe={"lr": RECIPE.lr * 1.6}),
    "slower": Choice(about="0.6 times the learning rate", recipe={"lr": RECIPE.lr * 0.6}),
    "mean2": Choice(about="the mean of two seeds' adapters", seeds=2),
    "apart": Choice(about="half of the lessons, then the others on top of them", apart=2),
    "scale125": Choice(about="as it is, at scale 1.25", scale=1.25),
    "scale75": Choice(about="as it is, at scale 0.75", scale=0.75),
    "scale50": Choice(about="as it is, at scale 0.5", scale=0.5),
}


class Bench:
    """Prepares examples on one engine and trains on them; adapters it made are not made again."""

    def __init__(
        self,
        engine: EngineClient,
        lessons: Sequence[ProbedLesson],
        amounts: Amounts,
        keep: Path | None,
        first: int = 0,
    ) -> None:
        self._engine = engine
        self._amounts = amounts
        self._folder = keep
        self.lessons = for_weights(lessons)
        earlier = TrainedShard(
            lesson_ids=tuple(one.id for one in self.lessons[:first]),
            adapter_gguf=b"",
            sha256="",
            digest="",
        )
        self._plan = shards.plan(self.lessons, [earlier])
        self._curricula: dict[int, Curriculum] = {}
        self._made: dict[str, wire.Trained] = {}
        self.asker = Asker(engine, threading.Event(), lambda _: None)

    def adapter(self, choice: Choice, base: wire.Recipe) -> tuple[bytes, float, float]:
        """An arm's adapter, its seconds of training and its peak in MB."""
        recipe = replace(base, **choice.recipe)
        parts: list[bytes] = []
        seconds = peak = 0.0
        for number, shard in enumerate(self._plan.shards(())[: choice.shards or None]):
            curriculum = choice.taught(self._curriculum(number, shard, sum_of(parts)))
            for some in in_steps(curriculum, choice.apart):
                under = sum_of(parts)
                each = [
                    self._trained(some, under, replace(recipe, seed=seed))
                    for seed in range(recipe.seed, recipe.seed + choice.seeds)
                ]
                mean = merged([Part(one.adapter_gguf, 1.0 / choice.seeds) for one in each])
                parts.append(mean.adapter_gguf)
                seconds += sum(one.seconds for one in each)
                peak = max(peak, *(one.peak_memory_mb for one in each))
        return sum_of(parts), seconds, peak

    def _trained(self, curriculum: Curriculum, beneath: bytes, recipe: wire.Recipe) -> wire.Trained:
        job = job_of(curriculum, beneath, self._engine, recipe)
        key = hashlib.sha256(wire.encode(job)).hexdigest()
        if key not in self._made:
            self._made[key] = kept(
                self._folder,
                f"{key[:16]}.trained",
                wire.Trained,
                lambda: trainer.train(job, on_progress=_say, stop=threading.Event()),
            )
        return self._made[key]

    def _curriculum(self, number: int, shard: Shard, beneath: bytes) -> Curriculum:
        if number not in self._curricula:
            self._curricula[number] = kept(
                self._folder,
                str(number),
                Curriculum,
                lambda: curriculum_of(shard, beneath, self.asker, self._amounts),
            )
        return self._curricula[number]


def _say(step: int, steps: int, loss: float, seconds_left: float | None) -> None:
    if step and step % _STEPS_SAID == 0:
        left = "" if seconds_left is None else f", {seconds_left:.0f} s left"
        print(f"step {step} of {steps}, loss {loss:.3f}{left}", file=sys.stderr, flush=True)


class Examiner:
    """What the product's exam says of adapters, with the first shard's in use if there are more."""

    def __init__(self, bench: Bench, recipe: wire.Recipe, amounts: Amounts) -> None:
        self._asker, self._amounts = bench.asker, amounts
        self._ids = tuple(one.id for one in bench.lessons)
        bank = prompt_bank.beside(bench.lessons)
        courses = examined(bench.lessons, bank, amounts)
        first, *_ = bench.adapter(CHOICES["first"], recipe)
        with self._asker.engine.stage(served([Part(first)]).adapter_gguf) as current:
            self._baseline = exam.take_baseline(courses, bank, self._asker, amounts, current)

    def report(self, adapter: AdapterRef) -> str:
        """The exam's decision and figures, and how many questions of each lesson pass."""
        asked = exam.sit(self._baseline.courses, self._asker, self._amounts, adapter)
        marks = exam.examine(self._baseline, adapter, self._asker, self._amounts, asked)
        taught = TrainedShard(lesson_ids=self._ids, adapter_gguf=b"", sha256="", digest="")
        candidate = Candidate(
            adapter_gguf=b"", sha256="", scale=marks.scale, shards=(taught,), peak_memory_mb=0.0
        )
        found = report.of_exam(self._baseline, marks, candidate, 0.0)
        lessons = (f"{one.lesson_id} {one.before}->{one.after}" for one in found.lessons)
        return f"exam: {found.decision}\n{marks.consent=:.3f} {found.exam}\n{', '.join(lessons)}"


def in_steps(curriculum: Curriculum, n: int) -> list[Curriculum]:
    """The courses in `n` runs, with everything that must stay as it is beside each."""
    size = -(-len(curriculum.courses) // n)
    return [
        replace(curriculum, courses=curriculum.courses[start : start + size])
        for start in range(0, len(curriculum.courses), size)
    ]


def main() -> None:
    """Train, measure, print."""
    asked = _arguments()
    lessons = [one for one in chosen(asked.lessons, asked.ids) if one.kind is not Kind.FACT]
    amounts = Amounts(**msgspec.json.decode(asked.amounts))
    recipe = replace(RECIPE, **msgspec.json.decode(asked.recipe))
    measured: list[Measured] = []
    with running(asked.model) as engine:
        made_of = (report.RECIPE_VERSION, asked.model.name, lessons, amounts, asked.first)
        bench = Bench(engine, lessons, amounts, stamped(asked.keep, *made_of), asked.first)
        yardstick = Yardstick(bench.asker, lessons)
        examiner = Examiner(bench, recipe, amounts) if asked.exam else None
        for name in asked.arms:
            data, seconds, peak = bench.adapter(CHOICES[name], recipe)
            if asked.save is not None:
                asked.save.mkdir(parents=True, exist_ok=True)
                (asked.save / f"{name}.gguf").write_bytes(data)
            whole = served([Part(data, CHOICES[name].scale)])
            with engine.stage(whole.adapter_gguf) as ref:
                adapter = replace(ref, scale=whole.scale)
                if examiner is not None:
                    print(name, examiner.report(adapter))
                arm = Arm(
                    name=name,
                    adapter=adapter,
                    taught=len(lessons),
                    seconds=seconds,
                    peak_mb=peak,
                )
                measured.append(yardstick.measure(arm))
            tables.print_arms(measured[-1:], lessons)
            sys.stdout.flush()
            if asked.json is not None:
                asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
    tables.print_arms(measured, lessons)
    tables.print_lessons(measured, lessons)
    if asked.verbose:
        tables.print_answers(measured, lessons)


def _arguments() -> argparse.Namespace:
    parser = common_arguments(__doc__, {name: choice.about for name, choice in CHOICES.items()})
    parser.add_argument("--keep", type=Path, help="a folder that keeps what was made")
    parser.add_argument("--first", type=int, default=0, help="lessons of an earlier night")
    parser.add_argument("--exam", action="store_true", help="print what the exam says")
    asked = parser.parse_args()
    asked.arms = asked.arms.split(",") if asked.arms else list(CHOICES)
    if strange := set(asked.arms) - set(CHOICES):
        parser.error(f"no arm here is called {', '.join(sorted(strange))}: {', '.join(CHOICES)}")
    return asked


if __name__ == "__main__":
    main()
