"""Proposal command: lessons offered from chats, listed, accepted or dismissed in a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from app import protocol
from app.assistant import Assistant
from app.errors import BadRequestError
from app.protocol import ProposalRecord
from app.terminal import Command, Terminal
from learner.lesson import shortened

SHOWN = 100
"""Characters of each text in the list."""


def add(command: Command) -> None:
    """Add the command to the command line's parser."""
    offered = command("proposals", _proposals, "lessons offered from your chats: list, decide")
    offered.add_argument("action", nargs="?", choices=["accept", "dismiss", "find"])
    offered.add_argument("which", nargs="?", type=int, metavar="N", help="as the list numbers them")
    offered.add_argument("--answer", help="with accept: how it should have been")
    offered.add_argument("--note", help="with accept: what to learn from it")
    offered.add_argument("--kind", choices=["manner", "term", "procedure", "fact"])


def _proposals(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.action is None:
        offered = assistant.ledger.proposals()
        terminal.result(offered, _listed(offered))
    elif options.action == "find":
        made = assistant.proposals.find()
        terminal.result(made, f"{made} new; `nightschool proposals` lists what is offered.")
    elif options.which is None:
        raise BadRequestError(
            "Something is missing",
            "It is not said which offer is meant.",
            f"Write `nightschool proposals {options.action} N`, with a number of the list.",
        )
    elif options.action == "accept":
        lesson = assistant.proposals.accept(_wanted(assistant, options))
        terminal.result(lesson, f"Noted as {lesson.id} ({lesson.kind}).")
    else:
        assistant.proposals.dismiss(options.which)
        terminal.result(None, "Dismissed; it is not offered again.")
    return 0


def _wanted(assistant: Assistant, options: argparse.Namespace) -> protocol.AcceptProposal:
    if options.answer is None and not assistant.ledger.proposal(options.which).corrected:
        raise BadRequestError(
            "The answer is missing",
            "It is not known how it should have been answered.",
            f'Write `nightschool proposals accept {options.which} --answer "…"`.',
        )
    return protocol.AcceptProposal(
        id="accept",
        proposal_id=options.which,
        answer=options.answer,
        note=options.note,
        kind=options.kind,
    )


def _listed(offered: Sequence[ProposalRecord]) -> str:
    return "\n".join(map(_lines, offered)) or "Nothing is offered."


def _lines(offer: ProposalRecord) -> str:
    signs = {
        "said": f"You said: {shortened(offer.told, SHOWN)}",
        "unhelpful": "You marked an answer as not helpful.",
        "asked_again": offer.told,
    }
    parts = [
        f"{offer.id:>4}  {signs[offer.sign]}",
        f"      Asked: {shortened(offer.prompt, SHOWN)}",
    ]
    if offer.corrected:
        parts.append(f"      To be learned: {shortened(offer.corrected, SHOWN)}")
    return "\n".join(parts)
