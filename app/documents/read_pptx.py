"""Reading PPTX: every slide is a page, its title a heading, its notes below."""

from __future__ import annotations

from app.documents import refusals
from app.documents.archive import Archive
from app.documents.draft import Draft
from app.documents.flow import Flow
from app.documents.office_parts import core_title, relations
from app.documents.xml_stream import Attributes, parse

_MAIN = "ppt/presentation.xml"
_TITLES = ("title", "ctrTitle")
_ORNAMENTS = ("sldNum", "dt", "ftr", "hdr", "sldImg")


def read_pptx(archive: Archive, draft: Draft) -> None:
    """A presentation. Raises DocumentError."""
    if _MAIN not in archive.names:
        raise refusals.damaged("its list of slides is missing")
    draft.title = core_title(archive)
    order = _Order()
    parse(archive.pieces(_MAIN), order)
    targets = {one.id: one.target for one in relations(archive, _MAIN) if one.kind == "slide"}
    slides = [targets[id_] for id_ in order.ids if id_ in targets]
    for number, member in enumerate(slides, start=1):
        draft.page()
        slide = _Slide()
        parse(archive.pieces(member), slide)
        draft.heading(1, slide.title or f"Slide {number}")
        slide.write(draft)
        for link in relations(archive, member):
            if link.kind == "notesSlide" and link.target in archive.names:
                notes = _Slide()
                parse(archive.pieces(link.target), notes)
                notes.write(draft)


class _Order:
    """The slides' ids in the order in which they are shown."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sldId":
            self.ids.append(attributes.get("r:id", ""))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _Slide:
    """The events of a slide; its blocks are kept until its title, wherever it stands, is known."""

    def __init__(self) -> None:
        self.title = ""
        self._blocks: list[tuple[str, str]] = []
        self._kind = ""
        self._words: list[str] = []
        self._in_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sp":
            self._kind = ""
        elif name == "ph":
            self._kind = attributes.get("type", "")
        elif name == "t":
            self._in_text = True
        elif name == "br":
            self._words.append("\n")
        elif name in ("tbl", "tr", "tc"):
            self._blocks.append((name, ""))

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "p":
            text = "".join(self._words)
            self._words = []
            if self._kind in _TITLES:
                self.title = f"{self.title} {text}".strip()
            elif self._kind not in _ORNAMENTS:
                self._blocks.append(("p", text))
        elif name == "sp":
            self._kind = ""
        elif name == "tbl":
            self._blocks.append(("end", ""))

    def text(self, data: str) -> None:
        if self._in_text:
            self._words.append(data)

    def write(self, draft: Draft) -> None:
        """Write all but the title."""
        flow = Flow(draft)
        acts = {
            "tbl": flow.open_table,
            "tr": flow.open_row,
            "tc": flow.open_cell,
            "end": flow.close_table,
        }
        for kind, text in self._blocks:
            if kind == "p":
                flow.paragraph(text)
            else:
                acts[kind]()
        flow.finish()
