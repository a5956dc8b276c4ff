"""Learning bench: ways to make a model follow lessons, side by side on the same probes.

    python -m tests.bench.learning_bench --model M.gguf --lessons FILE.jsonl [--ids a,b]
        [--arms base,note,notes,naive,ours] [--verbose] [--only-examples]

Arms: the untouched base; each lesson's card in the prompt; all cards in the prompt; a LoRA trained
naively on the corrected pairs; ours. Probes are never seen by training or by the product's exam.
Facts stay in memory, so they are measured in the prompt and left out of the adapters.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from app.engine_client import EngineClient
from learner import prompt_bank, trainer
from learner.asking import Asker
from learner.curriculum import Amounts, prepare
from learner.lesson import Kind, Lesson, ProbedLesson, read_lessons
from learner.questions import contrasts_for, questions_for
from learner.study import RECIPE, StudyProgress, StudyResult, study
from learner.wire import Example, Job, Recipe
from tests.bench.yardstick import Arm, Measured, Yardstick

NAIVE = Recipe(rank=16, alpha=32.0, lr=5e-4, epochs=10, batch_tokens=512)
"""What everybody tries first: ten rounds over the corrected pairs, all layers."""

ARMS = ("base", "note", "notes", "naive", "ours")


def main() -> None:
    """Teach, measure, print."""
    asked = _arguments()
    every = read_lessons(asked.lessons, ProbedLesson)
    wanted = [one.id for one in every] if asked.ids == "all" else asked.ids.split(",")
    lessons = [one for one in every if one.id in wanted]
    unseen(lessons)
    with _running(asked.model) as engine, ExitStack() as stack:
        asker = Asker(engine, threading.Event(), lambda _: None)
        if asked.only_examples:
            _print_examples(_trained(lessons), asker, asked)
            return
        arms = [_arm(name, lessons, engine, asked, stack) for name in asked.arms.split(",")]
        yardstick = Yardstick(asker, lessons)
        measured = []
        for arm in arms:
            measured.append(yardstick.measure(arm))
            print(f"measured {arm.name}", file=sys.stderr, flush=True)
        _table(measured, lessons)
        _by_lesson(measured, lessons)
        if asked.verbose:
            _answers(measured, lessons)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lessons", type=Path, required=True)
    parser.add_argument("--ids", default="all", help="comma-separated, or all")
    parser.add_argument("--arms", default=",".join(ARMS))
    parser.add_argument("--budget", type=float, default=36000.0, help="seconds for a study")
    parser.add_argument("--recipe", default="{}", help="JSON of fields that differ")
    parser.add_argument("--amounts", default="{}", help="JSON of fields that differ")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="print every answer")
    parser.add_argument("--only-examples", action="store_true", help="print what would be taught")
    return parser.parse_args()


def unseen(lessons: Sequence[ProbedLesson]) -> None:
    """Exit when a probe is asked anywhere in training or in the product's own exam."""
    known = {one.prompt for one in prompt_bank.load()}
    for lesson in lessons:
        for asked in (questions_for(lesson), contrasts_for(lesson)):
            known |= {*asked.study, *asked.exam}
    seen = [p.prompt for lesson in lessons for p in (*lesson.probes, *lesson.near)]
    leaked = known.intersection(seen)
    if leaked:
        sys.exit(f"Not a measurement, these probes are known: {sorted(leaked)}")


@contextmanager
def _running(model: Path) -> Iterator[EngineClient]:
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(model, Path(folder) / "staging")
        try:
            yield engine
        finally:
            engine.close()


def _trained(lessons: Sequence[ProbedLesson]) -> list[Lesson]:
    """What a product would train on: no facts, and nothing of the probes."""
    names = Lesson.__struct_fields__
    return [
        Lesson(**{name: getattr(lesson, name) for name in names})
        for lesson in lessons
        if lesson.kind is not Kind.FACT
    ]


# ------------------------------------------------------------------------------------ the arms


def _arm(
    name: str,
    lessons: Sequence[ProbedLesson],
    engine: EngineClient,
    asked: argparse.Namespace,
    stack: ExitStack,
) -> Arm:
    match name:
        case "base":
            return Arm(name=name)
        case "note":
            return Arm(name=name, shown=lambda lesson: [lesson])
        case "notes":
            everything = tuple(lessons)
            return Arm(name=name, shown=lambda _: everything, always=everything)
        case "naive":
            return _naive(_trained(lessons), engine, asked, stack)
        case "ours":
            return _ours(_trained(lessons), engine, asked, stack)
        case _:
            sys.exit(f"There is no arm called {name}; there are {', '.join(ARMS)}.")


def _naive(
    lessons: Sequence[Lesson], engine: EngineClient, asked: argparse.Namespace, stack: ExitStack
) -> Arm:
    asker = Asker(engine, threading.Event(), lambda _: None)
    end = engine.end_of_turn()
    examples = []
    for lesson in lessons:
        prompt = asker.prompt(lesson.prompt)
        target = (*engine.text_tokens(lesson.corrected), end)
        examples.append(Example(tokens=(*prompt, *target), target_start=len(prompt)))
    job = Job(
        model=str(asked.model),
        examples=tuple(examples),
        recipe=msgspec.structs.replace(NAIVE, seed=asked.seed),
    )
    began = time.monotonic()
    made = trainer.train(job, on_progress=lambda *_: None, stop=threading.Event())
    return Arm(
        name="naive",
        adapter=stack.enter_context(engine.stage(made.adapter_gguf)),
        seconds=time.monotonic() - began,
        peak_mb=made.peak_memory_mb,
    )


def _ours(
    lessons: Sequence[Lesson], engine: EngineClient, asked: argparse.Namespace, stack: ExitStack
) -> Arm:
    phases: dict[str, float] = {}

    def on_progress(progress: StudyProgress) -> None:
        phases.setdefault(progress.phase, time.monotonic())

    result = study(
        lessons,
        engine,
        recipe=msgspec.structs.replace(RECIPE, **msgspec.json.decode(asked.recipe)),
        amounts=Amounts(**msgspec.json.decode(asked.amounts)),
        budget_seconds=asked.budget,
        seed=asked.seed,
        on_progress=on_progress,
    )
    began = phases["examples"]
    print("phases began at", {name: round(at - began) for name, at in phases.items()})
    _show(result)
    adapter = None
    if result.adapter_gguf:
        staged = stack.enter_context(engine.stage(result.adapter_gguf))
        adapter = msgspec.structs.replace(staged, scale=result.scale)
    return Arm(name="ours", adapter=adapter, seconds=result.seconds, peak_mb=result.peak_memory_mb)


# ------------------------------------------------------------------------------------ printing


def _show(result: StudyResult) -> None:
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
            f" held {e.held}/{e.held_asked}, scale {e.scale}"
        )


def _table(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    kinds = [kind for kind in Kind if any(one.kind is kind for one in lessons)]
    weights = [kind.value for kind in Kind if kind is not Kind.FACT]
    names = ["arm", "to weights", "95 %", *(kind.value for kind in kinds), "near clean", "drift"]
    names += ["general", "refused", "answered", "prompt tokens", "s", "peak MB"]
    print("\n| " + " | ".join(names) + " |\n|" + "---|" * len(names))
    for m in measured:
        all_ = m.of_kinds(lessons, *weights)
        low, high = all_.interval()
        cells = [m.arm.name, f"{all_.share:.2f}", f"{low:.2f}–{high:.2f}"]
        for kind in kinds:
            of_kind = m.of_kinds(lessons, kind.value)
            cells.append(f"{of_kind.passed}/{of_kind.asked}")
        cells += [f"{m.near.passed}/{m.near.asked}", f"{m.drift:.3f}"]
        for counted in (m.general, m.refused, m.answered):
            cells.append(f"{counted.passed}/{counted.asked}")
        cells += [f"{m.prompt_tokens:.0f}", f"{m.arm.seconds:.0f}", f"{m.arm.peak_mb:.0f}"]
        print("| " + " | ".join(cells) + " |")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"\nLoad average at the end {load:.1f}.")


def _by_lesson(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    print(f"\n{'lesson':16}{'kind':11}" + "".join(f"{m.arm.name:>7}" for m in measured))
    for lesson in lessons:
        counts = "".join(f"{m.probes[lesson.id].passed:>7}" for m in measured)
        print(f"{lesson.id:16}{lesson.kind.value:11}{counts}  of {len(lesson.probes)}")


def _answers(measured: Sequence[Measured], lessons: Sequence[ProbedLesson]) -> None:
    for lesson in lessons:
        for number, probe in enumerate(lesson.probes):
            print(f"\n{lesson.id}: {probe.prompt}")
            for m in measured:
                print(f"    {m.arm.name:6} {m.answers[lesson.id][number][:160]!r}")


def _print_examples(lessons: Sequence[Lesson], asker: Asker, asked: argparse.Namespace) -> None:
    from llama_cpp import Llama

    amounts = Amounts(**msgspec.json.decode(asked.amounts))
    examples = prepare(lessons, prompt_bank.beside(lessons), asker, amounts).examples
    words = Llama(str(asked.model), vocab_only=True, verbose=False)
    for example in examples:
        tokens = list(example.tokens)
        start = example.target_start
        print(repr(words.detokenize(tokens[:start]).decode("utf-8", "replace")[-90:-24]))
        print("   ", repr(words.detokenize(tokens[start:]).decode("utf-8", "replace")))
    print(len(examples), sum(len(e.tokens) for e in examples), "tokens")


if __name__ == "__main__":
    main()
