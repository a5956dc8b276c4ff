"""Real PDFs and ODTs of many programs give the text that a person sees in them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.documents.extracted import Extracted
from app.documents.reader import Reader
from app.errors import DocumentError

CORPUS = Path("/work/shared/corpora/pdf")
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not on this machine")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """One for all; what it reads must not depend on a Tesseract on this machine."""
    made = Reader(find_tesseract=lambda: None)
    yield made
    made.close()


def _read(reader: Reader, number: str, kind: str = "pdf") -> Extracted:
    return reader.read(next(CORPUS.glob(f"{number}*.{kind}")), threading.Event())


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("001", "Lorem ipsum dolor sit amet, consetetur sadipscing elitr"),
        ("004", "Hello, here is some text without a meaning."),
        ("008", "Test"),
        ("011", "Beautiful is better than ugly."),
        ("012", "Example for a Form"),
        ("013", "Fingerprint: asdfSa2123"),
        ("015-arabic_habibi-rot", "habibi"),
        ("016", "This is a link to an awesome blog."),
        ("020", "Hello, World!"),
        ("021", "The Crazy Ones"),
        ("022", "Foo: bar"),
        ("024", "Some text."),
        ("026", "Ut purus elit, vestibulum ut"),
    ],
)
def test_known_texts(reader: Reader, number: str, words: str) -> None:
    assert words in _read(reader, number).text


def test_a_word_divided_at_the_end_of_a_line_is_one_word(reader: Reader) -> None:
    assert "consectetuer adipiscing elit" in _read(reader, "026").text


def test_pages_and_the_outline(reader: Reader) -> None:
    found = _read(reader, "006")
    assert len(found.page_starts) == 4
    assert [one.text for one in found.headings[:3]] == ["Foo", "Bar", "Baz"]
    for number, one in enumerate(found.headings, start=1):
        assert found.text[one.start :].startswith(f"{number} {one.text}\n")


def test_a_password_is_asked_for_in_a_sentence(reader: Reader) -> None:
    with pytest.raises(DocumentError, match="needs a password"):
        _read(reader, "005")


@pytest.mark.parametrize("number", ["007-imagemagick-images_imagemagick-lzw", "019", "023"])
def test_scans_say_so(reader: Reader, number: str) -> None:
    found = _read(reader, number)
    assert not found.text
    assert "seems to be a scan" in found.note


@pytest.mark.parametrize("number", ["002", "012"])
def test_odt(reader: Reader, number: str) -> None:
    text = _read(reader, number, "odt").text
    assert text.startswith(("Lorem ipsum dolor", "Example for a Form"))


def test_every_file_of_the_corpus(reader: Reader) -> None:
    refused = []
    for path in sorted(CORPUS.glob("*.[po]d[ft]")):
        try:
            found = reader.read(path, threading.Event())
        except DocumentError:
            refused.append(path.name[:3])
        else:
            assert found.text or found.note
    assert refused == ["005"]
