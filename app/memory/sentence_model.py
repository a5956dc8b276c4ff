"""Sentence model: MiniLM on ONNX Runtime, inside the memory's process."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from app.memory.tokens import VOCABULARY, Tokens, missing

WEIGHTS = "all-minilm-l6-v2-f16.onnx"
"""The file's name among the starter models."""

WIDTH = 384
_MOST_WORKERS = 8
_LOWEST = 19
"""The niceness of bulk work; a query keeps the process's own."""


class SentenceModel:
    """A loaded embedding model; safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        """Load both files from `folder`. Raises ModelError."""
        self.folder = folder
        self._tokens = Tokens(folder / VOCABULARY)
        options = onnxruntime.SessionOptions()
        # One text a run, one thread a text: nothing is padded, no core waits for another, and a
        # vector does not depend on the texts beside it (docs/decisions/0012, with the figures).
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                folder / WEIGHTS, options, providers=["CPUExecutionProvider"]
            )
        except _FAILURES as error:
            raise missing(folder / WEIGHTS) from error
        workers = min(os.cpu_count() or 1, _MOST_WORKERS)
        self._workers = ThreadPoolExecutor(workers, "bulk", initializer=_step_back)

    def embed(self, texts: Sequence[str], urgent: bool) -> NDArray[np.float32]:
        """A row of length 1 for each text: at once on this thread, or by the patient workers."""
        if urgent:
            return np.stack([self._one(text) for text in texts])
        # The longest first, so that the workers come to their ends together.
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        vectors = np.empty((len(texts), WIDTH), np.float32)
        found = self._workers.map(self._one, (texts[place] for place in order))
        for place, vector in zip(order, found, strict=True):
            vectors[place] = vector
        return vectors

    def _one(self, text: str) -> NDArray[np.float32]:
        ids = np.array([self._tokens.ids(text)], np.int32)
        vector: NDArray[np.float32] = self._session.run(["vectors"], {"ids": ids})[0][0]
        return vector


_FAILURES = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NoSuchFile,
    failures.NotImplemented,
    failures.RuntimeException,
)


def _step_back() -> None:
    """Let everything else on the machine go first; Linux can do that for a thread alone."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
