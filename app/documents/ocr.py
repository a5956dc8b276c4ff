"""OCR: the words of a document's pages that are only pictures, in the time there is."""

from __future__ import annotations

import re
import time

from app.documents.draft import tidy
from app.documents.tesseract import Picture, Tesseract

_PAGE_SECONDS = 30.0
_LEAST_SECONDS = 0.2
_SHARE = 0.85
"""Of a document's time; the rest is for the pages that have text, and for the answer."""

_DIVIDED = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-Z])")
_WORD = re.compile(r"\w\w")

_SCAN = "There is no text in it; it seems to be a scan, a picture of each page."
_PARTLY_SCAN = "There is no text on {:,} of its {:,} pages; they seem to be scans."
_INSTALL = "Install Tesseract and teach it again, then its words can be read."
_SURE = "some may be wrong."


class Ocr:
    """Recognises one document's pages, counts them, and tells in the end what was done."""

    def __init__(self, tesseract: Tesseract | None, seconds: float) -> None:
        """`tesseract` is None where it is not installed; `seconds` all of the document's time."""
        self._tesseract = tesseract
        self._deadline = time.monotonic() + seconds * _SHARE
        self._late = False
        self._pictures = 0
        self._read = 0
        self._worded = 0

    @property
    def seconds_left(self) -> float:
        """For the next page; 0 when nothing can be recognised any more, or at all."""
        left = min(_PAGE_SECONDS, self._deadline - time.monotonic())
        return left if self._tesseract is not None and left >= _LEAST_SECONDS else 0.0

    def skip(self) -> str:
        """A page with something on it stays without words: there is no time for it."""
        self._pictures += 1
        self._late = True
        return ""

    def text(self, picture: Picture | None) -> str:
        """A page's words, "" for none or when there is no time; None is a page of one colour."""
        seconds = self.seconds_left
        if self._tesseract is None or not seconds:
            return self.skip()
        self._pictures += 1
        found = self._tesseract.words(picture, seconds) if picture is not None else ""
        if found is None:
            self._late = self._late or not self.seconds_left
            return ""
        self._read += 1
        if not _WORD.search(found):  # specks of dirt are read as points and strokes
            return ""
        self._worded += 1
        return _DIVIDED.sub("", tidy(found))

    def note(self, pages: int, bare: int) -> str:
        """The sentence about a document of which `bare` pages hold no text of their own."""
        if not self._pictures:
            return "There is no text in it; its pages are empty." if bare == pages else ""
        if self._tesseract is None:
            return f"{told} {_INSTALL}" if (told := _bare(pages, bare)) else ""
        if self._read < self._pictures:
            return self._partly(pages)
        if not self._worded:
            told = _bare(pages, bare)
            return f"{told} Tesseract found no words in it." if told else ""
        if self._worded == pages:
            return f"Its words were recognised by Tesseract; {_SURE}"
        return f"Tesseract recognised the words of {self._worded:,} of its {pages:,} pages; {_SURE}"

    def _partly(self, pages: int) -> str:
        scanned = "pages" if self._pictures == pages else "scanned pages"
        if not self._read:
            return f"Tesseract read none of its {scanned}{' in the time there is' * self._late}."
        many = f"{self._read:,} of its {self._pictures:,} {scanned}"
        if self._late:
            return f"Tesseract read {many} in the time there is; {_SURE}"
        return f"Tesseract could read only {many}; {_SURE}"


def _bare(pages: int, bare: int) -> str:
    """Nothing is said of a few pages without text among many with it."""
    if bare == pages:
        return _SCAN
    return _PARTLY_SCAN.format(bare, pages) if bare * 2 > pages else ""
