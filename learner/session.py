"""Session: the phases of a study in order, shard by shard, and the clock they share."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from learner import exam as exams
from learner import prompt_bank, report, shards, trainer, wire
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import Curriculum, examined, prepare
from learner.engine import AdapterRef, Engine
from learner.exam import Baseline, Marks
from learner.lesson import Lesson
from learner.merge import Part, merged, served
from learner.notebook import Notebook, Notes
from learner.pace import Pace
from learner.report import Candidate, StudyResult
from learner.shards import Ground, Shard, TrainedShard

SCALES = (1.0, 0.75, 0.5)

SPOILS = "Left out: with it, the training"
"""Begins why a lesson is not taught that an adapter did harm with; see `report.harm`."""

NO_EXAMPLES = "It could not be turned into examples."
_NONE_TAUGHT = "No lesson could be turned into examples."
PUT_OFF = "There was no time left for it in this session; the next one goes on with it."


class StudyProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a session is; `seconds_left` is the whole session's, None while unknown."""

    phase: Literal["prepare", "examples", "train", "exam"]
    step: int
    steps: int
    seconds_left: float | None
    detail: str


class Trainer(Protocol):
    """Makes an adapter of a job; `learner.trainer.train` is the real one."""

    def __call__(
        self,
        job: wire.Job,
        *,
        on_progress: trainer.OnProgress,
        stop: threading.Event,
        on_checkpoint: trainer.OnCheckpoint = ...,
    ) -> wire.Trained:
        """The trained adapter."""
        ...


OnProgress = Callable[[StudyProgress], None]
Taught = tuple[Shard, TrainedShard]


def curriculum_of(shard: Shard, beneath: bytes, asker: Asker, amounts: Amounts) -> Curriculum:
    """A shard's examples, for a model that has the GGUF adapter `beneath` (empty for none).

    They are of its lessons and those of earlier shards, and of nothing else.
    """
    bank = prompt_bank.beside((*shard.before, *shard.lessons))
    if not beneath:
        return prepare(shard.lessons, bank, asker, amounts)
    with asker.engine.stage(beneath) as ref:
        pupil = asker.over(ref, hashlib.sha256(beneath).digest())
        return prepare(shard.lessons, bank, asker, amounts, shard.before, pupil)


def sum_of(adapters: Sequence[bytes]) -> bytes:
    """What shards are trained on top of: the adapters of all that are beneath, at full scale.

    That is so whatever scale the exam let them be used at: a shard depends on lessons alone.
    """
    return merged([Part(one) for one in adapters]).adapter_gguf if adapters else b""


def job_of(curriculum: Curriculum, beneath: bytes, engine: Engine, recipe: wire.Recipe) -> wire.Job:
    """What the trainer is told to do with a shard's examples."""
    return wire.Job(
        model=engine.base_model().path,
        examples=curriculum.examples,
        recipe=recipe,
        beneath=beneath,
    )


class Session:
    """One run: the phases in order, and the clock they share."""

    def __init__(
        self,
        lessons: Sequence[Lesson],
        engine: Engine,
        ground: Ground,
        amounts: Amounts,
        *,
        budget_seconds: float,
        kept: Sequence[TrainedShard],
        notebook: Notebook,
        on_progress: OnProgress,
        stop: threading.Event,
    ) -> None:
        self._engine = engine
        self._ground = ground
        self._amounts = amounts
        self._budget = budget_seconds
        self._report = on_progress
        self._stop = stop
        self._started = time.monotonic()
        self._pace = Pace()
        self._phase: Literal["prepare", "examples", "train", "exam"] = "prepare"
        self._detail = ""
        self._notes = Notes(notebook, ground.stamp)
        self._asker = Asker(engine, stop, self._answered, self._notes.memo)
        self._plan = shards.plan(lessons, kept)
        self._made = {one.digest: one for one in kept if one.digest}
        self._fresh = {one.digest: one for one in self._notes.shards}
        self._left_out = self._plan.settled(kept, ground)
        self._put_off: dict[str, str] = {}
        self._slowest = 0.0
        self._peak_memory_mb = 0.0

    def run(self, train: Trainer, current: AdapterRef | None) -> StudyResult:
        """The whole session; `current` is the adapter in use. Raises as `learner.study.study`."""
        result = self._run(train, current)
        self._notes.save()
        cut_short = any(not one.digest for one in self._fresh.values())
        return msgspec.structs.replace(result, unfinished=cut_short or bool(self._put_off))

    def _run(self, train: Trainer, current: AdapterRef | None) -> StudyResult:
        bank = prompt_bank.beside(self._plan.lessons)
        courses = examined(self._plan.lessons, bank, self._amounts)
        self._left_out |= {one.lesson.id: one.problem for one in courses if one.problem}
        if all(one.problem for one in courses):
            return report.without_adapter(exams.nothing_asked(courses), _NONE_TAUGHT, self._seconds)
        new = [one for one in self._plan.shards(self._left_out) if not self._known(one)]
        self._enter_examples(sum(len(shard.lessons) for shard in new))
        baseline = exams.take_baseline(courses, bank, self._asker, self._amounts, current)
        while True:
            began = time.monotonic()
            taught = self._teach(train)
            baseline = self._explained(baseline)
            if not taught:
                return report.without_adapter(baseline, _NONE_TAUGHT, self._seconds)
            candidate, marks = self._examine(baseline, taught)
            result = report.of_exam(baseline, marks, candidate, self._seconds)
            one_round = time.monotonic() - began
            harm = report.harm(marks, report.lost(baseline, marks))
            if not harm or self._seconds + one_round > self._budget:
                return result
            more = report.spoilers(baseline, marks, self._new_lessons(taught))
            if not more:
                return result
            self._left_out |= dict.fromkeys(more, f"{SPOILS} {harm}.")

    # ------------------------------------------------------------------------------- teaching

    def _teach(self, train: Trainer) -> list[Taught]:
        """Every shard with its adapter, trained now where there is none; as time allows."""
        while True:
            self._put_off = {}
            taught: list[Taught] = []
            for shard in self._plan.shards(self._left_out):
                made = self._known(shard)
                cut_short = bool(taught) and not taught[-1][1].digest
                if self._put_off or cut_short or (made is None and self._late):
                    self._put_off |= {lesson.id: PUT_OFF for lesson in shard.lessons}
                    continue
                if made is None:
                    made = self._teach_one(
                        shard, sum_of([m.adapter_gguf for _, m in taught]), train
                    )
                if made is None:
                    break  # without the lessons that cannot be taught, others may be new as well
                taught.append((shard, made))
            else:
                return taught

    def _teach_one(self, shard: Shard, beneath: bytes, train: Trainer) -> TrainedShard | None:
        """A shard's adapter, or None when some of its lessons had to be left out.

        It is then made as if these had never been there: the examples of the others know of them.
        """
        began = time.monotonic()
        if self._phase != "examples":
            self._enter_examples(len(shard.lessons))
        curriculum = curriculum_of(shard, beneath, self._asker, self._amounts)
        self._notes.save()
        problems = {
            course.lesson.id: course.problem or NO_EXAMPLES
            for course in curriculum.courses
            if not course.examples
        }
        if problems:
            self._left_out |= problems
            return None
        digest = shard.digest(self._ground)
        trained = self._train(curriculum, beneath, digest, train)
        self._peak_memory_mb = max(self._peak_memory_mb, trained.peak_memory_mb)
        whole = trained.steps == trained.planned
        made = TrainedShard(
            lesson_ids=(),
            adapter_gguf=trained.adapter_gguf,
            sha256=trained.sha256,
            digest=digest if whole else "",
        )
        if whole:
            self._notes.finished(made)
        self._fresh[digest] = made
        self._slowest = max(self._slowest, time.monotonic() - began)
        return made

    def _train(
        self, curriculum: Curriculum, beneath: bytes, digest: str, train: Trainer
    ) -> wire.Trained:
        self._enter("train", 1, "Starting the trainer")
        left = self._budget - self._seconds
        seconds = max(20.0, left - self._exam_seconds)
        recipe = msgspec.structs.replace(self._ground.recipe, max_seconds=seconds)

        def on_step(step: int, steps: int, loss: float, seconds_left: float | None) -> None:
            self._pace.trained(seconds_left)
            self._tell(step, steps, "Training" if step else "Reading the examples")

        def on_checkpoint(state: bytes) -> None:
            self._notes.training(digest, state)

        job = msgspec.structs.replace(
            job_of(curriculum, beneath, self._engine, recipe),
            resume=self._notes.checkpoint(digest),
        )
        return train(job, on_progress=on_step, stop=self._stop, on_checkpoint=on_checkpoint)

    def _known(self, shard: Shard) -> TrainedShard | None:
        digest = shard.digest(self._ground)
        return self._made.get(digest) or self._fresh.get(digest)

    def _is_new(self, shard: Shard) -> bool:
        return shard.digest(self._ground) not in self._made

    def _new_lessons(self, taught: Sequence[Taught]) -> list[str]:
        return [one.id for shard, _ in taught if self._is_new(shard) for one in shard.lessons]

    @property
    def _late(self) -> bool:
        """Whether another shard would leave no time for the exam; one is taught in any case."""
        after = self._seconds + self._slowest + self._exam_seconds
        return self._slowest > 0.0 and after > self._budget

    # ------------------------------------------------------------------------------- the exam

    def _explained(self, baseline: Baseline) -> Baseline:
        """With what is wrong with the lessons that are not taught."""
        why = self._left_out | self._put_off
        courses = (
            msgspec.structs.replace(course, problem=why.get(course.lesson.id, ""))
            for course in baseline.courses
        )
        return msgspec.structs.replace(baseline, courses=tuple(courses))

    def _examine(self, baseline: Baseline, taught: Sequence[Taught]) -> tuple[Candidate, Marks]:
        """The smallest scale of what is new that does as well as the full one, in time."""
        n = len(baseline.courses)
        self._enter("exam", self._pace.exam(n, self._amounts), "Examining what was learned")
        began = time.monotonic()
        best = self._examine_at(1.0, baseline, taught, None)
        assert best is not None  # nothing to be worth more than
        one_round = time.monotonic() - began
        for scale in SCALES[1:] if self._new_lessons(taught) else ():
            late = self._seconds + one_round > self._budget
            if best[1].drift <= exams.DRIFT_TARGET or late:
                break
            self._enter("exam", self._pace.exam(n, self._amounts), f"Examining at strength {scale}")
            smaller = self._examine_at(scale, baseline, taught, best[1])
            if smaller is None:
                break
            best = smaller
        return best

    def _examine_at(
        self, scale: float, baseline: Baseline, taught: Sequence[Taught], larger: Marks | None
    ) -> tuple[Candidate, Marks] | None:
        """What is new at `scale`; None as soon as it proves to be worth less than `larger`."""
        candidate = self._candidate(scale, taught)
        with self._engine.stage(candidate.adapter_gguf) as staged:
            adapter = msgspec.structs.replace(staged, scale=candidate.scale)
            asked = exams.sit(baseline.courses, self._asker, self._amounts, adapter)
            if larger is not None and not report.worth_more(baseline, asked, larger):
                return None
            marks = exams.examine(baseline, adapter, self._asker, self._amounts, asked)
        return candidate, msgspec.structs.replace(marks, scale=scale)

    def _candidate(self, scale: float, taught: Sequence[Taught]) -> Candidate:
        """All shards as one adapter, those that are new at `scale`."""
        members = tuple(
            shards.of_group(
                msgspec.structs.replace(made, scale=scale) if self._is_new(shard) else made,
                shard,
                self._left_out,
            )
            for shard, made in taught
        )
        whole = served([Part(one.adapter_gguf, one.scale) for one in members])
        return Candidate(
            adapter_gguf=whole.adapter_gguf,
            sha256=hashlib.sha256(whole.adapter_gguf).hexdigest(),
            scale=whole.scale,
            shards=members,
            peak_memory_mb=self._peak_memory_mb,
        )

    # ------------------------------------------------------------------------------- progress

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def _exam_seconds(self) -> float:
        return self._pace.exam_seconds(len(self._plan.lessons), self._amounts)

    def _enter_examples(self, lessons: int) -> None:
        steps = self._pace.examples(lessons, self._amounts, len(self._plan.lessons))
        self._enter("examples", steps, "Writing examples")

    def _enter(self, phase: Literal["examples", "train", "exam"], steps: int, detail: str) -> None:
        self._phase, self._detail = phase, detail
        self._pace.enter(phase, steps)
        self._tell(0, steps, detail)

    def _answered(self, n: int) -> None:
        self._pace.done(n)
        self._notes.tick()
        self._tell(self._pace.step, self._pace.steps, self._detail)

    def _tell(self, step: int, steps: int, detail: str) -> None:
        self._report(
            StudyProgress(
                phase=self._phase,
                step=step,
                steps=steps,
                seconds_left=self._pace.seconds_left(),
                detail=detail,
            )
        )
