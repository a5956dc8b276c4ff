"""Cell formats: numbers of a workbook as a person sees them, dates and shares among them."""

from __future__ import annotations

import datetime
import re

from app.documents.xml_stream import Attributes

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_SHARES = {9, 10}
"""ECMA-376, part 1, 18.8.30: formats with these numbers are built in."""

_QUOTED = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
_DATE_LETTERS = re.compile(r"[dmyhs]", re.I)
_DAY_LETTERS = re.compile(r"[dy]", re.I)
_LAST_DAY = 2_958_465  # the end of the year 9999
_SECONDS = 24 * 60 * 60


class CellFormats:
    """Hears the events of a workbook's styles, then shows numbers in them."""

    def __init__(self) -> None:
        self.from_1904 = False
        self._codes: dict[str, str] = {}
        self._used: list[str] = []
        self._in_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        """An element of the styles begins."""
        if name == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._used.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        """It ends."""
        if name == "cellXfs":
            self._in_cells = False

    def text(self, data: str) -> None:
        """There is none in styles."""

    def shown(self, value: str, style: str) -> str:
        """A number, as written in a cell of this style."""
        try:
            number = float(value)
        except ValueError:
            return value
        known = style.isdigit() and int(style) < len(self._used)
        id_ = self._used[int(style)] if known else "0"
        code = _QUOTED.sub("", self._codes.get(id_, ""))
        built_in = int(id_) if id_.isdigit() and id_ not in self._codes else -1
        if built_in in _SHARES or "%" in code:
            return f"{number * 100:.6g}%"
        dated = built_in in _DATES or (_DATE_LETTERS.search(code) and "General" not in code)
        if dated and 0 <= number < _LAST_DAY:
            only_time = number < 1 and not _DAY_LETTERS.search(code) and built_in not in {14, 22}
            return _moment(number, self.from_1904, only_time)
        return f"{number:.15g}"


def _moment(number: float, from_1904: bool, only_time: bool) -> str:
    first = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)
    try:
        moment = first + datetime.timedelta(seconds=round(number * _SECONDS))
    except OverflowError:
        return f"{number:.15g}"
    if only_time:
        return moment.time().isoformat()
    return moment.date().isoformat() if number == int(number) else moment.isoformat(" ")
