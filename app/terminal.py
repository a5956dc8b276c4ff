"""What the command line prints: plain words for a person, JSON for a program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from app import protocol
from app.facts import dates_of

KEPT: dict[protocol.Kept, str] = {
    "active": "in use",
    "pinned": "pinned",
    "before": "kept to go back to",
    "model": "kept for its model",
    "last": "kept",
    "": "goes with the next study",
}
"""Why a version is kept, in a few words."""


Command = Callable[[str, Any, str], argparse.ArgumentParser]
"""Adds a command: its name, what runs it, and its help; gives the parser of its options."""


class Terminal:
    """Prints results; with `as_json`, exactly one JSON value on standard output a command."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._streamed = False
        self._line = ""

    def say(self, text: str) -> None:
        """A sentence for a person; nothing in JSON."""
        if not self._json:
            self._write(text + "\n")

    def prompt(self) -> str | None:
        """The person's next line, or None at the end of the input."""
        try:
            return input("› ")
        except EOFError:
            return None

    def result(self, value: object, sentence: str) -> None:
        """A result as JSON, or the sentence that states it."""
        if self._json:
            self._write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
        else:
            self._write(sentence + "\n")

    def error(self, error: protocol.ErrorInfo) -> None:
        """An error on standard error; as JSON on standard output too."""
        if self._json:
            self.result({"error": error}, "")
        self.aside(error)

    def aside(self, told: protocol.ErrorInfo) -> None:
        """Something to know beside the result, on standard error."""
        sys.stderr.write(f"{told.title}. {told.message}\n{told.next_step}\n")

    def event(self, event: protocol.Event) -> None:
        """Show a reply as it comes, and a study session's progress on one line."""
        if isinstance(event, protocol.Token) and not self._json:
            self._streamed = True
            self._write(event.text)
        elif isinstance(event, protocol.PartReading):
            self._part(event)
        elif isinstance(event, protocol.Progress):
            self._progress(event)

    def answer(self, answer: protocol.Answer) -> None:
        """The end of a reply, or the whole of it as JSON in design.md's form."""
        if self._json:
            provenance = answer.provenance
            shown = {
                "answer": answer.text,
                "sources": provenance.sources,
                "lessons_in_context": provenance.lessons_in_context,
                "adapter": provenance.adapter,
                "model": provenance.model,
                "timings": answer.timings,
                "state": answer.state,
                "message_id": answer.message_id,
            }
            if provenance.through is not None:
                shown["through"] = provenance.through
            self.result(shown, "")
        else:
            self._write("\n" if self._streamed else answer.text + "\n")
            for source in answer.provenance.sources:
                if source.used:
                    page = f", page {source.page}" if source.page else ""
                    self._write(f"  [{source.number}] {source.title}{page}\n")
            through = answer.provenance.through
            if through is not None and through.read:
                parts = f", in {through.parts} parts" if through.parts > 1 else ""
                self._write(f"  Read whole{parts}.\n")
        self._streamed = False

    def lessons(self, lessons: Sequence[protocol.LessonRecord]) -> None:
        """One line a lesson, and what is to be said of it below."""
        lines = [
            f"{lesson.id}  {lesson.kind:<9}  {_state(lesson):<12}  {_one_line(lesson.prompt)}"
            + "".join(f"\n{'':<12}{more}" for more in (dates_of(lesson), lesson.reason) if more)
            for lesson in lessons
        ]
        self.result(lessons, "\n".join(lines) or "No lessons yet. Correct an answer to begin.")

    def adapters(self, adapters: Sequence[protocol.AdapterRecord]) -> None:
        """One line a version."""
        lines = [
            f"{'*' if adapter.active else ' '} v{adapter.version}  {adapter.created}"
            f"  {len(adapter.lesson_ids)} lessons  drift {adapter.drift or 0:.3f}"
            f"  {adapter.sha256[:12]}  {KEPT[adapter.kept]}{_called(adapter)}"
            for adapter in adapters
        ]
        self.result(adapters, "\n".join(lines) or "Nothing has been learned in the weights yet.")

    def models(self, models: Sequence[protocol.ModelRecord]) -> None:
        """One line a model."""
        lines = [
            f"{'*' if model.in_use else ' '} {model.name}  {model.size / 1e6:,.0f} MB  {model.note}"
            for model in models
        ]
        self.result(models, "\n".join(lines) or "No model file was found; run `make run` once.")

    def report(self, report: protocol.StudyReport) -> None:
        """What a study session did."""
        lines = [report.decision, "", *(_result_line(result) for result in report.lessons)]
        if report.exam:
            exam = report.exam
            lines.append(
                f"  Elsewhere: {exam.near_clean} of {exam.near_asked} near-misses as before,"
                f" drift {exam.drift:.3f} nats a token (at most {exam.drift_limit}),"
                f" strength {exam.scale:g}"
            )
        lines.append(f"  {report.seconds:.0f} s, {report.peak_memory_mb:.0f} MB at most")
        self.result(report, "\n".join(lines))

    def preview(self, preview: protocol.ResetPreview, scope: str, *, lessons_too: bool) -> None:
        """What a reset would destroy."""
        gone = [f"{preview.adapters} versions of what was learned"]
        if lessons_too or scope == "everything":
            gone.append(f"{preview.lessons} lessons")
        if scope == "everything":
            gone += [f"{preview.conversations} conversations with {preview.messages} messages"]
            gone.append("the ledger and its keys")
        listed = "\n".join(f"  {one}" for one in gone)
        self.result(
            preview, f"This would be destroyed:\n{listed}\nNothing was. Add --yes to do it."
        )

    def findings(self, findings: Sequence[protocol.Finding]) -> None:
        """One paragraph a finding."""
        self.result(findings, "\n".join(map(_finding, findings)))

    def verification(self, found: protocol.Verification) -> None:
        """What is proven of a lesson, then each finding and the probe's answers."""
        lines = [found.decision, *map(_finding, found.findings)]
        for answers in found.answers:
            lines += [f"Asked: {answers.probe}", f"  now: {answers.now}", f"  base: {answers.base}"]
        self.result(found, "\n".join(lines))

    def _part(self, event: protocol.PartReading) -> None:
        left = "" if event.seconds_left is None else f", about {event.seconds_left:.0f} s left"
        part = f"Reading part {event.part} of {event.parts}"
        sys.stderr.write(f"{'Putting the notes together' if event.combining else part}{left}\n")
        sys.stderr.flush()

    def _progress(self, event: protocol.Progress) -> None:
        left = f", about {event.seconds_left:.0f} s left" if event.seconds_left else ""
        line = f"{event.phase} {event.step}/{event.steps}{left}  {event.detail}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{line[:100]:<100}")
            if event.phase == "activate" or (event.phase == "notes" and event.step == event.steps):
                sys.stderr.write("\n")
        elif line != self._line:
            sys.stderr.write(line + "\n")
        self._line = line
        sys.stderr.flush()

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _finding(finding: protocol.Finding) -> str:
    marks = {"ok": "✓", "note": "·", "problem": "✗"}
    step = f"\n  → {finding.next_step}" if finding.next_step else ""
    return f"{marks[finding.severity]} {finding.title}: {finding.message}{step}"


def _result_line(result: protocol.LessonResult) -> str:
    line = (
        f"  {result.title}: {result.before} of {result.asked} before, {result.after} after"
        f" — {result.decision.replace('_', ' ')}"
    )
    return f"{line} ({result.reason})" if result.reason else line


def _state(lesson: protocol.LessonRecord) -> str:
    if lesson.state == "learned":
        return f"learned v{lesson.adapter}"
    return lesson.state.replace("_", " ")


def _called(adapter: protocol.AdapterRecord) -> str:
    name = f"  “{adapter.name}”" if adapter.name else ""
    return f"{name}\n{'':<6}{adapter.trouble}" if adapter.trouble else name


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
