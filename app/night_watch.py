"""Night watch: looks now and then, works while nobody is there, and stops when somebody is."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from app import protocol
from app.errors import NightschoolError
from app.idle.probes import of_this_system
from app.ledger import Ledger
from app.machine import Machine, MachineState
from app.meter import Meter
from app.night import (
    LEAST_MINUTES,
    TURNED_OFF,
    Decision,
    Situation,
    decide,
    night_of,
    paused,
    tomorrow,
)
from app.night_book import NightBook
from app.night_jobs import Job, Work
from app.night_records import Doing, NightReport, Wishes

logger = logging.getLogger("night")

LOOK_S = 20.0
"""Between two looks while nothing runs."""

WATCH_S = 0.2
"""Between two looks at the idle time while a session runs."""

INTERRUPTED = ("stopped", "busy", "locked")
"""Errors after which it goes on where it was."""

Outcome = protocol.Done | protocol.Failed
CarryOut = Callable[[Work, threading.Event], Outcome]


class Senses(Protocol):
    """What the watch knows of the world outside; asked by one thread at a time."""

    def idle(self) -> float | None:
        """Seconds since the last input, None when unknown."""

    def machine(self) -> MachineState:
        """How the machine is now."""

    def seconds(self) -> float:
        """A clock that is never set."""

    def now(self) -> datetime:
        """Local time."""


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

    def seconds(self) -> float:
        """See `Senses`."""
        return time.monotonic()

    def now(self) -> datetime:
        """See `Senses`."""
        return datetime.now().astimezone().replace(tzinfo=None)


@dataclass
class _Session:
    """A job that runs."""

    job: Job
    stop: threading.Event
    ended: threading.Event
    meter: Meter
    outcome: Outcome | None = None


@dataclass(frozen=True)
class _Tried:
    """What came of a job for these ids, in one night."""

    night: date
    ids: frozenset[str]
    told: str


class NightWatch:
    """`turn` and `rest` are called in turns by one thread; all else may be called by any.

    `ledger` gives the open home's ledger or raises LockedError; of the `jobs` the first that has
    something to do is done, by `carry_out`. `changed` is told when the sentence changes.
    Until `turn` runs, nothing is done.
    """

    def __init__(
        self,
        ledger: Callable[[], Ledger],
        jobs: Sequence[Job],
        senses: Senses,
        carry_out: CarryOut,
        changed: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._jobs = jobs
        self._senses = senses
        self._carry_out = carry_out
        self._changed = changed
        self._clock = senses.seconds
        self._now = senses.now
        self._looking = threading.RLock()
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._touched: float | None = None
        self._session: _Session | None = None
        self._asked = 0
        self._tried: dict[Doing, _Tried] = {}
        self._shown: tuple[Doing | None, str] = (None, TURNED_OFF.reason)
        self.closed = False

    # ------------------------------------------------------------------------------- from outside

    def touched(self) -> None:
        """The person asked for something: that is input, whatever the probes say."""
        self._touched = self._clock()
        if (session := self._session) is not None:
            session.stop.set()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Something that the person asked for is done inside, however long it takes."""
        with self._guard:
            self._asked += 1
        try:
            yield
        finally:
            with self._guard:
                self._asked -= 1
            self.touched()

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
        self._tried = {}
        self.look()
        self._changed()
        self._wake.set()
        return self.report()

    def pause(self, *, until_tomorrow: bool) -> NightReport:
        """Begin nothing until tomorrow, or (false) go on now. Raises LockedError."""
        until = tomorrow(self._now()).isoformat(timespec="minutes") if until_tomorrow else None
        return self.set_wishes(msgspec.structs.replace(self._book().wishes, paused_until=until))

    def report(self) -> NightReport:
        """How it stands, by the last look. Raises LockedError."""
        book = self._book()
        wishes = book.wishes
        doing, reason = self._shown
        return NightReport(
            wishes=wishes,
            doing=doing,
            reason=reason,
            minutes_tonight=round(book.minutes(night_of(self._now())), 1),
            last_studied=book.ended,
            paused=paused(self._now(), wishes),
        )

    # ------------------------------------------------------------------------------------- a turn

    def turn(self) -> None:
        """Look, and work when that is right."""
        self._wake.clear()
        try:
            decision = self.look()
            job, _ = self._choice()
            if decision.work and job is not None and not self.closed:
                self._run(job, decision)
                self.look()
        except NightschoolError as error:
            self.failed(error.title)

    def rest(self) -> None:
        """Wait until the next look is due; turned off, until somebody turns it on."""
        if not self.closed:
            off = self._shown == (None, TURNED_OFF.reason)
            self._wake.wait(None if off else LOOK_S)

    def failed(self, title: str) -> None:
        """Say what keeps even the looking from being done."""
        self._take(Decision(False, f"{title}."))

    def look(self) -> Decision:
        """Decide anew. Raises LockedError."""
        with self._looking:
            wishes = self._book().wishes
            decision = self._decide(wishes) if wishes.on else TURNED_OFF
            self._take(decision)
            return decision

    def _decide(self, wishes: Wishes) -> Decision:
        situation = self._situation()
        decision = decide(self._with_work(situation, quiet=True), wishes)
        if decision.work:
            return decision
        # Whoever asks why nothing is studied does not want to hear of a copy that waits.
        return decide(self._with_work(situation, quiet=False), wishes)

    def _take(self, decision: Decision) -> None:
        """Both at once: whoever is told that nothing is done is told the reason of that."""
        before = self._shown
        session = self._session
        self._shown = (session.job.doing if session is not None else None, decision.reason)
        if before != self._shown:
            self._changed()

    def _situation(self) -> Situation:
        """All but what there is to do."""
        machine = self._senses.machine()
        return Situation(
            now=self._now(),
            idle=self._idle(),
            mains=machine.mains,
            battery=machine.battery,
            hot=machine.hot,
            free=machine.free,
            session=self._who(),
            load=machine.load,
        )

    def _with_work(self, situation: Situation, *, quiet: bool) -> Situation:
        """What there is to do, with quiet work or without."""
        job, tried = self._choice(quiet=quiet)
        free = job is not None and job.quiet
        return dataclasses.replace(
            situation,
            needed=job.needed() if job is not None else 0,
            waiting=job is not None or bool(tried),
            minutes=0.0 if free else self._book().minutes(night_of(situation.now)),
            tried=tried,
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
        return "person" if self._asked else "none"

    def _choice(self, *, quiet: bool = True) -> tuple[Job | None, str]:
        """The first job that has something to do; else what came of those that were tried.

        Once the night's minutes are used up, what is quiet goes first: it would never be done.
        """
        told, spent = "", self._spent()
        for job in sorted(self._jobs, key=lambda job: spent and not job.quiet):
            if ids := job.waiting():
                if tried := self._told_of(job, ids):
                    told = told or tried
                elif quiet or not job.quiet:
                    return job, ""
        return None, told

    def _spent(self) -> bool:
        book = self._book()
        left = book.wishes.budget_minutes - book.minutes(night_of(self._now()))
        return left < LEAST_MINUTES

    def _told_of(self, job: Job, ids: frozenset[str]) -> str:
        """What came of these tonight: all is tried once, or it would go on all night."""
        tried = self._tried.get(job.doing)
        if tried is None or tried.night != night_of(self._now()) or not ids <= tried.ids:
            return ""
        return tried.told

    def _book(self) -> NightBook:
        return NightBook(self._ledger())

    # ---------------------------------------------------------------------------------- a session

    def _run(self, job: Job, decision: Decision) -> None:
        book, night = self._book(), night_of(self._now())
        left = book.wishes.budget_minutes - book.minutes(night)
        session = _Session(job, threading.Event(), threading.Event(), Meter())
        thread = threading.Thread(target=self._do, args=(job.request(left), session), name="night")
        before = job.waiting()
        if not job.quiet:
            book.begin(night)
        self._session = session
        self._take(decision)
        thread.start()
        try:
            self._watch(session)
        finally:
            session.stop.set()
            session.ended.wait()
            self._session = None
            self._keep(session, night, before)

    def _do(self, request: Work, session: _Session) -> None:
        try:
            session.outcome = self._carry_out(request, session.stop)
        finally:
            session.ended.set()

    def _watch(self, session: _Session) -> None:
        """Until the session ends; it is stopped as soon as it is not right any more."""
        counted = self._clock()
        due = time.monotonic() + LOOK_S
        while not session.ended.wait(WATCH_S):
            idle = self._idle()
            session.meter.sample()
            wishes = self._book().wishes
            away = idle is not None and idle >= wishes.idle_minutes * 60
            if session.stop.is_set() or (away and time.monotonic() < due):
                continue
            due = time.monotonic() + LOOK_S
            counted = self._count(counted, session.job)
            if not self.look().work:
                logger.info("the session is stopped")
                session.stop.set()
        self._count(counted, session.job)

    def _count(self, since: float, job: Job) -> float:
        """Write down the time since then, so that a kill costs little of it; give the time now."""
        now = self._clock()
        if not job.quiet:
            self._book().add(night_of(self._now()), (now - since) / 60, job.doing)
        return now

    def _keep(self, session: _Session, night: date, before: frozenset[str]) -> None:
        """Write down what came of it, and remember what was tried: all of it once a night."""
        outcome, interrupted, trouble = session.outcome, False, ""
        if isinstance(outcome, protocol.Failed):
            interrupted = outcome.error.code in INTERRUPTED
            trouble = "" if interrupted else outcome.error.title
        elif outcome is None:  # an error that nobody knows; it is in the log
            trouble = "Something unexpected happened"
        if trouble or not session.job.quiet:
            noting = session.job.doing == "notes"
            self._book().end(
                night,
                finished=not (interrupted or session.job.quiet),
                noted=len(before - session.job.waiting()) if noting else 0,
                trouble=trouble,
                usage=session.meter.usage(),
            )
        if interrupted:
            return
        if trouble:
            told = f"It could not go on tonight: {trouble}."
        else:
            told = "It has studied tonight; what is left waits."
        self._tried[session.job.doing] = _Tried(night, before, told)
