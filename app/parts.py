"""Parts: a long document cut into runs of passages, and what is asked of each and of the notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.document_records import Passage
from app.errors import BadRequestError
from app.prompt import place

PART_SHARE = 0.7
"""Of the window; the rest is left to the lessons that stand with the last question."""

PART_TOKENS = 1200
"""Of a document that does not fit as a whole: small models overlook less in shorter parts, and
reading more of them costs no more (a 0.5B model took "17" for "seven" from 2,100 tokens)."""

LEAST_SHARE = 0.25
"""A question that leaves less of the window than this to the passages is too long for it."""

NOTHING = "Nothing here"
"""What a model is told to say of a part that does not help."""

_JOINT_TOKENS = 2
"""Added a passage: pieces that were counted apart may cost a little more together."""

Measure = Callable[[str], int]


@dataclass(frozen=True)
class Note:
    """What one part, or several brought together, had for the question."""

    parts: tuple[int, ...]
    text: str


def ask_part(title: str, passages: Sequence[Passage], question: str) -> str:
    """What is asked of one part: its text as quoted data, then the question.

    The passages follow each other without numbers or places, which small models would recite.
    """
    text = "\n\n".join(passage.text.strip() for passage in passages)
    return f"Text from my document “{title}”:\n\n{text}\n\n{_of_part(question)}"


def ask_notes(title: str, notes: Sequence[Note], question: str) -> str:
    """The question itself, over the notes of all parts."""
    how = "Answer from these notes alone, as one text."
    return f"{_listed(title, notes)}\n\n{how}\n\n{question}"


def ask_together(title: str, notes: Sequence[Note], question: str) -> str:
    """What is asked where the notes of all parts are too long to be answered from at once."""
    how = "Write one short note that keeps what in these notes helps to answer this:"
    return f"{_listed(title, notes)}\n\n{how}\n\n{question}"


def says_nothing(note: str) -> bool:
    """Whether a model said of a part that it does not help."""
    words = note.strip(" \n\t\"'“”*.").casefold()
    return not words or words.startswith(NOTHING.casefold())


def budget(window: int, question: str, measure: Measure) -> int:
    """Tokens that the passages of a part may have. Raises BadRequestError: too long a question."""
    asked = measure(_of_part(question))
    left = int(window * PART_SHARE) - asked
    if left < window * LEAST_SHARE:
        raise BadRequestError(
            "This question is too long",
            f"It has {asked:,} tokens, which leaves no room to read the document"
            f" ({window:,} tokens at once).",
            "Shorten it.",
        )
    return left


def cut(passages: Sequence[Passage], measure: Measure, size: int) -> list[tuple[Passage, ...]]:
    """Passages in runs of at most `size` tokens as they are quoted, in their order, none left out.

    A passage that is longer by itself is cut in pieces. What fits as a whole is one run; else a
    run has `PART_TOKENS` at most.
    """
    pieces = [piece for passage in passages for piece in _pieces(passage, measure, size)]
    if sum(tokens for _, tokens in pieces) > size:
        size = min(size, PART_TOKENS)
    runs: list[list[Passage]] = [[]]
    filled = 0
    for piece, tokens in pieces:
        if runs[-1] and filled + tokens > size:
            runs.append([])
            filled = 0
        runs[-1].append(piece)
        filled += tokens
    return [tuple(run) for run in runs if run]


def groups(notes: Sequence[Note], measure: Measure, size: int) -> list[tuple[Note, ...]]:
    """Notes in runs of at most `size` tokens, two or more in each but the last."""
    runs: list[list[Note]] = [[]]
    filled = 0
    for note in notes:
        tokens = measure(_quoted(note)) + _JOINT_TOKENS
        if len(runs[-1]) > 1 and filled + tokens > size:
            runs.append([])
            filled = 0
        runs[-1].append(note)
        filled += tokens
    return [tuple(run) for run in runs if run]


def _pieces(passage: Passage, measure: Measure, size: int) -> list[tuple[Passage, int]]:
    text = passage.text.strip()
    tokens = measure(f"Passage 100, from {place(passage)}:\n{text}\n\n") + _JOINT_TOKENS
    if tokens <= size or len(text) < 2:
        return [(passage, tokens)]
    middle = len(text) // 2
    middle = text.rfind(" ", 1, middle) if " " in text[1:middle] else middle
    return [
        piece
        for half in (text[:middle], text[middle:])
        for piece in _pieces(msgspec.structs.replace(passage, text=half), measure, size)
    ]


def _of_part(question: str) -> str:
    return (
        "Note in one or two sentences what this text says about the following. If it says nothing"
        f" about it, answer: {NOTHING}.\n\n{question}"
    )


def _listed(title: str, notes: Sequence[Note]) -> str:
    return f"Notes on my document “{title}”:\n\n" + "\n\n".join(map(_quoted, notes))


def _quoted(note: Note) -> str:
    first, last = note.parts[0], note.parts[-1]
    name = f"Part {first}" if first == last else f"Parts {first} to {last}"
    return f"{name}:\n{note.text.strip()}"
