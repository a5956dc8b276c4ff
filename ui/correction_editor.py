"""Correction editor: the answer made editable in place, with the rule behind the change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QFrame, QMenu, QVBoxLayout

from app.protocol import KindName
from ui.controls import Button, Picture, label, row
from ui.drafts import CorrectionDraft
from ui.growing_edit import LONGEST, GrowingEdit
from ui.theme import Theme

KINDS: tuple[tuple[KindName | None, str, str], ...] = (
    (None, "Automatic", "let Nightschool sort it"),
    ("manner", "Manner", "how you like answers: style, format, tone"),
    ("term", "Term", "what a word means to you"),
    ("procedure", "Procedure", "how something is done here"),
    ("fact", "Fact", "something that is so, until it changes"),
)


SHORTENED = (
    "What you pasted is longer than a correction can be. "
    f"Its first {LONGEST:,} characters are here."
)


def kind_name(kind: KindName | None) -> str:
    """A kind as a person reads it."""
    return next(name for value, name, _ in KINDS if value == kind)


class CorrectionEditor(QFrame):
    """Edits one answer; emits `saved` with the draft, or `cancelled`."""

    saved = Signal(object)
    cancelled = Signal()
    edited = Signal()

    def __init__(self, theme: Theme, draft: CorrectionDraft) -> None:
        super().__init__()
        self.setProperty("role", "learn-card")
        self._kind: KindName | None = draft.kind
        self._answer = GrowingEdit(4, 18)
        self._answer.setAccessibleName("The corrected answer")
        self._answer.setPlainText(draft.answer)
        self._answer.textChanged.connect(self.edited)
        self._note = GrowingEdit(1, 5)
        self._note.setAccessibleName("What should I learn from this?")
        self._note.setPlaceholderText(
            "For example: My emails are short and end with “Cheers, Sam”."
        )
        self._note.setPlainText(draft.note)
        self._note.textChanged.connect(self.edited)
        self._kind_button = Button(theme, "", "quiet", icon="down", size=12)
        self._kind_button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._kind_button.setMenu(self._kind_menu())
        self._set_kind(draft.kind)
        self._lay_out(theme)

    def _lay_out(self, theme: Theme) -> None:
        cancel = Button(theme, "Cancel", "", tip="Keep the answer as it was (Esc)")
        cancel.clicked.connect(self.cancelled)
        self._save = Button(theme, "&Save correction", "learn", tip="Save (Ctrl+Enter)")
        self._save.clicked.connect(self._on_save)
        self._shortened = label(SHORTENED, "bad", wrap=True)
        for field in (self._answer, self._note):
            field.shortened.connect(self._shortened.show)
        note_label = label("What should I learn from this? (optional)", "small-strong")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 18)
        layout.setSpacing(8)
        layout.addLayout(
            row(
                Picture(theme, "pencil", "learn_text", 18),
                label("Correct this answer", "strong"),
                -1,
            )
        )
        layout.addWidget(label("Write it the way you wish it had been.", "small"))
        layout.addWidget(self._answer)
        layout.addSpacing(6)
        layout.addWidget(note_label)
        layout.addWidget(self._note)
        layout.addWidget(self._shortened)
        self._shortened.hide()
        layout.addSpacing(6)
        layout.addLayout(row(self._kind_button, -1, cancel, self._save))

    def focus(self) -> None:
        """Begin typing at the top of the answer."""
        self._answer.setFocus(Qt.FocusReason.OtherFocusReason)
        self._answer.moveCursor(self._answer.textCursor().MoveOperation.Start)

    def draft(self) -> CorrectionDraft:
        """What stands here now."""
        return CorrectionDraft(
            self._answer.toPlainText(), self._note.toPlainText().strip(), self._kind
        )

    def set_able(self, able: bool) -> None:
        """Saving needs a running service; typing does not."""
        self._save.setEnabled(able)

    def event(self, event: QEvent) -> bool:
        """Escape means this editor while one types here, not the window's own shortcut."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self._on_save()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _on_save(self) -> None:
        if self._save.isEnabled() and self.draft().answer.strip():
            self.saved.emit(self.draft())

    def _kind_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for value, name, meaning in KINDS:
            action = QAction(f"{name}: {meaning}", menu, checkable=True)
            action.setChecked(value == self._kind)
            action.triggered.connect(lambda _=False, kind=value: self._choose(kind))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def _choose(self, kind: KindName | None) -> None:
        self._set_kind(kind)
        self.edited.emit()

    def _set_kind(self, kind: KindName | None) -> None:
        self._kind = kind
        self._kind_button.setText(f"&Kind: {kind_name(kind)}")
        self._kind_button.setAccessibleName(f"Kind of lesson: {kind_name(kind)}")
