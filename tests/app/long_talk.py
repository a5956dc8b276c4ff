"""Conversations that outgrow a short prompt, and the mind that has one."""

from __future__ import annotations

from pathlib import Path

from app.adapters import AdapterStore
from app.engine_client import EngineClient
from app.ledger import Ledger
from app.mind import Mind
from app.protocol import ChatMessage
from tests.app.storage import made

WINDOW = 400
ABOUT = ("pump", "fence", "roof", "gate", "shed", "path", "lamp", "well")


class Narrow(Mind):
    """A mind with prompts of `WINDOW` tokens and an engine that others use as well."""

    shared: EngineClient

    def window(self, reply_tokens: int) -> int:
        return WINDOW

    def engine(self) -> EngineClient:
        return self.shared


def narrow(home: Path, ledger: Ledger, engine: EngineClient) -> Narrow:
    mind = Narrow(made(home), ledger, AdapterStore(made(home), ledger), lambda what: None)
    mind.shared = engine
    return mind


def exchanges(length: int, number: int) -> list[tuple[str, str]]:
    """So many questions, told by what they are about, and answers of so many sentences."""
    return [
        (
            f"We decided to paint the {what} green on {day} June, and Kim buys the paint.",
            f"Good: the {what} will be green. " + f"Let the {what} dry for a day first. " * length,
        )
        for day, what in enumerate(ABOUT[:number], start=3)
    ]


def talk(
    ledger: Ledger, length: int = 3, number: int = len(ABOUT)
) -> tuple[int, list[ChatMessage]]:
    """A conversation of those; gives its id and its messages."""
    id_ = ledger.new_conversation("The garden")
    for question, answer in exchanges(length, number):
        ledger.add_message(id_, "user", question)
        ledger.add_message(id_, "assistant", answer)
    return id_, ledger.messages(id_)
