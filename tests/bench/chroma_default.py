"""Chroma's default embedder, given local files, so that nothing is downloaded."""

from __future__ import annotations

import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel


def chroma_default(sentence_models: Path, work: Path) -> Any:
    """`ONNXMiniLM_L6_V2` on files made in `work` from our model's weights.

    Its model is an ordinary export of transformers' BertModel by PyTorch, as theirs is, in float32.
    """
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    default = ONNXMiniLM_L6_V2()
    default.DOWNLOAD_PATH = work
    files = work / default.EXTRACTED_FOLDER_NAME
    files.mkdir(parents=True)
    vocabulary = sentence_models / "all-minilm-l6-v2-vocab.txt"
    shutil.copyfile(vocabulary, files / "vocab.txt")
    for name in ("config.json", "special_tokens_map.json", "tokenizer_config.json"):
        (files / name).write_text("{}")  # it only looks whether they are there
    _tokenizer(vocabulary).save(str(files / "tokenizer.json"))
    _export(_bert(sentence_models / "all-minilm-l6-v2-f16.onnx"), files / "model.onnx")
    return default


def _tokenizer(vocabulary: Path) -> Tokenizer:
    words = vocabulary.read_text(encoding="utf-8").split("\n")[:-1]
    numbers = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = ("[SEP]", numbers["[SEP]"]), ("[CLS]", numbers["[CLS]"])
    tokenizer.post_processor = processors.BertProcessing(*ends)
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _bert(path: Path) -> BertModel:
    """The original's modules with the weights that our ONNX file holds."""
    found = {
        tensor.name: torch.tensor(numpy_helper.to_array(tensor)).float()
        for tensor in onnx.load(path).graph.initializer
    }
    config = BertConfig(
        hidden_size=384, num_hidden_layers=6, intermediate_size=1536, attn_implementation="eager"
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    state = {name: _weight(name, found) for name in model.state_dict()}
    model.load_state_dict(state)
    return model


def _weight(name: str, found: dict[str, torch.Tensor]) -> torch.Tensor:
    direct = {
        "embeddings.word_embeddings.weight": "words",
        "embeddings.position_embeddings.weight": "places",
    }
    if name in direct:
        return found[direct[name]]
    if name == "embeddings.token_type_embeddings.weight":
        return torch.zeros(2, 384)  # ours has it in the positions
    if match := re.fullmatch(r"(.*)attention\.self\.(query|key|value)\.(weight|bias)", name):
        part = ("query", "key", "value").index(match[2])
        return _upright(found[f"{match[1]}three.{match[3]}"].chunk(3, dim=-1)[part])
    return _upright(found[name])


def _upright(weight: torch.Tensor) -> torch.Tensor:
    """ONNX multiplies by matrices as they stand, PyTorch by their transposes."""
    return weight.T.contiguous() if weight.ndim == 2 else weight


class _States(torch.nn.Module):
    """Gives the last layer's states alone, under the names that Chroma asks with."""

    def __init__(self, inner: BertModel) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, kinds: torch.Tensor) -> Any:
        return self.inner(ids, mask, kinds).last_hidden_state


def _export(model: BertModel, target: Path) -> None:
    names = ["input_ids", "attention_mask", "token_type_ids"]
    sample = torch.ones(2, 16, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _States(model).eval(),
            (sample, sample, sample * 0),
            str(target),
            input_names=names,
            output_names=["last_hidden_state"],
            dynamic_axes=dict.fromkeys([*names, "last_hidden_state"], axes),
            opset_version=17,
            dynamo=False,
        )
