"""Cache slots: which sequence of a context holds which conversation, under which adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.engine_adapters import AdapterKey
from app.engine_context import Context


@dataclass
class Slot:
    """A sequence of the context and the tokens in it; `used` orders slots by last use."""

    sequence: int
    key: AdapterKey | None = None
    tokens: list[int] = field(default_factory=list)
    used: int = 0


class Slots:
    """Every sequence of one context. A slot never serves another adapter than it was filled by."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._slots = [Slot(sequence) for sequence in range(context.size.sequences)]
        self._clock = 0

    def take(self, key: AdapterKey | None, prompt: Sequence[int]) -> tuple[Slot, int]:
        """A slot whose tokens are a beginning of `prompt`, and how many they are.

        At least the prompt's last token is left to be evaluated, for its logits.
        """
        slot, shared = self._choose(key, prompt)
        self._clock += 1
        slot.used, slot.key = self._clock, key
        if len(slot.tokens) > shared:
            kept = self._context.trim(slot.sequence, shared)
            slot.tokens = slot.tokens[:shared] if kept else []
        return slot, len(slot.tokens)

    def make_room(self, slot: Slot, count: int) -> None:
        """Empty other slots, the longest unused first, until `count` more tokens fit."""
        while sum(len(each.tokens) for each in self._slots) + count > self._context.size.cells:
            if not self.evict_other(slot):
                return

    def evict_other(self, slot: Slot) -> bool:
        """Empty the longest unused slot that is not `slot`; False when there is none."""
        others = [each for each in self._slots if each is not slot and each.tokens]
        if not others:
            return False
        self._empty(min(others, key=lambda each: each.used))
        return True

    def repair(self, slot: Slot) -> None:
        """After an aborted batch: make the cache hold exactly the slot's tokens again."""
        if not self._context.trim(slot.sequence, len(slot.tokens)):
            slot.tokens = []

    def forget(self, path: str) -> None:
        """Empty the slots filled under the adapter of this file."""
        for slot in self._slots:
            if slot.key is not None and slot.key[0] == path:
                self._empty(slot)

    def _choose(self, key: AdapterKey | None, prompt: Sequence[int]) -> tuple[Slot, int]:
        same = [slot for slot in self._slots if slot.key == key and slot.tokens]
        if not same:
            return self._emptied(), 0
        best = max(same, key=lambda slot: (_common(slot.tokens, prompt), slot.used))
        shared = min(_common(best.tokens, prompt), len(prompt) - 1)
        if 2 * shared >= len(best.tokens):
            return best, shared
        # Another conversation that merely begins alike: leave it whole, and borrow its beginning.
        fresh = self._emptied(sparing=best)
        if fresh is best:
            return best, shared
        if shared:
            self._context.share(best.sequence, fresh.sequence, shared)
            fresh.tokens = best.tokens[:shared]
        return fresh, shared

    def _emptied(self, sparing: Slot | None = None) -> Slot:
        candidates = [slot for slot in self._slots if slot is not sparing] or self._slots
        slot = min(candidates, key=lambda each: (bool(each.tokens), each.used))
        if slot is not sparing:
            self._empty(slot)
        return slot

    def _empty(self, slot: Slot) -> None:
        self._context.trim(slot.sequence, 0)
        slot.tokens, slot.key = [], None


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    length = min(len(left), len(right))
    for index in range(length):
        if left[index] != right[index]:
            return index
    return length
