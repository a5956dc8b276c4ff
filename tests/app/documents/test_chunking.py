"""Passages cover the text, keep their size, and end where a reader would pause."""

from __future__ import annotations

import random
import re

import pytest

from app.documents.chunking import chunks
from app.documents.extracted import Chunk, Extracted, Heading, Span
from app.documents.extraction import extract
from app.documents.limits import Limits

TOKEN = re.compile(r"[a-z]{1,5}|\d|[^\sa-z\d]", re.I)


class Counter:
    """Counts tokens as a wordpiece vocabulary roughly would, and how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, text: str) -> int:
        self.calls += 1
        return sum(1 for _ in TOKEN.finditer(text))


def _cut(extracted: Extracted, size: int = 220) -> list[Chunk]:
    """Passages, after everything has been checked that must hold for all."""
    count = Counter()
    found = chunks(extracted, count, size)
    asked, at = count.calls, 0
    for one in found:
        assert one.text == extracted.text[one.start : one.end]
        assert one.text == one.text.strip() != ""
        assert not extracted.text[at : one.start].strip()
        assert count(one.text) <= size or one.end - one.start == 1
        at = one.end
    assert not extracted.text[at:].strip()
    assert asked <= 3 * len(found) + 3 + len(extracted.whole)
    return found


def _plain(text: str, kind: str = "text") -> Extracted:
    return Extracted(text=text, type=kind)


def test_small_paragraphs_of_a_section_stay_together() -> None:
    assert [one.text for one in _cut(_plain("One.\n\nTwo.\n\nThree."))] == [
        "One.\n\nTwo.\n\nThree."
    ]


def test_nothing_gives_nothing() -> None:
    assert _cut(_plain("")) == _cut(_plain(" \n\n\t")) == []


def test_passages_end_with_paragraphs_or_else_sentences() -> None:
    paragraph = "The quick brown fox jumps over the lazy dog near the bank. " * 6
    texts = [one.text for one in _cut(_plain("\n\n".join([paragraph.strip()] * 9)))]
    assert len(texts) > 3
    assert all(text.startswith("The quick") and text.endswith("bank.") for text in texts)
    assert all(text.count("bank.") % 6 == 0 for text in texts)
    one_line = [one.text for one in _cut(_plain(paragraph * 9))]
    assert all(text.startswith("The quick") and text.endswith("bank.") for text in one_line)


def test_headings_begin_passages_and_name_them() -> None:
    data = (
        b"# Book\n\n## Part one\n\nText one.\n\n### Deep\n\nText two.\n\n"
        b"## Part two\n\nText three.\n"
    )
    found = _cut(extract(data, "a.md", Limits()))
    assert [(one.heading, one.text.rpartition("\n")[2]) for one in found] == [
        ("Book › Part one", "Text one."),
        ("Book › Part one › Deep", "Text two."),
        ("Book › Part two", "Text three."),
    ]
    assert found[0].text.startswith("# Book\n\n## Part one")
    assert [one.page for one in found] == [None] * 3


def test_a_long_way_of_headings_keeps_its_end() -> None:
    data = "".join(f"{'#' * n} Heading number {n} of many words\n\n" for n in range(1, 7))
    found = _cut(extract(f"{data}Text.\n\n# {'long ' * 39}\n\nMore.".encode(), "a.md", Limits()))
    assert found[0].heading.endswith("Heading number 6 of many words")
    assert found[0].heading.startswith("Heading number 4")
    assert found[1].heading.endswith("long…")
    assert all(len(one.heading) <= 100 for one in found)


def test_pages_are_not_crossed_and_are_counted_from_one() -> None:
    pages = ["First page.", "", "Third page."]
    text = "\n\n".join(pages)
    starts = (0, text.index("\n\nThird"), text.index("Third"))
    found = _cut(Extracted(text=text, type="pdf", page_starts=starts))
    assert [(one.page, one.text) for one in found] == [(1, "First page."), (3, "Third page.")]


def test_a_heading_holds_over_the_pages_that_follow() -> None:
    text = "Chapter\nOn one.\n\nOn two."
    heading = Heading(start=0, level=1, text="Chapter")
    starts = (0, text.index("On two"))
    found = _cut(Extracted(text=text, type="pdf", page_starts=starts, headings=(heading,)))
    assert [(one.page, one.heading) for one in found] == [(1, "Chapter"), (2, "Chapter")]


def test_a_table_that_fits_is_not_divided() -> None:
    table = "\n".join(f"row {n} | {n * n}" for n in range(30))
    before = "Some words stand before it. " * 30
    text = f"{before}\n\n{table}\n\n{before}"
    start = text.index("row 0")
    span = Span(start=start, end=start + len(table))
    found = _cut(Extracted(text=text, type="docx", whole=(span,)))
    assert [one.text for one in found if "row" in one.text] == [table]


def test_a_table_that_does_not_fit_is_cut_at_rows() -> None:
    rows = [f"row number {n} | value {n * n} | some words" for n in range(500)]
    text = "\n".join(rows)
    found = _cut(Extracted(text=text, type="csv", whole=(Span(start=0, end=len(text)),)))
    assert len(found) > 10
    assert [row for one in found for row in one.text.split("\n")] == rows


def test_code_is_cut_between_functions() -> None:
    function = "@decorated\ndef name(one):\n    first = one\n\n    return first + 1"
    found = _cut(_plain("\n\n\n".join([function] * 40), "python"))
    assert len(found) > 3
    assert all(one.text.startswith("@decorated") for one in found)
    assert all(one.text.endswith("first + 1") for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "some words " * 90_000,
        "漢字仮名交じり文、" * 60_000,
        "吾輩は猫である。名前はまだ無い。" * 30_000,
        "a.\n\n" * 100_000,
        "\n" * 500_000 + "end",
        "e\u0301" * 100_000,
        "plain words " * 1000 + "漢字" * 50_000,
        "漢字" * 5000 + "plain words " * 40_000,
    ],
    ids=["letter", "words", "commas", "cjk", "paragraphs", "blanks", "accents", "later", "sooner"],
)
def test_large_texts_of_odd_shape(text: str) -> None:
    found = _cut(_plain(text))
    assert found[-1].end == len(text.rstrip())
    if len(found) > 1:
        sizes = [Counter()(one.text) for one in found[:-1]]
        assert sum(sizes) / len(sizes) > 130


def test_words_that_a_vocabulary_does_not_know_make_no_endless_passages() -> None:
    text = "iVBORw0KGgo" * 50_000
    found = chunks(_plain(f"before it\n\n{text}\n\nbehind it"), lambda part: len(part.split()))
    assert max(len(one.text) for one in found) <= 220 * 20
    assert "".join(one.text for one in found).count("iVBORw0KGgo") > 49_000


def test_sentences_of_chinese_and_japanese_are_not_divided() -> None:
    found = _cut(_plain("吾輩は猫である。名前はまだ無い。" * 300))
    assert all(one.text.endswith("。") for one in found)


def test_no_accent_is_parted_from_its_letter() -> None:
    found = _cut(_plain("e\u0301" * 5000), size=50)
    assert all(one.text.startswith("e") for one in found)


@pytest.mark.parametrize("seed", range(20))
def test_anything_holds_together(seed: int) -> None:
    dice = random.Random(seed)
    alphabet = ["word ", "x", "\n", "\n\n", ". ", "漢", "。", " | ", "\t", "é", "12"]
    text = "".join(dice.choices(alphabet, k=3000))
    places = sorted(dice.sample(range(len(text)), 30))
    spans = tuple(Span(start=a, end=b) for a, b in zip(places[::2], places[1::2], strict=True))
    headings = tuple(
        Heading(start=at, level=dice.randint(1, 4), text=f"H{at}")
        for at in sorted(dice.choices(range(len(text)), k=9))
    )
    pages = (0, *sorted(dice.choices(range(len(text) + 1), k=6)))
    kind = dice.choice(["pdf", "python"])
    found = Extracted(text=text, type=kind, page_starts=pages, headings=headings, whole=spans)
    assert _cut(found, size=dice.choice([1, 7, 60, 220]))
