"""Embedder: the meaning of passages and questions as vectors, and their size in its tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from gguf import GGUFReader
from numpy.typing import NDArray
from tokenizers.implementations import BertWordPieceTokenizer

from app.engine_client import EngineClient
from app.errors import ModelError

WIDTH = 384

_BATCH = 16
"""Texts asked of the engine at a time, so that it can be stopped and a chat gets its turn."""

_WORD_START = "\u2581"
"""How llama.cpp writes the beginning of a word, where the original marks all other pieces."""


class Embedder:
    """MiniLM in the engine's process (app/engine_embedder.py); safe to use from many threads."""

    def __init__(self, engine: Callable[[], EngineClient], model: Path) -> None:
        """`engine` gives the one that runs, `model` is the GGUF file of the embedding model."""
        self._engine = engine
        self._model = model

    def embed(
        self, texts: Sequence[str], stop: threading.Event | None = None
    ) -> NDArray[np.float32]:
        """One row a text, (n, 384), of length 1.

        Raises ModelError, EngineDiedError, StoppedError.
        """
        rows: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            part = texts[start : start + _BATCH]
            rows += self._engine().embed(part, self._model, stop=stop)
        return np.array(rows, dtype=np.float32).reshape(len(rows), WIDTH)

    def count(self, text: str) -> int:
        """Tokens of a text, without those that open and close it. Raises ModelError."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def _tokenizer(self) -> BertWordPieceTokenizer:
        try:
            field = GGUFReader(self._model).fields["tokenizer.ggml.tokens"]
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                "The embedding model cannot be read",
                f"{self._model.name} is missing or damaged.",
                "Run the set-up again: make run",
            ) from error
        vocabulary = {
            _original(bytes(field.parts[index]).decode()): id_
            for id_, index in enumerate(field.data)
        }
        return BertWordPieceTokenizer(vocabulary, lowercase=True)


def _original(token: str) -> str:
    """A token as the original's vocabulary has it."""
    if token.startswith(_WORD_START):
        return token.removeprefix(_WORD_START)
    special = token.startswith("[") and token.endswith("]") and len(token) > 2
    return token if special else f"##{token}"
