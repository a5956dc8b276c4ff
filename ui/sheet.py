"""Sheet: a card over the dimmed window for everything that asks before it acts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.controls import Button, card, label, row
from ui.theme import Theme


class Sheet(QWidget):
    """Covers its window; Escape closes it, Tab stays inside, the focus goes back where it was."""

    closed = Signal()

    def __init__(self, theme: Theme, window: QWidget, title: str, *, width: int = 480) -> None:
        super().__init__(window)
        self.theme = theme
        self._before = window.focusWidget()
        self.card: QFrame = card("sheet")
        self.card.setFixedWidth(width)
        self.body = QVBoxLayout(self.card)
        self.body.setContentsMargins(28, 24, 28, 24)
        self.body.setSpacing(12)
        if title:
            self.body.addWidget(label(title, "title", wrap=True))
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addLayout(row(-1, self.card, -1))
        outer.addStretch(3)
        self.setAccessibleName(title)
        window.installEventFilter(self)
        self.setGeometry(window.rect())

    def open(self, focus: QWidget | None = None) -> None:
        """Show it, with the focus on `focus`."""
        self.show()
        self.raise_()
        (focus or self).setFocus(Qt.FocusReason.PopupFocusReason)

    def close_sheet(self) -> None:
        """Put it away."""
        self.hide()
        self.window().removeEventFilter(self)
        # What had the focus may be gone: the row of a document that was just forgotten.
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus()
        self.closed.emit()
        self.deleteLater()

    def add_buttons(self, *buttons: Button) -> None:
        """The row of choices, with Cancel before them."""
        cancel = Button(self.theme, "Cancel", tip="Leave everything as it is (Esc)")
        cancel.clicked.connect(self.close_sheet)
        self.body.addSpacing(8)
        self.body.addLayout(row(-1, cancel, *buttons, gap=10))

    def add_close(self, *others: Button) -> None:
        """For sheets that only show: other choices on the left, Close on the right."""
        close = Button(self.theme, "&Close", tip="Close (Esc)")
        close.clicked.connect(self.close_sheet)
        self.body.addSpacing(8)
        self.body.addLayout(row(*others, -1, close, gap=10))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        parent = self.parentWidget()
        if parent is not None and watched is parent and event.type() == QEvent.Type.Resize:
            self.setGeometry(parent.rect())
        return False

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round inside the sheet."""
        inside = [
            child
            for child in self.findChildren(QWidget)
            if child.isVisible()
            and child.isEnabled()
            and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        if inside:
            now = self.window().focusWidget()
            at = inside.index(now) if now in inside else -1
            inside[(at + (1 if forward else -1)) % len(inside)].setFocus(
                Qt.FocusReason.TabFocusReason
            )
        return True

    def event(self, event: QEvent) -> bool:
        """Escape means this sheet while it is open, not the window's own shortcut."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        value = self.theme.palette.scrim
        shade = QColor(value[:7])
        shade.setAlpha(int(value[7:9], 16))
        QPainter(self).fillRect(self.rect(), shade)
