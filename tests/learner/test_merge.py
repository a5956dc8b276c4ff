"""Merging adapters: one file whose change is the sum of the parts' changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from app.engine_client import EngineClient
from learner import adapter_file, merge
from learner.adapter_file import AdapterFile, Pair
from learner.errors import BadJobError, DamagedModelError
from learner.gguf_file import GgufFile
from learner.merge import Part
from tests.app.adapter_files import adapter

Q, DOWN = "blk.0.attn_q.weight", "blk.1.ffn_down.weight"
SIZES = {Q: (6, 10), DOWN: (7, 9)}


def made(seed: int, ranks: Mapping[str, int], alpha: float = 16.0) -> bytes:
    """A random adapter's file."""
    random = np.random.default_rng(seed)
    pairs = {
        name: Pair(
            random.standard_normal((rank, SIZES[name][1])).astype(np.float32),
            random.standard_normal((SIZES[name][0], rank)).astype(np.float32),
        )
        for name, rank in ranks.items()
    }
    return adapter_file.write(AdapterFile("llama", alpha, pairs))


def change(part: Part, name: str) -> NDArray[np.float32]:
    """What llama.cpp adds to a weight: scale * alpha / rank * b @ a."""
    file = adapter_file.read(part.adapter_gguf)
    if name not in file.pairs:
        return np.zeros(SIZES[name], np.float32)
    pair = file.pairs[name]
    result: NDArray[np.float32] = np.float32(part.scale * file.alpha / len(pair.a)) * (
        pair.b @ pair.a
    )
    return result


def test_the_merger_changes_every_weight_by_the_sum() -> None:
    parts = [
        Part(made(1, {Q: 4, DOWN: 4}), 0.75),
        Part(made(2, {Q: 8}, alpha=4.0), 1.0),
        Part(made(3, {Q: 2, DOWN: 3}, alpha=6.0), 0.5),
    ]
    whole = merge.merged(parts)
    assert whole.scale == 1.0
    for name in SIZES:
        expected = sum(change(part, name) for part in parts)
        np.testing.assert_allclose(change(whole, name), expected, rtol=1e-5, atol=1e-5)
    file = adapter_file.read(whole.adapter_gguf)
    assert {len(pair.a) for pair in file.pairs.values()} == {int(file.alpha)} == {4 + 8 + 3}


def test_the_same_parts_give_the_same_bytes_and_one_stays_itself() -> None:
    one, two = Part(made(1, {Q: 4})), Part(made(2, {Q: 4}))
    assert merge.merged([one, two]) == merge.merged([one, two])
    assert merge.merged([one, two]) != merge.merged([two, one])
    assert merge.merged([Part(one.adapter_gguf, 0.5)]) == Part(one.adapter_gguf, 0.5)


def test_what_is_served_is_the_sum_in_half_the_bytes() -> None:
    parts = [Part(made(1, {Q: 4, DOWN: 4}), 0.75), Part(made(2, {Q: 8}, alpha=4.0), 1.0)]
    for some in (parts, parts[:1]):
        whole, half = merge.merged(some), merge.served(some)
        assert half.scale == whole.scale
        assert len(half.adapter_gguf) < len(whole.adapter_gguf)
        for name in SIZES:
            expected = change(whole, name)
            np.testing.assert_allclose(change(half, name), expected, rtol=0.02, atol=0.02)


def test_a_written_file_is_what_the_gguf_package_reads(tmp_path: Path) -> None:
    data = made(1, {Q: 4, DOWN: 2})
    file = GgufFile("adapter", data)
    assert file.text("general.type") == "adapter"
    assert file.text("adapter.type") == "lora"
    path = tmp_path / "a.gguf"
    path.write_bytes(data)
    read = {tensor.name: tensor.data for tensor in gguf.GGUFReader(path).tensors}
    for name, pair in adapter_file.read(data).pairs.items():
        np.testing.assert_array_equal(read[f"{name}.lora_a"], pair.a)
        np.testing.assert_array_equal(read[f"{name}.lora_b"], pair.b)


def test_the_trainers_own_file_is_read_and_written_alike() -> None:
    file = adapter_file.read(adapter(5))
    again = adapter_file.read(adapter_file.write(file))
    assert again.alpha == file.alpha
    for name, pair in file.pairs.items():
        np.testing.assert_array_equal(again.pairs[name].b, pair.b)


@pytest.mark.parametrize("data", [b"", b"GGUF", made(1, {Q: 4})[:-40]])
def test_damaged_adapters_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedModelError):
        merge.merged([Part(made(1, {Q: 4})), Part(data)])


def test_adapters_that_do_not_belong_together_are_refused() -> None:
    other = AdapterFile("qwen2", 1.0, {Q: Pair(np.ones((1, 10), "f4"), np.ones((6, 1), "f4"))})
    wider = AdapterFile("llama", 1.0, {Q: Pair(np.ones((1, 11), "f4"), np.ones((6, 1), "f4"))})
    for strange in (other, wider):
        with pytest.raises(BadJobError):
            merge.merged([Part(made(1, {Q: 4})), Part(adapter_file.write(strange))])


@pytest.fixture
def engine(starter_model: Path, tmp_path: Path) -> Iterator[EngineClient]:
    client = EngineClient(starter_model, tmp_path / "staging")
    yield client
    client.close()


def test_the_engine_serves_the_merger_as_it_would_the_sum(engine: EngineClient) -> None:
    one, two = adapter(11, size=0.02), adapter(12, size=0.02, parts=("ffn_up",))
    tokens = engine.text_tokens("The capital of France is")

    def logits(part: Part) -> NDArray[np.float64]:
        with engine.stage(part.adapter_gguf) as ref:
            scaled = type(ref)(path=ref.path, key=ref.key, scale=part.scale)
            return np.array(engine.logits(tokens, adapter=scaled))

    halves = logits(merge.merged([Part(one, 0.5), Part(one, 0.5)]))
    np.testing.assert_allclose(halves, logits(Part(one)), atol=2e-2)
    silent = logits(merge.merged([Part(one), Part(two, 0.0)]))
    np.testing.assert_allclose(silent, logits(Part(one)), atol=2e-2)
    both = logits(merge.merged([Part(one), Part(two)]))
    assert np.abs(both - logits(Part(one))).max() > 0.1
    assert np.abs(both - logits(Part(two))).max() > 0.1
