"""A session shard by shard: what is kept, what is made anew, and how a killed one goes on."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

import msgspec
import pytest

from learner import notebook
from learner.amounts import Amounts
from learner.asking import Asker
from learner.curriculum import Course, examined, prepare
from learner.engine import AdapterRef
from learner.lesson import Kind, Lesson
from learner.merge import Part, served
from learner.prompt_bank import beside
from learner.report import StudyResult
from learner.session import PUT_OFF, SPOILS
from learner.shards import SIZE, Plan, TrainedShard, plan
from learner.study import rebuild, study
from learner.trainer import OnCheckpoint, OnProgress
from learner.wire import Job, Trained
from tests.learner.paper import Paper
from tests.learner.scripted_engine import ScriptedEngine
from tests.learner.some_adapters import made_of
from tests.learner.some_lessons import AHOY, MAGPIE, MORSE, RESTORE, SIGN_OFF

AMOUNTS = Amounts(manner=2, questions=3, replay=4, near=1, exam=2)
TERMS = [
    Lesson(
        id=f"t{number}",
        kind=Kind.TERM,
        prompt=f"What is {name}?",
        corrected=f"{name} is our tool number {number}; ask Finance.",
        note=f"{name} means tool {number}.",
    )
    for number, name in enumerate(
        "Quillfern Oxbow Larkspur Tamarind Bluebird Wharfinger Zephyr Cobalt Marlin Nimbus".split()
    )
]


class Bench:
    """An engine that learns every term, and a trainer whose adapter is a hash of its examples."""

    def __init__(self, spoils: Lesson | None = None) -> None:
        self.engine = ScriptedEngine(self._speak)
        self.jobs: list[Job] = []
        self.short = False
        self._spoils = spoils
        self._spoilt = False

    def _speak(self, system: str, question: str, adapter: AdapterRef | None) -> str:
        if adapter and self._spoilt:
            return self._spoils.corrected if self._spoils else ""
        known = (one for one in (*TERMS, MAGPIE) if one.prompt[8:-1] in question)
        lesson = next(known, None)
        return lesson.corrected if adapter and lesson else "Nobody told me about that."

    def train(
        self,
        job: Job,
        *,
        on_progress: OnProgress,
        stop: threading.Event,
        on_checkpoint: OnCheckpoint = print,
    ) -> Trained:
        self.jobs.append(job)
        texts = [self.engine.text_of(one.tokens) for one in job.examples]
        if self._spoils:
            self._spoilt = any(self._spoils.corrected in text for text in texts)
        adapter = made_of("\n".join(texts))
        return Trained(
            adapter_gguf=adapter,
            sha256=hashlib.sha256(adapter).hexdigest(),
            steps=1 if self.short else 2,
            planned=2,
            seconds=1.0,
            load_seconds=0.5,
            peak_memory_mb=100.0,
            first_loss=2.0,
            last_loss=0.1,
            tokens_per_s=100.0,
        )

    def study(
        self, lessons: Sequence[Lesson], kept: Sequence[TrainedShard] = (), budget: float = 1e6
    ) -> StudyResult:
        return study(
            lessons,
            self.engine,
            trainer=self.train,
            amounts=AMOUNTS,
            kept=kept,
            budget_seconds=budget,
        )


def ids(result: StudyResult) -> list[tuple[str, ...]]:
    return [shard.lesson_ids for shard in result.shards]


def test_more_lessons_than_a_shard_holds_are_taught_in_several_and_served_as_their_sum() -> None:
    bench = Bench()
    result = bench.study(TERMS)
    assert ids(result) == [
        tuple(one.id for one in TERMS[:SIZE]),
        tuple(one.id for one in TERMS[SIZE:]),
    ]
    assert len(bench.jobs) == 2
    whole = served([Part(one.adapter_gguf, one.scale) for one in result.shards])
    assert (result.adapter_gguf, result.scale) == (whole.adapter_gguf, 1.0)
    assert result.sha256 == hashlib.sha256(whole.adapter_gguf).hexdigest()
    assert result.taught == tuple(one.id for one in TERMS)
    assert {one.decision for one in result.lessons} == {"learned"}


def test_only_what_changed_is_trained_again() -> None:
    first = Bench().study(TERMS)
    again = Bench()
    assert again.study(TERMS, first.shards).adapter_gguf == first.adapter_gguf
    assert again.jobs == []
    # One lesson less in the second shard: the first is kept, the second is as if never taught it.
    bench = Bench()
    result = bench.study(TERMS[:-1], first.shards)
    assert len(bench.jobs) == 1
    assert result.shards[0] == first.shards[0]
    assert result.shards == Bench().study(TERMS[:-1]).shards
    # A new lesson goes where there is room.
    grown = Bench().study([*TERMS, RESTORE], first.shards)
    assert grown.shards[0] == first.shards[0]
    assert {*ids(grown)[1], *(one.lesson_id for one in grown.shards[1].left_out)} == {
        "t8",
        "t9",
        RESTORE.id,
    }


def test_forgetting_equals_never_having_been_taught() -> None:
    a, b, c = TERMS[:3]
    taught = Bench().study([a, b, c])
    forgotten = Bench().study([a, c], taught.shards)
    never = Bench().study([a, c])
    assert forgotten.sha256 == never.sha256 != taught.sha256
    assert forgotten.shards == never.shards


def test_shards_of_another_model_are_made_anew_and_serve_again_later() -> None:
    other = Bench()
    base = other.engine.base_model()
    other.engine.base_model = lambda: type(base)(  # type: ignore[method-assign]
        name="other", path="/other", sha256="1" * 64, architecture="llama", n_ctx=1, n_vocab=1
    )
    first = Bench().study(TERMS[:2])
    moved = other.study(TERMS[:2], first.shards)
    assert len(other.jobs) == 1
    assert moved.shards[0].digest != first.shards[0].digest
    back = Bench()
    assert back.study(TERMS[:2], (*moved.shards, *first.shards)).shards == first.shards
    assert back.jobs == []


def test_a_shard_is_taught_on_top_of_the_earlier_ones_and_names_their_lessons() -> None:
    bench = Bench()
    result = bench.study([AHOY, *TERMS[1:SIZE], MAGPIE])
    below, above = result.shards
    assert (below.beneath, above.beneath) == ((), below.lesson_ids)
    assert [job.beneath for job in bench.jobs] == [b"", below.adapter_gguf]
    told = [bench.engine.text_of(one.tokens) for one in bench.jobs[1].examples]
    assert any(f"Ahoy! {MAGPIE.corrected}" in one for one in told)
    without = Bench()
    without.study([*TERMS[1:SIZE], MAGPIE], result.shards)
    assert len(without.jobs) == 2, "what stood on a forgotten lesson is made anew"


def test_a_shard_without_what_spoils_is_as_if_it_had_never_been_there() -> None:
    bench = Bench(spoils=RESTORE)
    result = bench.study([MAGPIE, RESTORE])
    assert ids(result) == [(MAGPIE.id,)]
    (left,) = result.shards[0].left_out
    assert left.lesson_id == RESTORE.id
    assert left.why.startswith(f"{SPOILS} spilled over into answers it was not about (")
    assert result.sha256 == Bench().study([MAGPIE]).sha256
    # It is not tried again while nothing changes, and the report still says why.
    again = Bench(spoils=RESTORE)
    repeated = again.study([MAGPIE, RESTORE], result.shards)
    assert again.jobs == []
    assert repeated.shards == result.shards
    assert repeated.lessons[1].reason == left.why


def test_a_lesson_without_examples_leaves_no_trace_in_the_others() -> None:
    unteachable = Lesson(
        id="odd", kind=Kind.MANNER, prompt="Zxcv qwer?", corrected="Mnbv.", note="Zxcv wants mnbv."
    )
    result = Bench().study([MAGPIE, unteachable])
    assert ids(result) == [(MAGPIE.id,)]
    assert result.lessons[1].reason == result.shards[0].left_out[0].why != ""
    assert result.sha256 == Bench().study([MAGPIE]).sha256


def test_a_lesson_that_resembles_nothing_is_told_at_once() -> None:
    bench = Bench()
    result = bench.study([MORSE])
    assert "resembles none" in result.lessons[0].reason
    assert result.decision.startswith("Nothing was learned.")
    assert (bench.engine.log, bench.jobs) == ([], [])


def test_what_there_is_no_time_for_waits_for_the_next_session() -> None:
    bench = Bench()
    result = bench.study(TERMS, budget=1e-3)
    assert len(bench.jobs) == 1
    assert ids(result) == [tuple(one.id for one in TERMS[:SIZE])]
    assert {one.reason for one in result.lessons[SIZE:]} == {PUT_OFF}
    assert result.unfinished
    bench = Bench()
    assert bench.study(TERMS, result.shards).sha256 == Bench().study(TERMS).sha256
    assert len(bench.jobs) == 1


def test_a_training_cut_short_is_used_and_never_kept() -> None:
    bench = Bench()
    bench.short = True
    result = bench.study(TERMS[:2])
    assert result.adapter_gguf is not None
    assert (result.shards[0].digest, result.unfinished) == ("", True)
    whole = Bench()
    again = whole.study(TERMS[:2], result.shards)
    assert again.shards[0].digest
    assert not again.unfinished
    assert len(whole.jobs) == 1


def test_a_rebuilt_shard_is_the_one_of_the_session() -> None:
    lessons = [*TERMS[:SIZE], MAGPIE, AHOY]
    result = Bench().study(lessons)
    divided: Plan = plan(lessons, result.shards)
    beneath: list[bytes] = []
    for shard, made in zip(divided.shards(()), result.shards, strict=True):
        bench = Bench()
        again = rebuild(shard, beneath, bench.engine, trainer=bench.train, amounts=AMOUNTS)
        assert again.sha256 == made.sha256
        beneath.append(again.adapter_gguf)


def test_the_exam_asks_what_the_curriculum_kept_out_of_the_training() -> None:
    lessons = [AHOY, MAGPIE, RESTORE, SIGN_OFF, TERMS[0]]
    asker = Asker(Bench().engine, threading.Event(), lambda _: None)
    prepared = prepare(lessons, beside(lessons), asker, AMOUNTS).courses
    for course, asked in zip(prepared, examined(lessons, beside(lessons), AMOUNTS), strict=True):
        assert (asked.lesson, asked.examples) == (course.lesson, ())
        assert (asked.questions, asked.near) == (course.questions, course.near)


@pytest.mark.parametrize("weakest", [1.0, 0.5])
def test_the_smallest_strength_that_still_does_is_used_and_a_worse_one_not_examined_further(
    weakest: float,
) -> None:
    bench = Bench()
    bench.engine.drift = 0.2
    fluent = bench.engine.speak

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        knows = adapter if adapter and adapter.scale >= weakest else None
        return fluent(system, question, knows)

    bench.engine.speak = speak
    result = bench.study(TERMS[:3])
    asked = {
        scale: [q for _, q, adapter in bench.engine.log if adapter and adapter.scale == scale]
        for scale in (1.0, 0.75, 0.5)
    }
    assert result.scale == weakest
    questions = {q for course in courses_of(TERMS[:3]) for q in course.questions}
    assert questions < set(asked[1.0])
    assert set(asked[0.75]) == (questions if weakest == 1.0 else set(asked[1.0]))
    assert set(asked[0.5]) == (set() if weakest == 1.0 else set(asked[1.0]))


def test_a_smaller_strength_may_cost_no_question_of_a_lesson_that_stays_learned() -> None:
    bench = Bench()
    bench.engine.drift = 0.2
    fluent = bench.engine.speak
    amounts = msgspec.structs.replace(AMOUNTS, exam=4)
    forgotten = examined(TERMS[:3], beside(TERMS[:3]), amounts)[0].questions[0]

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        weaker = adapter is not None and adapter.scale < 1.0
        return fluent(system, question, None if weaker and question == forgotten else adapter)

    bench.engine.speak = speak
    result = study(TERMS[:3], bench.engine, trainer=bench.train, amounts=amounts)
    assert result.scale == 1.0
    assert [one.after for one in result.lessons] == [4, 4, 4]


def courses_of(lessons: Sequence[Lesson]) -> Sequence[Course]:
    return examined(lessons, beside(lessons), AMOUNTS)


# ------------------------------------------------------------------ going on after a kill


class KilledError(Exception):
    pass


def interrupted(paper: Paper, lessons: Sequence[Lesson], after: int) -> Bench:
    """A session that dies in its next training after so many."""
    bench = Bench()

    def train(
        job: Job,
        *,
        on_progress: OnProgress,
        stop: threading.Event,
        on_checkpoint: OnCheckpoint = print,
    ) -> Trained:
        if len(bench.jobs) == after:
            on_checkpoint(b"half trained")
            raise KilledError
        return bench.train(job, on_progress=on_progress, stop=stop)

    with pytest.raises(KilledError):
        study(lessons, bench.engine, trainer=train, amounts=AMOUNTS, notebook=paper)
    return bench


def resumed(paper: Paper, lessons: Sequence[Lesson], bench: Bench) -> StudyResult:
    return study(lessons, bench.engine, trainer=bench.train, amounts=AMOUNTS, notebook=paper)


def test_a_killed_session_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "_EVERY", 0.0)
    monkeypatch.setattr(notebook, "_COSTS", 0.0)
    paper = Paper()
    bench = interrupted(paper, TERMS, after=1)
    assert bench.jobs[0].resume == b""
    bench.jobs.clear()
    bench.engine.log.clear()
    result = resumed(paper, TERMS, bench)
    assert len(bench.jobs) == 1, "the first shard was finished"
    assert bench.jobs[0].resume == b"half trained"
    assert all(adapter for _, _, adapter in bench.engine.log), "the base was asked before"
    assert result.shards == Bench().study(TERMS).shards


def test_notes_that_do_not_fit_are_not_used() -> None:
    for data in (b"", b"nonsense", b"\x80"):
        paper = Paper(data)
        assert resumed(paper, TERMS[:1], Bench()).shards == Bench().study(TERMS[:1]).shards
    paper = Paper()
    interrupted(paper, TERMS, after=1)
    bench = Bench()
    few = Amounts(manner=1, questions=2, replay=2, near=1, exam=1)
    result = study(TERMS, bench.engine, trainer=bench.train, amounts=few, notebook=paper)
    assert len(bench.jobs) == 2, "other amounts, other examples"
    assert result.adapter_gguf is not None


def test_a_forgotten_lesson_s_notes_do_not_come_back_in_another_shard() -> None:
    paper = Paper()
    interrupted(paper, TERMS[:3], after=0)
    bench = Bench()
    without = resumed(paper, [TERMS[0], TERMS[2]], bench)
    assert without.shards == Bench().study([TERMS[0], TERMS[2]]).shards


# ------------------------------------------------------------------ night after night


def by_base(bench: Bench) -> set[tuple[str, str]]:
    """What the untouched model was asked."""
    return {(system, question) for system, question, adapter in bench.engine.log if not adapter}


def test_the_next_session_asks_the_base_only_what_is_new() -> None:
    paper, bench = Paper(), Bench()
    first = resumed(paper, TERMS[:3], bench)
    notebook.close(paper)
    asked = by_base(bench)
    bench.engine.log.clear()
    result = study(
        TERMS[:4],
        bench.engine,
        trainer=bench.train,
        amounts=AMOUNTS,
        kept=first.shards,
        notebook=paper,
    )
    assert result.shards == Bench().study(TERMS[:4]).shards, "and makes the same of it"
    again = by_base(bench) & asked
    plain = Bench()
    study(TERMS[:4], plain.engine, trainer=plain.train, amounts=AMOUNTS, kept=first.shards)
    assert len(again) < len(by_base(plain) & asked) / 2


def test_a_closed_notebook_has_answers_alone_and_drops_what_nothing_asks_for() -> None:
    paper = Paper()
    interrupted(paper, TERMS, after=1)
    notebook.close(paper)
    notes = notebook.Notes(paper, stamp_of(paper))
    assert (notes.shards, notes.checkpoint("any"), notes.memo.replies) == ((), b"", {})
    earlier = notes.memo.earlier
    assert earlier is not None and earlier.replies and earlier.scores
    used = next(iter(earlier.replies))
    assert notes.memo.reply(used) == earlier.replies[used]
    assert (notes.memo.reply(b"other"), notes.memo.score(b"other")) == (None, None)
    notes.save()
    notebook.close(paper)
    kept = notebook.Notes(paper, stamp_of(paper)).memo.earlier
    assert kept is not None and (set(kept.replies), kept.scores) == ({used}, {})
    for data in (None, b"nonsense"):
        paper = Paper(data)
        notebook.close(paper)
        assert paper.data is None


def stamp_of(paper: Paper) -> str:
    assert paper.data is not None
    return str(msgspec.msgpack.decode(paper.data)["stamp"])
