"""The prompt keeps within its window and says what it left out."""

from collections.abc import Sequence

import pytest

from app import prompt
from app.errors import BadRequestError
from app.protocol import ChatMessage, LessonRecord, Passage
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


def test_a_fact_stands_with_its_date_which_counts_as_part_of_it() -> None:
    line = "Since 3 March 2025. " + " ".join(["before"] * 20)
    built = prompt.build([], "question", [lesson(1)], words, 300, since={"l-1": line, "l-2": "no"})
    assert f"Example answer: c c c c c\n{line}" in built.turns[0].content
    assert "no" not in built.turns[0].content.split()
    assert prompt.build([], "question", [lesson(1)], words, 300).lessons
    assert not prompt.build(
        [], "question", [lesson(1)], words, 200, since={"l-1": line * 3}
    ).lessons


def passage(number: int, text: str) -> Passage:
    return Passage(
        id=number,
        document_id=number,
        title=f"Title {number}",
        path="",
        type="pdf",
        text=text,
        start=0,
        end=len(text),
        heading="Part",
        page=number,
    )


def test_passages_are_numbered_and_quoted_beside_the_question() -> None:
    found = [passage(1, "Tea is at four."), passage(2, "Lunch is at noon.")]
    built = prompt.build(history(1), "When is tea?", [], words, 1000, found)
    asked = built.turns[-1].content
    assert built.passages == tuple(found)
    assert "Passage 1, from Title 1 › Part, page 1:\nTea is at four." in asked
    assert "Passage 2, from Title 2 › Part, page 2:\nLunch is at noon." in asked
    assert asked.endswith("\n\nWhen is tea?")
    assert prompt.NOT_THERE not in asked
    only = prompt.build(history(1), "When is tea?", [], words, 1000, found, only_documents=True)
    assert prompt.NOT_THERE in only.turns[-1].content


def test_the_best_passages_stay_within_half_of_the_window() -> None:
    found = [passage(n, " ".join(["p"] * 60)) for n in range(1, 6)]
    built = prompt.build(history(10), "When?", [], words, 400, found)
    assert 0 < len(built.passages) < 5
    assert built.passages == tuple(found[: len(built.passages)])
    assert words(built.turns) <= 400
    assert words(built.turns[-1:]) <= 200 + 1


def test_without_passages_the_question_stands_alone() -> None:
    assert prompt.build([], "When?", [], words, 100).turns[-1].content == "When?"
