"""Drop target: files and folders dragged anywhere into the window are taught."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.clipboard import paths_in
from ui.controls import Picture, card, column, label, row
from ui.theme import Theme
from ui.tokens import RADIUS_LARGE


class DropTarget(QWidget):
    """Covers the window while files are held over it; emits `dropped` with their paths."""

    dropped = Signal(list)

    def __init__(self, theme: Theme, window: QWidget, willing: Callable[[], bool]) -> None:
        """`willing` says whether anything can be taken now."""
        super().__init__(window)
        self._theme = theme
        self._willing = willing
        made = card("sheet")
        words = column(
            row(-1, Picture(theme, "documents", "accent", 40), -1),
            4,
            _centred("Drop to teach", "title"),
            _centred(
                "Files and folders are read in the background and stay where they are.", "soft"
            ),
            gap=6,
        )
        words.setContentsMargins(32, 26, 32, 26)
        made.setLayout(words)
        made.setFixedWidth(400)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(row(-1, made, -1))
        outer.addStretch(1)
        self.setAcceptDrops(True)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window meets the drag first; from then on this covers it."""
        if watched is self.parent():
            if event.type() == QEvent.Type.Resize:
                self.setGeometry(self.window().rect())
            elif event.type() in _DRAGS:
                return self._drag(event)
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() in _DRAGS:
            return self._drag(event)
        return super().event(event)

    def _drag(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self.hide()
            return True
        assert isinstance(event, QDragMoveEvent | QDropEvent)
        paths = paths_in(event.mimeData()) if self._willing() else []
        if not paths:
            event.ignore()
            return True
        # The files stay where they are, whatever the other program would allow.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        dropping = event.type() == QEvent.Type.Drop
        self.setVisible(not dropping)
        self.raise_()
        if dropping:
            self.dropped.emit(paths)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        value = self._theme.palette.scrim
        shade = QColor(value[:7])
        shade.setAlpha(int(value[7:9], 16))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), shade)
        pen = QPen(self._theme.colour("accent"), 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        inset = self.rect().adjusted(12, 12, -13, -13)
        painter.drawRoundedRect(inset, RADIUS_LARGE, RADIUS_LARGE)


def _centred(text: str, role: str) -> QWidget:
    made = label(text, role, wrap=True)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


_DRAGS = (
    QEvent.Type.DragEnter,
    QEvent.Type.DragMove,
    QEvent.Type.DragLeave,
    QEvent.Type.Drop,
)
