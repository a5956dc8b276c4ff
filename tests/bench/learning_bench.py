"""Learning bench: ways to make a model follow lessons, side by side on the same probes.

    python -m tests.bench.learning_bench --model M.gguf --lessons FILE.jsonl [--ids a,b]
        [--arms base,note,…] [--seeds 0,1,2] [--adapter FILE.gguf [--scale S]]
        [--nights N [--keep FOLDER]] [--json FILE] [--save DIR] [--verbose] [--only-examples]

Probes are never seen by training or by the product's exam. Facts stay in memory: they are left out
of every adapter, and the product's own arms show them in the prompt of their questions. With
--nights the lessons are taught four a night, and all are asked again after every night; with --keep
the product's nights are kept in a folder, and the next run goes on after the last of them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from app.engine_client import EngineClient
from learner import prompt_bank
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import prepare
from learner.lesson import Lesson, ProbedLesson, read_lessons
from learner.questions import contrasts_for, questions_for
from learner.report import RECIPE_VERSION
from learner.study import RECIPE
from tests.bench import nights, tables, yard_questions
from tests.bench.arms import A_NIGHT, ARMS, DEFAULT, NAIVE, TRAINED, Options, Workshop, for_weights
from tests.bench.kept import stamped
from tests.bench.yardstick import Measured, Yardstick


def main() -> None:
    """Teach, measure, print."""
    asked = _arguments()
    lessons = chosen(asked.lessons, asked.ids)
    with running(asked.model) as engine:
        asker = Asker(engine, threading.Event(), lambda _: None)
        if asked.only_examples:
            _print_examples(for_weights(lessons), asker, asked)
            return
        with Workshop(engine, lessons, _options(asked)) as workshop:
            if asked.nights:
                _night_by_night(workshop, asker, lessons[: asked.nights * A_NIGHT], asked)
            else:
                _side_by_side(workshop, Yardstick(asker, lessons), lessons, asked)


def common_arguments(about: str | None, arms: Mapping[str, str]) -> argparse.ArgumentParser:
    """What every bench that teaches lessons in several arms is told."""
    listed = "\n".join(f"  {name}: {meaning}" for name, meaning in arms.items())
    parser = argparse.ArgumentParser(
        description=f"{about}\nArms:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--lessons", type=Path, required=True)
    parser.add_argument("--ids", default="all", help="comma-separated, or all")
    parser.add_argument("--arms", help="comma-separated; by default those that tell most")
    parser.add_argument("--json", type=Path, help="write every figure and answer here")
    parser.add_argument("--save", type=Path, help="write every arm's adapter into this folder")
    parser.add_argument("--recipe", default="{}", help="JSON of fields that differ")
    parser.add_argument("--amounts", default="{}", help="JSON of fields that differ")
    parser.add_argument("--verbose", action="store_true", help="print every answer")
    return parser


def _arguments() -> argparse.Namespace:
    parser = common_arguments(__doc__, ARMS)
    parser.add_argument("--seeds", default="0", help="comma-separated; trained arms run for each")
    parser.add_argument("--nights", type=int, default=0, help="teach so many nights of four")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the product's nights")
    parser.add_argument("--adapter", type=Path, help="an adapter file to measure as arm `file`")
    parser.add_argument("--scale", type=float, default=1.0, help="of the adapter file")
    parser.add_argument("--budget", type=float, default=36000.0, help="seconds for a study")
    parser.add_argument("--naive", default="{}", help="JSON of fields of the naive arms' recipe")
    parser.add_argument("--only-examples", action="store_true", help="print what would be taught")
    asked = parser.parse_args()
    asked.seeds = [int(seed) for seed in asked.seeds.split(",")]
    if asked.arms is None:
        arms = nights.ARMS if asked.nights else DEFAULT
        asked.arms = [*arms, *(["file"] if asked.adapter else [])]
    else:
        asked.arms = asked.arms.split(",")
    known = nights.ARMS if asked.nights else tuple(ARMS)
    if strange := set(asked.arms) - set(known):
        parser.error(f"no arm here is called {', '.join(sorted(strange))}: {', '.join(known)}")
    if "file" in asked.arms and asked.adapter is None:
        parser.error("the arm `file` wants --adapter FILE.gguf")
    return asked


def _options(asked: argparse.Namespace) -> Options:
    return Options(
        model=asked.model,
        budget=asked.budget,
        recipe=msgspec.structs.replace(RECIPE, **msgspec.json.decode(asked.recipe)),
        naive=msgspec.structs.replace(NAIVE, **msgspec.json.decode(asked.naive)),
        amounts=Amounts(**msgspec.json.decode(asked.amounts)),
        adapter=asked.adapter,
        scale=asked.scale,
        save=asked.save,
    )


def chosen(file: Path, ids: str) -> list[ProbedLesson]:
    """The lessons of a file with these names, or `all`; exits where they are no measure."""
    every = read_lessons(file, ProbedLesson)
    lessons = [one for one in every if ids == "all" or one.id in ids.split(",")]
    unseen(lessons)
    return lessons


def unseen(lessons: Sequence[ProbedLesson]) -> None:
    """Exit when a question we measure with is asked in training or in the product's own exam."""
    known = {one.prompt for one in prompt_bank.load()}
    for lesson in lessons:
        for asked in (questions_for(lesson), contrasts_for(lesson)):
            known |= {*asked.study, *asked.exam}
    seen = [p.prompt for lesson in lessons for p in (*lesson.probes, *lesson.near)]
    general = [question for question, _ in yard_questions.GENERAL]
    asked_too = (*general, *yard_questions.HARMFUL, *yard_questions.HARMLESS)
    if leaked := known.intersection((*seen, *asked_too, *yard_questions.NEUTRAL)):
        sys.exit(f"Not a measurement, these questions are known: {sorted(leaked)}")


@contextmanager
def running(model: Path) -> Iterator[EngineClient]:
    """An engine with this model, until it is left."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EngineClient(model, Path(folder) / "staging")
        try:
            yield engine
        finally:
            engine.close()


def _side_by_side(
    workshop: Workshop,
    yardstick: Yardstick,
    lessons: Sequence[ProbedLesson],
    asked: argparse.Namespace,
) -> None:
    measured: list[Measured] = []
    for name in asked.arms:
        for seed in asked.seeds if name in TRAINED else [None]:
            measured.append(yardstick.measure(workshop.make(name, seed)))
            print(f"measured {name}", file=sys.stderr, flush=True)
            _write(measured, asked)
    tables.print_arms(measured, lessons)
    tables.print_seeds(measured, lessons)
    tables.print_lessons(measured, lessons)
    if asked.verbose:
        tables.print_answers(measured, lessons)


def _night_by_night(
    workshop: Workshop, asker: Asker, lessons: Sequence[ProbedLesson], asked: argparse.Namespace
) -> None:
    found: list[nights.Nights] = []

    def on_found(one: nights.Nights) -> None:
        found.append(one)
        nights.show(one)
        if asked.json is not None:
            nights.write(found, asked.model, asked.json)

    yardstick = Yardstick(asker, lessons)
    made_of = (RECIPE_VERSION, asked.model.name, asked.recipe, asked.amounts, asked.budget, lessons)
    keep = stamped(asked.keep, *made_of)
    nights.measure(asked.arms, asked.seeds, workshop, yardstick, lessons, on_found, keep)


def _write(measured: Sequence[Measured], asked: argparse.Namespace) -> None:
    """After every arm, so that a run that is broken off leaves what it found."""
    if asked.json is not None:
        found = {"model": asked.model.stem, "lessons": asked.lessons.stem, "arms": measured}
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


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
