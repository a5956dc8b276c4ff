"""Tokens: a text cut as the embedding model reads it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from app.errors import ModelError
from app.text import clean

VOCABULARY = "all-minilm-l6-v2-vocab.txt"
"""The file's name among the starter models."""

MOST_TOKENS = 254
"""Of a text; with the two marks around it 256, as sentence-transformers runs this model."""

_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
"""A changed vocabulary would give wrong vectors without any other sign."""


class Tokens:
    """BERT's WordPiece without case and accents; safe to use from many threads.

    Nothing in a text is special: “[SEP]” in a document is a word like others.
    """

    def __init__(self, vocabulary: Path) -> None:
        """Raises ModelError: not there, or changed."""
        words = _read(vocabulary)
        self._open, self._close = words["[CLS]"], words["[SEP]"]
        unknown = "[UNK]"
        model = models.WordPiece(words, unk_token=unknown, max_input_chars_per_word=100)
        self._tokenizer = Tokenizer(model)
        self._tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        self._tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()

    def count(self, text: str) -> int:
        """How many tokens a text is, without the marks that open and close it."""
        return len(self._tokenizer.encode(clean(text), add_special_tokens=False).ids)

    def ids(self, text: str) -> list[int]:
        """A text between its marks; what is longer than MOST_TOKENS is cut off."""
        found = self._tokenizer.encode(clean(text), add_special_tokens=False).ids
        return [self._open, *found[:MOST_TOKENS], self._close]


def missing(path: Path) -> ModelError:
    """The error for a file of the embedding model that is not there or not usable."""
    return ModelError(
        "The embedding model is not usable",
        f"{path} is missing or damaged.",
        "Delete what is there and run the set-up again: make run",
    )


def _read(vocabulary: Path) -> dict[str, int]:
    try:
        data = vocabulary.read_bytes()
    except OSError as error:
        raise missing(vocabulary) from error
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise missing(vocabulary)
    return {word: number for number, word in enumerate(data.decode().split("\n")[:-1])}
