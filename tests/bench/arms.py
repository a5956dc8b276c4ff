"""Arms: the ways to make a model follow lessons that are measured side by side."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from app.engine_client import EngineClient
from learner import notebook, trainer
from learner.amounts import Amounts
from learner.asking import Asker
from learner.engine import AdapterRef
from learner.lesson import Kind, Lesson, ProbedLesson
from learner.notebook import NoNotebook, Notebook
from learner.report import StudyResult
from learner.shards import TrainedShard
from learner.study import RECIPE, StudyProgress, study
from learner.wire import Example, Job, Recipe
from tests.bench.sequential import Made, Order, train_nights
from tests.bench.yardstick import Arm

NAIVE = Recipe(rank=16, alpha=32.0, lr=5e-4, epochs=10, batch_tokens=512)
"""What everybody tries first: ten rounds over the corrected pairs, all layers."""

A_NIGHT = 4
"""Lessons of one night."""

DEFAULT = ("base", "note", "notes", "naive", "nights-naive", "ours")
ARMS = {
    "base": "the untouched model",
    "note": "each lesson's card in the prompt of its own questions",
    "notes": "all cards in every prompt",
    "naive": "a LoRA on the corrected pairs, all at once",
    "nights-naive": "a LoRA on the corrected pairs, four lessons a night, each night going on"
    " with yesterday's adapter",
    "ours": "the product's study, nothing in the prompt but facts",
    "served": "the same, with the cards of what the exam kept in context",
    "file": "any adapter file, by --adapter",
}
TRAINED = ("naive", "nights-naive", "ours", "served")
"""Arms that depend on a seed."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the arms are made with; see the bench's own options."""

    model: Path
    budget: float = 36000.0
    recipe: Recipe = RECIPE
    naive: Recipe = NAIVE
    amounts: Amounts = Amounts()
    adapter: Path | None = None
    scale: float = 1.0
    save: Path | None = None


class Workshop:
    """Makes arms on one engine; adapters stay staged until it is left."""

    def __init__(
        self, engine: EngineClient, lessons: Sequence[ProbedLesson], options: Options
    ) -> None:
        self._engine = engine
        self._lessons = lessons
        self._options = options
        self._asker = Asker(engine, threading.Event(), lambda _: None)
        self._stack = ExitStack()
        self._studied: dict[int, tuple[StudyResult, AdapterRef | None]] = {}

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def make(self, name: str, seed: int | None) -> Arm:
        """An arm of `ARMS`; trained ones want a seed."""
        everything = tuple(self._lessons)
        match name:
            case "base":
                return Arm(name=name)
            case "note":
                return Arm(name=name, shown=lambda lesson: [lesson])
            case "notes":
                return Arm(name=name, shown=lambda _: everything, always=everything)
            case "naive":
                return self._naive(seed or 0)
            case "nights-naive":
                made = self.chained(in_nights(self._lessons), seed or 0)
                return self._chained(made, seed or 0)
            case "ours" | "served":
                return self._ours(name, seed or 0)
            case "file":
                return self._file()
            case _:
                sys.exit(f"There is no arm called {name}; there are {', '.join(ARMS)}.")

    def chained(self, nights: Sequence[Sequence[ProbedLesson]], seed: int) -> Made:
        """The adapters of naive training, night after night."""
        order = Order(
            model=str(self._options.model),
            nights=tuple(self._pairs(for_weights(night)) for night in nights),
            recipe=msgspec.structs.replace(self._options.naive, seed=seed),
        )
        return train_nights(order)

    def stage(self, adapter: bytes, name: str, scale: float = 1.0) -> AdapterRef:
        """An adapter that the engine can use until the workshop is left; saved where asked."""
        if self._options.save is not None:
            self._options.save.mkdir(parents=True, exist_ok=True)
            (self._options.save / f"{name}.gguf").write_bytes(adapter)
        staged = self._stack.enter_context(self._engine.stage(adapter))
        return msgspec.structs.replace(staged, scale=scale)

    def study(
        self,
        lessons: Sequence[Lesson],
        seed: int,
        current: AdapterRef | None = None,
        kept: Sequence[TrainedShard] = (),
        notes: Notebook = NoNotebook(),  # noqa: B008 (holds nothing)
    ) -> StudyResult:
        """The product's own study, with what the bench's options change."""
        phases: dict[str, float] = {}

        def on_progress(progress: StudyProgress) -> None:
            phases.setdefault(progress.phase, time.monotonic())

        result = study(
            lessons,
            self._engine,
            recipe=self._options.recipe,
            amounts=self._options.amounts,
            budget_seconds=self._options.budget,
            seed=seed,
            current=current,
            kept=kept,
            notebook=notes,
            on_progress=on_progress,
        )
        notebook.close(notes)
        began = phases["examples"]
        print("phases began at", {name: round(at - began) for name, at in phases.items()})
        show(result)
        return result

    def _naive(self, seed: int) -> Arm:
        lessons = for_weights(self._lessons)
        job = Job(
            model=str(self._options.model),
            examples=self._pairs(lessons),
            recipe=msgspec.structs.replace(self._options.naive, seed=seed),
        )
        began = time.monotonic()
        made = trainer.train(job, on_progress=lambda *_: None, stop=threading.Event())
        return Arm(
            name="naive",
            adapter=self.stage(made.adapter_gguf, f"naive-{seed}"),
            seed=seed,
            taught=len(lessons),
            seconds=time.monotonic() - began,
            peak_mb=made.peak_memory_mb,
        )

    def _chained(self, made: Made, seed: int) -> Arm:
        return Arm(
            name="nights-naive",
            adapter=self.stage(made.adapters[-1], f"nights-naive-{seed}"),
            seed=seed,
            taught=len(for_weights(self._lessons)),
            seconds=made.seconds,
            peak_mb=made.peak_mb,
        )

    def _ours(self, name: str, seed: int) -> Arm:
        if seed not in self._studied:
            result = self.study(for_weights(self._lessons), seed)
            made = result.adapter_gguf
            adapter = self.stage(made, f"ours-{seed}", result.scale) if made else None
            self._studied[seed] = result, adapter
        result, adapter = self._studied[seed]
        learned = {one.lesson_id for one in result.lessons if one.decision == "learned"}
        kept = frozenset(one.id for one in for_weights(self._lessons) if one.id not in learned)
        return Arm(
            name=name,
            # Facts stay in memory, which shows them when they are asked about.
            shown=lambda lesson: (
                [lesson]
                if lesson.kind is Kind.FACT or (name == "served" and lesson.id in kept)
                else []
            ),
            adapter=adapter,
            seed=seed,
            taught=len(for_weights(self._lessons)),
            seconds=result.seconds,
            peak_mb=result.peak_memory_mb,
        )

    def _file(self) -> Arm:
        if self._options.adapter is None:
            sys.exit("The arm `file` wants --adapter FILE.gguf.")
        data = self._options.adapter.read_bytes()
        return Arm(name="file", adapter=self.stage(data, "file", self._options.scale))

    def _pairs(self, lessons: Sequence[Lesson]) -> tuple[Example, ...]:
        """The person's own question and corrected answer of each lesson, as they stand."""
        end = self._engine.end_of_turn()
        examples = []
        for lesson in lessons:
            prompt = self._asker.prompt(lesson.prompt)
            target = (*self._engine.text_tokens(lesson.corrected), end)
            examples.append(Example(tokens=(*prompt, *target), target_start=len(prompt)))
        return tuple(examples)


def for_weights(lessons: Sequence[ProbedLesson]) -> list[Lesson]:
    """What a product would train on: no facts, and nothing of the probes."""
    names = Lesson.__struct_fields__
    return [
        Lesson(**{name: getattr(lesson, name) for name in names})
        for lesson in lessons
        if lesson.kind is not Kind.FACT
    ]


def in_nights(lessons: Sequence[ProbedLesson]) -> list[list[ProbedLesson]]:
    """The lessons four a night, in their order; a night of facts alone trains nothing."""
    nights = [list(lessons[start : start + A_NIGHT]) for start in range(0, len(lessons), A_NIGHT)]
    return [night for night in nights if for_weights(night)]


def show(result: StudyResult) -> None:
    """What a study came to, lesson by lesson."""
    print(f"{result.decision} (SHA-256 {result.sha256[:16]})")
    for outcome in result.lessons:
        print(
            f"  {outcome.lesson_id:14} exam {outcome.before}->{outcome.after} of {outcome.asked}"
            f"  {outcome.decision} {outcome.reason}"
        )
    if result.exam:
        e = result.exam
        print(
            f"  exam: drift {e.drift:.3f}, near-misses clean {e.near_clean}/{e.near_asked},"
            f" held {e.held}/{e.held_asked}, scale {e.scale}",
            flush=True,
        )
