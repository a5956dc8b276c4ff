"""Theme: follows the system's light or dark scheme and dresses the application in our tokens."""

from __future__ import annotations

import sys
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from ui import icons
from ui.style import stylesheet
from ui.tokens import DARK, EMOJI, LIGHT, MONO, SANS, Look, Palette, TypeScale


class Theme(QObject):
    """The look in force; `changed` tells painters and icon holders to draw themselves again."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._chosen: Qt.ColorScheme | None = None
        self._type = _type_scale(app)
        self._look = self._wanted()
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._renew)
        self._apply()

    @property
    def look(self) -> Look:
        """The palette, type scale and darkness in force."""
        return self._look

    @property
    def palette(self) -> Palette:
        """The colours in force."""
        return self._look.palette

    def colour(self, name: str) -> QColor:
        """A palette colour by its token name, as Qt's type."""
        return QColor(getattr(self._look.palette, name))

    def icon(
        self, name: str, colour: str = "text_soft", checked: str = "", size: int = 18
    ) -> QIcon:
        """An icon in a token colour, with a quiet disabled state."""
        chosen: str = getattr(self.palette, colour)
        on: str = getattr(self.palette, checked) if checked else ""
        return icons.icon(name, chosen, disabled=self.palette.line_strong, checked=on, size=size)

    def pixmap(self, name: str, colour: str = "text_soft", size: int = 18) -> QPixmap:
        """An icon as a pixmap for labels, at the screen's own scale."""
        chosen: str = getattr(self.palette, colour)
        return icons.pixmap(name, chosen, size, self._app.devicePixelRatio())

    def font(self, size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The sans font at a size in device-independent pixels."""
        made = QFont(list(self._look.type.families))
        made.setPixelSize(size)
        made.setWeight(weight)
        return made

    def mono(self, size: int) -> QFont:
        """The fixed-pitch font at a size in device-independent pixels."""
        made = QFont(list(self._look.type.mono))
        made.setPixelSize(size)
        made.setStyleHint(QFont.StyleHint.Monospace)
        return made

    def follow(self, scheme: Qt.ColorScheme | None) -> None:
        """Keep to one scheme, or (None, as at the start) to the system's and its changes."""
        self._chosen = scheme
        self._renew()

    def _wanted(self) -> Look:
        dark = (self._chosen or self._app.styleHints().colorScheme()) == Qt.ColorScheme.Dark
        return Look(palette=DARK if dark else LIGHT, type=self._type, dark=dark)

    def _renew(self) -> None:
        wanted = self._wanted()
        if wanted != self._look:
            self._look = wanted
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._app.setPalette(_qt_palette(self.palette))
        self._app.setFont(self.font(self._look.type.body))
        self._app.setStyleSheet(stylesheet(self._look))


def _type_scale(app: QApplication) -> TypeScale:
    """The first installed families of each stack, at the size the person set for the system."""
    installed = set(QFontDatabase.families())
    emoji = [family for family in EMOJI if family in installed]
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    plain = system.family() in ("", "Sans Serif", "Sans", "DejaVu Sans")
    sans = ([] if plain else [system.family()]) + [name for name in SANS if name in installed]
    mono = [name for name in MONO if name in installed]
    scale = TypeScale(families=(*sans[:2], *emoji), mono=(*mono[:2], *emoji))
    usual = {"darwin": 13.0, "win32": 9.0}.get(sys.platform, 10.0)
    factor = system.pointSizeF() / usual if system.pointSizeF() > 0 else 1.0
    factor = min(1.6, max(1.0, factor))
    return scale if factor < 1.15 else replace(scale.scaled(factor))


def _qt_palette(colours: Palette) -> QPalette:
    """Qt's palette from ours, for whatever the stylesheet does not reach."""
    role = QPalette.ColorRole
    made = QPalette()
    for which, name in (
        (role.Window, colours.surface),
        (role.WindowText, colours.text),
        (role.Base, colours.raised),
        (role.AlternateBase, colours.sunken),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.text_faint),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.text),
        (role.ToolTipText, colours.surface),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.accent),
        (role.LinkVisited, colours.accent),
        (role.Accent, colours.accent),
        (role.Mid, colours.line),
        (role.Dark, colours.line_strong),
        (role.Light, colours.raised),
    ):
        made.setColor(which, QColor(name))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.text_faint))
    return made
