"""Reading PDF: the text of every page with PDFium or by OCR, headings from the outline."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
from pypdfium2 import raw

from app.documents import refusals
from app.documents.draft import LONGEST_HEADING, Draft, DraftFullError, line_of, tidy
from app.documents.extracted import Heading
from app.documents.ocr import Ocr
from app.documents.page_picture import is_drawn_on, picture_of

_SOFT_BREAK = re.compile("[\ufffe\x02](?:\r?\n)?")
"""PDFium's sign for a hyphen that only the end of the line made."""

_NO_TITLES = ("untitled", "unknown", "title")
_MOST_HEADINGS = 20_000


def read_pdf(data: bytes, draft: Draft, ocr: Ocr) -> None:
    """A PDF's pages; `ocr` reads those that are pictures.

    Raises DocumentError when it needs a password or is damaged.
    """
    document = _opened(data)
    try:
        draft.title = _title(document)
        _read_pages(document, draft, _outline(document), ocr)
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
    document: pdfium.PdfDocument,
    draft: Draft,
    outline: dict[int, list[tuple[int, str]]],
    ocr: Ocr,
) -> None:
    """Write all pages, and note what is missing from them."""
    bare = 0
    broken: list[int] = []
    for index in range(len(document)):
        try:
            draft.page()
        except DraftFullError:
            first = f"Only the first {index:,} of its {len(document):,} pages are read."
            draft.note = f"{first} {ocr.note(index, bare)}".strip()
            return
        try:
            text, is_bare = _page_text(document, index, ocr)
        except pdfium.PdfiumError:
            broken.append(index + 1)
            continue
        bare += is_bare
        draft.raw(text, _headings(text, outline.get(index, [])))
    draft.note = _note(len(document), bare, broken, ocr)


def _note(pages: int, bare: int, broken: list[int], ocr: Ocr) -> str:
    if len(broken) == pages:
        raise refusals.damaged("none of its pages could be read")
    if not broken:
        return ocr.note(pages, bare)
    some = f"Some of its pages could not be read ({', '.join(map(str, broken[:20]))})."
    return f"{some} {ocr.note(pages - len(broken), bare)}".strip()


def _page_text(document: pdfium.PdfDocument, index: int, ocr: Ocr) -> tuple[str, bool]:
    """A page's text, and whether it holds none of its own: then it is what OCR finds."""
    page = document[index]
    try:
        text = _own_text(page)
        return (text, False) if text.strip() else (_recognised(page, ocr), True)
    finally:
        page.close()


def _own_text(page: pdfium.PdfPage) -> str:
    text_page = page.get_textpage()
    try:
        return tidy(_SOFT_BREAK.sub("", text_page.get_text_range()))
    finally:
        text_page.close()


def _recognised(page: pdfium.PdfPage, ocr: Ocr) -> str:
    """The words of a page without text. Raises pdfium.PdfiumError when it cannot be drawn."""
    if not is_drawn_on(page):
        return ""
    if not ocr.seconds_left:
        return ocr.skip()
    try:
        return ocr.text(picture_of(page, ocr.seconds_left))
    except TimeoutError:
        return ocr.skip()


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
