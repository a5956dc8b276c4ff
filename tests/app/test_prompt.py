"""The prompt keeps within its window and says what it left out."""

from collections.abc import Sequence

import pytest

from app import prompt
from app.errors import BadRequestError
from app.protocol import ChatMessage, LessonRecord
from learner.engine import Turn


def words(turns: Sequence[Turn]) -> int:
    """A token count simple enough to follow: a word is a token."""
    return sum(len(turn.content.split()) for turn in turns)


def history(pairs: int) -> list[ChatMessage]:
    return [
        ChatMessage(
            id=i,
            role="user" if i % 2 == 0 else "assistant",
            text=" ".join([f"word{i}"] * 10),
            created="",
        )
        for i in range(pairs * 2)
    ]


def lesson(number: int, size: int = 5) -> LessonRecord:
    return LessonRecord(
        id=f"l-{number}",
        kind="manner",
        prompt="p",
        rejected="",
        corrected=" ".join(["c"] * size),
        note="",
        created="",
        state="new",
    )


def test_everything_fits() -> None:
    built = prompt.build(history(2), "and now?", [lesson(1)], words, 1000)
    assert [turn.role for turn in built.turns] == [
        "system", "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    assert built.lessons == (lesson(1),)
    assert built.dropped == 0
    assert "c c c" in built.turns[0].content


def test_old_turns_leave_in_whole_steps_so_that_the_start_stays_the_same() -> None:
    first = prompt.build(history(10), "next", [], words, 170)
    second = prompt.build(history(11), "next", [], words, 170)
    assert first.dropped == second.dropped == prompt.DROP_STEP
    assert first.turns[:10] == second.turns[:10]
    assert first.turns[1].role == "user"
    assert words(first.turns) <= 170


def test_lessons_get_their_share_only_newest_first() -> None:
    built = prompt.build([], "question", [lesson(1), lesson(2, 200)], words, 200)
    assert [record.id for record in built.lessons] == ["l-1"]


def test_a_question_longer_than_the_window_is_refused_with_numbers() -> None:
    with pytest.raises(BadRequestError) as caught:
        prompt.build([], "word " * 200_000, [], words, 2048)
    assert "1,000,000 characters" in caught.value.message
    assert "2,048 tokens" in caught.value.message


def test_broken_and_empty_replies_are_not_shown_to_the_model() -> None:
    broken = ChatMessage(id=9, role="assistant", text="half", created="", state="broken")
    built = prompt.build([broken], "again", [], words, 100)
    assert len(built.turns) == 2
