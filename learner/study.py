"""Study: one session from lessons to a tried adapter, a pure function of what it is given."""

from __future__ import annotations

import math
import platform
import threading
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Literal, Protocol

import msgspec

from learner import exam as exams
from learner import prompt_bank, trainer, wire
from learner.asking import Asker
from learner.curriculum import Amounts, Course, Curriculum, prepare
from learner.engine import AdapterRef, Engine
from learner.errors import BadJobError
from learner.exam import Asked, Baseline, Marks
from learner.lesson import Lesson, check
from learner.pace import Pace

RECIPE_VERSION = "1"
"""Raised whenever the same lessons would give another adapter."""

SCALES = (1.0, 0.75, 0.5)

_LIBRARIES = ("torch", "transformers", "peft", "gguf", "llama-cpp-python", "numpy")


class StudyProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a session is; `seconds_left` is the whole session's, None while unknown."""

    phase: Literal["prepare", "examples", "train", "exam"]
    step: int
    steps: int
    seconds_left: float | None
    detail: str


class LessonOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """One lesson's examination: passes before and after of `asked` questions it never saw.

    The answers are the replies to `question`, without and with the adapter.
    """

    lesson_id: str
    title: str
    kind: Literal["manner", "term", "procedure", "fact"]
    asked: int
    before: int
    after: int
    decision: Literal["learned", "in_context"]
    reason: str = ""
    question: str = ""
    before_answer: str = ""
    after_answer: str = ""


class ExamFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The gate's figures: drift in nats a token on unrelated requests, near-misses left alone.

    `held` counts lessons the adapter in use had learned that are still learned.
    """

    drift: float
    drift_limit: float
    near_asked: int
    near_clean: int
    held_asked: int
    held: int
    scale: float


class StudyResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a session came to; `adapter_gguf` is None when nothing earned its place.

    `seconds` is the whole session, `peak_memory_mb` the trainer's, `library_versions` are
    (name, version) pairs.
    """

    adapter_gguf: bytes | None
    sha256: str
    scale: float
    decision: str
    lessons: tuple[LessonOutcome, ...]
    exam: ExamFigures | None
    seconds: float
    peak_memory_mb: float
    recipe_version: str
    library_versions: tuple[tuple[str, str], ...]


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
        bank = prompt_bank.load()
        self._enter(
            "examples", self._pace.examples(len(lessons), self._amounts), "Writing examples"
        )
        curriculum = prepare(lessons, bank, self._asker, self._amounts)
        baseline = exams.take_baseline(
            curriculum.courses, bank, self._asker, self._amounts, current
        )
        if not any(course.examples for course in curriculum.courses):
            return self._without_adapter(baseline, "No lesson could be turned into examples.")
        trained = self._train(curriculum, train, recipe)
        with self._engine.stage(trained.adapter_gguf) as adapter:
            marks = self._examine(baseline, adapter)
        return self._conclude(baseline, marks, trained)

    def _train(self, curriculum: Curriculum, train: Trainer, recipe: wire.Recipe) -> wire.Trained:
        self._enter("train", 1, "Starting the trainer")
        left = self._budget - (time.monotonic() - self._started)
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
        """The smallest scale that does as well as the full one, as far as the time allows."""
        n = len(baseline.courses)
        self._enter("exam", self._pace.exam(n, self._amounts), "Examining what was learned")
        began = time.monotonic()
        best = exams.examine(baseline, adapter, self._asker, self._amounts)
        one_round = time.monotonic() - began
        for scale in SCALES[1:]:
            spent = time.monotonic() - self._started
            if best.drift <= exams.DRIFT_TARGET or spent + one_round > self._budget:
                break
            self._enter("exam", self._pace.exam(n, self._amounts), f"Examining at strength {scale}")
            smaller = msgspec.structs.replace(adapter, scale=scale)
            marks = exams.examine(baseline, smaller, self._asker, self._amounts)
            if best.harmless and _n_learned(baseline, marks) < _n_learned(baseline, best):
                break
            best = marks
        return best

    def _conclude(self, baseline: Baseline, marks: Marks, trained: wire.Trained) -> StudyResult:
        learned_before = _learned_now(baseline, baseline.current)
        learned = _learned_now(baseline, marks.asked)
        held = sum(a and b for a, b in zip(learned_before, learned, strict=False))
        refusal = _refusal(marks, learned, learned_before)
        outcomes = tuple(
            _outcome(baseline, index, marks.asked[index], refusal)
            for index in range(len(baseline.courses))
        )
        n = sum(learned)
        decision = refusal or (
            f"{n} of {len(outcomes)} lessons now come without a note in the prompt."
        )
        return StudyResult(
            adapter_gguf=None if refusal else trained.adapter_gguf,
            sha256="" if refusal else trained.sha256,
            scale=marks.scale,
            decision=decision,
            lessons=outcomes,
            exam=ExamFigures(
                drift=marks.drift,
                drift_limit=exams.DRIFT_LIMIT,
                near_asked=marks.near_asked,
                near_clean=marks.near_clean,
                held_asked=sum(learned_before),
                held=held,
                scale=marks.scale,
            ),
            seconds=time.monotonic() - self._started,
            peak_memory_mb=trained.peak_memory_mb,
            recipe_version=RECIPE_VERSION,
            library_versions=_library_versions(),
        )

    def _without_adapter(self, baseline: Baseline, why: str) -> StudyResult:
        return StudyResult(
            adapter_gguf=None,
            sha256="",
            scale=0.0,
            decision=f"Nothing was learned. {why}",
            lessons=tuple(
                _outcome(baseline, index, baseline.alone[index], why)
                for index in range(len(baseline.courses))
            ),
            exam=None,
            seconds=time.monotonic() - self._started,
            peak_memory_mb=0.0,
            recipe_version=RECIPE_VERSION,
            library_versions=_library_versions(),
        )

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


def _learned(course: Course, alone: Asked, in_context: Asked, now: Asked) -> bool:
    """Better than without, at least half right, and no worse than with the note in the prompt."""
    asked = len(course.questions)
    return (
        now.n_passed > alone.n_passed
        and now.n_passed >= math.ceil(asked / 2)
        and now.n_passed >= in_context.n_passed
    )


def _learned_now(baseline: Baseline, now: Sequence[Asked]) -> list[bool]:
    return [
        _learned(*four)
        for four in zip(baseline.courses, baseline.alone, baseline.in_context, now, strict=False)
    ]


def _n_learned(baseline: Baseline, marks: Marks) -> int:
    return sum(_learned_now(baseline, marks.asked))


def _refusal(marks: Marks, learned: Sequence[bool], learned_before: Sequence[bool]) -> str:
    """Why the adapter is not used, as a sentence; "" when it is."""
    if not any(learned):
        return "Nothing was learned well enough, so the model stays as it was."
    if marks.drift > exams.DRIFT_LIMIT:
        return (
            "The training changed unrelated answers too much"
            f" ({marks.drift:.2f} of at most {exams.DRIFT_LIMIT} nats a token), so it is not used."
        )
    if not marks.harmless:
        return "The training spilled over into answers it was not about, so it is not used."
    if sum(learned) < sum(learned_before):
        return "The training would lose more than it brings, so what was learned before stays."
    return ""


def _outcome(baseline: Baseline, index: int, now: Asked, refusal: str) -> LessonOutcome:
    course, alone = baseline.courses[index], baseline.alone[index]
    in_context = baseline.in_context[index]
    learned = not refusal and _learned(course, alone, in_context, now)
    shown = _telling(alone, now)
    lesson = course.lesson
    return LessonOutcome(
        lesson_id=lesson.id,
        title=" ".join((lesson.note or lesson.prompt).split())[:80],
        kind=lesson.kind.value,
        asked=len(course.questions),
        before=alone.n_passed,
        after=now.n_passed,
        decision="learned" if learned else "in_context",
        reason="" if learned else refusal or _reason(course, alone, in_context, now),
        question=course.questions[shown] if course.questions else "",
        before_answer=alone.answers[shown] if course.questions else "",
        after_answer=now.answers[shown] if course.questions else "",
    )


def _reason(course: Course, alone: Asked, in_context: Asked, now: Asked) -> str:
    """Why a lesson stays in the prompt although an adapter is used."""
    asked = len(course.questions)
    if course.problem:
        return course.problem
    if alone.n_passed == asked:
        return "The model already answers this way by itself."
    if now.n_passed < in_context.n_passed:
        return (
            f"It works better as a note: {in_context.n_passed} of {asked} with the note,"
            f" {now.n_passed} of {asked} from memory."
        )
    if now.n_passed <= alone.n_passed:
        return f"The training did not help: {now.n_passed} of {asked} before and after."
    return f"Only {now.n_passed} of {asked} came out right, too few to rely on."


def _telling(alone: Asked, now: Asked) -> int:
    """The question that shows the difference best: failed before, passed now, if there is one."""
    for index, (before, after) in enumerate(zip(alone.passed, now.passed, strict=True)):
        if after and not before:
            return index
    return 0


def _library_versions() -> tuple[tuple[str, str], ...]:
    found = [("python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "absent"))
    return tuple(found)
