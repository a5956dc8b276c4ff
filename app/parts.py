"""Parts: a long document cut into runs of passages, and what is asked of each and of the notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.document_records import Passage
from app.errors import BadRequestError
from app.prompt import place, quoting

PART_SHARE = 0.7
"""Of the window; the rest is left to the lessons that stand with the last question."""

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


def ask_part(passages: Sequence[Passage], part: int, parts: int, question: str) -> str:
    """What is asked of one part: its passages as quoted data, then the question."""
    return quoting(passages, _of_part(part, parts, question))


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
    asked = measure(_of_part(1000, 1000, question))
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

    A passage that is longer by itself is cut in pieces.
    """
    runs: list[list[Passage]] = [[]]
    filled = 0
    for passage in passages:
        for piece, tokens in _pieces(passage, measure, size):
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


def _of_part(part: int, parts: int, question: str) -> str:
    return (
        f"This is part {part} of {parts} of a document. Write a short note of what in these"
        " passages helps to answer the question below, with names and figures. If they do not"
        f" help, say only: {NOTHING}.\n\n{question}"
    )


def _listed(title: str, notes: Sequence[Note]) -> str:
    return f"Notes on my document “{title}”:\n\n" + "\n\n".join(map(_quoted, notes))


def _quoted(note: Note) -> str:
    first, last = note.parts[0], note.parts[-1]
    name = f"Part {first}" if first == last else f"Parts {first} to {last}"
    return f"{name}:\n{note.text.strip()}"
