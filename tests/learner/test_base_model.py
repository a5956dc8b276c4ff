"""GGUF to torch: every packing as the format's package unpacks it, every family as it is known."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from learner import base_model
from learner.dequantise import dequantise
from learner.errors import UnsupportedModelError
from learner.gguf_file import BLOCKS, GgufFile, TensorType
from tests.learner import tiny_models

# Where a block keeps its half-precision scales: random bytes there could be infinite.
_HALVES = {
    TensorType.Q4_0: (0,),
    TensorType.Q4_1: (0, 2),
    TensorType.Q5_0: (0,),
    TensorType.Q5_1: (0, 2),
    TensorType.Q8_0: (0,),
    TensorType.Q4_K: (0, 2),
    TensorType.Q5_K: (0, 2),
    TensorType.Q6_K: (208,),
    TensorType.F16: (0,),
    TensorType.BF16: (),
    TensorType.F32: (),
}


@pytest.mark.parametrize("kind", _HALVES, ids=lambda kind: kind.name)
def test_unpacking_equals_the_formats_own(kind: TensorType) -> None:
    random = np.random.default_rng(int(kind))
    n_values, size = BLOCKS[kind]
    if n_values == 1:
        floats = random.standard_normal((8, 64)).astype(np.float32)
        rows = gguf.quants.quantize(floats, gguf.GGMLQuantizationType(int(kind)))
        rows = rows.view(np.uint8).reshape(8, -1)
    else:
        blocks = random.integers(0, 256, (8 * 1500, size), dtype=np.uint8)
        for start in _HALVES[kind]:
            scales = random.standard_normal((len(blocks), 1)).astype(np.float16)
            blocks[:, start : start + 2] = scales.view(np.uint8)
        rows = blocks.reshape(8, -1)
    theirs = gguf.quants.dequantize(rows, gguf.GGMLQuantizationType(int(kind)))
    ours = dequantise(torch.from_numpy(rows.copy()), kind).numpy()
    np.testing.assert_array_equal(ours, theirs)


def test_an_unknown_packing_is_refused() -> None:
    with pytest.raises(UnsupportedModelError):
        dequantise(torch.zeros(1, 136, dtype=torch.uint8), TensorType.IQ4_XS)


def test_the_row_order_of_llama_can_be_undone() -> None:
    rows = torch.arange(48.0).reshape(16, 3)
    assert torch.equal(base_model.unpermute_rows(base_model.permute_rows(rows, 2), 2), rows)
    # llama.cpp rotates neighbours, Hugging Face halves: rows 0 and 4 of a head become neighbours.
    assert base_model.permute_rows(rows, 2)[:2].tolist() == [rows[0].tolist(), rows[4].tolist()]


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_a_model_of_each_family_predicts_as_its_weights_say(
    tmp_path: Path, architecture: str
) -> None:
    path = tiny_models.write(tmp_path / "m.gguf", architecture)
    model = base_model.load(path)
    ids = torch.tensor([[5, 9, 2, 77, 31], [1, 2, 3, 0, 0]])
    with torch.no_grad():
        hidden = model.run_blocks(model.embed(ids), 0, model.shape.n_layers)
        ours = model.logits(hidden)
        theirs = model.network(input_ids=ids, use_cache=False).logits
        alone = model.logits(model.run_blocks(model.embed(ids[1:, :3]), 0, model.shape.n_layers))
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(ours[1:, :3], alone)  # padding on the right changes nothing
    assert not any(weight.requires_grad for weight in model.network.parameters())
    assert not any(weight.is_meta for weight in model.network.state_dict().values())
    stored = GgufFile(path)
    rows = stored.rows(stored.tensors["blk.1.attn_q.weight"]).view(np.float32)
    loaded = model.network.model.layers[1].self_attn.q_proj.weight.detach()
    if architecture == "llama":
        loaded = base_model.permute_rows(loaded, tiny_models.HEADS)
    np.testing.assert_array_equal(loaded.numpy(), rows)


def test_a_file_without_an_output_matrix_shares_the_embeddings(tmp_path: Path) -> None:
    network = base_model.load(tiny_models.write(tmp_path / "m.gguf")).network
    assert network.lm_head.weight.data_ptr() == network.model.embed_tokens.weight.data_ptr()


def test_the_starter_model_loads(starter_model: Path) -> None:
    shape = base_model.read_shape(GgufFile(starter_model))
    assert shape == base_model.Shape(
        architecture="llama", permuted=True, n_layers=30, n_heads=9, n_kv_heads=3, n_vocab=49152
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"architecture": "phi3"}, "phi3"),
        ({"without": "blk.1.ffn_up.weight"}, "ffn_up|up_proj"),
        ({"without": "token_embd.weight"}, "embeddings"),
        ({"extra": "blk.0.attn_q.bias"}, "bias"),
        ({"extra": "blk.0.ssm_in.weight"}, "ssm_in"),
        ({"extra": "rope_freqs.weight"}, "RoPE"),
        ({"settings": {"rope.scaling.type": "yarn"}}, "RoPE"),
        ({"settings": {"expert_count": 8}}, "experts"),
        ({"settings": {"rope.dimension_count": 4}}, "rotates"),
    ],
)
def test_what_would_be_computed_differently_is_refused(
    tmp_path: Path, change: dict[str, object], why: str
) -> None:
    path = tmp_path / "m.gguf"
    tiny_models.write(path, **change)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedModelError, match=why):
        base_model.load(path)


def test_the_device_is_the_best_there_is() -> None:
    assert base_model.choose_device(cuda=True, mps=True) == "cuda"
    assert base_model.choose_device(cuda=False, mps=True) == "mps"
    assert base_model.choose_device(cuda=False, mps=False) == "cpu"
