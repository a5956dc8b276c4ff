"""The real engine, except that it crashes while it loads an adapter whose file is in FRAIL."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import llama_cpp as llama

from app import engine
from app.engine_adapters import Adapters
from learner.engine import AdapterRef

LOAD = Adapters._load


def load_or_crash(self: Adapters, ref: AdapterRef) -> llama.llama_adapter_lora_p:
    """As llama.cpp does when an assertion of it fails."""
    if Path(ref.path).name in os.environ["FRAIL"].split(","):
        os.kill(os.getpid(), signal.SIGABRT)
    return LOAD(self, ref)


if __name__ == "__main__":
    Adapters._load = load_or_crash  # type: ignore[method-assign]
    engine.main()
