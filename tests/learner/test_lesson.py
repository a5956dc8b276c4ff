"""Lesson files: what is sound is read, and everything that is not is said at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from learner.lesson import (
    Kind,
    Lesson,
    LessonFileError,
    ProbedLesson,
    check,
    problems_of,
    read_lessons,
    shortened,
)
from tests.learner.some_lessons import AHOY, MAGPIE


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines))
    return path


def line(**fields: object) -> bytes:
    whole = {"id": "a", "kind": "term", "prompt": "What is X?", "corrected": "X is Y."} | fields
    return msgspec.json.encode(whole)


def test_lessons_are_read_with_or_without_probes(tmp_path: Path) -> None:
    probes = [{"prompt": "X?", "must": ["Y"]}]
    file = write(tmp_path / "l.jsonl", line(probes=probes), b"", line(id="b", prompt="Who is Z?"))
    assert [one.id for one in read_lessons(file, Lesson)] == ["a", "b"]
    (first, _) = read_lessons(file, ProbedLesson)
    assert first.probes[0].must == ("Y",)
    assert first.kind is Kind.TERM


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    file = write(
        tmp_path / "l.jsonl",
        line(prompt="  "),
        b"{not json",
        line(id="b", kind="opinion"),
        line(id="c", prompt="Q?", corrected="word " * 10_000),
        line(id="d", prompt="R?", corrected="\x00\x01\x02 binary"),
        line(id="e", prompt="S?", corrected="Same.", rejected="Same. "),
        line(id="g", prompt="What now?", corrected="Right."),
        line(id="g", prompt="T?", corrected="U."),
    )
    with pytest.raises(LessonFileError) as caught:
        read_lessons(file, Lesson)
    problems = " ".join(caught.value.problems)
    for part in (
        "Line 1",
        "Line 2",
        "Line 3",
        "10,00",
        "not text",
        "the same as the one that was given",
    ):
        assert part in problems
    assert "Two lessons are called “g”" in problems
    assert caught.value.next_step


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(LessonFileError, match="no lesson"):
        read_lessons(write(tmp_path / "l.jsonl", content), Lesson)


def test_a_missing_and_a_binary_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LessonFileError, match="cannot be read"):
        read_lessons(tmp_path / "none.jsonl", Lesson)
    with pytest.raises(LessonFileError):
        read_lessons(write(tmp_path / "l.jsonl", bytes(range(256)) * 50), Lesson)


def test_sound_lessons_pass() -> None:
    check([AHOY, MAGPIE])


def term(id_: str, prompt: str, corrected: str, **more: str) -> Lesson:
    return Lesson(id=id_, kind=Kind.TERM, prompt=prompt, corrected=corrected, **more)


def test_a_change_of_capitals_is_a_correction_and_new_emoji_are_text() -> None:
    assert problems_of(term("a", "Who?", "GitHub.", rejected="Github.")) == []
    assert problems_of(term("a", "Who? \U0001fadf", "Us \U000e0063")) == []


def test_a_lesson_is_named_by_one_line_that_says_when_it_is_cut() -> None:
    assert shortened("Never\n  say sorry.", 20) == "Never say sorry."
    assert shortened("Never say you are sorry.", 14) == "Never say you…"
