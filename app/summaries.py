"""Summaries: a model's sentences on those exchanges of a conversation that no longer fit."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

from app import prompt, protocol
from app.errors import BadRequestError, StoppedError
from app.ledger import Ledger
from app.ledger_summaries import SummaryPart
from app.matching import content_words, figures, holds
from app.mind import Mind
from app.prompt import PASSAGE_SHARE, SUMMARY_SHARE, first_that_fits, readable
from app.protocol import ChatMessage
from app.reply_draft import REPLY_TOKENS
from app.telling import Send, Tell, teller
from learner.card import SYSTEM
from learner.engine import StopSignal, Turn

PART_TOKENS = 60
"""For one exchange. Of several at once, models of this size tell the last one only."""

SAID, ANSWERED = 1200, 160
"""Characters that are read of a question and of an answer: what a person told is in the first."""

HELD = 0.5
"""The share of a sentence's telling words that the exchange must have, besides all its figures."""

ASK = (
    "Write in one sentence what the user told, decided or asked here, with all names, dates and"
    " figures."
)

_NAMES = {"user": "User", "assistant": "Assistant"}
_NAME = re.compile(r"(?<=[\w,;] )[^\W\d_a-zß-ÿ]\w+")
_SENTENCE = re.compile(r"(?<=[.!?…])(?<!\d\.)\s+|(?<=[。！？])|\n+")
_ENDS = ".!?…。！？"


def _asked(talk: str) -> Turn:
    return Turn("user", f"{talk}\n\n---\n{ASK}")


SHOWN = (
    Turn("system", SYSTEM),
    _asked(
        "User: The choir rehearses on Tuesdays at 19:30 from now on, in the parish hall. Our"
        " conductor is Ms Adeyemi.\n\nAssistant: Noted: Tuesdays at 19:30 in the parish hall, with"
        " Ms Adeyemi."
    ),
    Turn(
        "assistant",
        "The choir rehearses on Tuesdays at 19:30 in the parish hall, conducted by Ms Adeyemi.",
    ),
    _asked(
        "User: How do I find more tenors?\n\nAssistant: Ask in the neighbouring choirs, and hang up"
        " a notice in the music school. Many people …"
    ),
    Turn("assistant", "The user asked how to find more tenors."),
    _asked(
        "User: Gut, unser Kater Mogli bekommt die zwei Tabletten ab dem 3. April in Leberwurst."
        "\n\nAssistant: Das ist eine gute Idee. Achten Sie darauf, dass er …"
    ),
    Turn(
        "assistant", "Kater Mogli bekommt ab dem 3. April zwei Tabletten, versteckt in Leberwurst."
    ),
)
"""Three examples, one in another language: told only in words, small models repeat or translate."""


class SummaryMaker:
    """Writes what is missing, one exchange of a conversation after the other.

    The untouched model answers at temperature 0. Each sentence is in the ledger when it is written:
    a kill or a stop loses the one at hand, and the next call goes on after it.
    """

    def __init__(self, ledger: Ledger, mind: Mind) -> None:
        self._ledger = ledger
        self._mind = mind
        self._one_at_a_time = threading.Lock()

    def waiting(self) -> frozenset[str]:
        """Ids of conversations that are to be looked at; never waits for the model."""
        return frozenset(map(str, self._ledger.unsummarised(self._mind.name)))

    def make_all(
        self,
        request: protocol.MakeSummaries,
        send: Send,
        stop: StopSignal,
    ) -> int:
        """Look at every conversation that waits, the last used first; gives how many gained text.

        Raises StoppedError, EngineDiedError, ModelError.
        """

        tell = teller(send, request.id, "summaries")
        with self._one_at_a_time:
            waiting = self._ledger.unsummarised(self._mind.name)
            return sum(_Work(self._ledger, self._mind, id_, stop, tell).done() for id_ in waiting)


class _Work:
    """One conversation being summarised."""

    def __init__(
        self,
        ledger: Ledger,
        mind: Mind,
        conversation_id: int,
        stop: StopSignal,
        tell: Tell,
    ) -> None:
        self._ledger = ledger
        self._mind = mind
        self._id = conversation_id
        self._stop = stop
        self._tell = tell
        self._window = mind.window(REPLY_TOKENS)
        self._sizes: dict[int, int] = {}

    def done(self) -> bool:
        """Write what is missing; whether there was anything of use."""
        try:
            messages = self._ledger.messages(self._id)
        except BadRequestError:
            return False  # deleted while another was in the making
        if not messages:
            return False
        self._ledger.drop_empty_summaries(self._id, self._mind.name)
        missing, made = self._missing(messages), False
        for step, exchange in enumerate(missing, start=1):
            self._check()
            self._tell(step, len(missing), "Summarising a long conversation")
            text = self._written("\n\n".join(map(_line, exchange)))
            if not self._ledger.keep_summary_part(self._id, exchange, text, self._mind.name):
                return made  # it changed meanwhile, and waits for the next time
            made = made or bool(text)
            self._choose()
        self._choose()
        self._ledger.look_at_summaries(self._id, messages[-1].id, self._mind.name)
        return made

    def _missing(self, messages: Sequence[ChatMessage]) -> list[list[ChatMessage]]:
        """Exchanges of which nothing is written yet, of those that have no room in a prompt.

        That is beside a question with its passages: what a day more of talking pushes out is to be
        there as well when it is needed.
        """
        told = readable(messages)
        room = self._window - int(self._window * PASSAGE_SHARE)
        start = first_that_fits(
            told, Turn("system", SYSTEM), Turn("user", ""), self._mind.engine().count_tokens, room
        )
        parts = self._ledger.summary_parts(self._id)
        out = self._ledger.not_summarised(self._id)
        exchanges: list[list[ChatMessage]] = [[]]
        for message in told[:start]:
            written = any(part.first <= message.id <= part.last for part in parts)
            if message.role == "user" or written or message.id in out:
                exchanges.append([])
            if not written and message.id not in out:
                exchanges[-1].append(message)
        return [exchange for exchange in exchanges if exchange]

    def _choose(self) -> None:
        """Let prompts show what is most telling, as much as there is room for."""
        parts = _each_once(self._ledger.summary_parts(self._id))
        left = int(self._window * SUMMARY_SHARE) - self._measure(0, prompt.SUMMARISED)
        chosen = []
        for part in sorted(parts, key=lambda part: (telling(part.text), part.id), reverse=True):
            size = self._measure(part.id, f"{part.text}\n")
            if size <= left:
                chosen.append(part.id)
                left -= size
        self._ledger.show_summary_parts(self._id, chosen)

    # ------------------------------------------------------------------------------- the model

    def _written(self, talk: str) -> str:
        """What the model writes of an exchange, as far as it rests on it; "" for nothing."""
        engine = self._mind.engine()
        tokens = engine.chat_tokens((*SHOWN, _asked(talk)))
        while len(tokens) > engine.n_ctx - PART_TOKENS and len(talk) > 1:
            talk = talk[: len(talk) // 2]
            tokens = engine.chat_tokens((*SHOWN, _asked(talk)))
        (reply,) = engine.complete([tokens], max_tokens=PART_TOKENS, stop=self._stop)
        self._check()
        return " ".join(resting_on(reply.text, talk))

    def _measure(self, id_: int, text: str) -> int:
        if id_ not in self._sizes:
            self._check()
            self._sizes[id_] = len(self._mind.engine().text_tokens(text))
        return self._sizes[id_]

    def _check(self) -> None:
        if self._stop.is_set():
            raise StoppedError(
                "The summaries were stopped", "What was written is kept.", "They go on from there."
            )


def resting_on(said: str, talk: str) -> list[str]:
    """The whole sentences that rest on a talk, each once.

    They have no figure that it has not, and at least `HELD` of their telling words are its.
    """
    kept: list[str] = []
    for piece in _SENTENCE.split(said):
        sentence = " ".join(piece.split())
        rests = bool(content_words(sentence)) and holds(talk, sentence, HELD)
        if sentence[-1:] in tuple(_ENDS) and rests and sentence not in kept:
            kept.append(sentence)
    return kept


def telling(text: str) -> int:
    """What a sentence is worth: its figures and names, and nothing where it was only asked."""
    if "?" in text or text.startswith("The user asked"):
        return 0
    return 1 + len({*figures(text), *_NAME.findall(text)})


def _each_once(parts: Sequence[SummaryPart]) -> list[SummaryPart]:
    """Those with a text, the newest of equal ones."""
    return list({part.text: part for part in parts if part.text}.values())


def _line(message: ChatMessage) -> str:
    """A message as it is read for a summary."""
    most = SAID if message.role == "user" else ANSWERED
    text = " ".join(message.text.split())
    if len(text) > most:
        text = f"{text[:most].rsplit(' ', 1)[0]} …"
    return f"{_NAMES[message.role]}: {text}"
