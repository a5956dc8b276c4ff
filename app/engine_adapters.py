"""Adapters in the engine's memory: unsealed, loaded, swapped, and let go without a trace."""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_cpp as llama

from app.engine_context import Context
from app.errors import AdapterError
from app.sealed import unseal
from learner.engine import AdapterRef

KEPT = 3
"""Adapters kept loaded: the active one, a candidate under examination, and the one before."""

AdapterKey = tuple[str, bytes, float]
"""What a cache filled under an adapter belongs to: file, key and scale."""


def adapter_key(ref: AdapterRef | None) -> AdapterKey | None:
    """None for the untouched base model (a scale of zero is the base model, too)."""
    return None if ref is None or ref.scale == 0.0 else (ref.path, ref.key, ref.scale)


class Adapters:
    """The loaded adapters of one model; not thread-safe."""

    def __init__(self, model: llama.llama_model_p) -> None:
        self._model = model
        self._loaded: OrderedDict[tuple[str, bytes], llama.llama_adapter_lora_p] = OrderedDict()
        self._contexts: list[Context] = []

    def watch(self, context: Context) -> None:
        """Have an adapter taken off this context before it is freed."""
        self._contexts.append(context)

    def unwatch(self, context: Context) -> None:
        """This context is about to be freed."""
        self._contexts.remove(context)

    def use(self, context: Context, ref: AdapterRef | None) -> None:
        """Set the adapter on a context, loading it when needed.

        Raises AdapterError; the context is on the base model then.
        """
        if ref is None or ref.scale == 0.0:
            context.set_adapter(None, 0.0)
            return
        key = (ref.path, ref.key)
        if key not in self._loaded:
            context.set_adapter(None, 0.0)
            while len(self._loaded) >= KEPT:
                self._free(next(iter(self._loaded)))
            self._loaded[key] = self._load(ref)
        self._loaded.move_to_end(key)
        context.set_adapter(self._loaded[key], ref.scale)

    def forget(self, path: str) -> None:
        """Free what was loaded from this file."""
        for key in [key for key in self._loaded if key[0] == path]:
            self._free(key)

    def close(self) -> None:
        for key in list(self._loaded):
            self._free(key)

    def _free(self, key: tuple[str, bytes]) -> None:
        # "The same adapters" is decided by pointer and scale inside llama.cpp, so an adapter must
        # be off every context before its memory can be given to the next one.
        adapter = self._loaded.pop(key)
        for context in self._contexts:
            context.release(adapter)
        llama.llama_adapter_lora_free(adapter)

    def _load(self, ref: AdapterRef) -> llama.llama_adapter_lora_p:
        plain = unseal(Path(ref.path), ref.key)
        with _readable(plain) as name:
            adapter = llama.llama_adapter_lora_init(self._model, os.fsencode(name))
        if not adapter:  # a NULL pointer object, not None
            raise AdapterError(
                "What was learned does not fit this model",
                f"llama.cpp refused the adapter {Path(ref.path).name}: it is damaged, or was made "
                "for another base model.",
                "Go back to an earlier version, or study again with this model.",
            )
        return adapter


@contextmanager
def _readable(plain: bytes) -> Iterator[str]:
    """A name under which llama.cpp can read these bytes.

    On Linux they stay in memory; elsewhere a private file exists while llama.cpp reads it.
    """
    if hasattr(os, "memfd_create"):
        descriptor, name = os.memfd_create("adapter", os.MFD_CLOEXEC), None
    else:
        descriptor, name = tempfile.mkstemp(prefix="nightschool-", suffix=".gguf")  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(plain)
            file.flush()
            yield name or f"/proc/self/fd/{descriptor}"
    finally:
        if name is not None:
            Path(name).unlink()
