"""Scroll: a scrolling area whose content stays centred, whether or not there is more to see."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea

from ui.controls import set_role
from ui.tokens import GUTTER


class Scroll(QScrollArea):
    """Keeps the bar's room on the right, and as much on the left, so that columns stand in line.

    `edge` is the margin that content needs on either side to begin `GUTTER` from the page's edge.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._show_handle)
        wide = bar.sizeHint().width()
        self.setViewportMargins(wide, 0, 0, 0)
        self.edge = GUTTER - wide
        self._show_handle(0, 0)

    def _show_handle(self, _lowest: int, highest: int) -> None:
        set_role(self.verticalScrollBar(), "" if highest else "idle")
