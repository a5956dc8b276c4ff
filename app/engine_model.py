"""The loaded model: llama.cpp's handles, opened and closed in the order they need."""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import llama_cpp as llama
import psutil

from app import engine_weave as weave
from app.engine_adapters import Adapters
from app.engine_chat import Chatter
from app.engine_context import AbortSwitch, Context, ContextSize
from app.engine_plan import ModelHeader, check_memory, plan, read_header
from app.engine_study import Student
from app.engine_vocab import Vocabulary
from app.engine_wire import Loaded
from app.errors import ModelError
from learner.engine import AdapterRef

_CHAT_SEQUENCES = 4
_BATCH = 256
_LOG_LINES = 20
_LOG_LEVELS = (3, 4)
"""ggml's numbers for warnings and errors (ggml.h, `enum ggml_log_level`); no names in Python."""


class LlamaLog:
    """llama.cpp's warnings and errors: written to standard error, the last lines kept."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LOG_LINES)
        self._callback = llama.llama_log_callback(self._take)
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    @property
    def cause(self) -> str:
        """What llama.cpp reported first, which later lines only follow from; or nothing."""
        return self._lines[0].rpartition(": error loading model: ")[2] if self._lines else ""

    def clear(self) -> None:
        """Begin anew."""
        self._lines.clear()

    def _take(self, level: int, text: bytes, _: object) -> None:
        if level not in _LOG_LEVELS:
            return
        line = text.decode("utf-8", "replace").rstrip()
        self._lines.append(line)
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class Model:
    """A model file in memory with a context to chat on and, once needed, one to study on."""

    def __init__(self, path: Path, n_ctx: int | None, beat: Callable[[], None]) -> None:
        """Raises ModelError. `beat` is called while a slow disk is being read."""
        self._log = LlamaLog()
        self._header = read_header(path)
        llama.llama_backend_init()
        self._plan = plan(
            self._header,
            n_ctx=n_ctx,
            gpu=bool(llama.llama_supports_gpu_offload()),
            cores=psutil.cpu_count(logical=False) or os.cpu_count(),
        )
        check_memory(self._header, self._plan.n_ctx, psutil.virtual_memory().available)
        self._model = _load(self._header, self._plan.gpu_layers, beat, self._log)
        self.vocabulary = Vocabulary(self._model, self._header.template)
        self.adapters = Adapters(self._model)
        self.switch, self.study_switch = AbortSwitch(), AbortSwitch()
        self._chat = self._context(_CHAT_SEQUENCES, _BATCH, self.switch)
        self._study: Context | None = None
        self.chatter = Chatter(self._chat, self.vocabulary)

    def describe(self) -> Loaded:
        return Loaded(
            architecture=self._header.architecture,
            n_ctx=self._plan.n_ctx,
            n_vocab=self.vocabulary.size,
            end_of_turn=self.vocabulary.end_of_turn,
            gpu_layers=self._plan.gpu_layers,
            threads=self._plan.threads,
        )

    @property
    def threads(self) -> int:
        """Threads that evaluate."""
        return self._plan.threads

    def use_for_chat(self, ref: AdapterRef | None) -> None:
        """Set the adapter to chat with. Raises AdapterError."""
        self.adapters.use(self._chat, ref)

    def use_for_study(self, ref: AdapterRef | None) -> None:
        """Set the adapter to study with. Raises AdapterError."""
        self.adapters.use(self._studying(), ref)

    def student(self) -> Student:
        """Study work on its own context. Raises ModelError when there is no memory for it."""
        return Student(self._studying(), self.vocabulary)

    @property
    def studies(self) -> bool:
        """Whether memory is held to study on."""
        return self._study is not None

    def rest_from_study(self) -> None:
        """Give that memory back; the next study work takes it again."""
        if self._study is not None:
            self.adapters.unwatch(self._study)
            self._study.close()
            self._study = None

    def forget(self, path: str) -> None:
        """Drop an adapter and every cache filled under it."""
        self.chatter.forget(path)
        self.adapters.forget(path)

    def close(self) -> None:
        self.adapters.close()
        for context in (self._chat, self._study):
            if context is not None:
                context.close()
        llama.llama_model_free(self._model)

    def _studying(self) -> Context:
        if self._study is None:
            self._study = self._context(weave.SEQUENCES, weave.EXACT_ROWS, self.study_switch)
        return self._study

    def _context(self, sequences: int, batch: int, switch: AbortSwitch) -> Context:
        size = ContextSize(self._plan.n_ctx, sequences, batch, self._plan.threads)
        context = Context(self._model, size, switch)
        self.adapters.watch(context)
        return context


def _load(
    header: ModelHeader, gpu_layers: int, beat: Callable[[], None], log: LlamaLog
) -> llama.llama_model_p:
    def progress(_: float, __: object) -> bool:
        beat()
        return True

    params = llama.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    callback = llama.llama_progress_callback(progress)
    params.progress_callback = callback
    log.clear()
    model = llama.llama_model_load_from_file(os.fsencode(header.path), params)
    if not model:
        raise ModelError(
            "The model could not be loaded",
            f"llama.cpp refused {header.path.name}: {log.cause or 'no reason given'}",
            "Fetch the model again, or choose another one.",
        )
    return model
