"""Telling: how far a piece of work is, as events for whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable

from app import protocol

Send = Callable[[protocol.Event], None]
"""Hears the events of a request before its result."""

Tell = Callable[[int, int, str], None]
"""Called with (step, steps, detail)."""


def teller(send: Send, request_id: str, phase: protocol.Phase) -> Tell:
    """Sends `Progress` of a phase whose end nobody can foretell."""

    def tell(step: int, steps: int, detail: str) -> None:
        send(
            protocol.Progress(
                id=request_id,
                phase=phase,
                step=step,
                steps=steps,
                seconds_left=None,
                detail=detail,
            )
        )

    return tell
