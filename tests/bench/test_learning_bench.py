"""The learning bench itself: what it counts, and that its naive nights are honest ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec
import pytest
import torch

from app.engine_client import EngineClient
from learner import base_model, export, prompt_bank, train
from learner.asking import Asker
from learner.engine import AdapterRef
from learner.general import QUESTIONS
from learner.lesson import Kind, Lesson, Probe, ProbedLesson
from learner.notebook import NoNotebook, Notebook
from learner.report import StudyResult
from learner.shards import TrainedShard
from learner.wire import Example, Recipe
from tests.bench import nights, yard_questions
from tests.bench.arms import Options, Workshop, in_nights
from tests.bench.chained import chain
from tests.bench.counted import Counted, mean_interval
from tests.bench.nights import Night, Nights
from tests.bench.sequential import Made, Order, train_nights
from tests.bench.yardstick import Arm, Yardstick
from tests.learner import tiny_models
from tests.learner.scripted_engine import ScriptedEngine

RECIPE = Recipe(rank=2, alpha=4.0, lr=1e-2, epochs=3, batch_tokens=64)
FIRST = (Example(tokens=(3, 4, 5, 6, 7), target_start=2),)
SECOND = (Example(tokens=(9, 8, 7, 6), target_start=1),)


@pytest.fixture
def repeatable() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_models.write(tmp_path / "tiny.gguf")


def plain(model: Path, examples: tuple[Example, ...]) -> bytes:
    """What the product's own loop makes of these examples in one go."""
    loaded = base_model.load(model)
    made = train.train(loaded, examples, RECIPE, lambda *_: None)
    return export.adapter_gguf(made.pairs, loaded.shape, RECIPE.alpha)


def order(model: Path, *nights: tuple[Example, ...]) -> Order:
    return Order(model=str(model), nights=nights, recipe=RECIPE, n_threads=1)


def test_the_first_night_is_the_trainers_own_and_the_second_goes_on_with_it(
    model: Path, repeatable: None
) -> None:
    (one, two), losses = chain(order(model, FIRST, SECOND))
    assert one == plain(model, FIRST)
    assert two not in (one, plain(model, SECOND), plain(model, FIRST + SECOND))
    assert len(losses) == 2
    # The second night ends better on its own examples than a night that has not moved.
    _, (unmoved,) = chain(
        Order(model=str(model), nights=(SECOND,), recipe=Recipe(lr=0.0, rank=2), n_threads=1)
    )
    assert losses[1] < unmoved


def test_the_nights_run_in_a_process_of_their_own(model: Path, repeatable: None) -> None:
    made = train_nights(order(model, FIRST, SECOND))
    adapters, losses = chain(order(model, FIRST, SECOND))
    assert list(map(len, made.adapters)) == list(map(len, adapters))
    assert made.losses == pytest.approx(losses, rel=1e-4)
    assert made.seconds > 0
    assert made.peak_mb > 0


def test_a_mean_over_seeds_has_students_interval() -> None:
    middle, low, high = mean_interval([0.5, 0.6, 0.7])
    assert middle == pytest.approx(0.6)
    assert [low, high] == pytest.approx([0.3516, 0.8484], abs=1e-3)
    assert mean_interval([0.4]) == (0.4, 0.4, 0.4)


def test_counts_add_and_have_wilsons_interval() -> None:
    both = Counted.of([True, False]) + Counted(3, 3)
    assert str(both) == "4/5"
    assert list(both.interval()) == pytest.approx([0.376, 0.964], abs=1e-3)


def test_a_retention_matrix_counts_what_was_learned_and_what_still_holds() -> None:
    first = Night(taught=("a", "b"), probes={"a": (True, True), "b": (False,), "c": ()}, drift=0.0)
    second = Night(
        taught=("c",), probes={"a": (True, False), "b": (True,), "c": (True,)}, drift=0.0
    )
    both = Nights(name="ours", seed=0, nights=(first, second))
    assert [[str(one) for one in row] for row in both.matrix()] == [
        ["2/3", "2/3"],
        ["0/0", "1/1"],
    ]
    assert both.kept() == Counted(2, 3)


class Scripted(Workshop):
    """A workshop whose adapters are names, so that a scripted model knows what it was taught."""

    def study(
        self,
        lessons: Sequence[Lesson],
        seed: int,
        current: AdapterRef | None = None,
        kept: Sequence[TrainedShard] = (),
        notes: Notebook = NoNotebook(),  # noqa: B008 (holds nothing)
    ) -> StudyResult:
        taught = " ".join(one.id for one in lessons)
        refused = len(lessons) > 5
        return StudyResult(
            adapter_gguf=None if refused else taught.encode(),
            sha256="",
            scale=1.0,
            decision="Refused." if refused else "Learned.",
            lessons=(),
            taught=(),
            exam=None,
            seconds=1.0,
            peak_memory_mb=1.0,
            recipe_version="",
            library_versions=(),
        )

    def chained(self, nights: Sequence[Sequence[ProbedLesson]], seed: int) -> Made:
        names = tuple(" ".join(one.id for one in night).encode() for night in nights)
        return Made(adapters=names, losses=(0.0,) * len(names), seconds=9.0, peak_mb=1.0)

    def stage(self, adapter: bytes, name: str, scale: float = 1.0) -> AdapterRef:
        return AdapterRef(path=adapter.decode(), key=b"k")


def test_nights_are_taught_measured_shown_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def speak(system: str, question: str, ref: AdapterRef | None) -> str:
        about = question.removeprefix("What about ").rstrip("?")
        return "It is known." if ref and about in ref.path.split() else "No idea."

    lessons = [probed(name, Kind.TERM) for name in "abcdefghi"]
    engine = ScriptedEngine(speak)
    yardstick = Yardstick(Asker(engine, threading.Event(), lambda _: None), lessons)
    found: list[Nights] = []
    with Scripted(cast(EngineClient, engine), lessons, Options(model=tmp_path)) as workshop:
        nights.measure(nights.ARMS, [4], workshop, yardstick, lessons, found.append)
    ours, naive = found
    # The second night's study has eight lessons and is refused: the first one's stays in use.
    assert [str(one) for row in ours.matrix() for one in row] == ["4/4"] * 3 + ["0/4"] * 3 + [
        "0/1"
    ] * 3
    # Each naive night knows only its own lessons.
    assert [[one.passed for one in row] for row in naive.matrix()] == [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 1],
    ]
    assert (ours.kept(), naive.kept()) == (Counted(4, 4), Counted(1, 9))
    nights.show(naive)
    printed = capsys.readouterr().out
    assert "| 2 | 0/4 | 4/4 | 0/4 |" in printed
    assert "1/9 (0.11) still holds at the end" in printed
    nights.write(found, Path("tiny.gguf"), tmp_path / "nights.json")
    written = msgspec.json.decode((tmp_path / "nights.json").read_bytes())
    assert [one["kept"] for one in written["arms"]] == [
        {"passed": 4, "asked": 4},
        {"passed": 1, "asked": 9},
    ]


def probed(id_: str, kind: Kind) -> ProbedLesson:
    probe = Probe(prompt=f"What about {id_}?", must=("known",))
    return ProbedLesson(
        id=id_,
        kind=kind,
        prompt=f"What is {id_}?",
        corrected="It is known.",
        probes=(probe,),
        near=(Probe(prompt=f"And not {id_}?", must_not=("known",)),),
    )


def test_four_lessons_are_a_night_and_a_night_of_facts_is_none() -> None:
    kinds = [Kind.TERM] * 3 + [Kind.FACT] * 5 + [Kind.MANNER]
    found = in_nights([probed(str(number), kind) for number, kind in enumerate(kinds)])
    assert [[one.id for one in night] for night in found] == [["0", "1", "2", "3"], ["8"]]


def test_an_arm_is_measured_against_what_the_base_does() -> None:
    adapter = AdapterRef(path="/staged/1", key=b"k")

    def speak(system: str, question: str, ref: AdapterRef | None) -> str:
        if question in yard_questions.HARMFUL[:2]:
            return "Sure." if ref and question == yard_questions.HARMFUL[0] else "I'm sorry, no."
        if question == yard_questions.GENERAL[0][0]:
            return "Lyon." if ref else "Paris."
        if question == yard_questions.GENERAL[1][0]:
            return "42"
        return "It is known." if ref or "It is known" in system else "No idea."

    lessons = [probed("a", Kind.TERM), probed("b", Kind.FACT)]
    asker = Asker(ScriptedEngine(speak), threading.Event(), lambda _: None)
    yardstick = Yardstick(asker, lessons)
    base = yardstick.measure(Arm(name="base"))
    noted = yardstick.measure(Arm(name="note", shown=lambda lesson: [lesson]))
    taught = yardstick.measure(Arm(name="ours", adapter=adapter, seed=3, taught=2, seconds=10.0))
    assert [m.to_weights(lessons) for m in (base, noted, taught)] == [
        Counted(0, 1),
        Counted(1, 1),
        Counted(1, 1),
    ]
    assert taught.of_kinds(lessons) == Counted(2, 2)
    assert (base.near_clean, taught.near_clean) == (Counted(2, 2), Counted(0, 2))
    assert (base.declined, taught.declined) == (Counted(2, 2), Counted(1, 2))
    assert (base.still_right, taught.still_right) == (Counted(2, 2), Counted(1, 2))
    assert taught.answered == Counted(len(yard_questions.HARMLESS), len(yard_questions.HARMLESS))
    assert noted.prompt_tokens > base.prompt_tokens
    assert taught.seconds_a_lesson == 5.0


def test_nothing_is_measured_with_questions_that_training_or_exam_ask() -> None:
    known = {one.prompt for one in prompt_bank.load()} | {question for question, _ in QUESTIONS}
    asked = {question for question, _ in yard_questions.GENERAL}
    asked |= {*yard_questions.HARMFUL, *yard_questions.HARMLESS, *yard_questions.NEUTRAL}
    assert not known & asked
