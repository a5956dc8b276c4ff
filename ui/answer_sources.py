"""Answer sources: chips for the passages a reply cites, and a panel of all it was shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import Provenance, ReadThrough, Source
from ui.controls import Button, clear, column, empty, label
from ui.document_words import at_page
from ui.flow import Flow
from ui.place import Place
from ui.source_card import SourceCard
from ui.theme import Theme
from ui.words import count

MOST_CHIPS = 9
"""Of a document that was read through, whose every part may be cited; the panel has them all."""

MOST_PARTS = 8
"""Numbers of parts that are named in a line."""

TITLE = 42
"""Characters of a title on a chip."""

GONE = "a document you forgot"
UNQUOTED = "Your documents were searched; this answer cites none of them."
NOTHING = "Your documents were searched; nothing that fits was found."


class AnswerSources(QWidget):
    """Hidden while an answer has nothing to do with documents; `chosen` carries a `Place`."""

    chosen = Signal(object)
    grew = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.sources: tuple[Source, ...] = ()
        self._through: ReadThrough | None = None
        self.chips: list[Button] = []
        self.cards: list[SourceCard] = []
        self._told = label("", "caption", wrap=True)
        self._flow = Flow()
        self._chips = clear(self._flow)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)
        self.panel = clear(self._list)
        self.panel.hide()
        self.more = Button(theme, "", "quiet", icon="right", size=14)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._open)
        self.setLayout(column(self._told, self._chips, self.panel, gap=6))
        self.hide()

    def show_provenance(self, provenance: Provenance | None) -> None:
        """Show what an answer cites; never more than that."""
        asked = provenance is not None and provenance.documents_asked
        self.sources = provenance.sources if provenance is not None else ()
        self._through = provenance.through if provenance is not None else None
        used = any(source.used for source in self.sources)
        told = "" if used else UNQUOTED if self.sources else NOTHING if asked else ""
        self._told.setText(told)
        self._tell_through()
        self._told.setVisible(bool(self._told.text()))
        self.setVisible(bool(self.sources) or bool(self._told.text()))
        self._fill_chips()
        if self.more.isChecked():
            self._fill_panel()

    def keep_only(self, documents: Collection[int]) -> bool:
        """Of a document that was forgotten nothing but the number stays; whether any was."""
        gone = [x for x in self.sources if x.title and x.document_id not in documents]
        if gone:
            self.sources = tuple(
                msgspec.structs.replace(x, title="", text="", heading="", page=None)
                if x in gone
                else x
                for x in self.sources
            )
            self._tell_through()
            self._fill_chips()
            self._fill_panel()
        return bool(gone)

    def _tell_through(self) -> None:
        if self._through is not None:
            title = next((source.title for source in self.sources if source.title), "")
            self._told.setText(read_through(self._through, title))

    def numbers(self) -> frozenset[int]:
        """The numbers that lead to a passage."""
        return frozenset(source.number for source in self.sources if source.title)

    def choose(self, number: int) -> None:
        """Go to the passage of a number."""
        source = next((x for x in self.sources if x.number == number and x.title), None)
        if source is not None:
            self.chosen.emit(Place.of(source))

    # ------------------------------------------------------------------ chips and panel

    def _fill_chips(self) -> None:
        self._flow.removeWidget(self.more)
        empty(self._flow)
        used = [source for source in self.sources if source.used]
        self.chips = [
            self._chip(source) for source in used[: MOST_CHIPS if self._through else None]
        ]
        for chip in self.chips:
            self._flow.addWidget(chip)
        self._flow.addWidget(self.more)
        self.more.setVisible(bool(self.sources))
        self._chips.setVisible(bool(self.sources))
        self._name_more()

    def _chip(self, source: Source) -> Button:
        words = name_of(source)
        made = Button(self._theme, "", "source", name=f"Source {source.number}: {words}")
        within = at_page(source.heading, source.page) if self._through and source.heading else words
        made.setText(f"{source.number} · {_short(within)}".replace("&", "&&"))
        made.setToolTip(f"{words}\n{source.heading}".strip())
        made.setEnabled(bool(source.title))
        made.clicked.connect(lambda: self.choose(source.number))
        return made

    def _name_more(self) -> None:
        told = count(len(self.sources), "passage")
        noted = self._through is not None and self._through.parts > 1
        self.more.setText(f"{told} behind its notes" if noted else f"{told} shown to the model")
        self.more.setAccessibleName(self.more.text())
        self.more.set_icon("down" if self.more.isChecked() else "right")

    def _open(self, on: bool) -> None:
        if on:
            self._fill_panel()
        self.panel.setVisible(on)
        self._name_more()
        self.grew.emit()

    def _fill_panel(self) -> None:
        empty(self._list)
        self.cards = _cards(self._theme, self.sources)
        for made in self.cards:
            made.chosen.connect(self.choose)
            self._list.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)


def name_of(source: Source) -> str:
    """Title and page of a source, or that it was forgotten."""
    return at_page(" ".join(source.title.split()), source.page) if source.title else GONE


def read_through(through: ReadThrough, title: str) -> str:
    """That a whole document was read, and where in it was something for the question."""
    if not through.read:
        return ""
    name = f"“{_short(' '.join(title.split()))}”" if title else "The document"
    if through.parts == 1:
        return f"{name} was read whole."
    told = f"{name} was read whole, in {through.parts:,} parts"
    if not through.helped:
        return f"{told}."
    if len(through.helped) == through.parts:
        return f"{told}, and all of them helped."
    some = [f"{part:,}" for part in through.helped[:MOST_PARTS]]
    more = len(through.helped) - len(some)
    named = f"part {some[0]}" if len(through.helped) == 1 else f"parts {', '.join(some)}"
    rest = f" and {more:,} more" if more else ""
    return f"{told}; {named}{rest} helped."


def _cards(theme: Theme, sources: Sequence[Source]) -> list[SourceCard]:
    return [SourceCard(theme, source, name_of(source)) for source in sources]


def _short(words: str) -> str:
    if len(words) <= TITLE:
        return words
    half = TITLE // 2
    return f"{words[:half].rstrip()}…{words[-half:].lstrip()}"
