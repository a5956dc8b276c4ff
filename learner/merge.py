"""Merge: several adapters as one file whose effect is the sum of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from learner import adapter_file
from learner.adapter_file import AdapterFile, Matrix, Pair
from learner.errors import BadJobError


@dataclass(frozen=True)
class Part:
    """An adapter's GGUF bytes and the scale at which it takes part."""

    adapter_gguf: bytes
    scale: float = 1.0


def merged(parts: Sequence[Part]) -> Part:
    """One adapter that does what `parts` do together; a single part is its own merger.

    Low-rank changes add up by standing side by side: (b1 b2) @ (a1 over a2) = b1 @ a1 + b2 @ a2.
    The same parts in the same order give the same bytes, to be used at the scale given back.
    Raises DamagedModelError, and BadJobError for no parts or adapters of different models.
    """
    if len(parts) == 1:
        return parts[0]
    files = [adapter_file.read(part.adapter_gguf) for part in parts]
    if len({file.architecture for file in files}) != 1:
        raise _unlike("they are not of one model")
    names = dict.fromkeys(name for file in files for name in file.pairs)
    ranks = [max(len(pair.a) for pair in file.pairs.values()) for file in files]
    pairs = {name: _side_by_side(name, files, ranks, parts) for name in names}
    # Every pair has the same rank, so this alpha makes llama.cpp's factor alpha / rank exactly 1.
    whole = AdapterFile(files[0].architecture, float(sum(ranks)), pairs)
    return Part(adapter_file.write(whole))


def served(parts: Sequence[Part]) -> Part:
    """`merged` in half precision, for use: half the bytes to go through for every token.

    Adapters are float32 while they are trained and kept; the exam is held over this one.
    """
    whole = merged(parts)
    file = adapter_file.read(whole.adapter_gguf)
    return Part(adapter_file.write(file, half=True), whole.scale)


def _side_by_side(
    name: str, files: Sequence[AdapterFile], ranks: Sequence[int], parts: Sequence[Part]
) -> Pair:
    """One weight's pairs as one, each with its factor folded into `b`, filled up with zeros."""
    found = [file.pairs[name] for file in files if name in file.pairs]
    widths, heights = {pair.a.shape[1] for pair in found}, {pair.b.shape[0] for pair in found}
    if len(widths) != 1 or len(heights) != 1:
        raise _unlike(f"{name} has different sizes in them")
    width, height = widths.pop(), heights.pop()
    columns: list[Matrix] = []
    rows: list[Matrix] = []
    for file, rank, part in zip(files, ranks, parts, strict=True):
        for matrix_a, matrix_b in _filled(file, name, rank, width, height):
            rows.append(matrix_a)
            columns.append(matrix_b * np.float32(part.scale))
    return Pair(np.concatenate(rows), np.concatenate(columns, axis=1))


def _filled(
    file: AdapterFile, name: str, rank: int, width: int, height: int
) -> Iterator[tuple[Matrix, Matrix]]:
    """The file's pair with its own factor in `b`, and zeros up to the file's largest rank."""
    missing = rank
    if name in file.pairs:
        pair = file.pairs[name]
        missing -= len(pair.a)
        yield pair.a, pair.b * np.float32(file.alpha / len(pair.a))
    if missing:
        yield np.zeros((missing, width), np.float32), np.zeros((height, missing), np.float32)


def _unlike(why: str) -> BadJobError:
    return BadJobError(
        "What was learned does not fit together",
        f"Adapters could not be joined: {why}.",
        "Study again.",
    )
