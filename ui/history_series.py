"""History series: the studies and nights as the numbers that charts and the table show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.protocol import ExamFigures, StudyHistory, StudyReport
from ui.words import count, parse_time

DAYS, EXAMS = 30, 40
"""Days of the chart of time, and exams of the others; more would be too thin to tell apart."""

HOLLOW = "Hollow: held back."


@dataclass(frozen=True)
class Series:
    """One line or row of bars: a value a place, None where there is none; `colour` is a token."""

    name: str
    colour: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Figure:
    """A chart: its places from left to right, the series, and what it says in a sentence.

    `most` is the top of the scale where that is given; `limit` a value that may not be passed;
    `hollow` are places drawn so, of what was examined and not used.
    """

    title: str
    said: str
    places: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Callable[[float], str] = "{:g}".format
    most: float | None = None
    limit: float | None = None
    bars: bool = False
    hollow: frozenset[int] = frozenset()


def figures(history: StudyHistory, today: date) -> list[Figure]:
    """The four charts, from the oldest study to the newest."""
    reports = history.reports[::-1]
    return [_lessons(history), _exam(reports), _drift(reports), _time(history, today)]


def day_of(report: StudyReport) -> str:
    """The local day of a study."""
    when = parse_time(report.started)
    return f"{when.day} {when.strftime('%b')}"


def _lessons(history: StudyHistory) -> Figure:
    reports, learned = history.reports[::-1], history.held()[::-1]
    kept = [report.in_context for report in reports]
    said = (
        f"After {count(len(reports), 'session')}: {learned[-1]} learned, {kept[-1]} in context."
        if reports
        else ""
    )
    return Figure(
        "Lessons held",
        said,
        tuple(map(day_of, reports)),
        (
            Series("learned", "learn", tuple(map(float, learned))),
            Series("in context", "accent", tuple(map(float, kept))),
        ),
    )


def _examined(reports: Sequence[StudyReport]) -> list[tuple[StudyReport, ExamFigures]]:
    """The newest exams, oldest first."""
    return [(report, report.exam) for report in reports if report.exam is not None][-EXAMS:]


def _unused(examined: Sequence[tuple[StudyReport, ExamFigures]]) -> frozenset[int]:
    return frozenset(n for n, (report, _) in enumerate(examined) if not report.activated)


def _with_hollow(said: str, hollow: frozenset[int]) -> str:
    return f"{said} {HOLLOW}" if hollow else said


def version_of(report: StudyReport) -> str:
    """The version a study made, or that it made none."""
    return f"v{report.adapter}" if report.adapter is not None else "not used"


def _exam(reports: Sequence[StudyReport]) -> Figure:
    examined = _examined(reports)
    shares: tuple[tuple[str, str, Callable[[ExamFigures], float | None]], ...] = (
        ("similar untouched", "good", lambda e: _share(e.near_clean, e.near_asked)),
        ("earlier held", "learn", lambda e: _share(e.held, e.held_asked)),
        ("general right", "accent", lambda e: _share(e.known, e.known_asked)),
    )
    series = tuple(
        Series(name, colour, tuple(share(exam) for _, exam in examined))
        for name, colour, share in shares
    )
    last = [
        f"{one.values[-1]:.0f} % {one.name}"
        for one in series
        if one.values and one.values[-1] is not None
    ]
    hollow = _unused(examined)
    return Figure(
        "Exam by version",
        _with_hollow(f"The last: {', '.join(last)}.", hollow) if last else "",
        tuple(version_of(report) for report, _ in examined),
        series,
        unit="{:.0f} %".format,
        most=100.0,
        hollow=hollow,
    )


def _share(right: int, asked: int) -> float | None:
    return 100 * right / asked if asked else None


def _drift(reports: Sequence[StudyReport]) -> Figure:
    examined = _examined(reports)
    values = tuple(exam.drift for _, exam in examined)
    limit = examined[-1][1].drift_limit if examined else None
    hollow = _unused(examined)
    said = f"The last: {values[-1]:.3f}, of {limit:g} allowed." if examined else ""
    return Figure(
        "Change of unrelated answers",
        _with_hollow(said, hollow),
        tuple(version_of(report) for report, _ in examined),
        (Series("drift, nats a token", "accent", values),),
        unit="{:.2f}".format,
        limit=limit,
        hollow=hollow,
    )


def _time(history: StudyHistory, today: date) -> Figure:
    """Minutes a day: nights as the watch counted them, interrupted stretches and notes included."""
    days = _days(history, today)
    asked = dict.fromkeys(days, 0.0)
    for report in history.reports:
        day = parse_time(report.started).date()
        if not report.by_night and day in asked:
            asked[day] += report.seconds / 60
    nights = {date.fromisoformat(night.night): night for night in history.nights}
    alone = {day: nights[day].minutes if day in nights else 0.0 for day in days}
    total = sum(asked.values()) + sum(alone.values())
    span = f"in {len(days)} days" if len(days) > 1 else "on this day"
    said = f"{total:.0f} min {span}, {sum(alone.values()):.0f} of them by itself."
    return Figure(
        "Minutes a day",
        said if days else "",
        tuple(f"{day.day} {day.strftime('%b')}" for day in days),
        (
            Series("by itself", "accent", tuple(alone.values())),
            Series("you asked for it", "learn", tuple(asked.values())),
        ),
        bars=True,
    )


def _days(history: StudyHistory, today: date) -> list[date]:
    """Every day since the first that is told of, `DAYS` at most; none before there is any."""
    known = [parse_time(report.started).date() for report in history.reports]
    known += [date.fromisoformat(night.night) for night in history.nights]
    if not known:
        return []
    last = max(today, *known)
    first = max(min(known), last - timedelta(days=DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
