"""Scope switch: the control at the input that says which documents may be used for an answer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from ui.controls import Button
from ui.scope import Mode
from ui.theme import Theme

MODES: tuple[tuple[Mode, str, str, str], ...] = (
    ("auto", "&Automatic", "", "Documents are used where they fit the question"),
    ("only", "&Only my documents", "Only documents", "The answer comes from documents, or not"),
    ("none", "&No documents", "No documents", "Documents are left alone"),
)


class ScopeSwitch(Button):
    """Emits `chosen` with `auto`, `only` or `none`."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "", "quiet", icon="documents", size=18)
        self._wordy = True
        self._short = ""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for mode, words, _, told in MODES:
            action = menu.addAction(words)
            action.setData(mode)
            action.setCheckable(True)
            action.setToolTip(told)
            group.addAction(action)
            action.triggered.connect(lambda _=False, taken=mode: self.chosen.emit(taken))
        self.setMenu(menu)
        self.show_mode("auto")

    def show_words(self, on: bool) -> None:
        """Say in words what is chosen, where there is room."""
        self._wordy = on
        self.setText(self._short if on else "")

    def show_mode(self, mode: Mode) -> None:
        """Show which choice is taken."""
        for action in self.menu().actions():
            action.setChecked(action.data() == mode)
        _, words, short, told = next(one for one in MODES if one[0] == mode)
        self._short = short
        self.setText(short if self._wordy else "")
        self.set_icon("documents", "text_faint" if mode == "auto" else "accent")
        name = words.replace("&", "")
        self.setToolTip(f"Documents: {name}\n{told}")
        self.setAccessibleName(f"Documents for this question: {name}")
