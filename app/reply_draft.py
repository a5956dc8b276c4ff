"""Reply draft: a question and its reply in the ledger, streamed and kept while it grows."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app import protocol
from app.engine_client import Reply
from app.errors import NightschoolError
from app.ledger import Ledger
from app.mind import Learned, Mind
from app.protocol import Answer, Ask, ChatMessage, Provenance, Timings
from app.telling import Send
from learner.engine import StopSignal, Turn

logger = logging.getLogger("replies")

REPLY_TOKENS = 768
"""Longest reply; small models that lose the thread should not ramble for minutes."""

AGAIN_TEMPERATURE = 0.7
"""For answering the same question again. A first answer takes the likeliest words, as the exam
does: what passed there then comes out right here."""

TOP_P = 0.9

SAVE_SECONDS = 1.0
"""How often a growing reply is put into the ledger, so that a crash loses little of it."""

NO_TIME = Timings(
    first_token_s=0.0, tokens_per_s=0.0, prompt_tokens=0, cached_tokens=0, reply_tokens=0
)
"""Of a reply that needed no model."""


@dataclass(frozen=True)
class Place:
    """Where a question stands: its conversation, the turns before it, and its own text.

    `through` is the document that was read through for the reply to be replaced.
    """

    conversation: int | None
    history: list[ChatMessage]
    question: str
    question_id: int | None
    through: int | None = None

    @property
    def asked_before(self) -> list[str]:
        """The questions before this one, last first."""
        return [message.text for message in reversed(self.history) if message.role == "user"]


class ReplyDraft:
    """One reply on its way; `provenance` may be changed until it ends."""

    def __init__(
        self,
        ledger: Ledger,
        mind: Mind,
        request: Ask,
        place: Place,
        provenance: Provenance,
        send: Send,
    ) -> None:
        self._ledger = ledger
        self._mind = mind
        self._request = request
        self._send = send
        self._message_id: int | None = None
        self._conversation = place.conversation
        self.provenance = provenance
        question_id = self._write(place) if request.save else place.question_id
        send(
            protocol.Started(
                id=request.id, conversation_id=self._conversation, question_id=question_id
            )
        )

    def _write(self, place: Place) -> int:
        """Put the question and an unfinished reply into the ledger; gives the question's id."""
        question_id = place.question_id
        conversation = self._conversation
        if conversation is None:
            conversation = self._ledger.new_conversation(_title(place.question))
        before = None
        if self._request.replace_from is not None and question_id is not None:
            if _is_again(self._request):
                before = self._ledger.replaced_answer(question_id)
            self._ledger.truncate_from(conversation, question_id)
            question_id = None
        if question_id is None:
            question_id = self._ledger.add_message(conversation, "user", place.question).id
        draft = self._ledger.add_message(
            conversation, "assistant", "", state="broken", provenance=self.provenance
        )
        if before is not None:
            self._ledger.note_replaced(draft.id, before[0], unhelpful=before[1])
        self._conversation, self._message_id = conversation, draft.id
        # With what is replaced goes what was offered because of it.
        replaces = self._request.replace_from is not None
        self._mind.announce(("conversations", "proposals") if replaces else ("conversations",))
        return question_id

    def stream(self, turns: Sequence[Turn], learned: Learned | None, stop: StopSignal) -> Reply:
        """The model's reply, sent as it comes."""
        saver = _Saver(self._ledger, self._message_id, self.provenance)
        id_ = self._request.id

        def on_token(text: str) -> None:
            saver.add(text)
            self._send(protocol.Token(id=id_, text=text))

        with self._mind.answering(learned):
            reply = self._mind.engine().chat(
                turns,
                max_tokens=REPLY_TOKENS,
                temperature=AGAIN_TEMPERATURE if _is_again(self._request) else 0.0,
                top_p=TOP_P,
                seed=int(time.time()),
                adapter=learned.ref if learned else None,
                on_token=on_token,
                on_reading=lambda done, total: self._send(
                    protocol.Reading(id=id_, done=done, total=total)
                ),
                stop=stop,
            )
        if learned is not None and not reply.stopped:
            self._mind.answered(learned)
        return reply

    def say(self, text: str) -> Answer:
        """A reply that needs no model."""
        self._send(protocol.Token(id=self._request.id, text=text))
        return self.end(text, "complete", NO_TIME)

    def end(self, text: str, state: Literal["complete", "stopped"], timings: Timings) -> Answer:
        """The reply is whole, or was stopped: kept as it is now."""
        answer = Answer(
            text=text,
            message_id=self._message_id,
            conversation_id=self._conversation,
            state=state,
            provenance=self.provenance,
            timings=timings,
        )
        self._keep(text, state, timings)
        return answer

    def empty(self) -> None:
        """What was written so far may not stay: the reply is kept as one that broke off at once."""
        self._keep("", "broken", None)

    def _keep(
        self, text: str, state: Literal["complete", "stopped", "broken"], timings: Timings | None
    ) -> None:
        if self._message_id is not None:
            self._ledger.update_message(
                self._message_id,
                text=text,
                state=state,
                provenance=self.provenance,
                timings=timings,
            )
            self._mind.announce(("conversations",))


class _Saver:
    """Keeps a growing reply in the ledger, at most once every `SAVE_SECONDS`."""

    def __init__(self, ledger: Ledger, message_id: int | None, provenance: Provenance) -> None:
        self._ledger = ledger
        self._provenance = provenance
        self._message_id = message_id
        self._parts: list[str] = []
        self._saved = time.monotonic()
        self._failed = False

    def add(self, text: str) -> None:
        """Another piece of the reply."""
        self._parts.append(text)
        now = time.monotonic()
        if self._message_id is None or self._failed or now - self._saved < SAVE_SECONDS:
            return
        self._saved = now
        try:
            self._ledger.update_message(
                self._message_id,
                text="".join(self._parts),
                state="broken",
                provenance=self._provenance,
                timings=None,
            )
        except NightschoolError as error:
            # The reply itself goes on; the save at its end reports what is wrong.
            self._failed = True
            logger.warning("a growing reply could not be saved: %s", error.code)


def _title(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= 60 else line[:59].rsplit(" ", 1)[0] + "…"


def _is_again(request: Ask) -> bool:
    """Whether the person wants another answer to the question they have one for."""
    return request.replace_from is not None and not request.text.strip()
