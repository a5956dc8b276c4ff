"""Correction editor: the answer made editable in place, with the rule behind the change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.protocol import KindName
from ui.controls import Button, Picture, column, label, row
from ui.drafts import CorrectionDraft
from ui.growing_edit import LONGEST, GrowingEdit
from ui.kind_switch import KindSwitch, words_of
from ui.theme import Theme

SHORTENED = (
    "What you pasted is longer than a correction can be. "
    f"Its first {LONGEST:,} characters are here."
)


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
        self._kind_button = KindSwitch(theme, draft.kind, automatic=True)
        self._kind_button.chosen.connect(self._choose)
        self._kept = label("", "caption", wrap=True)
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
        about = column(row(label("Kind of lesson", "small-strong"), self._kind_button, -1), gap=0)
        about.addWidget(self._kept)
        layout.addLayout(about)
        layout.addSpacing(2)
        layout.addLayout(row(-1, cancel, self._save))

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

    def _choose(self, kind: KindName | None) -> None:
        self._set_kind(kind)
        self.edited.emit()

    def _set_kind(self, kind: KindName | None) -> None:
        self._kind = kind
        self._kind_button.show_kind(kind)
        self._kept.setText(words_of(kind).told)
