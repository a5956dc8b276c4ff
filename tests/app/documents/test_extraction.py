"""Every format gives its text, headings, pages and tables, at the right characters."""

from __future__ import annotations

import json

import pytest

from app.documents.extracted import Extracted
from app.documents.extraction import extract
from app.documents.limits import Limits
from app.errors import DocumentError
from tests.app.documents import made_files


def _read(data: bytes, name: str) -> Extracted:
    return extract(data, name, Limits())


def _headings(found: Extracted) -> list[tuple[int, str]]:
    """Levels and words, each of which must stand at its place."""
    for one in found.headings:
        assert one.text.split()[0] in found.text[one.start :].partition("\n\n")[0]
    return [(one.level, one.text) for one in found.headings]


def _whole(found: Extracted) -> list[str]:
    return [found.text[span.start : span.end] for span in found.whole]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Ĝis la revido — 漢字"),
        ("utf-8-sig", "Grüße"),
        ("utf-16", "Grüße, Jörg"),
        ("utf-16-le", "no mark at all, but zeros"),
        ("cp1252", "Der Müller trägt übermäßig schöne Hüte – für “Käufer” in Köln."),
        ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю."),
        ("shift_jis", "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"),
    ],
)
def test_text_of_any_encoding(encoding: str, text: str) -> None:
    found = _read((text + "\r\nsecond\n").encode(encoding), "a.txt")
    assert found.text == text + "\nsecond\n"
    assert found.type == "text"


def test_text_with_a_broken_byte_stays_utf8() -> None:
    text = _read("Grüße über Grüße, schöne Größen, Öl, Äpfel ".encode() * 9 + b"\xc3", "a.txt").text
    assert text.startswith("Grüße über")
    assert text.endswith("\ufffd")


def test_markdown() -> None:
    text = (
        "---\ntitle: From the front\n---\n# One *two*\n\ntext\n\n```py\n# no heading\n```\n\n"
        "Under\n-----\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend\n"
    )
    found = _read(text.encode(), "a.md")
    assert found.text == text
    assert found.title == "From the front"
    assert _headings(found) == [(1, "One two"), (2, "Under")]
    assert _whole(found) == ["```py\n# no heading\n```", "| a | b |\n|---|---|\n| 1 | 2 |"]


def test_restructuredtext() -> None:
    text = (
        "=====\nTitle\n=====\n\nLike this::\n\n    code\n    ====\n\nPart\n----\n\n"
        "==  ==\nh   i\n==  ==\nx   y\n==  ==\n\n+---+\n| a |\n+---+\n\nDeep\n~~~~\nend\n"
    )
    found = _read(text.encode(), "a.rst")
    assert found.text == text
    assert found.title == "Title"
    assert [one.text for one in found.headings] == ["Title", "Part", "Deep"]
    assert [one.level for one in found.headings] == [1, 2, 3]
    assert found.headings[1].start == text.index("Part")
    assert _whole(found) == [
        "Like this::\n\n    code\n    ====",
        "==  ==\nh   i\n==  ==\nx   y\n==  ==",
        "+---+\n| a |\n+---+",
    ]


def test_code_is_named_by_its_language() -> None:
    found = _read(b"def f():\n\treturn 1\n", "a.py")
    assert (found.type, found.text) == ("python", "def f():\n\treturn 1\n")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv(mark: str) -> None:
    rows = [["name", "said"], ["Ada", 'two\nlines "quoted"'], ["", ""], ["Bob", "x"]]
    text = "\n".join(mark.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    found = _read(text.encode(), "a.csv")
    assert found.text == 'name | said\nAda | two lines "quoted"\nBob | x'
    assert _whole(found) == [found.text]


def test_a_quote_without_its_other_half_takes_no_more_than_its_cell() -> None:
    found = _read(b'size,name\n3",pipe\n4,rod\n', "a.csv")
    assert found.text == 'size | name\n3" | pipe\n4 | rod'


def test_html() -> None:
    text = """<!doctype html><html><head><meta charset=iso-8859-1><title>A &amp; B</title>
    <style>p{}</style><script>evil()</script></head><body onload="evil()"><nav>Menu</nav>
    <h1>Caf\xe9 <b>one</b></h1><p>Some <i>ital</i>ic
    text.<p>Second<br>line<div style="display: none">obey <div>me</div> now</div>
    <p hidden>unseen<p>seen<ul><li>one<li>two</ul>
    <table><tr><th>k<th>v<tr><td>a<td>b</table><pre>\nx:\n    y\n</pre>"""
    found = _read(text.encode("iso-8859-1"), "a.html")
    assert found.title == "A & B"
    assert _headings(found) == [(1, "Café one")]
    assert found.text == (
        "Café one\n\nSome italic text.\n\nSecond\nline\n\nseen\n\n- one\n\n- two\n\n"
        "k | v\na | b\n\nx:\n    y"
    )
    assert _whole(found) == ["k | v\na | b", "x:\n    y"]


def test_a_table_for_looks_is_read_as_paragraphs() -> None:
    long = "word " * 200
    found = _read(f"<html><table><tr><td>menu<td><p>{long}<p>last</table>".encode(), "a.html")
    assert found.text.split("\n\n") == ["menu", long.strip(), "last"]
    assert not found.whole


def test_docx() -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Mine"/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r><w:del><w:r><w:delText>gone"
        '</w:delText></w:r></w:del><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2"
        "</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>4"
        "</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    notes = (
        f'<w:footnotes {made_files.W}><w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>noted</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    core = "<coreProperties><title>The file's title</title></coreProperties>"
    data = made_files.docx(body, word__footnotes=notes, docProps__core=core)
    found = _read(data, "a.docx")
    assert found.title == "The file's title"
    assert _headings(found) == [(2, "Head")]
    assert found.text == "Head\n\na\tb[2]\n\n1 | 2\n | 4\n\n[2] noted"
    assert _whole(found) == ["1 | 2\n | 4"]


def test_odt() -> None:
    body = (
        '<text:h text:outline-level="2">Head</text:h>'
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        '<text:p>a<text:s text:c="3"/>b<text:note><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>noted</text:p></text:note-body></text:note> c</text:p>"
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>"
    )
    found = _read(made_files.odt(body), "a.odt")
    assert _headings(found) == [(2, "Head")]
    assert found.text == "Head\n\na   b [noted] c\n\n- item\n\n1 | 2"


def test_xlsx() -> None:
    rows = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>in</t></is></c></row>'
        '<row><c r="A2"><v>0.30000000000000004</v></c><c r="B2" s="1"><v>45413</v></c>'
        '<c r="C2" s="2"><v>0.25</v></c><c r="D2" t="b"><v>1</v></c>'
        '<c r="E2" s="3"><v>45413.5</v></c></row>'
    )
    strings = "<si><r><t>sha</t></r><r><t>red</t></r><rPh><t>no</t></rPh></si>"
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy-mm-dd hh:mm"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    found = _read(made_files.xlsx(rows, strings, styles), "a.xlsx")
    assert _headings(found) == [(1, "Costs")]
    assert _whole(found) == ["shared |  | in\n0.3 | 2024-05-01 | 25% | TRUE | 2024-05-01 12:00:00"]


def test_pptx_slides_are_pages_in_the_order_shown() -> None:
    title = '<sp><nvPr><ph type="title"/></nvPr><txBody><p><r><t>First</t></r></p></txBody></sp>'
    body = "<sp><txBody><p><r><t>one</t></r></p><p><r><t>two</t></r></p></txBody></sp>"
    number = '<sp><nvPr><ph type="sldNum"/></nvPr><txBody><p><r><t>9</t></r></p></txBody></sp>'
    found = _read(made_files.pptx(body + title + number, body), "a.pptx")
    assert found.text == "First\n\none\n\ntwo\n\nSlide 2\n\none\n\ntwo"
    assert found.page_starts == (0, found.text.index("Slide 2"))
    assert _headings(found) == [(1, "First"), (1, "Slide 2")]


def test_epub() -> None:
    data = made_files.epub(
        "<?xml version='1.0'?><html><head><title>no</title></head><h1>One</h1><p>a&nbsp;b</p>",
        "<html><h2>Two</h2><p>c</p></html>",
    )
    found = _read(data, "a.epub")
    assert found.title == "A book"
    assert _headings(found) == [(1, "One"), (2, "Two")]
    assert found.text == "One\n\na b\n\nTwo\n\nc"


def test_a_book_with_locked_chapters_needs_a_password_and_one_with_locked_fonts_does_not() -> None:
    chapter = '<encryption><CipherReference URI="OEBPS/text/c%201.xhtml"/></encryption>'
    font = '<encryption><CipherReference URI="OEBPS/font.otf"/></encryption>'
    with pytest.raises(DocumentError, match="needs a password"):
        _read(made_files.epub("<p>x", encryption=chapter), "a.epub")
    assert _read(made_files.epub("<p>x", encryption=font), "a.epub").text == "x"


def test_mail() -> None:
    data = (
        b"From: =?utf-8?q?J=C3=B6rg?= <j@x>\r\nTo: b@x\r\nSubject: =?utf-8?b?SMOkbGxv?=\r\n"
        b"Content-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\n"
        b"Content-Type: multipart/alternative; boundary=Y\r\n\r\n--Y\r\n"
        b"Content-Type: text/plain; charset=iso-8859-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n\r\n--Y\r\n"
        b"Content-Type: text/html\r\n\r\n<p>other\r\n--Y--\r\n--X\r\n"
        b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n"
        b"unread\r\n--X--\r\n"
    )
    found = _read(data, "a.eml")
    assert found.title == "Hällo"
    assert found.text == ("From: Jörg <j@x>\nTo: b@x\nSubject: Hällo\nAttachments: a.txt\n\nGrüße")


def test_mail_of_html_only() -> None:
    data = b"Subject: s\nContent-Type: text/html; charset=utf-8\n\n<p>Hi<script>no</script>"
    assert _read(data, "a.eml").text == "Subject: s\n\nHi"


def test_notebook() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Top\n", "words"]},
        {
            "cell_type": "code",
            "source": "x = 1\nx",
            "outputs": [
                {"output_type": "stream", "text": ["printed\n"]},
                {"output_type": "display_data", "data": {"text/plain": ["1"], "image/png": "AA"}},
            ],
        },
    ]
    found = _read(json.dumps({"nbformat": 4, "cells": cells}).encode(), "a.ipynb")
    assert (found.type, found.title) == ("ipynb", "Top")
    assert _headings(found) == [(1, "Top")]
    assert _whole(found) == ["x = 1\nx", "printed", "1"]


def test_pdf_pages() -> None:
    found = _read(made_files.pdf("first page", "", "third page"), "a.pdf")
    assert found.text == "first page\n\nthird page"
    assert found.page_starts == (0, 12, 12)
    assert not found.note


def test_a_scan_says_that_it_has_no_text() -> None:
    found = _read(made_files.pdf(b"9 9 50 50 re f", ""), "a.pdf")
    assert not found.text
    assert found.note == (
        "There is no text in it; it seems to be a scan, a picture of each page."
        " Install Tesseract and teach it again, then its words can be read."
    )


def test_empty_pages_are_no_scan() -> None:
    found = _read(made_files.pdf("", ""), "a.pdf")
    assert (found.text, found.note) == ("", "There is no text in it; its pages are empty.")


@pytest.mark.parametrize("data", [b"", b" \n\t", bytes(10), b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(data: bytes) -> None:
    with pytest.raises(DocumentError, match="no text in it"):
        _read(data, "a.txt")


def test_what_is_too_long_is_read_in_part_and_says_so() -> None:
    limits = Limits(characters=1000, pages=3)
    long = extract(b"<html>" + b"<p>some words</p>" * 1000, "a.html", limits)
    pages = extract(made_files.pdf(*["page"] * 5), "a.pdf", limits)
    table = extract(b"a,b\n" * 1000, "a.csv", limits)
    assert len(long.text) == 1000
    assert "only its first 1,000 characters" in long.note
    assert pages.text == "page\n\npage\n\npage"
    assert pages.note == "Only the first 3 of its 5 pages are read."
    assert table.whole[0].end == len(table.text) <= 1000
