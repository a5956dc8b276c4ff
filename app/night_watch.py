"""Night watch: looks now and then, studies while nobody is there, and stops when somebody is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from app import protocol
from app.assistant import Assistant
from app.errors import NightschoolError
from app.idle.probes import of_this_system
from app.machine import Machine, MachineState
from app.night import TURNED_OFF, Decision, Situation, decide, night_of
from app.night_book import NightBook
from app.night_records import NightReport, Wishes

logger = logging.getLogger("night")

LOOK_S = 20.0
"""Between two looks while nothing runs."""

WATCH_S = 0.2
"""Between two looks at the idle time while a session runs."""

MEMORY_BASE, MEMORY_SHARE = 0.9e9, 1.4
"""Bytes that training takes, and times the model's file: 1.5 GB were measured for a 0.5B model of
0.4 GB, 2.4 GB for 1.5B of 1.1 GB; the same line is computed for 4B and 8B."""

Outcome = protocol.Done | protocol.Failed
Study = Callable[[protocol.Study, threading.Event], Outcome]
Clock = Callable[[], float]


class Senses(Protocol):
    """What the watch knows of the world outside; asked by one thread at a time."""

    def idle(self) -> float | None:
        """Seconds since the last input, None when unknown."""

    def machine(self) -> MachineState:
        """How the machine is now."""


class OwnSenses:
    """This system's."""

    def __init__(self) -> None:
        self._idle = of_this_system()
        self._machine = Machine()

    def idle(self) -> float | None:
        """See `app.idle.probes.Idle`."""
        return self._idle.seconds()

    def machine(self) -> MachineState:
        """See `app.machine.Machine`."""
        return self._machine.look()


@dataclass
class _Session:
    """A stretch of study that runs."""

    stop: threading.Event
    ended: threading.Event
    outcome: Outcome | None = None


class NightWatch:
    """`turn` and `rest` are called in turns by one thread; all else may be called by any.

    `study` carries a session out, `changed` is told when the sentence changes, `clock` counts
    seconds. Until `turn` runs, nothing is studied.
    """

    def __init__(
        self,
        assistant: Assistant,
        senses: Senses,
        study: Study,
        changed: Callable[[], None],
        clock: Clock = time.monotonic,
    ) -> None:
        self._assistant = assistant
        self._senses = senses
        self._study = study
        self._changed = changed
        self._clock = clock
        self._looking = threading.RLock()
        self._wake = threading.Event()
        self._touched: float | None = None
        self._session: _Session | None = None
        self._tried: tuple[str, frozenset[str], str] = ("", frozenset(), "")
        self._shown = (False, TURNED_OFF.reason)
        self.closed = False

    # ------------------------------------------------------------------------------- from outside

    def touched(self) -> None:
        """The person asked for something: that is input, whatever the probes say."""
        self._touched = self._clock()
        if (session := self._session) is not None:
            session.stop.set()

    def give_way(self, stop: threading.Event) -> None:
        """Return when no session of the night runs any more, or `stop` is set."""
        while (session := self._session) is not None and not stop.is_set():
            session.stop.set()
            session.ended.wait(0.1)

    def close(self) -> None:
        """End the session, if any, and soon the thread that turns."""
        self.closed = True
        if (session := self._session) is not None:
            session.stop.set()
        self._wake.set()

    def set_wishes(self, wishes: Wishes) -> NightReport:
        """Keep the person's wishes and look at once. Raises BadRequestError, LockedError."""
        self._book().set_wishes(wishes)
        self._tried = ("", frozenset(), "")
        self.look()
        self._changed()
        self._wake.set()
        return self.report()

    def report(self) -> NightReport:
        """How it stands, by the last look. Raises LockedError."""
        book = self._book()
        studying, reason = self._shown
        return NightReport(
            wishes=book.wishes,
            studying=studying,
            reason=reason,
            minutes_tonight=round(book.minutes(night_of(_now())), 1),
            last_studied=book.ended,
        )

    # ------------------------------------------------------------------------------------- a turn

    def turn(self) -> None:
        """Look, and study when that is right."""
        self._wake.clear()
        try:
            decision = self.look()
            if decision.study and not self.closed:
                self._run(decision)
                self.look()
        except NightschoolError as error:
            self.failed(error.title)

    def rest(self) -> None:
        """Wait until the next look is due; turned off, until somebody turns it on."""
        if not self.closed:
            off = self._shown == (False, TURNED_OFF.reason)
            self._wake.wait(None if off else LOOK_S)

    def failed(self, title: str) -> None:
        """Say what keeps even the looking from being done."""
        self._take(Decision(False, f"{title}."))

    def look(self) -> Decision:
        """Decide anew. Raises LockedError."""
        with self._looking:
            wishes = self._book().wishes
            decision = decide(self._situation(), wishes) if wishes.on else TURNED_OFF
            self._take(decision)
            return decision

    def _take(self, decision: Decision) -> None:
        """Both at once: whoever is told that nothing is studied is told the reason of that."""
        before = self._shown
        self._shown = (self._session is not None, decision.reason)
        if before != self._shown:
            self._changed()

    def _situation(self) -> Situation:
        book, machine, now = self._book(), self._senses.machine(), _now()
        waiting = book.waiting()
        return Situation(
            now=now,
            idle=self._idle(),
            mains=machine.mains,
            battery=machine.battery,
            hot=machine.hot,
            free=machine.free,
            needed=int(MEMORY_BASE + MEMORY_SHARE * self._assistant.model_size()),
            waiting=len(waiting),
            session=self._who(),
            minutes=book.minutes(night_of(now)),
            load=machine.load,
            tried=self._told_of(night_of(now).isoformat(), waiting),
        )

    def _idle(self) -> float | None:
        """Seconds since the last input or request."""
        with self._looking:
            known = self._senses.idle()
        if known is None or self._touched is None:
            return known
        return min(known, self._clock() - self._touched)

    def _who(self) -> Literal["none", "night", "person"]:
        if self._session is not None:
            return "night"
        return "person" if self._assistant.status().studying else "none"

    def _told_of(self, night: str, waiting: frozenset[str]) -> str:
        """What came of these lessons tonight: they are tried once, or it would go on all night."""
        then, tried, sentence = self._tried
        return sentence if then == night and waiting <= tried else ""

    def _book(self) -> NightBook:
        return NightBook(self._assistant.ledger)

    # ---------------------------------------------------------------------------------- a session

    def _run(self, decision: Decision) -> None:
        book, night = self._book(), night_of(_now())
        left = book.wishes.budget_minutes - book.minutes(night)
        request = protocol.Study(id=protocol.NIGHT, budget_minutes=left)
        session = _Session(threading.Event(), threading.Event())
        thread = threading.Thread(target=self._carry_out, args=(request, session), name="night")
        before = book.waiting()
        self._session = session
        self._take(decision)
        thread.start()
        try:
            self._watch(session)
        finally:
            session.stop.set()
            session.ended.wait()
            self._session = None
            self._keep(session, night.isoformat(), before)

    def _carry_out(self, request: protocol.Study, session: _Session) -> None:
        try:
            session.outcome = self._study(request, session.stop)
        finally:
            session.ended.set()

    def _watch(self, session: _Session) -> None:
        """Until the session ends; it is stopped as soon as it is not right any more."""
        counted = self._clock()
        due = time.monotonic() + LOOK_S
        while not session.ended.wait(WATCH_S):
            idle = self._idle()
            wishes = self._book().wishes
            away = idle is not None and idle >= wishes.idle_minutes * 60
            if session.stop.is_set() or (away and time.monotonic() < due):
                continue
            due = time.monotonic() + LOOK_S
            counted = self._count(counted)
            if not self.look().study:
                logger.info("the session is stopped")
                session.stop.set()
        self._count(counted)

    def _count(self, since: float) -> float:
        """Write down the time since then, so that a kill costs little of it; give the time now."""
        now = self._clock()
        self._book().add(night_of(_now()), (now - since) / 60)
        return now

    def _keep(self, session: _Session, night: str, before: frozenset[str]) -> None:
        """Remember what was tried, so that nothing is begun over and over in one night."""
        outcome = session.outcome
        if isinstance(outcome, protocol.Failed):
            if outcome.error.code in ("stopped", "busy", "locked"):
                return
            told = f"It could not study tonight: {outcome.error.title}."
            self._tried = (night, before, told)
        elif outcome is not None:
            self._tried = (night, before, "It has studied tonight; what is left waits.")


def _now() -> datetime:
    """Local time."""
    return datetime.now().astimezone().replace(tzinfo=None)
