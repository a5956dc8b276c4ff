"""Proposal desk: what a person does with lessons offered from chats, told to the window."""

from __future__ import annotations

from collections.abc import Callable

from app import corrections, proposals, protocol
from app.ledger import Ledger
from app.mind import Announce
from app.protocol import LessonRecord


class ProposalDesk:
    """Over an open ledger; `settle` is told after lessons came."""

    def __init__(self, ledger: Ledger, announce: Announce, settle: Callable[[], None]) -> None:
        self._ledger = ledger
        self._announce = announce
        self._settle = settle

    def rate(self, request: protocol.Rate) -> None:
        """Keep what the person thought of an answer. Raises BadRequestError."""
        self._ledger.rate(request.message_id, unhelpful=request.unhelpful)
        self._announce(("proposals",))

    def find(self) -> int:
        """See `app.proposals.find`."""
        if made := proposals.find(self._ledger):
            self._announce(("proposals",))
        return made

    def accept(self, request: protocol.AcceptProposal) -> LessonRecord:
        """Make a lesson of an offer; durable when this returns. Raises BadRequestError."""
        lesson = corrections.accept(self._ledger, request)
        self._settle()
        return self._ledger.lesson(lesson.id)

    def dismiss(self, proposal_id: int) -> None:
        """Decline an offer for good, and leave nothing of its words. Raises BadRequestError."""
        self._ledger.dismiss_proposal(proposal_id)
        self._announce(("proposals",))
