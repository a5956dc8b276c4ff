"""Study: from lessons to a tried adapter in one session, a pure function of what it is given."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Literal

import msgspec

from learner import report, trainer, wire
from learner.amounts import Amounts
from learner.asking import Asker
from learner.conflict import superseded
from learner.engine import AdapterRef, Engine
from learner.errors import BadJobError
from learner.lesson import Lesson, check
from learner.notebook import NoNotebook, Notebook
from learner.report import ExamFigures, LessonOutcome, StudyResult
from learner.session import (
    OnProgress,
    Session,
    StudyProgress,
    Trainer,
    curriculum_of,
    job_of,
    sum_of,
)
from learner.shards import Ground, Shard, TrainedShard

__all__ = [
    "RECIPE",
    "ExamFigures",
    "LessonOutcome",
    "StudyProgress",
    "StudyResult",
    "Trainer",
    "ground_of",
    "rebuild",
    "study",
]

RECIPE = wire.Recipe(
    rank=8, alpha=16.0, lr=5e-4, lr_width=896, epochs=3, batch_tokens=256, layers=10
)


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
    kept: Sequence[TrainedShard] = (),
    notebook: Notebook = NoNotebook(),  # noqa: B008 (holds nothing)
    on_progress: OnProgress = lambda _: None,
    stop: threading.Event | None = None,
) -> StudyResult:
    """Teach `lessons` (oldest first) to the engine's model, and try what came of it.

    Of lessons that contradict each other only the newest is taught. They are taught in shards
    (see `learner.shards.plan`); those of `kept` that are still their lessons' own are not trained
    again, and what is examined is the sum of all. What a session has half done it writes into
    `notebook`, and finds there what the one before it left; the caller closes it
    (`learner.notebook.close`) once the result is put away.

    Raises LessonFileError before anything is done when a lesson cannot be used, BadJobError when
    there is none, TrainingStoppedError after `stop`, and what engine, trainer and notebook raise.
    Each shard depends on its lessons, the shards beneath it, the base model, the recipe and the
    seed; only a training cut short by `budget_seconds` depends on the machine.
    """
    if not lessons:
        raise BadJobError(
            "There is nothing to study", "No lesson was given.", "Correct an answer, then study."
        )
    check(lessons)
    replaced = superseded(lessons)
    session = Session(
        [lesson for lesson in lessons if lesson.id not in replaced],
        engine,
        ground_of(engine, recipe, amounts, seed),
        amounts,
        budget_seconds=budget_seconds,
        kept=kept,
        notebook=notebook,
        on_progress=on_progress,
        stop=stop or threading.Event(),
    )
    return session.run(trainer, current)


def ground_of(
    engine: Engine,
    recipe: wire.Recipe = RECIPE,
    amounts: Amounts = Amounts(),  # noqa: B008 (frozen)
    seed: int = 0,
) -> Ground:
    """What every shard that is made now stands on."""
    return Ground(
        base_sha256=engine.base_model().sha256,
        recipe=msgspec.structs.replace(recipe, seed=seed, max_seconds=0.0),
        amounts=msgspec.json.encode(amounts),
        version=report.RECIPE_VERSION,
        libraries=report.library_versions(),
    )


def rebuild(
    shard: Shard,
    beneath: Sequence[bytes],
    engine: Engine,
    *,
    trainer: Trainer = trainer.train,
    recipe: wire.Recipe = RECIPE,
    amounts: Amounts = Amounts(),  # noqa: B008 (frozen)
    seed: int = 0,
    on_progress: OnProgress = lambda _: None,
    stop: threading.Event | None = None,
) -> wire.Trained:
    """Teach one shard from its lessons alone, however long it takes, and examine nothing.

    `beneath` are the adapters of all shards beneath it, made the same way. For comparison with
    what a session made of it. Raises as `study`.
    """
    stop = stop or threading.Event()
    answered = 0

    def tell(phase: Literal["examples", "train"], step: int, steps: int) -> None:
        detail = "Teaching it again from the lessons alone"
        on_progress(
            StudyProgress(phase=phase, step=step, steps=steps, seconds_left=None, detail=detail)
        )

    def on_answer(n: int) -> None:
        nonlocal answered
        answered += n
        tell("examples", answered, answered)

    def on_step(step: int, steps: int, loss: float, left: float | None) -> None:
        tell("train", step, steps)

    below = sum_of(beneath)
    curriculum = curriculum_of(shard, below, Asker(engine, stop, on_answer), amounts)
    job = job_of(curriculum, below, engine, msgspec.structs.replace(recipe, seed=seed))
    return trainer(job, on_progress=on_step, stop=stop)
