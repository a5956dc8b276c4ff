"""The embedder with the real model in a real child: right vectors, damage, a killed child."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from app.errors import IndexDiedError, ModelError, StoppedError
from app.memory.embedder import WIDTH, Embedder
from app.memory.memory_client import MemoryClient
from app.memory.tokens import MOST_TOKENS, VOCABULARY

WEIGHTS = "all-minilm-l6-v2-f16.onnx"
REFERENCE = Path(__file__).parents[2] / "data" / "minilm_vectors.json"
TEXTS = (
    "Someone is eating spaghetti.",
    "The stock market fell sharply on Monday.",
    "",
    "שלום עולם 👩‍👩‍👧 \0 naïve café \ud800",
    "word " * 5000,
    "Someone is eating spaghetti.",
)


def test_it_agrees_with_the_original(embedder: Embedder) -> None:
    # Reference: transformers' BertModel in F32 on the wheel's own files, mean pooling, unit length.
    rows = json.loads(REFERENCE.read_text(encoding="utf-8"))
    vectors = embedder.embed([row["text"] for row in rows])
    for row, vector in zip(rows, vectors, strict=True):
        original = np.array(row["vector"])
        assert vector @ original / np.linalg.norm(original) > 0.9999, row["text"]


def test_rows_keep_their_order_and_do_not_depend_on_company(embedder: Embedder) -> None:
    together = embedder.embed(TEXTS)
    assert together.shape == (len(TEXTS), WIDTH)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(1.0, abs=1e-5)
    for text, row in zip(TEXTS, together, strict=True):
        assert (embedder.embed([text])[0] == row).all()
        assert (embedder.query(text) == row).all()
    assert (together[0] == together[-1]).all()


def test_many_texts_and_none(embedder: Embedder) -> None:
    words = [
        f"note {number} about {'gardens' if number % 2 else 'engines'}" for number in range(70)
    ]
    vectors = embedder.embed(words)
    assert (vectors[[3, 40, 69]] == np.stack([embedder.query(words[n]) for n in (3, 40, 69)])).all()
    assert embedder.embed([]).shape == (0, WIDTH)


def test_meaning_decides(embedder: Embedder) -> None:
    pasta = embedder.query("A man eats pasta.")
    eating, market = embedder.embed(TEXTS[:2])
    assert pasta @ eating > 0.6
    assert pasta @ market < 0.2


def test_tokens_are_counted_as_the_model_reads_them(embedder: Embedder) -> None:
    assert embedder.count("") == 0
    assert embedder.count("Hello, world!") == 4
    assert embedder.count("Hello [SEP] world") == 5  # nothing in a text is special
    assert embedder.count("embeddings") == 4  # em ##bed ##ding ##s
    assert embedder.count("Café") == embedder.count("cafe") == 1
    # What stands behind the last token that is read makes no difference.
    full = "word " * MOST_TOKENS
    assert embedder.count(full) == MOST_TOKENS
    assert (embedder.query(full) == embedder.query(full + "entirely different")).all()
    assert (embedder.query(full) != embedder.query(full[:-5])).any()


def test_stopping(embedder: Embedder) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        embedder.embed(TEXTS, stop)


@pytest.mark.parametrize("name", [WEIGHTS, VOCABULARY])
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise"])
def test_unusable_files_are_named(
    client: MemoryClient, sentence_models: Path, tmp_path: Path, name: str, damage: str
) -> None:
    for other in (WEIGHTS, VOCABULARY):
        shutil.copyfile(sentence_models / other, tmp_path / other)
    data = (tmp_path / name).read_bytes()
    if damage == "missing":
        (tmp_path / name).unlink()
    else:
        wrong = {"empty": b"", "half": data[: len(data) // 2], "noise": os.urandom(4096)}[damage]
        (tmp_path / name).write_bytes(wrong)
    with pytest.raises(ModelError, match="missing or damaged"):
        Embedder(client, tmp_path).query("hello")


def test_a_killed_child_is_replaced_in_the_middle_of_the_work(
    own_client: MemoryClient, sentence_models: Path
) -> None:
    embedder = Embedder(own_client, sentence_models)
    embedder.query("hello")
    first = own_client.pid
    texts = [f"{'word ' * 100}{number}" for number in range(40)]
    killer = threading.Timer(0.1, os.kill, (first, signal.SIGKILL))
    killer.start()
    vectors = embedder.embed(texts)
    killer.join()
    assert (vectors[-1] == embedder.query(texts[-1])).all()
    assert own_client.pid not in {0, first}


def test_a_closed_client_says_so(sentence_models: Path) -> None:
    client = MemoryClient()
    client.close()
    with pytest.raises(IndexDiedError):
        Embedder(client, sentence_models).query("hello")
    assert client.pid == 0
