"""Passphrase: an honest estimate of how hard one is to guess, shown while it is typed."""

from __future__ import annotations

import math
import string
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.controls import column, label
from ui.theme import Theme

SHORTEST = 8
ADVICE = "Several unrelated words are easy to remember and hard to guess."


@dataclass(frozen=True)
class Estimate:
    """How good a passphrase is: 0..1 for the bar, words for the person, whether it will do."""

    share: float
    words: str
    enough: bool


def strength_of(text: str) -> Estimate:
    """From its length and variety; repeated characters count once."""
    if not text:
        return Estimate(
            0.0, "Several unrelated words are easy to remember and hard to guess.", False
        )
    alphabets = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    pool = sum(len(letters) for letters in alphabets if any(c in letters for c in text))
    pool += 33 if any(not c.isalnum() for c in text) else 0
    pool += 100 if any(ord(c) > 127 for c in text) else 0
    telling = min(len(text), 2 * len(set(text)))
    bits = telling * math.log2(max(pool, 2))
    share = min(1.0, bits / 90)
    if len(text) < SHORTEST:
        return Estimate(share, f"Too short: at least {SHORTEST} characters.", False)
    if bits < 45:
        return Estimate(share, "Weak. Add a word or two.", True)
    if bits < 70:
        return Estimate(share, "Good.", True)
    return Estimate(share, "Strong.", True)


class Bar(QWidget):
    """A thin bar that fills."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share = 0.0
        self.setFixedHeight(4)

    def show_share(self, share: float) -> None:
        """Fill this much of it."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("line"))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        name = "bad" if self._share < 0.3 else "learn" if self._share < 0.6 else "good"
        painter.setBrush(self._theme.colour(name))
        painter.drawRoundedRect(QRectF(0, 0, self.width() * self._share, 4), 2, 2)


class Strength(QWidget):
    """The bar and its sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._bar = Bar(theme)
        self._words = label("", "caption", wrap=True)
        self.setLayout(column(self._bar, self._words, gap=6))

    def show_for(self, text: str) -> None:
        """Judge `text`."""
        estimate = strength_of(text)
        self._bar.show_share(estimate.share)
        self._words.setText(estimate.words)
