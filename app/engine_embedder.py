"""Embedder: sentence embeddings by a second, small model beside the one that chats."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from app.engine_context import Context, ContextSize
from app.engine_plan import check_embedding_model
from app.engine_ticket import Ticket
from app.errors import ModelError


class Embedder:
    """A loaded embedding model; not thread-safe, owned by the engine's one thread."""

    def __init__(self, path: Path, threads: int) -> None:
        """Raises ModelError: not there, damaged, or no embedding model."""
        self.path = path
        longest = check_embedding_model(path)
        params = llama.llama_model_default_params()
        params.n_gpu_layers = 0  # tens of megabytes: not worth the chat model's place
        self._model = llama.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model:
            raise ModelError(
                "The embedding model could not be loaded",
                f"llama.cpp refused {path.name}.",
                "Run the set-up again: make run",
            )
        self._vocab = llama.llama_model_get_vocab(self._model)
        self._width = llama.llama_model_n_embd(self._model)
        # One text a batch: attention over several at once is slower (shared/facts.md, measured).
        size = ContextSize(longest, 1, longest, threads)
        self._context = Context(self._model, size, None, embeddings=True)

    def close(self) -> None:
        """Free the model."""
        self._context.close()
        llama.llama_model_free(self._model)

    def embed(
        self, texts: Sequence[str], ticket: Ticket
    ) -> Generator[None, None, list[list[float]]]:
        """A vector of length 1 for each text; what is longer than the model reads is cut off.

        Yields between texts.
        """
        found = []
        for text in texts:
            ticket.check()
            found.append(self._one(text).tolist())
            yield
        return found

    def _one(self, text: str) -> NDArray[np.float32]:
        tokens = self._tokens(text)
        self._context.clear()
        for position, token in enumerate(tokens):
            self._context.add(token, position, 0, True)
        self._context.decode()
        vector = self._context.embedding(0, self._width).copy()
        length = float(np.linalg.norm(vector))
        return vector / length if length > 0 else vector

    def _tokens(self, text: str) -> list[int]:
        """The text's tokens between those that open and close it."""
        data = text.encode()
        room = len(data) + 8
        tokens = (llama.llama_token * room)()
        count = llama.llama_tokenize(self._vocab, data, len(data), tokens, room, True, False)
        limit = self._context.size.cells
        found = list(tokens[: max(0, count)])
        return found if len(found) <= limit else [*found[: limit - 1], found[-1]]
