"""Chart: one small drawing of a few series, as lines or as bars, following the theme."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.controls import clear, column, label, row
from ui.flow import Flow
from ui.history_series import Figure, Series
from ui.theme import Theme

HEIGHT = 132
EDGE, FOOT, TOP = 44, 20, 8
"""Room for the scale's words, the places' words, and above the highest value."""

DOTS = 40
"""Beyond so many places a line is drawn without dots."""

BAR = 18.0
"""The widest bar."""


class Chart(QFrame):
    """A card with the title, what the chart says in a sentence, the drawing, and its colours."""

    def __init__(self, theme: Theme, figure: Figure) -> None:
        super().__init__()
        self.figure = figure
        self.setProperty("role", "card")
        key = Flow(10)
        for series in figure.series if len(figure.series) > 1 else ():
            patch = _Patch(theme, series.colour)
            key.addWidget(clear(row(patch, label(series.name, "caption"), gap=6)))
        said = label(figure.said, "caption", wrap=True)
        layout = column(
            label(figure.title, "small-strong", wrap=True), said, Plot(theme, figure), gap=4
        )
        if len(figure.series) > 1:
            layout.addWidget(clear(key))
        layout.addStretch(1)
        layout.setContentsMargins(16, 12, 16, 12)
        self.setLayout(layout)
        self.setAccessibleName(figure.title)
        self.setAccessibleDescription(figure.said)


class _Patch(QWidget):
    """A spot of a series' colour."""

    def __init__(self, theme: Theme, colour: str) -> None:
        super().__init__()
        self._theme, self._colour = theme, colour
        self.setFixedSize(QSize(10, 10))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(self._colour))
        painter.drawRoundedRect(QRectF(0, 0, 10, 10), 3, 3)


class Plot(QWidget):
    """The drawing itself; the table beside it says the same in words."""

    def __init__(self, theme: Theme, figure: Figure) -> None:
        super().__init__()
        self._theme = theme
        self._figure = figure
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._most = figure.most or nice(_largest(figure))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(11))
        self._draw_scale(painter)
        if self._figure.bars:
            self._draw_bars(painter)
        else:
            for series in self._figure.series:
                self._draw_line(painter, series)

    # ------------------------------------------------------------------ places

    def _x(self, place: int) -> float:
        """The middle of a place."""
        count = max(1, len(self._figure.places))
        return EDGE + (self.width() - EDGE - 6) * (place + 0.5) / count

    def _y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - FOOT) * (1 - value / self._most)

    # ------------------------------------------------------------------ drawing

    def _draw_scale(self, painter: QPainter) -> None:
        figure, right = self._figure, self.width() - 6
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in (0.0, self._most / 2, self._most):
            painter.setPen(QPen(self._theme.colour("line"), 1))
            painter.drawLine(QPointF(EDGE, self._y(value)), QPointF(right, self._y(value)))
            painter.setPen(self._theme.colour("text_faint"))
            painter.drawText(QRectF(0, self._y(value) - 8, EDGE - 6, 16), flags, figure.unit(value))
        if figure.limit is not None and figure.limit <= self._most:
            painter.setPen(QPen(self._theme.colour("bad"), 1, Qt.PenStyle.DashLine))
            at = self._y(figure.limit)
            painter.drawLine(QPointF(EDGE, at), QPointF(right, at))
        self._name_places(painter)

    def _name_places(self, painter: QPainter) -> None:
        """The first and the last place, and as many between as have room."""
        places = self._figure.places
        painter.setPen(self._theme.colour("text_faint"))
        metrics, free = QFontMetricsF(painter.font()), -math.inf
        last = len(places) - 1
        until = self._box(metrics, last).left() - 10 if places else 0.0
        for place, name in enumerate(places):
            box = self._box(metrics, place)
            if box.left() >= free and (place == last or box.right() <= until):
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
                free = box.right() + 10

    def _box(self, metrics: QFontMetricsF, place: int) -> QRectF:
        width = metrics.horizontalAdvance(self._figure.places[place]) + 2
        left = min(max(EDGE, self._x(place) - width / 2), self.width() - width)
        return QRectF(left, HEIGHT - FOOT + 4, width, FOOT - 4)

    def _draw_line(self, painter: QPainter, series: Series) -> None:
        colour = self._theme.colour(series.colour)
        points = {
            place: QPointF(self._x(place), self._y(min(value, self._most)))
            for place, value in enumerate(series.values)
            if value is not None
        }
        painter.setPen(QPen(colour, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(list(points.values()))
        if len(points) <= DOTS:
            painter.setPen(QPen(colour, 1.5))
            for place, point in points.items():
                hollow = place in self._figure.hollow
                painter.setBrush(self._theme.colour("raised") if hollow else colour)
                painter.drawEllipse(point, 2.6, 2.6)

    def _draw_bars(self, painter: QPainter) -> None:
        """Each place's values on top of each other."""
        room = (self.width() - EDGE - 6) / max(1, len(self._figure.places))
        width = min(BAR, max(1.0, room * 0.7))
        painter.setPen(Qt.PenStyle.NoPen)
        for place in range(len(self._figure.places)):
            foot = 0.0
            for series in self._figure.series:
                value = series.values[place] or 0.0
                low, high = self._y(foot), self._y(foot + value)
                painter.setBrush(self._theme.colour(series.colour))
                painter.drawRect(QRectF(self._x(place) - width / 2, high, width, low - high))
                foot += value


def _largest(figure: Figure) -> float:
    """The highest value to be drawn; of bars on top of each other, of all together."""
    columns = [
        [value or 0.0 for value in column]
        for column in zip(*(s.values for s in figure.series), strict=True)
    ]
    tops = [sum(column) if figure.bars else max(column) for column in columns]
    return max(tops, default=0.0)


def nice(value: float) -> float:
    """The next of 2, 4, 10, 20, 40, 100… (also below one), for a scale whose half is short."""
    if value <= 0:
        return 2.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 4, 6, 10) if value <= power * step * 1.000001)
