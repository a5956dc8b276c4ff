"""Study: one session from lessons to a tried adapter, a pure function of what it is given."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import msgspec

from learner import exam as exams
from learner import prompt_bank, report, trainer, wire
from learner.asking import Asker
from learner.conflict import superseded
from learner.curriculum import Amounts, Curriculum, prepare
from learner.engine import AdapterRef, Engine
from learner.errors import BadJobError
from learner.exam import Baseline, Marks
from learner.lesson import Lesson, check
from learner.pace import Pace
from learner.report import ExamFigures, LessonOutcome, StudyResult

__all__ = [
    "RECIPE",
    "ExamFigures",
    "LessonOutcome",
    "StudyProgress",
    "StudyResult",
    "Trainer",
    "study",
]

SCALES = (1.0, 0.75, 0.5)


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
        self, job: wire.Job, *, on_progress: trainer.OnProgress, stop: threading.Event
    ) -> wire.Trained:
        """The trained adapter."""
        ...


OnProgress = Callable[[StudyProgress], None]

RECIPE = wire.Recipe(rank=8, alpha=16.0, lr=2e-3, epochs=5, batch_tokens=512, layers=10)


def study(
    lessons: Sequence[Lesson],
    engine: Engine,
    *,
    trainer: Trainer = trainer.train,
    recipe: wire.Recipe = RECIPE,
    amounts: Amounts = Amounts(),  # noqa: B008 (frozen)
    seed: int = 0,
    budget_seconds: float = 1800.0,
    current: AdapterRef | None = None,
    on_progress: OnProgress = lambda _: None,
    stop: threading.Event | None = None,
) -> StudyResult:
    """Teach `lessons` (oldest first) to the engine's model, and try what came of it.

    Of lessons that contradict each other only the newest is taught.

    Raises LessonFileError before anything is done when a lesson cannot be used, BadJobError when
    there is none, TrainingStoppedError after `stop`, and what engine and trainer raise. The
    adapter depends on the lessons, the base model, the recipe and the seed; only a training cut
    short by `budget_seconds` depends on the machine.
    """
    if not lessons:
        raise BadJobError(
            "There is nothing to study", "No lesson was given.", "Correct an answer, then study."
        )
    check(lessons)
    replaced = superseded(lessons)
    lessons = [lesson for lesson in lessons if lesson.id not in replaced]
    session = _Session(engine, amounts, budget_seconds, on_progress, stop or threading.Event())
    return session.run(lessons, trainer, msgspec.structs.replace(recipe, seed=seed), current)


class _Session:
    """One run: the phases in order, and the clock they share."""

    def __init__(
        self,
        engine: Engine,
        amounts: Amounts,
        budget_seconds: float,
        on_progress: OnProgress,
        stop: threading.Event,
    ) -> None:
        self._engine = engine
        self._amounts = amounts
        self._budget = budget_seconds
        self._report = on_progress
        self._stop = stop
        self._started = time.monotonic()
        self._pace = Pace()
        self._phase: Literal["prepare", "examples", "train", "exam"] = "prepare"
        self._detail = ""
        self._asker = Asker(engine, stop, self._answered)

    def run(
        self,
        lessons: Sequence[Lesson],
        train: Trainer,
        recipe: wire.Recipe,
        current: AdapterRef | None,
    ) -> StudyResult:
        bank = prompt_bank.beside(lessons)
        self._enter(
            "examples", self._pace.examples(len(lessons), self._amounts), "Writing examples"
        )
        curriculum = prepare(lessons, bank, self._asker, self._amounts)
        baseline = exams.take_baseline(
            curriculum.courses, bank, self._asker, self._amounts, current
        )
        left_out: frozenset[str] = frozenset()
        while True:
            taught = curriculum.without(left_out)
            if not any(course.examples for course in taught.courses):
                why = "No lesson could be turned into examples."
                return report.without_adapter(baseline, why, self._seconds)
            began = time.monotonic()
            trained = self._train(taught, train, recipe)
            with self._engine.stage(trained.adapter_gguf) as adapter:
                marks = self._examine(baseline, adapter)
            result = report.of_exam(baseline, marks, trained, taught, self._seconds)
            one_round = time.monotonic() - began
            more = report.spoilers(taught, marks)
            if result.adapter_gguf or not more or self._seconds + one_round > self._budget:
                return result
            left_out |= more

    def _train(self, curriculum: Curriculum, train: Trainer, recipe: wire.Recipe) -> wire.Trained:
        self._enter("train", 1, "Starting the trainer")
        left = self._budget - self._seconds
        keep_for_exam = self._pace.exam_seconds(len(curriculum.courses), self._amounts)
        job = wire.Job(
            model=self._engine.base_model().path,
            examples=curriculum.examples,
            recipe=msgspec.structs.replace(recipe, max_seconds=max(20.0, left - keep_for_exam)),
        )

        def on_step(step: int, steps: int, loss: float, seconds_left: float | None) -> None:
            self._pace.trained(seconds_left)
            self._tell(step, steps, "Training")

        return train(job, on_progress=on_step, stop=self._stop)

    def _examine(self, baseline: Baseline, adapter: AdapterRef) -> Marks:
        """The smallest scale that does about as well as the full one, as far as the time allows."""
        n = len(baseline.courses)
        self._enter("exam", self._pace.exam(n, self._amounts), "Examining what was learned")
        began = time.monotonic()
        best = exams.examine(baseline, adapter, self._asker, self._amounts)
        one_round = time.monotonic() - began
        for scale in SCALES[1:]:
            if best.drift <= exams.DRIFT_TARGET or self._seconds + one_round > self._budget:
                break
            self._enter("exam", self._pace.exam(n, self._amounts), f"Examining at strength {scale}")
            smaller = msgspec.structs.replace(adapter, scale=scale)
            marks = exams.examine(baseline, smaller, self._asker, self._amounts)
            if not report.worth_more(baseline, marks, best):
                break
            best = marks
        return best

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started

    # ------------------------------------------------------------------------------- progress

    def _enter(self, phase: Literal["examples", "train", "exam"], steps: int, detail: str) -> None:
        self._phase, self._detail = phase, detail
        self._pace.enter(phase, steps)
        self._tell(0, steps, detail)

    def _answered(self, n: int) -> None:
        self._pace.done(n)
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
