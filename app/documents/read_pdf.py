"""Reading PDF: the text of every page with PDFium, headings from the document's outline."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from app.documents import refusals
from app.documents.draft import LONGEST_HEADING, Draft, DraftFullError, line_of, tidy
from app.documents.extracted import Heading

_SOFT_BREAK = re.compile("[\ufffe\x02](?:\r?\n)?")
"""PDFium's sign for a hyphen that only the end of the line made."""

_NO_TITLES = ("untitled", "unknown", "title")
_MOST_HEADINGS = 20_000
_SCAN = "There is no text in it; it seems to be a scan, a picture of each page."
_PARTLY_SCAN = "There is no text on {:,} of its {:,} pages; they seem to be scans."


def read_pdf(data: bytes, draft: Draft) -> None:
    """A PDF's pages. Raises DocumentError when it needs a password or is damaged."""
    document = _opened(data)
    try:
        draft.title = _title(document)
        _read_pages(document, draft, _outline(document))
    finally:
        document.close()


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise refusals.locked() from error
        raise refusals.damaged() from error
    if len(document) == 0:
        document.close()
        raise refusals.damaged("it has no pages")
    return document


def _title(document: pdfium.PdfDocument) -> str:
    title = document.get_metadata_value("Title").replace("\0", "").strip()
    return "" if title.lower() in _NO_TITLES else title


def _read_pages(
    document: pdfium.PdfDocument, draft: Draft, outline: dict[int, list[tuple[int, str]]]
) -> None:
    """Write all pages, and note what is missing from them."""
    bare = 0
    broken: list[int] = []
    for index in range(len(document)):
        try:
            draft.page()
        except DraftFullError:
            draft.note = f"Only the first {index:,} of its {len(document):,} pages are read."
            return
        try:
            text = _page_text(document, index)
        except pdfium.PdfiumError:
            broken.append(index + 1)
            continue
        bare += not text.strip()
        draft.raw(text, _headings(text, outline.get(index, [])))
    draft.note = _note(len(document), bare, broken)


def _note(pages: int, bare: int, broken: list[int]) -> str:
    if len(broken) == pages:
        raise refusals.damaged("none of its pages could be read")
    if broken:
        return f"Some of its pages could not be read ({', '.join(map(str, broken[:20]))})."
    if bare == pages:
        return _SCAN
    return _PARTLY_SCAN.format(bare, pages) if bare * 2 > pages else ""


def _page_text(document: pdfium.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            return tidy(_SOFT_BREAK.sub("", text_page.get_text_range()))
        finally:
            text_page.close()
    finally:
        page.close()


def _outline(document: pdfium.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """Levels (from 1) and titles of the outline's entries, by the page they lead to."""
    found: dict[int, list[tuple[int, str]]] = {}
    for mark in itertools.islice(document.get_toc(max_depth=8), _MOST_HEADINGS):
        target = mark.get_dest()
        index = None if target is None else target.get_index()
        title = line_of(mark.get_title())[:LONGEST_HEADING]
        if index is not None and index >= 0 and title:
            found.setdefault(index, []).append((mark.level + 1, title))
    return found


def _headings(text: str, marks: list[tuple[int, str]]) -> Iterator[Heading]:
    """Where the outline's titles begin a line of a page's text, with or without a number before.

    They come in their order, so each is looked for behind the one before; one that is not found
    begins where that ended.
    """
    after = 0
    for level, title in marks:
        words = r"\W*".join(map(re.escape, re.findall(r"\w+", title))) or re.escape(title)
        hit = re.compile(rf"^[^\n]{{0,12}}?{words}", re.I | re.M).search(text, after)
        yield Heading(start=after if hit is None else hit.start(), level=level, text=title)
        after = after if hit is None else hit.end()
