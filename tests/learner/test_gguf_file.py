"""The GGUF reader agrees with the format's own package, and refuses what is not whole."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import gguf
import numpy as np
import psutil
import pytest

from learner.errors import DamagedModelError, UnsupportedModelError
from learner.gguf_file import BLOCKS, GgufFile, LazyArray, Tensor, TensorType
from tests.learner import tiny_models


def test_it_reads_what_the_formats_own_package_reads(starter_model: Path) -> None:
    theirs = gguf.GGUFReader(starter_model)
    ours = GgufFile(starter_model)
    assert ours.architecture == "llama"
    for key, field in theirs.fields.items():
        if key.startswith("GGUF."):
            continue
        value = ours.metadata[key]
        if not isinstance(value, LazyArray):
            assert value == field.contents(), key
        elif key != "tokenizer.ggml.merges":  # half a minute in theirs
            assert ours.array(key) == field.contents(), key
    assert list(ours.tensors) == [tensor.name for tensor in theirs.tensors]
    for tensor in theirs.tensors[:12]:
        found = ours.tensors[tensor.name]
        assert found.shape == tuple(int(n) for n in reversed(tensor.shape))
        assert ours.rows(found).tobytes() == tensor.data.tobytes()


def test_its_block_sizes_are_those_of_the_format() -> None:
    for kind, sizes in BLOCKS.items():
        assert sizes == gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(int(kind))]


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = tiny_models.write(tmp_path / "whole.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    header = whole.index(b"output_norm.weight") + 60
    for length in [*range(0, header, 7), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(DamagedModelError):
            GgufFile(cut)


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(0).bytes(4096)
    bad = {
        "noise": random,
        "noisy header": b"GGUF" + struct.pack("<I", 3) + random,
        "old version": b"GGUF" + struct.pack("<IQQ", 1, 0, 0) + bytes(64),
        "huge counts": b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60) + bytes(64),
        "unknown value": b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1) + b"k" + struct.pack("<I", 99),
    }
    for name, data in bad.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(DamagedModelError, match="not a whole GGUF file"):
            GgufFile(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedModelError, match="does not exist"):
        GgufFile(tmp_path / "nothing.gguf")
    with pytest.raises(DamagedModelError):
        GgufFile(tmp_path)


def test_missing_and_wrong_metadata_is_damage(tmp_path: Path) -> None:
    file = GgufFile(tiny_models.write(tmp_path / "m.gguf"))
    assert file.number("no.such.number", 7) == 7
    for ask in (
        lambda: file.number("no.such.number"),
        lambda: file.number("general.architecture"),
        lambda: file.text("llama.block_count"),
        lambda: file.array("llama.block_count"),
    ):
        with pytest.raises(DamagedModelError):
            ask()


def test_an_unknown_tensor_type_is_refused_only_when_it_is_wanted(tmp_path: Path) -> None:
    path = tiny_models.write(tmp_path / "m.gguf")
    data = bytearray(path.read_bytes())
    name = b"output_norm.weight"
    place = data.index(name) + len(name) + 4 + 8
    assert struct.unpack_from("<I", data, place) == (TensorType.F32,)
    struct.pack_into("<I", data, place, 77)
    path.write_bytes(data)
    file = GgufFile(path)
    with pytest.raises(UnsupportedModelError, match="77"):
        file.rows(file.tensors["output_norm.weight"])


def test_a_row_that_is_no_whole_number_of_blocks_is_damage(tmp_path: Path) -> None:
    file = GgufFile(tiny_models.write(tmp_path / "m.gguf"))
    with pytest.raises(DamagedModelError):
        file.rows(Tensor("odd", (2, 33), TensorType.Q4_0, 0))


def test_pages_given_back_come_again_from_the_file(tmp_path: Path) -> None:
    file = GgufFile(tiny_models.write(tmp_path / "m.gguf"))
    rows = file.rows(file.tensors["token_embd.weight"])
    before = rows.copy()
    file.release()
    np.testing.assert_array_equal(rows, before)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system decides by itself")
def test_pages_given_back_leave_the_memory(tmp_path: Path) -> None:
    file = GgufFile(tiny_models.write(tmp_path / "m.gguf", blank=64 << 20))
    tensor = next(tensor for name, tensor in file.tensors.items() if name == "blank")
    memory = psutil.Process().memory_info
    assert not file.rows(tensor).any()
    read = memory().rss
    file.release()
    assert memory().rss < read - (48 << 20)
