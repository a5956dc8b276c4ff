"""Extraction: a file's bytes become text and structure, by the reader of their format."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from app.documents import refusals
from app.documents.archive import Archive, is_zip
from app.documents.draft import Draft, DraftFullError
from app.documents.extracted import Extracted
from app.documents.formats import Family, format_of
from app.documents.limits import Limits
from app.documents.ocr import Ocr

BytesReader = Callable[[bytes, Draft], None]
ArchiveReader = Callable[[Archive, Draft], None]
PageReader = Callable[[bytes, Draft, Ocr], None]

_BYTES_READERS = {
    Family.CSV: "read_csv",
    Family.HTML: "read_html",
    Family.MAIL: "read_mail",
    Family.NOTEBOOK: "read_notebook",
    Family.MARKDOWN: "read_markdown",
    Family.RST: "read_rst",
    Family.CODE: "read_text",
    Family.TEXT: "read_text",
}
_ARCHIVE_READERS = {
    Family.DOCX: "read_docx",
    Family.ODT: "read_odt",
    Family.PPTX: "read_pptx",
    Family.XLSX: "read_xlsx",
    Family.EPUB: "read_epub",
}


def extract(data: bytes, name: str, limits: Limits, ocr: Ocr | None = None) -> Extracted:
    """The text of a file from its bytes and its name; raises DocumentError.

    Pages that are pictures are read by `ocr`, if any. Only the reader of the file's own format
    is imported, with the library it needs.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise refusals.empty()
    archive = Archive(data, limits) if is_zip(data) else None
    found = format_of(data, name, archive)
    draft = Draft(limits)
    try:
        if found.family in _ARCHIVE_READERS and archive is not None:
            of_archive = cast(ArchiveReader, _reader(_ARCHIVE_READERS[found.family]))
            of_archive(archive, draft)
        elif found.family is Family.PDF:
            of_pages = cast(PageReader, _reader("read_pdf"))
            of_pages(data, draft, ocr or Ocr(None, limits.seconds))
        else:
            of_bytes = cast(BytesReader, _reader(_BYTES_READERS[found.family]))
            of_bytes(data, draft)
    except DraftFullError:
        draft.note = draft.note or (
            f"It is very long; only its first {draft.length:,} characters are read."
        )
    extracted = draft.finish(found.type)
    if not extracted.text.strip() and not extracted.note:
        raise refusals.empty()
    return extracted


def _reader(name: str) -> object:
    """The function `name` of the module of that name, which is loaded only now."""
    return getattr(importlib.import_module(f"app.documents.{name}"), name)
