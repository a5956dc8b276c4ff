"""Weave: several texts side by side in one cache, each evaluated exactly as if it were alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.engine_context import Context

Tokens = Sequence[int]

EXACT_ROWS = 63
"""Rows a batch may have: from 64 on ggml's CPU flash attention sums in another order."""

SEQUENCES = 48
"""Texts that can lie side by side in a study context, the companion's sequence included."""

_SPLIT_CELLS = 256
"""With more cells than this in use, ggml splits the attention of a single row over its threads."""

_WORTH_SHARING = 16
"""Tokens: a shorter common beginning is evaluated again rather than waited for."""


@dataclass(eq=False)
class Strand:
    """One text: its tokens, how many are in the cache or the next batch, and how many cached.

    Append to it to go on.
    """

    sequence: int
    tokens: list[int]
    done: int
    cached: int
    reserved: int
    ended: bool = False

    @property
    def unread(self) -> int:
        """Tokens that are neither in the cache nor in the next batch yet."""
        return len(self.tokens) - self.done


class Weave:
    """A scratch context shared by texts that begin alike; not thread-safe.

    What keeps each text as it would be alone: batches under 64 rows and never of a single row in
    a well filled cache (both would take another path through ggml's attention), and cells that
    stay in the order of the text, so that none is given back before all are. Exact for weights
    that ggml multiplies row by row (Q4_1, Q8_0, F16); where it repacks them (Q4_0, Q4_K on some
    processors) a text's last bits may depend on its place in the batch.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._strands: list[Strand] = []
        self._reserved = 0
        self.restart()

    @property
    def room(self) -> int:
        """Rows that still fit into the next batch."""
        return min(EXACT_ROWS, self._context.size.batch) - self._context.pending

    def restart(self) -> None:
        """Empty the cache; what was begun is over."""
        self._context.clear()
        self._strands, self._reserved = [], 0

    def begin(self, tokens: Tokens, *, own: int, length: int) -> Strand | None:
        """Let a text in that may grow to `length` tokens; None while it has to wait.

        It borrows what another text has in common with it, up to token `own`, and waits when
        that is still to be evaluated.
        """
        best, shared = None, 0
        for strand in self._strands:
            reach = strand.done if strand.ended else len(strand.tokens)
            common = _common(strand.tokens, tokens, min(own, reach))
            if common > shared:
                best, shared = strand, common
        if best is None or shared < _WORTH_SHARING:
            best, shared = None, 0
        elif best.cached < shared:  # what waits in the next batch cannot be borrowed yet
            return None
        sequence = len(self._strands)
        needed = length - shared
        if sequence >= self._companion or self._reserved + needed > self._context.size.cells - 1:
            return None
        if best is not None:
            self._context.share(best.sequence, sequence, shared)
        strand = Strand(sequence, list(tokens), shared, shared, length)
        self._strands.append(strand)
        self._reserved += needed
        return strand

    def read(self, strand: Strand, wanted_from: int) -> list[tuple[int, int]]:
        """Put as many unread tokens of a text into the batch as fit.

        Gives (row, index of its token) for those from index `wanted_from` on: their logits are
        there after `decode`.
        """
        rows = []
        stop = min(len(strand.tokens), strand.done + self.room)
        for index in range(strand.done, stop):
            wanted = index >= wanted_from
            row = self._context.add(strand.tokens[index], index, strand.sequence, wanted)
            if wanted:
                rows.append((row, index))
        strand.done = stop
        return rows

    def decode(self) -> None:
        """Evaluate the batch. Raises EngineDiedError."""
        accompany = self._context.pending == 1 and self._reserved > _SPLIT_CELLS
        if accompany:
            self._context.add(0, 0, self._companion, False)
        self._context.decode()
        for strand in self._strands:
            strand.cached = strand.done
        if accompany:
            self._context.trim(self._companion, 0)

    def end(self, strand: Strand) -> None:
        """A text grows no more; it stays to be borrowed from."""
        self._reserved -= strand.reserved - len(strand.tokens)
        strand.reserved = len(strand.tokens)
        strand.ended = True

    @property
    def _companion(self) -> int:
        return self._context.size.sequences - 1


def _common(left: Tokens, right: Tokens, limit: int) -> int:
    """Length of the common beginning, at most `limit`."""
    length = min(len(left), len(right), limit)
    for index in range(length):
        if left[index] != right[index]:
            return index
    return length
