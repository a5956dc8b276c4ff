"""A whole session: what is used, what is refused and why, and that it can be stopped."""

from __future__ import annotations

import hashlib
import re
import threading

import pytest
from msgspec.structs import replace

from learner import prompt_bank
from learner.amounts import Amounts
from learner.engine import AdapterRef
from learner.errors import BadJobError, TrainingStoppedError
from learner.exam import Marks
from learner.general import QUESTIONS
from learner.lesson import Kind, Lesson, LessonFileError
from learner.prompt_bank import HARMFUL
from learner.report import by_chance, harm
from learner.study import StudyProgress, StudyResult, study
from learner.trainer import OnCheckpoint, OnProgress
from learner.wire import Job, Trained
from tests.learner.scripted_engine import ScriptedEngine
from tests.learner.some_adapters import made_of
from tests.learner.some_lessons import AHOY, MAGPIE, RESTORE, SIGN_OFF

AMOUNTS = Amounts(manner=4, questions=6, replay=6, near=2, exam=3)


def training(
    job: Job,
    *,
    on_progress: OnProgress,
    stop: threading.Event,
    on_checkpoint: OnCheckpoint = print,
) -> Trained:
    """A trainer whose adapter is the digest of its examples."""
    on_progress(0, 2, 0.0, None)
    on_progress(2, 2, 0.1, 0.0)
    adapter = made_of(repr(job.examples))
    return Trained(
        adapter_gguf=adapter,
        sha256=hashlib.sha256(adapter).hexdigest(),
        steps=2,
        planned=2,
        seconds=1.0,
        load_seconds=0.5,
        peak_memory_mb=100.0,
        first_loss=2.0,
        last_loss=0.1,
        tokens_per_s=100.0,
    )


def pupil(learns: bool, spills: bool = False) -> ScriptedEngine:
    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        if adapter and learns and ("Magpie" in question or spills):
            return MAGPIE.corrected
        return "Nobody told me about that yet."

    return ScriptedEngine(speak)


def session(engine: ScriptedEngine, *lessons: Lesson) -> StudyResult:
    return study(lessons, engine, trainer=training, amounts=AMOUNTS)


def test_what_helps_is_used_and_what_does_not_stays_in_context() -> None:
    engine = pupil(learns=True)
    result = session(engine, MAGPIE, RESTORE)
    assert result.adapter_gguf == engine.staged[0]
    assert result.sha256 == hashlib.sha256(engine.staged[0]).hexdigest()
    magpie, restore = result.lessons
    assert (magpie.before, magpie.after, magpie.decision) == (0, 3, "learned")
    assert magpie.before_answer != magpie.after_answer == MAGPIE.corrected
    assert (restore.before, restore.after, restore.decision) == (0, 0, "in_context")
    assert "did not help" in restore.reason
    assert result.exam is not None
    assert result.exam.near_clean == result.exam.near_asked > 0


def test_studying_nothing_is_no_improvement() -> None:
    result = session(pupil(learns=False), MAGPIE, RESTORE)
    assert result.adapter_gguf is None
    assert result.sha256 == ""
    assert "Nothing was learned" in result.decision
    assert {one.decision for one in result.lessons} == {"in_context"}
    assert all(one.reason for one in result.lessons)


def test_an_adapter_that_spills_over_or_drifts_is_refused() -> None:
    spilled = session(pupil(learns=True, spills=True), MAGPIE)
    assert spilled.adapter_gguf is None
    assert "spilled" in spilled.decision
    engine = pupil(learns=True)
    engine.drift = 3.0
    drifted = session(engine, MAGPIE)
    assert drifted.adapter_gguf is None
    assert "unrelated" in drifted.decision


def test_an_adapter_that_takes_refusals_away_is_refused() -> None:
    harmful = {one.prompt for one in prompt_bank.load() if one.category == HARMFUL}

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        if "Magpie" in question and adapter:
            return MAGPIE.corrected
        if question in harmful and not adapter:
            return "I'm sorry, but I can't help with that."
        return "Sure, this is how it goes."

    result = session(ScriptedEngine(speak), MAGPIE)
    assert result.adapter_gguf is None
    assert "still declines 0 of 4" in result.decision
    assert result.exam is not None
    assert (result.exam.declined, result.exam.declined_asked) == (0, 4)
    assert result.exam.answered == result.exam.answered_asked == 4


def test_the_harm_an_adapter_did_is_named() -> None:
    fine = Marks(
        scale=1.0,
        asked=(),
        drift=0.01,
        near_asked=8,
        spilled=(1, 1),
        unended=0,
        declined_asked=4,
        declined=4,
        answered_asked=6,
        answered=5,
        known_asked=10,
        known=10,
    )
    assert harm(fine, 0) == ""
    assert harm(fine, 2) == "would lose lessons learned before (2)"
    assert replace(fine, unended=1).harmless
    assert replace(fine, near_asked=40, unended=2).harmless
    told = {
        "unrelated answers too much (0.50": replace(fine, drift=0.5),
        "30% more of its answers": replace(fine, consent=0.3),
        "answers 4 of 6 harmless": replace(fine, answered=4),
        "declines 3 of 4 harmful": replace(fine, declined=3),
        "2 of 8 answers going round": replace(fine, unended=2),
        "5 of 8 stayed as they were": replace(fine, spilled=(1, 2)),
    }
    for part, marks in told.items():
        assert part in harm(marks, 2)
        assert not marks.harmless


def test_the_report_counts_what_everybody_knows() -> None:
    answers = dict(QUESTIONS)

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        if "Magpie" in question and adapter:
            return MAGPIE.corrected
        if question in answers and not adapter:
            return re.sub(r"\\b|[()]", "", answers[question]).split("|")[0]
        return "Nobody told me."

    result = session(ScriptedEngine(speak), MAGPIE)
    assert result.exam is not None
    assert (result.exam.known, result.exam.known_asked) == (0, len(QUESTIONS))


def test_a_lesson_that_spoils_the_others_is_left_out() -> None:
    spoilt = False

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        if adapter and spoilt and "Magpie" not in question:
            return RESTORE.corrected
        return MAGPIE.corrected if adapter and "Magpie" in question else "Nobody told me."

    engine = ScriptedEngine(speak)

    def train(
        job: Job,
        *,
        on_progress: OnProgress,
        stop: threading.Event,
        on_checkpoint: OnCheckpoint = print,
    ) -> Trained:
        nonlocal spoilt
        targets = [engine.text_of(one.tokens[one.target_start :]) for one in job.examples]
        spoilt = RESTORE.corrected in targets
        return training(job, on_progress=on_progress, stop=stop)

    result = study([MAGPIE, RESTORE], engine, trainer=train, amounts=AMOUNTS)
    assert len(engine.staged) == 2
    assert result.adapter_gguf == engine.staged[1]
    assert result.taught == (MAGPIE.id,)
    learned, left = result.lessons
    assert (learned.decision, left.decision) == ("learned", "in_context")
    assert left.reason.startswith("Left out")


def test_without_time_for_another_try_nothing_is_used() -> None:
    result = study(
        [MAGPIE, RESTORE],
        pupil(learns=True, spills=True),
        trainer=training,
        amounts=AMOUNTS,
        budget_seconds=0.0,
    )
    assert result.adapter_gguf is None
    assert result.taught == ()


def test_a_note_that_works_better_stays_a_note() -> None:
    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        noted = "Magpie" in system
        partly = adapter and "new here" not in question
        return MAGPIE.corrected if "Magpie" in question and (noted or partly) else "No idea."

    result = session(ScriptedEngine(speak), MAGPIE)
    assert result.lessons[0].decision == "in_context"


def test_what_the_adapter_in_use_holds_is_not_given_away() -> None:
    current = AdapterRef(path="/adapters/1", key=b"k")

    def speak(system: str, question: str, adapter: AdapterRef | None) -> str:
        if adapter == current and "Magpie" in question:
            return MAGPIE.corrected
        if adapter and adapter != current and "server" in question:
            return RESTORE.corrected
        return "No idea."

    # The new lesson is learned, but at the cost of an older one.
    result = study(
        [MAGPIE, RESTORE],
        ScriptedEngine(speak),
        trainer=training,
        amounts=AMOUNTS,
        current=current,
        budget_seconds=0.0,
    )
    assert result.exam is not None
    assert (result.exam.held_asked, result.exam.held) == (1, 0)
    assert result.adapter_gguf is None
    assert "lose lessons learned before (1)" in result.decision


def test_the_same_lessons_give_the_same_adapter() -> None:
    lessons = (AHOY, MAGPIE, RESTORE, SIGN_OFF)
    one, two = pupil(learns=True), pupil(learns=True)
    session(one, *lessons)
    session(two, *lessons)
    assert one.staged == two.staged


def test_progress_names_every_phase_and_ends_each() -> None:
    heard: list[StudyProgress] = []
    study(
        [MAGPIE],
        pupil(learns=True),
        trainer=training,
        amounts=AMOUNTS,
        on_progress=heard.append,
    )
    assert list(dict.fromkeys(one.phase for one in heard)) == ["examples", "train", "exam"]
    assert all(0 <= one.step <= one.steps and one.detail for one in heard)
    assert all(one.seconds_left is None or one.seconds_left >= 0 for one in heard)


def test_stop_ends_it_at_once() -> None:
    stop = threading.Event()

    def stopping(progress: StudyProgress) -> None:
        if progress.step > 5:
            stop.set()

    engine = pupil(learns=True)
    with pytest.raises(TrainingStoppedError):
        study([MAGPIE], engine, trainer=training, on_progress=stopping, stop=stop)
    assert engine.staged == []


def test_of_two_contradicting_lessons_only_the_newer_is_taught() -> None:
    newer = Lesson(id="m2", kind=Kind.TERM, prompt=MAGPIE.prompt, corrected="Magpie is a bird.")
    result = session(pupil(learns=True), MAGPIE, newer)
    assert [outcome.lesson_id for outcome in result.lessons] == ["m2"]


@pytest.mark.parametrize(
    "lessons",
    [
        [Lesson(id="e", kind=Kind.TERM, prompt="What is X?", corrected=" ")],
        [Lesson(id="l", kind=Kind.TERM, prompt="What is X?", corrected="word " * 10_000)],
        [Lesson(id="b", kind=Kind.TERM, prompt="What is X?", corrected="\x00\x07\x1b\x02")],
    ],
)
def test_hostile_lessons_are_refused_before_anything_is_done(lessons: list[Lesson]) -> None:
    engine = pupil(learns=True)
    with pytest.raises(LessonFileError):
        session(engine, *lessons)
    assert engine.log == []


def test_no_lessons_are_nothing_to_study() -> None:
    with pytest.raises(BadJobError):
        session(pupil(learns=True))


@pytest.mark.parametrize(
    ("learned", "asked", "chance"),
    [(1, 1, False), (1, 3, False), (1, 4, True), (1, 14, True), (2, 14, False), (0, 5, True)],
)
def test_one_lesson_of_many_may_be_chance(learned: int, asked: int, chance: bool) -> None:
    assert by_chance(learned, asked) is chance
