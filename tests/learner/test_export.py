"""The adapter file: what llama.cpp's own converter would write, the same bytes every time."""

from __future__ import annotations

import os
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from learner import base_model, export, lora
from learner.errors import BadJobError
from learner.gguf_file import GgufFile
from learner.layout import Layout
from learner.wire import Recipe
from tests.learner import tiny_models


def _adapter(path: Path, architecture: str, recipe: Recipe) -> tuple[bytes, tuple[lora.Pair, ...]]:
    model = base_model.load(tiny_models.write(path, architecture))
    torch.manual_seed(3)
    pairs = lora.add_adapter(model, recipe)
    for pair in pairs:
        torch.nn.init.normal_(pair.b)
    return export.adapter_gguf(pairs, model.shape, recipe.alpha), pairs


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_the_file_says_what_it_is(tmp_path: Path, architecture: str) -> None:
    data, pairs = _adapter(tmp_path / "m.gguf", architecture, Recipe(rank=4, alpha=12.0))
    (tmp_path / "a.gguf").write_bytes(data)
    reader = gguf.GGUFReader(tmp_path / "a.gguf")
    found = {k: f.contents() for k, f in reader.fields.items() if not k.startswith("GGUF.")}
    assert found == {
        "general.architecture": architecture,
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": 12.0,
    }
    base = GgufFile(tmp_path / "m.gguf").tensors
    ours = GgufFile(tmp_path / "a.gguf").tensors
    assert len(ours) == 2 * len(pairs) == 2 * 7 * tiny_models.LAYERS
    for name in base.keys() & {pair.name for pair in pairs}:
        rows, columns = base[name].shape
        assert ours[f"{name}.lora_a"].shape == (4, columns)
        assert ours[f"{name}.lora_b"].shape == (rows, 4)


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_adding_the_files_product_to_the_files_weights_gives_the_adapted_model(
    tmp_path: Path, architecture: str
) -> None:
    recipe = Recipe(rank=2, alpha=6.0)
    data, pairs = _adapter(tmp_path / "m.gguf", architecture, recipe)
    (tmp_path / "a.gguf").write_bytes(data)
    adapter = gguf.GGUFReader(tmp_path / "a.gguf")
    stored = {tensor.name: np.array(tensor.data) for tensor in adapter.tensors}
    for pair in pairs:
        product = stored[f"{pair.name}.lora_b"] @ stored[f"{pair.name}.lora_a"]
        ours = (pair.b @ pair.a).detach()
        if architecture == "llama" and pair.kind in ("q", "k"):
            heads = tiny_models.HEADS if pair.kind == "q" else tiny_models.KV_HEADS
            ours = base_model.permute_rows(ours, heads)
        np.testing.assert_allclose(product, ours.numpy(), rtol=1e-4, atol=1e-5)


def test_the_same_matrices_give_the_same_bytes(tmp_path: Path) -> None:
    one, _ = _adapter(tmp_path / "m.gguf", "llama", Recipe())
    two, _ = _adapter(tmp_path / "m.gguf", "llama", Recipe())
    assert one == two


def test_without_memory_files_it_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory, _ = _adapter(tmp_path / "m.gguf", "llama", Recipe())
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.delattr(os, "memfd_create", raising=False)
    by_file, _ = _adapter(tmp_path / "m.gguf", "llama", Recipe())
    assert by_file == in_memory
    assert not list(folder.iterdir())


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_a_model_on_top_of_the_file_is_the_adapted_model(tmp_path: Path, architecture: str) -> None:
    data, pairs = _adapter(tmp_path / "m.gguf", architecture, Recipe(rank=2, alpha=6.0))
    plain = base_model.load(tmp_path / "m.gguf")
    adapted = base_model.load(tmp_path / "m.gguf")
    for pair in pairs:
        adapted.blocks[pair.block].linear[pair.kind].adapt(pair.a, pair.b, 3.0)
    found = _logits(lora.on_top_of(plain, data))
    torch.testing.assert_close(found, _logits(adapted), rtol=1e-4, atol=1e-4)
    assert not torch.allclose(found, _logits(plain), rtol=1e-2, atol=1e-2)


def test_an_adapter_of_another_model_is_not_trained_on(tmp_path: Path) -> None:
    data, _ = _adapter(tmp_path / "m.gguf", "qwen2", Recipe(rank=2))
    with pytest.raises(BadJobError, match="another model"):
        lora.on_top_of(base_model.load(tiny_models.write(tmp_path / "o.gguf", "llama")), data)


@torch.no_grad()
def _logits(model: base_model.TorchModel) -> torch.Tensor:
    ids = torch.tensor([3, 1, 4, 1, 5])
    layout = Layout(count=1, shared=0, own=len(ids))
    return model.logits(model.run_blocks(model.embed(ids), layout, 0, model.shape.n_layers))
