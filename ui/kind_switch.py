"""Kind switch: what a lesson is about, told in plain words with where it is kept, and changed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from app.protocol import KindName
from ui.controls import Button
from ui.theme import Theme


@dataclass(frozen=True)
class KindWords:
    """One kind as a person reads it: its name, what it is about, and where it is kept."""

    kind: KindName | None
    name: str
    about: str
    kept: str

    @property
    def told(self) -> str:
        """Both in one line."""
        return f"{self.about[0].upper()}{self.about[1:]}. {self.kept}"


_STUDIED = "Studied into the model, until then shown to it as a note."
KINDS = (
    KindWords(
        None,
        "Automatic",
        "let Nightschool sort it",
        "You see at once what it became, and can change it.",
    ),
    KindWords("manner", "Manner", "how you like answers: style, format, tone", _STUDIED),
    KindWords("term", "Term", "what a word means to you", _STUDIED),
    KindWords("procedure", "Procedure", "how something is done here", _STUDIED),
    KindWords(
        "fact",
        "Fact",
        "something that is so, until it changes",
        "Kept in memory and shown to the model when it matters, never studied.",
    ),
)


def words_of(kind: KindName | None) -> KindWords:
    """A kind as a person reads it."""
    return next(one for one in KINDS if one.kind == kind)


def kind_name(kind: KindName | None) -> str:
    """A kind's name."""
    return words_of(kind).name


class KindSwitch(Button):
    """Shows a kind; its menu offers the others. Emits `chosen` with the person's choice."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, kind: KindName | None, *, automatic: bool = False) -> None:
        """`automatic` also offers to leave the sorting to Nightschool."""
        super().__init__(theme, "", "quiet", icon="down", size=12)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.kind = kind
        self._title = ""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for one in KINDS if automatic else KINDS[1:]:
            action = QAction(f"{one.name}: {one.about}", menu, checkable=True)
            action.setData(one.kind)
            action.setToolTip(one.kept)
            action.triggered.connect(lambda _=False, kind=one.kind: self._choose(kind))
            group.addAction(action)
            menu.addAction(action)
        self.setMenu(menu)
        self.show_kind(kind)

    def show_kind(self, kind: KindName | None, title: str = "") -> None:
        """Show a kind as it is; `title` names the lesson for who cannot see where this stands."""
        self.kind = kind
        now = words_of(kind)
        self.setText(now.name)
        what = f"Kind: {now.name}. {now.told}"
        self.setAccessibleName(f"{what} Change it for: {title}" if title else what)
        self.setToolTip(f"{now.told}\nA changed lesson is studied again.")
        for action in self.menu().actions():
            action.setChecked(action.data() == kind)

    def _choose(self, kind: KindName | None) -> None:
        before = self.kind
        self.show_kind(before)  # whoever hears the choice shows it, once it is so
        if kind != before:
            self.chosen.emit(kind)
