"""Embedder: vectors of passages and questions, made in the memory's process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import IndexDiedError, ModelError, StoppedError
from app.memory import memory_wire as wire
from app.memory.memory_client import MemoryClient
from app.memory.tokens import VOCABULARY, Tokens
from app.text import clean
from learner.engine import StopSignal

WIDTH = 384
"""Numbers in a vector."""

_AT_ONCE = 32
"""Texts a message: how long a stop takes to be noticed, against how often cores wait at its end."""


class Embedder:
    """all-MiniLM-L6-v2; safe to use from many threads.

    A text that is longer than `app.memory.tokens.MOST_TOKENS` is read to there only. Raises
    ModelError (files missing or damaged) and, when two children have ended over the same texts,
    IndexDiedError.
    """

    def __init__(self, client: MemoryClient, folder: Path) -> None:
        """`folder` holds the model's two files; nothing is read before it is needed."""
        self._client = client
        self._folder = folder
        self._guard = threading.Lock()
        self._tokens: Tokens | None = None

    def embed(self, texts: Sequence[str], stop: StopSignal | None = None) -> NDArray[np.float32]:
        """A vector for each text, in their order: (n, 384), each of length 1. Patient bulk work.

        Equal texts have equal vectors, whatever stands beside them. Raises StoppedError as well.
        """
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for start in range(0, len(texts), _AT_ONCE):
            if stop is not None and stop.is_set():
                raise StoppedError("Stopped", "The passages were not all read.", "Start it again.")
            part = slice(start, start + _AT_ONCE)
            vectors[part] = self._asked(texts[part], False)
        return vectors

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector (384,) of what a person searches for, ahead of all bulk work."""
        vector: NDArray[np.float32] = self._asked([text], True)[0]
        return vector

    def count(self, text: str) -> int:
        """How many tokens a text is; counted in this process, without the model."""
        with self._guard:
            if self._tokens is None:
                self._tokens = Tokens(self._folder / VOCABULARY)
        return self._tokens.count(text)

    def _asked(self, texts: Sequence[str], urgent: bool) -> NDArray[np.float32]:
        cleaned = tuple(map(clean, texts))

        def order(id_: int) -> wire.Order:
            return wire.Embed(id=id_, folder=str(self._folder), texts=cleaned, urgent=urgent)

        try:
            answer = self._client.call(order)
        except IndexDiedError:
            answer = self._client.call(order)  # by a new child: the old one may have been killed
        if not isinstance(answer, wire.Numbers):
            raise ModelError(
                "The embedding model is not usable",
                "It gave no vectors.",
                "Start Nightschool again; if this comes back, run the set-up again: make run",
            )
        return np.frombuffer(answer.data, np.float32).reshape(len(texts), WIDTH)
