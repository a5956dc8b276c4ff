"""Outcome: how the service's process ended, in words a person can use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.protocol import ErrorInfo


class Ending(Enum):
    """The ways a child can leave us."""

    CRASHED = "crashed"
    ENDED = "ended"
    HUNG = "hung"
    GARBAGE = "garbage"
    NOT_STARTED = "not_started"
    REFUSED = "refused"


_TITLES = {
    Ending.CRASHED: "The assistant stopped unexpectedly",
    Ending.ENDED: "The assistant is not running",
    Ending.HUNG: "The assistant stopped responding",
    Ending.GARBAGE: "The assistant sent something unreadable",
    Ending.NOT_STARTED: "The assistant could not be started",
    Ending.REFUSED: "The assistant would not start",
}


@dataclass(frozen=True)
class Outcome:
    """One ending; `error` is set when the service itself said why."""

    ending: Ending
    code: int = 0
    error: ErrorInfo | None = None

    def title(self) -> str:
        """A few words for a banner."""
        return self.error.title if self.error else _TITLES[self.ending]

    def while_restarting(self) -> str:
        """What happens by itself now."""
        return "It is being started again. What you typed is still here."

    def at_the_gate(self) -> str:
        """That it runs again, where the record has to be opened anew."""
        return "It is running again. Enter your passphrase to go on; nothing you taught is lost."

    def after_giving_up(self) -> str:
        """What to do when starting it again did not help."""
        if self.error:
            return f"{self.error.message} {self.error.next_step}"
        if self.ending is Ending.NOT_STARTED:
            return "Its program could not be run. Install Nightschool again, then try once more."
        return (
            f"It ended several times in a row (code {self.code}). "
            "Nothing you taught is lost. Close other large programs, then try again."
        )

    def error_info(self) -> ErrorInfo:
        """The same as an error, for requests that were under way."""
        return self.error or ErrorInfo(
            code="service_lost",
            title=self.title(),
            message="The request could not be finished.",
            next_step="It starts again by itself; then try once more.",
        )
