"""Controls: the small labelled parts (labels, buttons, cards, chips) every page is built from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeySequence
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui.theme import Theme

LayoutT = TypeVar("LayoutT", bound=QBoxLayout)


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget the stylesheet rule of `role`, also after it was shown."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def label(text: str, role: str = "body", *, wrap: bool = False, select: bool = False) -> QLabel:
    """A plain-text label; markup in `text` is never interpreted."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if select:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return made


class Button(QPushButton):
    """A push button of one role whose icon follows the theme.

    The letter after an & works with Alt, and is underlined only while Alt is held down.
    """

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        role: str = "",
        *,
        icon: str = "",
        colour: str = "text_soft",
        tip: str = "",
        name: str = "",
        size: int = 16,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._marked = ""
        self._underlined = False
        self.setText(text)
        self._icon = icon
        self._colour = colour
        self._size = size
        if role:
            self.setProperty("role", role)
        if tip:
            self.setToolTip(tip)
        self.setAccessibleName(name or text.replace("&", "") or tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon:
            self.setIconSize(QSize(size, size))
            self._draw()
            theme.changed.connect(self._draw)

    def setText(self, text: str) -> None:
        self._marked = text
        self._show_text()

    def underline(self, on: bool) -> None:
        """Show or hide which letter works with Alt."""
        if on is not self._underlined:
            self._underlined = on
            self._show_text()

    def _show_text(self) -> None:
        super().setText(self._marked if self._underlined else self._marked.replace("&", ""))
        self.setShortcut(QKeySequence.mnemonic(self._marked))

    def set_icon(self, icon: str, colour: str = "") -> None:
        """Show another drawing, and optionally another token colour."""
        self._icon = icon
        self._colour = colour or self._colour
        self._draw()

    def _draw(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._colour, size=self._size))


class Picture(QLabel):
    """An icon shown as a picture, following the theme."""

    def __init__(self, theme: Theme, icon: str, colour: str = "text_soft", size: int = 18) -> None:
        super().__init__()
        self._theme = theme
        self._drawn = (icon, colour, size)
        self.setFixedSize(size, size)
        self._draw()
        theme.changed.connect(self._draw)

    def show_icon(self, icon: str, colour: str) -> None:
        """Show another drawing at the same size."""
        self._drawn = (icon, colour, self._drawn[2])
        self._draw()

    def _draw(self) -> None:
        icon, colour, size = self._drawn
        self.setPixmap(self._theme.pixmap(icon, colour, size))


class Hoverable(QWidget):
    """A plain widget that tells whether the pointer or the focus is on it or anything in it.

    Tab comes here first, and goes on to what appears then: see `first_action`.
    """

    def __init__(self, on_attention: Callable[[bool], None]) -> None:
        super().__init__()
        self._on_attention = on_attention
        self._over = False
        self._held = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def first_action(self) -> QWidget | None:
        """What the focus goes to."""
        return None

    def hold(self, on: bool) -> None:
        """The focus came here, or left."""
        self._held = on
        self._on_attention(self._over or self._held)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        back = event.reason() == Qt.FocusReason.BacktabFocusReason
        leaving = back and self._held
        self.hold(True)
        action = self.first_action()
        if action is not None and action.isVisible() and not leaving:
            action.setFocus(event.reason())
        else:
            self.focusNextPrevChild(not back)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._over = True
        self._on_attention(True)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._over = False
        self._on_attention(self._held)


def card(role: str = "card") -> QFrame:
    """A rounded frame."""
    made = QFrame()
    made.setProperty("role", role)
    return made


def rule() -> QFrame:
    """A hairline."""
    made = card("rule")
    made.setFixedHeight(1)
    return made


def clear(layout: QLayout | None = None) -> QWidget:
    """A see-through container."""
    made = QWidget()
    made.setProperty("role", "clear")
    if layout is not None:
        made.setLayout(layout)
    return made


def column(*items: QWidget | QLayout | int, gap: int = 8, margin: int = 0) -> QVBoxLayout:
    """A vertical layout; an integer is a space, -1 a stretch."""
    return _fill(QVBoxLayout(), items, gap, margin)


def row(*items: QWidget | QLayout | int, gap: int = 8, margin: int = 0) -> QHBoxLayout:
    """A horizontal layout; an integer is a space, -1 a stretch."""
    return _fill(QHBoxLayout(), items, gap, margin)


def _fill(
    layout: LayoutT, items: tuple[QWidget | QLayout | int, ...], gap: int, margin: int
) -> LayoutT:
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    for item in items:
        if isinstance(item, int):
            layout.addStretch(1) if item < 0 else layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


def centred(widget: QWidget, widest: int) -> QHBoxLayout:
    """A layout that centres `widget` and lets it grow to `widest` pixels."""
    widget.setMaximumWidth(widest)
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.addStretch(1)
    made.addWidget(widget, 1000)
    made.addStretch(1)
    return made


def empty(layout: QLayout) -> None:
    """Remove everything a layout holds; the widgets are destroyed."""
    while (item := layout.takeAt(0)) is not None:
        if (inner := item.widget()) is not None:
            inner.hide()
            inner.deleteLater()
        elif (nested := item.layout()) is not None:
            empty(nested)
