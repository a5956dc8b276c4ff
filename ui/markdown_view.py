"""Markdown view: one answer as text and code, cheap to extend while it is being written."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.code_block import CodeBlock
from ui.controls import empty
from ui.markdown import CodeEnd, CodeMore, CodeStart, Piece, Prose, Splitter, Tail
from ui.prose_view import ProseView
from ui.theme import Theme

FLUSH_MS = 40
SLOW_FLUSH_MS = 60
SLICE_S = 0.008
SLOW_S = 0.006
"""Tokens are drawn together this often; less often on a machine where drawing is slow. A complete
answer is drawn in slices."""


class MarkdownView(QWidget):
    """Grows downwards; finished blocks are drawn once, only the last one is drawn again."""

    grew = Signal()
    cited = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text: list[str] = []
        self._waiting: list[str] = []
        self._streaming = False
        self._numbers: frozenset[int] = frozenset()
        self._splitter = Splitter()
        self._left: Iterator[Piece] | None = None
        self._timer = QTimer(self, singleShot=True, interval=FLUSH_MS)
        self._timer.timeout.connect(self._flush)
        self._on = QTimer(self, singleShot=True, interval=0)
        self._on.timeout.connect(self._draw_on)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._start()
        theme.changed.connect(self._retint)

    def text(self) -> str:
        """The whole Markdown so far."""
        return "".join(self._text)

    @property
    def drawn(self) -> bool:
        """Whether all of a complete answer is in sight."""
        return self._left is None

    def set_text(self, text: str) -> None:
        """Show a complete answer; the end of a long one follows when the window drew."""
        self._timer.stop()
        self._streaming = False
        self._text, self._waiting = [text], []
        self._start()
        self._left = self._splitter.feed(text, last=True)
        self._draw_on()

    def append(self, text: str) -> None:
        """More of the answer; drawn with what else comes in the next few milliseconds."""
        self._streaming = True
        self._text.append(text)
        self._waiting.append(text)
        if not self._timer.isActive():
            self._timer.start()

    def finish(self) -> None:
        """The answer is complete."""
        self._timer.stop()
        waiting, self._waiting = "".join(self._waiting), []
        self._streaming = False
        if self._splitter.was_cut:
            self.set_text(self.text())
        else:
            self._draw(waiting, last=True)

    def cite(self, numbers: Collection[int]) -> None:
        """Markers like [1] of these numbers are links from now on; see `cited`."""
        self._numbers = frozenset(numbers)
        for part in self.findChildren(ProseView):
            part.cite(self._numbers)

    def _start(self) -> None:
        empty(self._layout)
        self._on.stop()
        self._left = None
        self._splitter = Splitter()
        self._prose: ProseView | None = None
        self._code: CodeBlock | None = None
        self._tail = ProseView(self._theme)
        self._tail.hide()
        self._layout.addWidget(self._tail)

    def _flush(self) -> None:
        waiting, self._waiting = "".join(self._waiting), []
        began = time.perf_counter()
        self._draw(waiting, last=False)
        slow = time.perf_counter() - began > SLOW_S
        self._timer.setInterval(SLOW_FLUSH_MS if slow else FLUSH_MS)

    def _draw(self, text: str, *, last: bool) -> None:
        for piece in self._splitter.feed(text, last=last):
            self._show(piece)
        self._tail.setVisible(not self._tail.empty)
        self.grew.emit()

    def _draw_on(self) -> None:
        """Draw a complete answer for a short while; go on when the window drew."""
        until = time.perf_counter() + SLICE_S
        while self._left is not None and time.perf_counter() < until:
            if (piece := next(self._left, None)) is None:
                self._left = None
            else:
                self._show(piece)
        self._tail.setVisible(not self._tail.empty)
        self.grew.emit()
        if self._left is not None:
            self._on.start()

    def _show(self, piece: Piece) -> None:
        match piece:
            case Prose(tokens):
                part = self._prose_part()
                part.write(tokens)
                part.cite(self._numbers)
            case Tail(tokens):
                self._tail.replace(tokens)
            case CodeStart(language):
                self._prose = None
                self._code = CodeBlock(self._theme, language)
                self._add(self._code)
            case CodeMore(more) if self._code is not None:
                self._code.add(more)
            case CodeEnd() if self._code is not None:
                self._code.finish()
                self._code = None

    def _prose_part(self) -> ProseView:
        if self._prose is None:
            self._prose = ProseView(self._theme)
            self._prose.cited.connect(self.cited)
            self._add(self._prose)
        return self._prose

    def _add(self, part: QWidget) -> None:
        if self.width() > 100:
            part.resize(self.width(), part.height())
        self._layout.insertWidget(self._layout.count() - 1, part)

    def _retint(self) -> None:
        """Draw everything again in the new colours."""
        text, streaming = self.text(), self._streaming
        self._timer.stop()
        self._waiting = []
        if not streaming:
            self.set_text(text)
            return
        self._start()
        self._text = [text]
        self._draw(text, last=False)
