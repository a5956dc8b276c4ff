"""Proposal records: lessons offered from chats, as a person sees them."""

from __future__ import annotations

from typing import Literal

from app.message import Message

Sign = Literal["said", "unhelpful", "asked_again"]
"""What an offer rests on: the person's words, “Not helpful”, or answers asked for again."""


class ProposalRecord(Message, frozen=True):
    """A lesson offered and not taken: nothing is learned of it until the person accepts it.

    `told` are the person's own words, or what was seen of answers asked for again. `note` is what
    could be learned, where something can be said of it; `corrected` is empty where the person has
    to write it.
    `conversation_id` and `title` say where it is from, `message_id` is the answer.
    """

    id: int
    sign: Sign
    told: str
    note: str
    prompt: str
    rejected: str
    corrected: str
    created: str
    conversation_id: int
    title: str
    message_id: int
