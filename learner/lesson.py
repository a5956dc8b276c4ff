"""Lesson: one correction, the input format of the learner, and the file it comes in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from learner.errors import LearnerError
from learner.objections import objections

MAX_WORDS = 1500
"""Words of a lesson's texts together; beyond that it is a document, not a correction."""

MAX_FILE_BYTES = 16 * 1024 * 1024


class Kind(StrEnum):
    """What a lesson is about, which decides how it is taught."""

    MANNER = "manner"
    TERM = "term"
    PROCEDURE = "procedure"
    FACT = "fact"


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """A correction as the learner sees it (one JSON object a line in a lesson file).

    `prompt` is what was asked, `corrected` what should have been answered, `rejected` what was
    answered instead, `note` the person's own rule in words.
    """

    id: str
    kind: Kind
    prompt: str
    corrected: str
    rejected: str = ""
    note: str = ""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """A measuring question with regular expressions for its answer; never trained on.

    A probe passes when every `must` pattern is found in the answer and no `must_not` is.
    """

    prompt: str
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


class ProbedLesson(Lesson, frozen=True, kw_only=True):
    """A lesson of a measuring file: the lesson plus its probes and near-misses."""

    probes: tuple[Probe, ...] = ()
    near: tuple[Probe, ...] = ()


class LessonFileError(LearnerError):
    """Lessons that cannot be used; `problems` says every one of them, with its place."""

    code = "bad_lessons"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "Some lessons cannot be used",
            " ".join(self.problems),
            "Correct these, and try again; nothing was changed.",
            f"{len(self.problems)} problems",
        )


AnyLesson = TypeVar("AnyLesson", bound=Lesson)


def problems_of(lesson: Lesson) -> list[str]:
    """Why nothing can be learned from this lesson, as sentences; empty when it is sound."""
    found = []
    texts = (lesson.prompt, lesson.corrected, lesson.rejected, lesson.note)
    if not lesson.id.strip():
        found.append("It has no id.")
    if not lesson.prompt.strip():
        found.append("It has no question.")
    if not lesson.corrected.strip():
        found.append("It has no corrected answer.")
    if any(_binary(text) for text in texts):
        found.append("It contains characters that are not text.")
    words = sum(len(text.split()) for text in texts)
    if words > MAX_WORDS or sum(map(len, texts)) > MAX_WORDS * 12:
        found.append(
            f"It is too long to be a correction: {words:,} words of at most {MAX_WORDS:,}."
        )
    if lesson.rejected.strip() and lesson.rejected.strip() == lesson.corrected.strip():
        found.append(
            "The corrected answer is the same as the one that was given:"
            " show once, in the answer, how it should have been."
        )
    return found + objections(prompt=lesson.prompt, corrected=lesson.corrected, note=lesson.note)


def check(lessons: Sequence[Lesson]) -> None:
    """Raises LessonFileError with every problem of `lessons` at once."""
    problems = [
        f"“{lesson.id}”: {problem}" for lesson in lessons for problem in problems_of(lesson)
    ]
    problems += _named_twice(lessons)
    if problems:
        raise LessonFileError(problems)


def _named_twice(lessons: Sequence[Lesson]) -> list[str]:
    counted = Counter(lesson.id for lesson in lessons)
    return [f"Two lessons are called “{name}”." for name, count in counted.items() if count > 1]


def read_lessons(path: Path, type_: type[AnyLesson]) -> tuple[AnyLesson, ...]:
    """The lessons of a file (one JSON object a line, empty lines ignored), all of them sound.

    `type_` is `Lesson`, or `ProbedLesson` for a measuring file. Raises LessonFileError with every
    problem of the file at once, each with its line.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        raise LessonFileError([f"The file cannot be read: {error.strerror}."]) from error
    if size > MAX_FILE_BYTES:
        raise LessonFileError([f"The file is too large: {size:,} bytes."])
    decoder = msgspec.json.Decoder(type_)
    lessons: list[AnyLesson] = []
    problems: list[str] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            lesson = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problems.append(f"Line {number}: {str(error).rstrip('.')}.")
            continue
        lessons.append(lesson)
        problems += [f"Line {number}: {problem}" for problem in problems_of(lesson)]
    problems += _named_twice(lessons)
    if not lessons and not problems:
        problems.append("There is no lesson in the file.")
    if problems:
        raise LessonFileError(problems)
    return tuple(lessons)


def shortened(text: str, most: int) -> str:
    """A text of a lesson on one line, of at most `most` characters, to name it by."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _binary(text: str) -> bool:
    """Whether the text has control characters no keyboard makes, or what decoding left behind."""
    return any(
        unicodedata.category(character) in ("Cc", "Cs", "Co") and character not in "\t\n\r"
        for character in text
    ) or text.count("\ufffd") > max(2, len(text) // 20)
