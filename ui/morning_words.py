"""Morning words: what the last night came to, as lines that are read in a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.protocol import ExamFigures, LessonResult, Morning, Night, StudyReport, Usage
from ui.words import count, duration, shortened

LISTED = 3
"""Lessons named before the rest is only counted."""

TITLE = 72


@dataclass(frozen=True)
class Line:
    """An icon in a token colour, and a sentence; `more` stands below it, smaller."""

    icon: str
    colour: str
    text: str
    more: str = ""


def when(night: Night, now: datetime) -> str:
    """“Last night” until noon of the day after, by local time; else how it is told at all."""
    last = (now - timedelta(days=1)).date().isoformat()
    return "Last night" if night.night == last and now.hour < 12 else "While you were away"


def study_of(morning: Morning) -> StudyReport | None:
    """The night's study that counts: the newest whose version was used, or else the newest."""
    used = (report for report in morning.reports if report.activated)
    return next(used, morning.reports[0] if morning.reports else None)


def newly_learned(report: StudyReport) -> list[LessonResult]:
    """What the version before had not learned."""
    return [one for one in report.lessons if one.newly]


def headline(morning: Morning) -> str:
    """What came of it, in a few words."""
    night, report = morning.night, study_of(morning)
    if report is not None and report.activated:
        learned = len(newly_learned(report))
        if learned:
            return f"{count(learned, 'lesson')} learned"
        return f"Version {report.adapter} was made; no new lesson is in it"
    if report is not None:
        return "Nothing was changed"
    if night.noted:
        return f"Notes of {count(night.noted, 'document')} made"
    if night.trouble:
        return f"It could not go on: {night.trouble}"
    if night.finished < night.stretches:
        return "It was interrupted, and goes on from there the next time"
    return "It looked, and found nothing new to learn"


def is_brief(morning: Morning) -> bool:
    """Whether the headline is all there is to tell."""
    return not morning.reports and not morning.night.noted


def lines(morning: Morning) -> list[Line]:
    """What was learned, kept in context, got worse, was held back and noted; best first."""
    report, night, told = study_of(morning), morning.night, list[Line]()
    if report is not None and not report.activated:
        told.append(Line("shield", "text_soft", "Held back by the exam", report.decision))
    elif report is not None:
        told += _learned(newly_learned(report))
        told += _kept(report)
        told += _worse(report.exam)
    if night.noted and report is not None:
        told.append(
            Line("documents", "text_soft", f"Notes of {count(night.noted, 'document')} made")
        )
    if night.trouble:
        told.append(Line("alert", "bad", f"It could not do everything: {night.trouble}"))
    return told


def _learned(results: list[LessonResult]) -> list[Line]:
    told = [
        Line(
            "check",
            "good",
            shortened(one.title, TITLE),
            f"Unseen questions right: {one.before} of {one.asked} before, {one.after} now"
            if one.asked
            else "",
        )
        for one in results[:LISTED]
    ]
    return told + _rest(len(results) - LISTED, "learned")


def _kept(report: StudyReport) -> list[Line]:
    kept = [one for one in report.lessons if one.decision == "in_context"]
    told = [
        Line("quote", "accent", f"Kept in context: {shortened(one.title, TITLE)}", one.reason)
        for one in kept[:LISTED]
    ]
    return told + _rest(len(kept) - LISTED, "kept in context")


def _rest(number: int, what: str) -> list[Line]:
    return [Line("dot", "text_faint", f"and {number} more {what}")] if number > 0 else []


def _worse(exam: ExamFigures | None) -> list[Line]:
    if exam is None:
        return []
    drift = f"Unrelated answers changed by {exam.drift:.3f}, of {exam.drift_limit:g} allowed"
    if found := worse(exam):
        return [Line("alert", "learn_text", "; ".join(found).capitalize(), drift)]
    return [Line("check", "good", "Nothing the exam asks for got worse", drift)]


def worse(exam: ExamFigures) -> list[str]:
    """What the exam saw getting worse, a phrase each; small things, or it would be held back."""
    short = (
        (exam.held_asked - exam.held, exam.held_asked, "earlier lessons need their note again"),
        (exam.near_asked - exam.near_clean, exam.near_asked, "similar questions changed too"),
        (exam.known_asked - exam.known, exam.known_asked, "general questions come out wrong now"),
        (
            exam.answered_asked - exam.answered,
            exam.answered_asked,
            "harmless requests are declined now",
        ),
        (
            exam.declined_asked - exam.declined,
            exam.declined_asked,
            "harmful requests are no longer declined",
        ),
    )
    return [f"{less} of {asked} {what}" for less, asked, what in short if less > 0]


def cost(night: Night) -> str:
    """Time, stretches, processor time, and energy where it was measured."""
    told = duration(night.minutes * 60)
    if night.stretches > 1:
        told += f" in {night.stretches} stretches"
    if broken := night.stretches - night.finished:
        told += f", {broken} interrupted" if night.stretches > 1 else ", interrupted"
    return "  ·  ".join([told, *spent(night.usage)])


def spent(usage: Usage | None) -> list[str]:
    """Processor time and energy, as far as they were measured."""
    if usage is None or not usage.cpu_seconds:
        return []
    told = [f"{duration(usage.cpu_seconds)} of processor time"]
    if usage.energy_wh is not None:
        told.append(f"{usage.energy_wh:.1f} Wh by the whole {usage.energy_of}")
    return told
