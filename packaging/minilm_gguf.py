"""MiniLM as GGUF: writes the sentence-embedding model for llama.cpp, in half precision."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from safetensors import safe_open

BLOCKS, WIDTH, HEADS, FEED_FORWARD, POSITIONS = 6, 384, 12, 1536, 512
"""Shape of sentence-transformers/all-MiniLM-L6-v2; its weights are pinned by hash, so is this."""

FULL_PRECISION = ("position_embd.weight", "token_types.weight")
"""llama.cpp adds these to F32 rows without converting; everything one-dimensional likewise."""


def convert(weights: Path, vocabulary: Path, target: Path) -> None:
    """Write `target` from a safetensors file and a WordPiece `vocab.txt`.

    The keys and the spelling of the tokens follow llama.cpp's own converter for BERT
    (`conversion/bert.py` there): architecture `bert`, mean pooling, no causal mask.
    """
    writer = gguf.GGUFWriter(target, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.BERT])
    _write_shape(writer)
    _write_vocabulary(writer, vocabulary.read_text(encoding="utf-8").splitlines())
    _write_tensors(writer, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_shape(writer: gguf.GGUFWriter) -> None:
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_license("apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(POSITIONS)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(BLOCKS)
    writer.add_head_count(HEADS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)


def _write_vocabulary(writer: gguf.GGUFWriter, words: list[str]) -> None:
    special = [word.startswith("[") and word.endswith("]") for word in words]
    kinds = [gguf.TokenType.CONTROL if mark else gguf.TokenType.NORMAL for mark in special]
    writer.add_tokenizer_model("bert")
    writer.add_token_type_count(2)
    writer.add_token_list([_spelled(word) for word in words])
    writer.add_token_types(kinds)
    # llama.cpp knows the [CLS] that opens a text as the beginning-of-sequence token.
    writer.add_bos_token_id(words.index("[CLS]"))
    writer.add_eos_token_id(words.index("[SEP]"))
    writer.add_sep_token_id(words.index("[SEP]"))
    writer.add_unk_token_id(words.index("[UNK]"))
    writer.add_pad_token_id(words.index("[PAD]"))
    writer.add_mask_token_id(words.index("[MASK]"))


def _spelled(word: str) -> str:
    """WordPiece marks what continues a word; GGUF marks what begins one."""
    if word.startswith("[") and word.endswith("]"):
        return word
    return word.removeprefix("##") if word.startswith("##") else "\u2581" + word


def _write_tensors(writer: gguf.GGUFWriter, weights: Path) -> None:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, BLOCKS)
    with safe_open(weights, framework="np") as source:
        for key in source.keys():  # noqa: SIM118 - not a mapping
            name = names.get_name(key, try_suffixes=(".weight", ".bias"))
            if name is None:  # position ids and the pooler: not used for sentence embeddings
                continue
            tensor = source.get_tensor(key)
            precise = tensor.ndim == 1 or name in FULL_PRECISION
            writer.add_tensor(name, tensor.astype(np.float32 if precise else np.float16))
