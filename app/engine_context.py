"""One llama.cpp context: its batch, its cache of sequences, and the adapter set on it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from app.errors import EngineDiedError, ModelError

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ContextSize:
    """How much a context holds: cells shared by all sequences, sequences, tokens a batch."""

    cells: int
    sequences: int
    batch: int
    threads: int


class CacheFullError(Exception):
    """No room in the cache for this batch; never leaves the engine."""


class AbortedError(Exception):
    """The batch was given up because `AbortSwitch` was thrown; never leaves the engine."""


class AbortSwitch:
    """Makes a running llama_decode give up, from any thread, without Python in its way.

    llama.cpp asks its abort callback once a graph node (about a thousand times a token). A
    Python callback there would take the GIL each time; instead the callback is the C library's
    `atoi` on one byte of text that holds "0" or "1".
    """

    def __init__(self) -> None:
        libc = ctypes.cdll.msvcrt if os.name == "nt" else ctypes.CDLL(None)
        address = ctypes.cast(libc.atoi, ctypes.c_void_p).value
        self._callback = llama.ggml_abort_callback(address)
        self._text = ctypes.create_string_buffer(b"0")

    def install(self, params: llama.llama_context_params) -> None:
        params.abort_callback = self._callback
        params.abort_callback_data = ctypes.cast(self._text, ctypes.c_void_p)

    def throw(self) -> None:
        self._text[0] = b"1"

    def reset(self) -> None:
        self._text[0] = b"0"


class Context:
    """A context on a loaded model; not thread-safe, owned by the engine's one thread."""

    def __init__(
        self,
        model: llama.llama_model_p,
        size: ContextSize,
        switch: AbortSwitch,
    ) -> None:
        """Raises ModelError when llama.cpp cannot allocate it."""
        params = llama.llama_context_default_params()
        params.n_ctx = size.cells
        params.n_batch = params.n_ubatch = size.batch
        params.n_seq_max = size.sequences
        params.n_threads = params.n_threads_batch = size.threads
        params.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_AUTO
        params.kv_unified = True  # a long chat may use all cells, and prefixes are shared
        params.no_perf = True
        switch.install(params)
        self._handle = llama.llama_init_from_model(model, params)
        if not self._handle:
            raise ModelError(
                "Not enough memory for this model",
                "llama.cpp could not set up its working memory.",
                "Close other programs, or choose a smaller model.",
            )
        self.size = size
        self.n_vocab = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))
        self._memory = llama.llama_get_memory(self._handle)
        self._batch = _Batch(size.batch)
        self._adapter: tuple[int, float] | None = None

    @property
    def handle(self) -> llama.llama_context_p:
        """llama.cpp's own pointer, for its samplers."""
        return self._handle

    def close(self) -> None:
        llama.llama_free(self._handle)

    def add(self, token: int, position: int, sequence: int, output: bool) -> int:
        """Put a token into the next batch; gives its row, for `logits`."""
        return self._batch.add(token, position, sequence, output)

    def add_run(self, tokens: Sequence[int], position: int, sequence: int) -> None:
        """Put several tokens of one sequence into the next batch, none of them an output."""
        self._batch.add_run(tokens, position, sequence)

    @property
    def pending(self) -> int:
        """Tokens in the next batch."""
        return self._batch.count

    def decode(self) -> None:
        """Evaluate the batch and empty it.

        Raises CacheFullError (nothing was changed), AbortedError (see `trim`), EngineDiedError.
        """
        count, self._batch.count = self._batch.count, 0
        code = llama.llama_decode(self._handle, self._batch.struct(count))
        if code == 1:
            raise CacheFullError
        if code == 2:
            raise AbortedError
        if code:
            raise EngineDiedError(
                "The model could not go on",
                f"llama.cpp could not evaluate the text (code {code}).",
                "Ask again; if it happens again, choose another model.",
            )

    def logits(self, row: int) -> Floats:
        """The logits of a row of the last batch: a view, gone at the next `decode`."""
        pointer = llama.llama_get_logits_ith(self._handle, row)
        return np.ctypeslib.as_array(pointer, shape=(self.n_vocab,))

    def trim(self, sequence: int, length: int) -> bool:
        """Keep the first `length` tokens of a sequence; False when it had to go altogether."""
        if length > 0 and llama.llama_memory_seq_rm(self._memory, sequence, length, -1):
            return True
        llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return length == 0

    def share(self, source: int, target: int, length: int) -> None:
        """Make the first `length` tokens of one sequence also those of another, empty one."""
        llama.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def clear(self) -> None:
        """Forget every sequence, contents included."""
        if self._memory:  # an embedding model has none
            llama.llama_memory_clear(self._memory, True)

    def set_adapter(self, adapter: llama.llama_adapter_lora_p | None, scale: float) -> None:
        """Make this adapter (None: none) the one in use; a no-op when it already is."""
        wanted = None if not adapter else (_address(adapter), scale)
        if wanted == self._adapter:
            return
        if adapter is None:
            llama.llama_set_adapters_lora(self._handle, None, 0, None)
        else:
            adapters = (llama.llama_adapter_lora_p_ctypes * 1)(adapter)
            scales = (ctypes.c_float * 1)(scale)
            llama.llama_set_adapters_lora(self._handle, adapters, 1, scales)
        self._adapter = wanted

    def release(self, adapter: llama.llama_adapter_lora_p) -> None:
        """Take an adapter off, if it is on, so that it can be freed."""
        if self._adapter is not None and self._adapter[0] == _address(adapter):
            self.set_adapter(None, 0.0)


def _address(adapter: llama.llama_adapter_lora_p) -> int:
    return ctypes.cast(adapter, ctypes.c_void_p).value or 0


class _Batch:
    """The arrays of a llama_batch, filled by slices: a field at a time through ctypes is slow."""

    def __init__(self, capacity: int) -> None:
        self._token = np.zeros(capacity, np.int32)
        self._position = np.zeros(capacity, np.int32)
        self._sequence = np.zeros(capacity, np.int32)
        self._output = np.zeros(capacity, np.int8)
        self._one = np.ones(capacity, np.int32)
        sequence_type = ctypes.POINTER(llama.llama_seq_id)
        first = self._sequence.ctypes.data
        self._sequences = (sequence_type * capacity)(
            *(
                ctypes.cast(first + i * self._sequence.itemsize, sequence_type)
                for i in range(capacity)
            )
        )
        self._struct = llama.llama_batch()
        self._struct.token = _pointer(self._token, llama.llama_token)
        self._struct.pos = _pointer(self._position, llama.llama_pos)
        self._struct.n_seq_id = _pointer(self._one, ctypes.c_int32)
        self._struct.seq_id = self._sequences
        self._struct.logits = _pointer(self._output, ctypes.c_int8)
        self.count = 0

    def add(self, token: int, position: int, sequence: int, output: bool) -> int:
        row = self.count
        self._token[row] = token
        self._position[row] = position
        self._sequence[row] = sequence
        self._output[row] = output
        self.count = row + 1
        return row

    def add_run(self, tokens: Sequence[int], position: int, sequence: int) -> None:
        rows = slice(self.count, self.count + len(tokens))
        self._token[rows] = tokens
        self._position[rows] = np.arange(position, position + len(tokens))
        self._sequence[rows] = sequence
        self._output[rows] = 0
        self.count = rows.stop

    def struct(self, count: int) -> llama.llama_batch:
        self._struct.n_tokens = count
        return self._struct


def _pointer(array: NDArray[np.int32] | NDArray[np.int8], type_: type) -> object:
    return array.ctypes.data_as(ctypes.POINTER(type_))
