"""Page: the frame of every page but the chat: heading, actions, and one scrolling column."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.controls import centred, clear, column, label, row, set_role
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.thinking import Dots
from ui.tokens import COLUMN, GUTTER
from ui.trouble import Trouble


class Page(QWidget):
    """Subclasses fill `body`; what they want of the window they say by signals."""

    sheet_wanted = Signal(object)
    note = Signal(str, str)
    page_wanted = Signal(str)
    checkable = Signal(str, str, object)

    def __init__(
        self, theme: Theme, session: Session, title: str, told: str, *actions: QWidget
    ) -> None:
        super().__init__()
        self.theme = theme
        self.session = session
        self.setProperty("role", "page")
        self.setAccessibleName(title)
        self.loading = clear(row(Dots(theme), label("Reading…", "small"), -1, gap=10))
        self.trouble = Trouble(theme)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(12)
        top = row(label(title, "heading"), -1, *actions, gap=8)
        heading = column(top, label(told, "soft", wrap=True), gap=4)
        inner = column(heading, self.loading, self.trouble, self.body, -1, gap=18)
        inner.setContentsMargins(0, 28, 0, 40)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        line = centred(clear(inner), COLUMN)
        line.setContentsMargins(GUTTER, 0, GUTTER, 0)
        self._scroll.setWidget(clear(line))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        self.loading.hide()
        bar = self._scroll.verticalScrollBar()
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        # Always there, drawn only when needed: otherwise the column would jump sideways.
        bar.rangeChanged.connect(lambda _, most: set_role(bar, "" if most else "idle"))
        set_role(bar, "idle")

    def show_sheet(self, sheet: Sheet, focus: QWidget) -> None:
        """Open a sheet over the window, with the focus on `focus`."""
        self.sheet_wanted.emit(sheet)
        sheet.open(focus)

    def show_state(self, *what: str) -> bool:
        """Show that what the page needs is being read, or why it cannot be; True when it is here.

        `what` are names of `Session.knows`.
        """
        troubles = [self.session.troubles[name] for name in what if name in self.session.troubles]
        known = all(self.session.knows(name) for name in what)
        self.trouble.show_error(troubles[0] if troubles else None)
        self.loading.setVisible(not known and not troubles)
        return known

    def bring_into_sight(self, widget: QWidget) -> None:
        """Scroll until a part of the page can be seen."""
        self._scroll.ensureWidgetVisible(widget, 0, GUTTER)

    def to_top(self) -> None:
        """Scroll back to the heading."""
        self._scroll.verticalScrollBar().setValue(0)

    def take_focus(self) -> None:
        """The first thing on the page that can be used gets the focus."""
        inside = (
            child
            for child in self.findChildren(QWidget)
            if child.isVisibleTo(self)
            and child.isEnabled()
            and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        )
        if (first := next(inside, None)) is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page Up and Page Down scroll, whatever on the page has the focus."""
        bar = self._scroll.verticalScrollBar()
        step = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            bar.setValue(bar.value() + step * bar.pageStep())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Draw what the session knows now; called whenever the page comes into sight."""
