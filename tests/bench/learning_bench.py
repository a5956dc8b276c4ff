"""Learning bench: teach some lessons of a probed file, and count the probes that pass."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.engine_client import EngineClient
from learner import prompt_bank
from learner.asking import Asker
from learner.curriculum import Amounts, prepare
from learner.engine import AdapterRef, Completion
from learner.exam import grade
from learner.lesson import Lesson, Probe, ProbedLesson, read_lessons
from learner.questions import questions_for
from learner.study import RECIPE, StudyProgress, StudyResult, study
from learner.wire import Example

_MAX_TOKENS = 120


class Row(msgspec.Struct, kw_only=True):
    """One lesson's counts: base, note in the prompt, after studying; near-misses clean."""

    id: str
    kind: str
    probes: int
    base: int
    note: int
    ours: int
    near: int
    near_clean: int
    judge_agrees: int
    judged: int
    base_answers: list[str]
    note_answers: list[str]
    our_answers: list[str]


def passes(probe: Probe, answer: str) -> bool:
    """Whether an answer has every `must` pattern and no `must_not` one."""
    return all(re.search(p, answer, re.M) for p in probe.must) and not any(
        re.search(p, answer, re.M) for p in probe.must_not
    )


def measure(lesson: ProbedLesson, asker: Asker, adapter: AdapterRef | None) -> Row:
    """Ask a lesson's probes and near-misses, alone, with its note, and with the adapter."""
    prompts = [probe.prompt for probe in lesson.probes]
    plain = [asker.prompt(p) for p in prompts]
    noted = [asker.prompt(p, [lesson]) for p in prompts]
    near = [asker.prompt(probe.prompt) for probe in lesson.near]
    base = asker.answer(plain, _MAX_TOKENS)
    note = asker.answer(noted, _MAX_TOKENS)
    ours = asker.answer(plain, _MAX_TOKENS, adapter) if adapter else base
    near_ours = asker.answer(near, _MAX_TOKENS, adapter)
    agrees = judged = 0
    for replies in (base, note, ours):
        verdicts = grade(lesson, prompts, replies, asker).passed
        truths = [passes(p, r.text) for p, r in zip(lesson.probes, replies, strict=True)]
        agrees += sum(a == b for a, b in zip(verdicts, truths, strict=True))
        judged += len(truths)

    def count(replies: Sequence[Completion]) -> int:
        return sum(
            passes(probe, reply.text) for probe, reply in zip(lesson.probes, replies, strict=True)
        )

    return Row(
        id=lesson.id,
        kind=lesson.kind.value,
        probes=len(prompts),
        base=count(base),
        note=count(note),
        ours=count(ours),
        near=len(near),
        near_clean=sum(passes(p, r.text) for p, r in zip(lesson.near, near_ours, strict=True)),
        judge_agrees=agrees,
        judged=judged,
        base_answers=[r.text for r in base],
        note_answers=[r.text for r in note],
        our_answers=[r.text for r in ours],
    )


def unseen(lessons: Sequence[ProbedLesson]) -> None:
    """Exit when a probe is asked anywhere in training or in the product's own exam."""
    known = {one.prompt for one in prompt_bank.load()}
    for lesson in lessons:
        questions = questions_for(lesson)
        known |= {*questions.study, *questions.exam}
    seen = [p.prompt for lesson in lessons for p in (*lesson.probes, *lesson.near)]
    leaked = known.intersection(seen)
    if leaked:
        sys.exit(f"Not a measurement, these probes are known: {sorted(leaked)}")


def show(result: StudyResult, rows: Sequence[Row], verbose: bool) -> None:
    """Print the session's decision and the table of counts."""
    print(f"\n{result.decision}")
    for outcome in result.lessons:
        print(
            f"  {outcome.lesson_id:14} exam {outcome.before}->{outcome.after} of {outcome.asked}"
            f"  {outcome.decision} {outcome.reason}"
        )
    if result.exam:
        e = result.exam
        print(
            f"  drift {e.drift:.3f} nats/token, near clean {e.near_clean}/{e.near_asked},"
            f" held {e.held}/{e.held_asked}, scale {e.scale}"
        )
    print(f"  {result.seconds:.0f} s, trainer's peak {result.peak_memory_mb:.0f} MB\n")
    print(f"{'lesson':14} {'kind':10} base note ours  of  near-misses clean  judge agrees")
    for r in rows:
        print(
            f"{r.id:14} {r.kind:10} {r.base:4} {r.note:4} {r.ours:4} {r.probes:3}"
            f"  {r.near_clean}/{r.near}                {r.judge_agrees}/{r.judged}"
        )
        if verbose:
            for label, answers in (
                ("base", r.base_answers),
                ("note", r.note_answers),
                ("ours", r.our_answers),
            ):
                for answer in answers:
                    print(f"    {label}: {answer[:160]!r}")


def main() -> None:
    """Teach, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lessons", type=Path, required=True)
    parser.add_argument("--ids", required=True, help="comma-separated, or all")
    parser.add_argument("--budget", type=float, default=300.0, help="seconds")
    parser.add_argument("--recipe", default="{}", help="JSON of fields that differ")
    parser.add_argument("--amounts", default="{}", help="JSON of fields that differ")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--only-examples", action="store_true", help="print what would be taught")
    args = parser.parse_args()
    every = read_lessons(args.lessons, ProbedLesson)
    wanted = [one.id for one in every] if args.ids == "all" else args.ids.split(",")
    lessons = [one for one in every if one.id in wanted]
    unseen(lessons)
    recipe = msgspec.json.decode(args.recipe, type=dict[str, object])
    amounts = Amounts(**msgspec.json.decode(args.amounts, type=dict[str, int]))
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(args.model, Path(folder))
        asker = Asker(engine, threading.Event(), lambda _: None)
        plain = [_plain(lesson) for lesson in lessons]
        if args.only_examples:
            curriculum = prepare(plain, prompt_bank.load(), asker, amounts)
            _print_examples(curriculum.examples, engine, args.model)
            return
        phases: dict[str, float] = {}

        def on_progress(progress: StudyProgress) -> None:
            phases.setdefault(progress.phase, time.monotonic())

        result = study(
            plain,
            engine,
            recipe=msgspec.structs.replace(RECIPE, **recipe),
            amounts=amounts,
            budget_seconds=args.budget,
            seed=args.seed,
            on_progress=on_progress,
        )
        print({name: round(at - phases["examples"]) for name, at in phases.items()})
        rows = []
        if result.adapter_gguf:
            with engine.stage(result.adapter_gguf) as adapter:
                scaled = msgspec.structs.replace(adapter, scale=result.scale)
                rows = [measure(lesson, asker, scaled) for lesson in lessons]
        else:
            rows = [measure(lesson, asker, None) for lesson in lessons]
        show(result, rows, args.verbose)
        engine.close()


def _print_examples(examples: Sequence[Example], engine: EngineClient, model: Path) -> None:
    from llama_cpp import Llama

    words = Llama(str(model), vocab_only=True, verbose=False)
    for example in examples:
        tokens = list(example.tokens)
        start = example.target_start
        print(repr(words.detokenize(tokens[:start]).decode("utf-8", "replace")[-90:-24]))
        print("   ", repr(words.detokenize(tokens[start:]).decode("utf-8", "replace")))
    print(len(examples), sum(len(e.tokens) for e in examples), "tokens")


def _plain(lesson: ProbedLesson) -> Lesson:
    """The lesson without its probes: what a product would know."""
    return Lesson(**{name: getattr(lesson, name) for name in Lesson.__struct_fields__})


if __name__ == "__main__":
    main()
