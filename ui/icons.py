"""Icons: our own SVG drawings, recoloured from the palette and rendered crisply at any scale."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parent / "icons"


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The drawing `name` in `colour`, `size` device-independent pixels square."""
    drawing = _drawing(name).replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    canvas = QPixmap(round(size * ratio), round(size * ratio))
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    canvas.setDevicePixelRatio(ratio)
    return canvas


def icon(name: str, colour: str, *, disabled: str, checked: str = "", size: int = 18) -> QIcon:
    """An icon with its normal, disabled and (optionally) checked colours, for 1x and 2x screens."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, colour, size, ratio))
        made.addPixmap(pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
        if checked:
            shown = pixmap(name, checked, size, ratio)
            made.addPixmap(shown, QIcon.Mode.Normal, QIcon.State.On)
    return made


def app_icon() -> QIcon:
    """The application's icon at the sizes window managers ask for."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(pixmap("nightschool", "#FFFFFF", size))
    return made
