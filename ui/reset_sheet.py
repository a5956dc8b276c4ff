"""Reset sheet: Privacy reset: what will go, counted by the service, and a confirmation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.protocol import ErrorInfo, PreviewReset, Reset, ResetPreview, ResetScope, Status
from ui.controls import Button, Picture, card, clear, column, empty, label, row
from ui.session import Session
from ui.sheet import Sheet
from ui.theme import Theme
from ui.trouble import Trouble
from ui.words import count, file_size

WORD = "erase"
"""What must be typed before everything goes."""

CHOICES: tuple[tuple[ResetScope, str, str], ...] = (
    ("learned", "What was learned", "The model answers as it did on the first day."),
    ("everything", "Everything", "Nightschool is as it was before you first opened it."),
)


class ResetSheet(Sheet):
    """Emits `was_reset` with the scope and a sentence about what went."""

    was_reset = Signal(str, str)

    def __init__(self, theme: Theme, window: QWidget, session: Session) -> None:
        super().__init__(theme, window, "Privacy reset", width=520)
        self._session = session
        self._scope: ResetScope = "learned"
        self._previews: dict[str, ResetPreview] = {}
        self._gone: list[str] = []
        self.choices: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self.keep = QCheckBox("Keep my lessons, to study them again")
        self.keep.setChecked(True)
        self.keep.toggled.connect(self._show)
        for scope, name, told in CHOICES:
            self.body.addWidget(self._choice(scope, name, told))
            if scope == "learned":
                self._keeping = self._indented(self.keep)
                self.body.addWidget(self._keeping)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._list.setContentsMargins(18, 14, 18, 14)
        counted = card("quiet-card")
        counted.setLayout(self._list)
        self.body.addWidget(counted)
        self.trouble = Trouble(theme)
        self.trouble.again_wanted.connect(self._count)
        self.body.addWidget(self.trouble)
        self._typing = self._make_typing()
        self.body.addWidget(self._typing)
        self.confirm = Button(theme, "", "danger")
        self.confirm.clicked.connect(self._reset)
        self.add_buttons(self.confirm)
        self.choices["learned"].setChecked(True)
        self._count()

    def _choice(self, scope: ResetScope, name: str, told: str) -> QWidget:
        radio = QRadioButton(name)
        radio.setAccessibleDescription(told)
        radio.toggled.connect(lambda on: self._choose(scope) if on else None)
        self._group.addButton(radio)
        self.choices[scope] = radio
        return clear(column(radio, self._indented(label(told, "caption", wrap=True)), gap=0))

    def _indented(self, widget: QWidget) -> QWidget:
        line = row(widget, gap=0)
        line.setContentsMargins(30, 0, 0, 0)
        return clear(line)

    def _make_typing(self) -> QWidget:
        self.typed = QLineEdit()
        self.typed.setPlaceholderText(WORD)
        self.typed.setAccessibleName(f"Type {WORD} to confirm")
        self.typed.setMaximumWidth(160)
        self.typed.textChanged.connect(self._show_confirm)
        self.typed.returnPressed.connect(self._reset)
        asked = label(f"This cannot be undone. Type “{WORD}” to confirm:", "small")
        return clear(row(asked, self.typed, -1, gap=10))

    # ------------------------------------------------------------------ what will go

    def _choose(self, scope: ResetScope) -> None:
        self._scope = scope
        self.typed.clear()
        self._show()

    def _count(self) -> None:
        """Both are asked for at once, so that changing one's mind shows no empty list."""
        self.trouble.show_error(None)
        send = self._session.backend.send
        # Bound methods, which Qt lets go of when the sheet is closed before the answer comes.
        learned = send(PreviewReset(id="", scope="learned"), ResetPreview)
        learned.then(self._counted_learned, self._failed)
        everything = send(PreviewReset(id="", scope="everything"), ResetPreview)
        everything.then(self._counted_everything, self._failed)

    def _counted_learned(self, preview: ResetPreview) -> None:
        self._previews["learned"] = preview
        self._show()

    def _counted_everything(self, preview: ResetPreview) -> None:
        self._previews["everything"] = preview
        self._show()

    def _show(self) -> None:
        everything = self._scope == "everything"
        self._keeping.setVisible(not everything)
        self._typing.setVisible(everything)
        self.confirm.setText("Erase &everything" if everything else "&Destroy what was learned")
        empty(self._list)
        preview = self._previews.get(self._scope)
        if preview is None:
            self._list.addWidget(label("Counting…", "small"))
        else:
            going = self._going(preview)
            head = (
                "This will be destroyed, with its keys" if going else "Nothing is there to destroy"
            )
            self._list.addWidget(label(head, "small-strong"))
            for told in going:
                self._list.addLayout(self._line("close", "bad", told))
            if staying := self._staying(preview):
                self._list.addSpacing(6)
                self._list.addWidget(label("This stays", "small-strong"))
                for told in staying:
                    self._list.addLayout(self._line("check", "good", told))
        self._show_confirm()

    def _line(self, icon: str, colour: str, told: str) -> QVBoxLayout:
        line = row(gap=10)
        line.addWidget(Picture(self.theme, icon, colour, 14), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(label(told[0].upper() + told[1:], "small", wrap=True), 1)
        return column(line)

    def _going(self, preview: ResetPreview) -> list[str]:
        """What goes, a line each; nothing is listed of which there is none."""
        everything = self._scope == "everything"
        lessons = preview.lessons if everything or not self.keep.isChecked() else 0
        chats = count(preview.conversations, "conversation")
        lines = (
            (preview.adapters, f"{count(preview.adapters, 'version')} of what was learned"),
            (preview.checkpoints, count(preview.checkpoints, "working file") + " of studying"),
            (lessons, count(lessons, "lesson")),
            (preview.conversations, f"{chats} with {count(preview.messages, 'message')}"),
            (everything, "every setting, and the key to your record"),
            (self._session.study is not None, "the study session that runs now"),
            (preview.bytes_on_disk, f"{file_size(preview.bytes_on_disk)} on disk"),
        )
        return [told for there, told in lines if there]

    def _staying(self, preview: ResetPreview) -> list[str]:
        if self._scope == "everything":
            return ["The model files themselves, which hold nothing of yours"]
        keep = self.keep.isChecked() and preview.lessons
        kept = [f"{count(preview.lessons, 'lesson')}, as text"] if keep else []
        return [*kept, "Your conversations and settings"]

    # ------------------------------------------------------------------ doing it

    def _ready(self) -> bool:
        preview = self._previews.get(self._scope)
        typed = self.typed.text().strip().casefold() == WORD
        allowed = self._scope == "learned" or typed
        return preview is not None and allowed and bool(self._going(preview))

    def _show_confirm(self) -> None:
        self.confirm.setEnabled(self._ready())

    def _reset(self) -> None:
        if not self._ready():
            return
        keep = self._scope == "learned" and self.keep.isChecked()
        self._gone = self._going(self._previews[self._scope])
        self.card.setEnabled(False)
        self.confirm.setText("Destroying…")
        self.trouble.show_error(None)
        request = Reset(id="", scope=self._scope, keep_lessons=keep)
        self._session.backend.send(request, Status).then(self._done, self._failed)

    def _done(self, status: Status) -> None:
        gone = ", ".join(self._gone)
        self.close_sheet()
        self.was_reset.emit(self._scope, f"Destroyed: {gone}.")
        self._session.take_status(status)

    def _failed(self, error: ErrorInfo) -> None:
        self.card.setEnabled(True)
        self._show()
        self.trouble.show_error(error)
