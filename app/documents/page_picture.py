"""Page picture: a PDF's page drawn in shades of grey, as Tesseract takes it."""

from __future__ import annotations

import ctypes
import math
import time

import pypdfium2 as pdfium
from pypdfium2 import raw

from app.documents.tesseract import Picture

_POINTS_AN_INCH = 72
_DOTS_AN_INCH = 200
"""What Tesseract reads print of common size well at, for half the time of 300."""

_MOST_DOTS = 20_000_000
_LONGEST_SIDE = 30_000
"""Tesseract takes 32,767 dots."""

_WHITE = 0xFFFFFFFF


def is_drawn_on(page: pdfium.PdfPage) -> bool:
    """Whether there is anything on a page."""
    return bool(raw.FPDFPage_CountObjects(page) > 0)


def picture_of(page: pdfium.PdfPage, seconds: float) -> Picture | None:
    """A page's picture; None when it is of one colour.

    Raises pdfium.PdfiumError, and TimeoutError when drawing takes longer than `seconds`.
    """
    across, down = (max(1.0, side) for side in page.get_size())
    dots = min(
        _DOTS_AN_INCH / _POINTS_AN_INCH,
        math.sqrt(_MOST_DOTS / (across * down)),
        _LONGEST_SIDE / max(across, down),
    )
    width, height = math.ceil(across * dots), math.ceil(down * dots)
    bitmap = pdfium.PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)
    try:
        raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
        _draw(page, bitmap, time.monotonic() + seconds)
        shades = bytes(bitmap.buffer)
    finally:
        bitmap.close()
    if shades.count(shades[0]) == len(shades):
        return None
    return Picture(
        pgm=b"P5 %d %d 255\n" % (width, height) + shades, dpi=round(dots * _POINTS_AN_INCH)
    )


def _draw(page: pdfium.PdfPage, bitmap: pdfium.PdfBitmap, deadline: float) -> None:
    """Draw a page step by step: pdfium asks between two objects, and within large ones."""
    asked = dict(raw.IFSDK_PAUSE._fields_)["NeedToPauseNow"]
    pause = raw.IFSDK_PAUSE(
        version=1, NeedToPauseNow=asked(lambda _: int(time.monotonic() > deadline))
    )
    looks = raw.FPDF_GRAYSCALE | raw.FPDF_ANNOT
    state = raw.FPDF_RenderPageBitmap_Start(
        bitmap, page, 0, 0, bitmap.width, bitmap.height, 0, looks, ctypes.byref(pause)
    )
    raw.FPDF_RenderPage_Close(page)
    if state == raw.FPDF_RENDER_TOBECONTINUED:
        raise TimeoutError
    if state != raw.FPDF_RENDER_DONE:
        raise pdfium.PdfiumError("the page could not be drawn")
