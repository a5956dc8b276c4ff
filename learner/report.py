"""Report: what a study session came to, lesson by lesson, and whether its adapter is used."""

from __future__ import annotations

import math
import platform
from collections.abc import Collection, Sequence
from importlib import metadata
from typing import Literal

import msgspec

from learner import exam as exams
from learner.curriculum import Course
from learner.exam import Asked, Baseline, Marks
from learner.lesson import shortened
from learner.refusals import CONSENT_LIMIT
from learner.shards import TrainedShard

RECIPE_VERSION = "22"
"""Raised whenever the same lessons would give another adapter."""

_TITLE = 80
_CLEARLY = 2
"""Questions more that must come out right before a lesson counts as learned."""

CHANCE = 2 / 126
"""How often an adapter that studied nothing counts as having learned a lesson: measured with random
ones on the 0.5B (`python -m tests.bench.null_bench`, learner/LOG.md)."""

_UNLIKELY = 0.05

_LIBRARIES = ("torch", "transformers", "peft", "gguf", "llama-cpp-python", "numpy")


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

    `held` counts lessons the adapter in use had learned that are still learned; `declined` harmful
    requests that are still declined, `answered` harmless ones that sound alike, `known` general
    questions that are still right.
    """

    drift: float
    drift_limit: float
    near_asked: int
    near_clean: int
    held_asked: int
    held: int
    scale: float
    declined_asked: int = 0
    declined: int = 0
    answered_asked: int = 0
    answered: int = 0
    known_asked: int = 0
    known: int = 0


class StudyResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a session came to; `adapter_gguf` is None when nothing earned its place.

    `taught` are the lessons in it, `shards` what it was put together from, each with the scale at
    which it takes part. `unfinished` says that the next session has something to go on with: a
    training that was cut short, or shards there was no time for. `seconds` is the whole session,
    `peak_memory_mb` the trainer's (0.0 when nothing had to be trained), `library_versions` are
    (name, version) pairs.
    """

    adapter_gguf: bytes | None
    sha256: str
    scale: float
    decision: str
    lessons: tuple[LessonOutcome, ...]
    taught: tuple[str, ...]
    exam: ExamFigures | None
    seconds: float
    peak_memory_mb: float
    recipe_version: str
    library_versions: tuple[tuple[str, str], ...]
    shards: tuple[TrainedShard, ...] = ()
    unfinished: bool = False


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An adapter to be judged: its file, the scale to use it at, and the shards it is made of."""

    adapter_gguf: bytes
    sha256: str
    scale: float
    shards: tuple[TrainedShard, ...]
    peak_memory_mb: float


def of_exam(baseline: Baseline, marks: Marks, candidate: Candidate, seconds: float) -> StudyResult:
    """The report of a session whose adapter was examined; without it when it is not used.

    Lessons of no shard were not taught, whatever their questions came to.
    """
    held = {name for shard in candidate.shards for name in shard.lesson_ids}
    taught = [course.lesson.id in held for course in baseline.courses]
    learned_before = _learned_now(baseline, baseline.current)
    learned = [a and b for a, b in zip(_learned_now(baseline, marks.asked), taught, strict=True)]
    refusal = _refusal(marks, learned, lost(baseline, marks))
    courses = range(len(baseline.courses))
    return StudyResult(
        adapter_gguf=None if refusal else candidate.adapter_gguf,
        sha256="" if refusal else candidate.sha256,
        scale=candidate.scale,
        decision=refusal
        or f"{sum(learned)} of {len(learned)} lessons now come without a note in the prompt.",
        lessons=tuple(
            _outcome(baseline, index, marks.asked[index], refusal, taught=taught[index])
            for index in courses
        ),
        taught=tuple(course.lesson.id for course in baseline.courses if course.lesson.id in held)
        if not refusal
        else (),
        exam=ExamFigures(
            drift=marks.drift,
            drift_limit=exams.DRIFT_LIMIT,
            near_asked=marks.near_asked,
            near_clean=marks.near_clean,
            held_asked=sum(learned_before),
            held=sum(a and b for a, b in zip(learned_before, learned, strict=False)),
            scale=marks.scale,
            declined_asked=marks.declined_asked,
            declined=marks.declined,
            answered_asked=marks.answered_asked,
            answered=marks.answered,
            known_asked=marks.known_asked,
            known=marks.known,
        ),
        seconds=seconds,
        peak_memory_mb=candidate.peak_memory_mb,
        recipe_version=RECIPE_VERSION,
        library_versions=library_versions(),
        shards=() if refusal else candidate.shards,
    )


def without_adapter(baseline: Baseline, why: str, seconds: float) -> StudyResult:
    """The report of a session in which there was nothing to train on."""
    return StudyResult(
        adapter_gguf=None,
        sha256="",
        scale=0.0,
        decision=f"Nothing was learned. {why}",
        lessons=tuple(
            _outcome(baseline, index, asked, why, taught=False)
            for index, asked in enumerate(baseline.alone)
        ),
        taught=(),
        exam=None,
        seconds=seconds,
        peak_memory_mb=0.0,
        recipe_version=RECIPE_VERSION,
        library_versions=library_versions(),
    )


def spoilers(baseline: Baseline, marks: Marks, candidates: Collection[str]) -> frozenset[str]:
    """Which of `candidates` to leave out of the next try, when an adapter did harm.

    Those that were seen in answers they are not about, or else the newer half; none when leaving
    out would leave nothing.
    """
    taught = [one.lesson.id for one in baseline.courses if one.lesson.id in candidates]
    if len(taught) < 2:
        return frozenset()
    seen = {
        course.lesson.id
        for course, spilled in zip(baseline.courses, marks.spilled, strict=True)
        if spilled
    }.intersection(taught)
    return frozenset(seen if 0 < len(seen) < len(taught) else taught[(len(taught) + 1) // 2 :])


def n_learned(baseline: Baseline, asked: Sequence[Asked]) -> int:
    """How many lessons an adapter has learned well enough to need no note."""
    return sum(_learned_now(baseline, asked))


def worth_more(baseline: Baseline, smaller: Sequence[Asked], larger: Marks) -> bool:
    """Whether the smaller of two scales is the better choice: it leaves more as it was.

    It may cost no question and no lesson; so its answers to their questions decide. A few questions
    lost here were a quarter of what had been learned, elsewhere (LOG.md).
    """
    if not larger.harmless:
        return True
    lost = larger.n_passed - sum(one.n_passed for one in smaller)
    return lost <= 0 and n_learned(baseline, smaller) >= n_learned(baseline, larger.asked)


def _learned(course: Course, alone: Asked, in_context: Asked, now: Asked) -> bool:
    """Clearly better than without, at least half right, and no worse than with the note.

    One question more may be chance: an adapter that knows nothing of a lesson still words its
    answers otherwise. So it takes two more, or all of them.
    """
    asked = len(course.questions)
    clearly = now.n_passed >= alone.n_passed + _CLEARLY or now.n_passed == asked > alone.n_passed
    return clearly and now.n_passed >= math.ceil(asked / 2) and now.n_passed >= in_context.n_passed


def by_chance(learned: int, asked: int) -> bool:
    """Whether as many lessons of `asked` are learned in one of twenty studies of nothing, too.

    The upper tail of a binomial distribution; up to three lessons, one that is learned is enough.
    """
    below = sum(
        math.comb(asked, n) * CHANCE**n * (1 - CHANCE) ** (asked - n) for n in range(learned)
    )
    return 1 - below > _UNLIKELY


def _learned_now(baseline: Baseline, now: Sequence[Asked]) -> list[bool]:
    return [
        _learned(*four)
        for four in zip(baseline.courses, baseline.alone, baseline.in_context, now, strict=False)
    ]


def lost(baseline: Baseline, marks: Marks) -> int:
    """How many lessons the adapter in use has learned that fail more often than not with this one.

    One that is only worse than its note goes back into the prompt, and nothing is lost.
    """
    return sum(
        before and 2 * now.n_passed < len(course.questions)
        for before, now, course in zip(
            _learned_now(baseline, baseline.current), marks.asked, baseline.courses, strict=False
        )
    )


def _refusal(marks: Marks, learned: Sequence[bool], n_lost: int) -> str:
    """Why the adapter is not used, as a sentence; "" when it is."""
    if not any(learned):
        return "Nothing was learned well enough, so the model stays as it was."
    if by_chance(sum(learned), len(learned)):
        return (
            f"Only {sum(learned)} of {len(learned)} lessons came out right, which happens by chance"
            " as well, so the model stays as it was."
        )
    return f"The training {what}, so it is not used." if (what := harm(marks, n_lost)) else ""


def harm(marks: Marks, n_lost: int) -> str:
    """What a training did that it must not, to be said after "the training"; "" for nothing.

    `n_lost` see `lost`.
    """
    if marks.drift > exams.DRIFT_LIMIT:
        return (
            "changed unrelated answers too much"
            f" ({marks.drift:.2f} of at most {exams.DRIFT_LIMIT} nats a token)"
        )
    if marks.consent > CONSENT_LIMIT:
        return (
            "changed what the model declines to do (it would begin"
            f" {marks.consent:.0%} more of its answers to harmful requests by agreeing)"
        )
    if not marks.polite:
        return (
            "changed what the model declines to do (it still declines"
            f" {marks.declined} of {marks.declined_asked} harmful requests and answers"
            f" {marks.answered} of {marks.answered_asked} harmless ones)"
        )
    if not marks.ends:
        return f"left {marks.unended} of {marks.near_asked} answers going round in circles"
    if not marks.harmless:
        return (
            "spilled over into answers it was not about"
            f" ({marks.near_clean} of {marks.near_asked} stayed as they were)"
        )
    return f"would lose lessons learned before ({n_lost})" if n_lost else ""


def _outcome(
    baseline: Baseline, index: int, now: Asked, refusal: str, *, taught: bool
) -> LessonOutcome:
    course, alone = baseline.courses[index], baseline.alone[index]
    in_context = baseline.in_context[index]
    learned = taught and not refusal and _learned(course, alone, in_context, now)
    shown = _telling(alone, now)
    lesson = course.lesson
    return LessonOutcome(
        lesson_id=lesson.id,
        title=shortened(lesson.note or lesson.prompt, _TITLE),
        kind=lesson.kind.value,
        asked=len(course.questions),
        before=alone.n_passed,
        after=now.n_passed,
        decision="learned" if learned else "in_context",
        reason=""
        if learned
        else course.problem or refusal or _reason(course, alone, in_context, now),
        question=course.questions[shown] if course.questions else "",
        before_answer=alone.answers[shown] if course.questions else "",
        after_answer=now.answers[shown] if course.questions else "",
    )


def _reason(course: Course, alone: Asked, in_context: Asked, now: Asked) -> str:
    """Why a lesson stays in the prompt although an adapter is used."""
    asked = len(course.questions)
    if alone.n_passed == asked:
        return "The model already answers this way by itself."
    if now.n_passed < in_context.n_passed:
        return (
            f"It works better as a note: {in_context.n_passed} of {asked} with the note,"
            f" {now.n_passed} of {asked} from memory."
        )
    if now.n_passed <= alone.n_passed:
        return f"The training did not help: {now.n_passed} of {asked} before and after."
    if now.n_passed < alone.n_passed + _CLEARLY:
        return (
            f"The training did not help clearly: {alone.n_passed} of {asked} before,"
            f" {now.n_passed} after."
        )
    return f"Only {now.n_passed} of {asked} came out right, too few to rely on."


def _telling(alone: Asked, now: Asked) -> int:
    """The question that shows the difference best: failed before, passed now, if there is one."""
    for index, (before, after) in enumerate(zip(alone.passed, now.passed, strict=True)):
        if after and not before:
            return index
    return 0


def library_versions() -> tuple[tuple[str, str], ...]:
    """(name, version) of what an adapter's bytes depend on besides its inputs."""
    found = [("python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            found.append((name, "absent"))
    return tuple(found)
