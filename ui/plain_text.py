"""Plain text: a person's own words exactly as typed, folded when they are long."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption, QWheelEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.controls import Button
from ui.still_text import StillText, height_of
from ui.theme import Theme

FOLD_CHARS = 1200
FOLD_LINES = 14
LONG_LINE = 2000
"""A single line is shown in stretches of this many characters: laying out more would stall."""

OPEN_HEIGHT = 360


def printable(text: str) -> str:
    """Text as it can be shown: NUL made visible, endless lines broken."""
    shown = text.replace("\0", "\N{SYMBOL FOR NULL}").replace("\r\n", "\n")
    if len(shown) <= LONG_LINE:
        return shown
    lines = (
        line[at : at + LONG_LINE]
        for line in shown.split("\n")
        for at in range(0, max(1, len(line)), LONG_LINE)
    )
    return "\n".join(lines)


def size_of(text: str) -> str:
    """How much text this is, for a person."""
    if len(text) >= 1_000_000:
        return f"{len(text) / 1_000_000:.1f} million characters"
    return f"{len(text):,} characters"


def fold(text: str) -> str | None:
    """The beginning that stands for a long text, or None when it is short enough."""
    head = text[: FOLD_CHARS + 1]
    lines = head.split("\n")
    if len(text) <= FOLD_CHARS and len(lines) <= FOLD_LINES:
        return None
    return "\n".join(lines[: FOLD_LINES - 2])[: FOLD_CHARS - 200].rstrip() + " …"


class PlainView(StillText):
    """Plain text as tall as its lines up to a limit: as wide as its container, or as it needs."""

    def __init__(self, widest: int | None = None) -> None:
        super().__init__("bare")
        self._widest = widest
        self._scrolls = False
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)

    def show_text(self, text: str) -> None:
        """Show `text`; a long one in a box of fixed height that scrolls."""
        shown = printable(text)
        self.setPlainText(shown)
        self._scrolls = len(shown) > FOLD_CHARS * 2
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if self._scrolls else policy.ScrollBarAlwaysOff
        )
        if self._widest is not None:
            self.setMaximumWidth(self._widest if self._scrolls else self._natural(shown))
        self.fit()

    def sizeHint(self) -> QSize:
        """As wide as the text, so that a container that lets it keeps it on one line."""
        wide = 200 if self._widest is None else self.maximumWidth()
        return QSize(wide, self.height())

    def minimumSizeHint(self) -> QSize:
        """A narrow window may wrap it as it needs."""
        return QSize(24, self.height())

    def _natural(self, shown: str) -> int:
        assert self._widest is not None
        self.ensurePolished()
        metrics = self.fontMetrics()
        widest_line = max(metrics.horizontalAdvance(line) for line in shown.split("\n"))
        return min(self._widest, max(24, widest_line + 4))

    def fit(self) -> None:
        """Take the height the wrapped lines need."""
        if self._scrolls:
            self.set_height(OPEN_HEIGHT)
        else:
            self.set_height(height_of(self, OPEN_HEIGHT * 3) + 2)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls itself only while there is more of a long text in that direction."""
        bar = self.verticalScrollBar()
        up = event.angleDelta().y() > 0
        if bar.maximum() == 0 or bar.value() == (bar.minimum() if up else bar.maximum()):
            event.ignore()
        else:
            super().wheelEvent(event)


class FoldedText(QWidget):
    """Plain text with its long end behind a button."""

    def __init__(self, theme: Theme, text: str, widest: int) -> None:
        super().__init__()
        self._text = text
        self._open = False
        self._view = PlainView(widest)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the transcript's
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._view)
        self._folded = fold(text)
        if self._folded is not None:
            self._more = Button(theme, f"&Show all · {size_of(text)}", "link")
            self._more.clicked.connect(self._toggle)
            layout.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self._view.show_text(text if self._folded is None else self._folded)

    def _toggle(self) -> None:
        self._open = not self._open
        self._view.show_text(self._text if self._open else self._folded or "")
        self._more.setText("&Show less" if self._open else f"&Show all · {size_of(self._text)}")
