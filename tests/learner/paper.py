"""Paper: a notebook that outlives sessions, in memory."""

from __future__ import annotations


class Paper:
    """A `learner.notebook.Notebook` whose bytes can be looked at."""

    def __init__(self, data: bytes | None = None) -> None:
        self.data = data

    def load(self) -> bytes | None:
        """What was saved last."""
        return self.data

    def save(self, data: bytes) -> None:
        """These bytes instead."""
        self.data = data

    def clear(self) -> None:
        """Nothing any more."""
        self.data = None
