"""Proposal row: a lesson offered from a chat, where it is from, and what becomes of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.protocol import ProposalRecord
from ui.controls import Button, clear, column, empty, label, row
from ui.correction_editor import CorrectionEditor
from ui.drafts import CorrectionDraft
from ui.flowing_text import FlowingText
from ui.theme import Theme
from ui.words import moment, shortened

ASKED = 140
"""Characters of the request in the list."""

TITLE = 48
"""Characters of the conversation's title."""


class ProposalRow(QFrame):
    """Emits `accepted` with the `CorrectionDraft`, `dismissed`, and `conversation_wanted`."""

    accepted = Signal(object)
    dismissed = Signal()
    conversation_wanted = Signal(int)

    def __init__(self, theme: Theme, proposal: ProposalRecord) -> None:
        super().__init__()
        self._theme = theme
        self.proposal = proposal
        self.editor: CorrectionEditor | None = None
        self.setProperty("role", "card")
        title = title_of(proposal)
        self.accept = Button(
            theme, "Accept…", "quiet-learn", icon="check", colour="learn_text",
            tip="See how it should have been, and make a lesson of it", name=f"Accept: {title}",
        )  # fmt: skip
        self.accept.clicked.connect(self.edit)
        self.dismiss = Button(
            theme, "Dismiss", "quiet", tip="Never offer this again", name=f"Dismiss: {title}"
        )
        self.dismiss.clicked.connect(self.dismissed)
        self.source = Button(
            theme, shortened(proposal.title, TITLE), "link-small", tip="Open this conversation",
            name=f"Open the conversation: {proposal.title}",
        )  # fmt: skip
        self.source.clicked.connect(self._open)
        self._details = QVBoxLayout()
        self._details.setContentsMargins(8, 8, 8, 8)
        self._details.setSpacing(10)
        self._holder = clear(self._details)
        self._holder.hide()
        self._lay_out(title)

    def _lay_out(self, title: str) -> None:
        top = Qt.AlignmentFlag.AlignTop
        proposal = self.proposal
        source = row(label("From", "caption"), self.source, gap=2)
        source.addWidget(label(moment(proposal.created), "caption"))
        source.addStretch(1)
        asked = label(f"Asked: {shortened(proposal.prompt, ASKED)}", "caption", wrap=True)
        words = column(label(title, "small-strong", wrap=True), asked, source, gap=3)
        words.setContentsMargins(8, 4, 0, 0)
        head = row(gap=6)
        head.addLayout(words, 1)
        head.addWidget(self.accept, 0, top)
        head.addWidget(self.dismiss, 0, top)
        layout = column(head, self._holder, gap=4)
        layout.setContentsMargins(8, 8, 10, 8)
        self.setLayout(layout)
        self.setAccessibleName(f"Offered. {title}")

    def edit(self) -> None:
        """Open the correction editor, filled with what is known of how it should have been."""
        if self.editor is None:
            self._fill()
        self._holder.show()
        self.accept.hide()
        self.dismiss.hide()
        assert self.editor is not None
        self.editor.focus()

    def end_edit(self) -> None:
        """Put the editor away; what was typed in it is gone."""
        self.editor = None
        self._holder.hide()
        empty(self._details)
        self.accept.show()
        self.dismiss.show()
        self.accept.setFocus()

    def set_able(self, able: bool) -> None:
        """Saving needs a running service; typing does not."""
        if self.editor is not None:
            self.editor.set_able(able)

    def _fill(self) -> None:
        proposal = self.proposal
        if shortened(proposal.prompt, ASKED) != proposal.prompt:
            self._details.addWidget(self._part("You asked", proposal.prompt))
        if proposal.corrected and proposal.rejected:
            self._details.addWidget(self._part("It answered first", proposal.rejected))
        start = proposal.corrected or proposal.rejected
        self.editor = CorrectionEditor(self._theme, CorrectionDraft(start, proposal.note))
        self.editor.cancelled.connect(self.end_edit)
        self.editor.saved.connect(self.accepted)
        self._details.addWidget(self.editor)

    def _part(self, title: str, text: str) -> QWidget:
        return clear(column(label(title, "overline"), FlowingText(self._theme, text), gap=3))

    def _open(self) -> None:
        self.conversation_wanted.emit(self.proposal.conversation_id)


def title_of(proposal: ProposalRecord) -> str:
    """What an offer rests on, in a line: the person's own words where there are any."""
    if proposal.sign == "said":
        return f"“{proposal.told}”"
    if proposal.sign == "asked_again":
        return proposal.told
    if proposal.corrected:
        return "You marked an answer as not helpful, and kept the next one."
    return "You marked an answer as not helpful. How should it have been?"
