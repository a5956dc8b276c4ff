"""GGUF to torch: every packing as the format's package unpacks it, every family as it is known."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch

from learner import base_model
from learner.base_model import TorchModel
from learner.dequantise import dequantise
from learner.errors import UnsupportedModelError
from learner.gguf_file import BLOCKS, GgufFile, TensorType
from learner.layout import Layout
from tests.learner import hugging_face, tiny_models

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
    ids = torch.tensor([[5, 9, 2, 77, 31], [5, 9, 3, 0, 0]])
    with torch.no_grad():
        theirs = hugging_face.load(path)(input_ids=ids, use_cache=False).logits
        apart = _logits(model, ids, shared=0).view(2, 5, -1)
        together = _logits(model, ids, shared=2)
        alone = _logits(model, ids[1:, :3], shared=0)
    torch.testing.assert_close(apart, theirs, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(together[:2], theirs[0, :2], rtol=1e-4, atol=1e-5)
    own = together[2:].view(2, 3, -1)
    torch.testing.assert_close(own, theirs[:, 2:], rtol=1e-4, atol=1e-5)
    # Padding on the right changes nothing.
    torch.testing.assert_close(alone, theirs[1, :3], rtol=1e-4, atol=1e-5)


def _logits(model: TorchModel, ids: torch.Tensor, shared: int) -> torch.Tensor:
    layout = Layout(len(ids), shared, ids.shape[1] - shared)
    hidden = model.embed(layout.flat(ids))
    return model.logits(model.run_blocks(hidden, layout, 0, model.shape.n_layers))


def test_a_file_without_an_output_matrix_shares_the_embeddings(tmp_path: Path) -> None:
    model = base_model.load(tiny_models.write(tmp_path / "m.gguf"))
    assert model.head is model.embedding


def test_the_starter_model_loads(starter_model: Path) -> None:
    shape = base_model.read_shape(GgufFile(starter_model))
    assert shape == base_model.Shape(
        architecture="llama", permuted=True, n_layers=30, n_heads=9, n_kv_heads=3, n_vocab=49152
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"architecture": "phi3"}, "phi3"),
        ({"without": "blk.1.ffn_up.weight"}, "ffn_up"),
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


def test_bfloat16_only_where_the_machine_is_fast_at_it() -> None:
    def choose(device: str, **has: bool) -> torch.dtype:
        none = {"avx512_bf16": False, "amx": False, "cuda_bf16": False}
        return base_model.choose_precision(device, **none | has)

    assert choose("cpu") == choose("mps", avx512_bf16=True) == torch.float32
    assert choose("cuda", avx512_bf16=True) == choose("cpu", cuda_bf16=True) == torch.float32
    assert choose("cpu", avx512_bf16=True) == choose("cpu", amx=True) == torch.bfloat16
    assert choose("cuda", cuda_bf16=True) == torch.bfloat16


def test_only_the_last_blocks_that_fit_are_held_in_memory(tmp_path: Path) -> None:
    model = base_model.load(tiny_models.write(tmp_path / "m.gguf"), precision=torch.bfloat16)
    size = model.blocks[0].unpacked_bytes
    held = model.holding(0, 2 * size)
    kinds = [block.linear["q"].weight.type for block in held.blocks]
    assert kinds == [TensorType.F32, TensorType.BF16, TensorType.BF16]
    assert model.holding(1, 99 * size).blocks[0] is model.blocks[0]


def test_the_device_is_the_best_there_is() -> None:
    assert base_model.choose_device(cuda=True, mps=True) == "cuda"
    assert base_model.choose_device(cuda=False, mps=True) == "mps"
    assert base_model.choose_device(cuda=False, mps=False) == "cpu"
