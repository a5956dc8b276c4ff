"""Embeddings by the real small model, beside the one that chats."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from app.engine_client import EngineClient
from app.errors import ModelError, StoppedError

TEXTS = (
    "Someone is eating spaghetti.",
    "The stock market fell sharply on Monday.",
    "",
    "שלום עולם 👩‍👩‍👧 \0 naïve café",
    "word " * 5000,
)


def test_like_texts_lie_near_each_other(engine: EngineClient, embedding_model: Path) -> None:
    pasta, eating, market = np.array(
        engine.embed(["A man eats pasta.", *TEXTS[:2]], embedding_model)
    )
    assert pasta.shape == (384,)
    assert pasta @ eating > 0.6
    assert pasta @ market < 0.2


def test_every_text_has_a_vector_of_length_one_that_company_does_not_change(
    engine: EngineClient, embedding_model: Path
) -> None:
    together = engine.embed(TEXTS, embedding_model)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert [engine.embed([text], embedding_model)[0] for text in TEXTS] == together
    assert engine.embed([], embedding_model) == []


def test_a_chat_model_or_a_missing_file_is_refused(
    engine: EngineClient, starter_model: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="not an embedding model"):
        engine.embed(["a"], starter_model)
    with pytest.raises(ModelError, match="not there"):
        engine.embed(["a"], tmp_path / "none.gguf")


def test_embedding_stops_when_told_to(engine: EngineClient, embedding_model: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        engine.embed(TEXTS * 50, embedding_model, stop=stop)
    assert len(engine.embed(["a"], embedding_model)) == 1
