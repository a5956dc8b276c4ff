"""Offered lessons: what chats offer to be learned, each accepted, edited or dismissed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.protocol import AcceptProposal, DismissProposal, ErrorInfo, LessonRecord, ProposalRecord
from ui.controls import label
from ui.drafts import CorrectionDraft
from ui.proposal_row import ProposalRow
from ui.session import Session
from ui.theme import Theme

TOLD = "Nothing of this is learned unless you accept it. What you dismiss is not offered again."


class OfferedLessons(QWidget):
    """Hidden while nothing is offered; rows are kept while their offer is, with what was typed."""

    conversation_wanted = Signal(int)
    accepted = Signal()

    def __init__(self, theme: Theme, session: Session) -> None:
        super().__init__()
        self._theme = theme
        self._session = session
        self.rows: dict[int, ProposalRow] = {}
        self.setProperty("role", "clear")
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 12)
        layout.setSpacing(4)
        layout.addWidget(label("Offered from your chats", "strong"))
        layout.addWidget(label(TOLD, "small", wrap=True))
        layout.addSpacing(6)
        layout.addLayout(self._list)
        session.proposals_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is offered now."""
        offered = self._session.proposals
        wanted = {proposal.id for proposal in offered}
        for gone in [key for key in self.rows if key not in wanted]:
            made = self.rows.pop(gone)
            self._list.removeWidget(made)
            made.hide()
            made.deleteLater()
        for place, proposal in enumerate(offered):
            if proposal.id not in self.rows:
                self._list.insertWidget(place, self._make(proposal))
        self.setVisible(bool(offered))

    def _make(self, proposal: ProposalRecord) -> ProposalRow:
        made = ProposalRow(self._theme, proposal)
        made.accepted.connect(partial(self._accept, made))
        made.dismissed.connect(partial(self._dismiss, made))
        made.conversation_wanted.connect(self.conversation_wanted)
        self.rows[proposal.id] = made
        return made

    def _accept(self, row: ProposalRow, draft: CorrectionDraft) -> None:
        row.set_able(False)
        request = AcceptProposal(
            id="",
            proposal_id=row.proposal.id,
            answer=draft.answer,
            note=draft.note,
            kind=draft.kind,
        )
        call = self._session.backend.send(request, LessonRecord)
        call.then(lambda _: self.accepted.emit(), partial(self._not_accepted, row.proposal.id))

    def _not_accepted(self, proposal_id: int, error: ErrorInfo) -> None:
        if (row := self.rows.get(proposal_id)) is not None:
            row.set_able(True)
        self._session.failed(error)

    def _dismiss(self, row: ProposalRow) -> None:
        row.dismiss.setEnabled(False)
        request = DismissProposal(id="", proposal_id=row.proposal.id)
        call = self._session.backend.send(request, type(None))
        call.then(lambda _: None, partial(self._not_dismissed, row.proposal.id))

    def _not_dismissed(self, proposal_id: int, error: ErrorInfo) -> None:
        if (row := self.rows.get(proposal_id)) is not None:
            row.dismiss.setEnabled(True)
        self._session.failed(error)
