"""Backend: the service as a child process: requests out, events in, started again when it ends."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeVar

import msgspec
from PySide6.QtCore import QByteArray, QObject, QProcess, QTimer, Signal

from app.protocol import (
    MAX_LINE,
    NIGHT,
    VERSION,
    Changed,
    ErrorInfo,
    GetStatus,
    Hello,
    Progress,
    Request,
    Status,
    Stop,
    Study,
    StudyReport,
    decode_event,
    encode,
)
from ui.calls import Call
from ui.outcome import Ending, Outcome

T = TypeVar("T")

MISMATCH = ErrorInfo(
    code="bad_request",
    title="Window and service do not match",
    message="They come from different versions of Nightschool.",
    next_step="Restart Nightschool; if this comes back, install it again.",
)

SLICE_S = 0.008
"""Longest stretch of reading events before the window may draw again."""


class State(Enum):
    """Where the child is in its life."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    DOWN = "down"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How patient the backend is: seconds of silence, and restarts within `window_s`."""

    ping_s: float = 20.0
    silence_s: float = 50.0
    first_word_s: float = 60.0
    restarts: int = 3
    window_s: float = 60.0
    delay_s: float = 0.4


class Backend(QObject):
    """The client side of the protocol over one QProcess."""

    state_changed = Signal(object)
    greeted = Signal(object)
    changed = Signal(object)
    unasked = Signal(object)
    lost = Signal(object)
    gave_up = Signal(object)

    def __init__(
        self, command: Sequence[str], limits: Limits | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._limits = limits or Limits()
        self.state = State.OFF
        self.garbage_lines = 0
        self._ids = itertools.count(1)
        self._calls: dict[str, Call[Any]] = {}
        self._buffer = bytearray()
        self._process: QProcess | None = None
        self._ending: Ending | None = None
        self._restarts: list[float] = []
        self._heard = 0.0
        self._looked = 0.0
        self._ping = QTimer(self, interval=round(self._limits.ping_s * 1000))
        self._ping.timeout.connect(self._check_health)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._launch)

    # ------------------------------------------------------------------ life

    def start(self) -> None:
        """Start the child; also the way back after `gave_up`."""
        self._restarts.clear()
        self._launch()

    def shut_down(self, wait_ms: int = 4000) -> None:
        """End the child in good order by closing its standard input; kill it when it will not."""
        self._ping.stop()
        self._again.stop()
        if self._process is None:
            return
        self._set_state(State.OFF)
        process = self._let_go()
        process.closeWriteChannel()
        if not process.waitForFinished(wait_ms):
            process.kill()
            process.waitForFinished(1000)
        process.deleteLater()

    def _launch(self) -> None:
        self._buffer.clear()
        self._ending = None
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._start_failed)
        self._process = process
        self._set_state(State.STARTING)
        self._heard = self._looked = time.monotonic()
        process.start(self._command[0], list(self._command[1:]))
        self.send(Hello(id="", version=VERSION), Status).then(self._greet, self._refused)
        self._ping.start()

    def _greet(self, status: Status) -> None:
        if status.version != VERSION:
            self._refused(MISMATCH)
            return
        self._set_state(State.READY)
        self.greeted.emit(status)

    def _refused(self, error: ErrorInfo) -> None:
        """The service answered, but will not talk to this window (another version, in use)."""
        if self._process is not None and self._process.state() == QProcess.ProcessState.Running:
            process = self._let_go()
            self._give_up(Outcome(Ending.REFUSED, error=error))
            process.finished.connect(process.deleteLater)
            process.kill()

    def _start_failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._ending = Ending.NOT_STARTED
            self._finished(-1, QProcess.ExitStatus.CrashExit)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._ping.stop()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        crashed = status == QProcess.ExitStatus.CrashExit or code != 0
        outcome = Outcome(self._ending or (Ending.CRASHED if crashed else Ending.ENDED), code)
        self._fail_all(outcome.error_info())
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < self._limits.window_s]
        if len(self._restarts) >= self._limits.restarts:
            self._give_up(outcome)
            return
        delay = self._limits.delay_s * 3 ** len(self._restarts)
        self._restarts.append(now)
        self._set_state(State.WAITING)
        self.lost.emit(outcome)
        self._again.start(round(delay * 1000))

    def _let_go(self) -> QProcess:
        """The child, no longer listened to: its end is wanted, and another may start before it."""
        process, self._process = self._process, None
        assert process is not None
        process.readyReadStandardOutput.disconnect(self._read)
        process.finished.disconnect(self._finished)
        process.errorOccurred.disconnect(self._start_failed)
        return process

    def _give_up(self, outcome: Outcome) -> None:
        self._set_state(State.DOWN)
        self._ping.stop()
        self._fail_all(outcome.error_info())
        self.gave_up.emit(outcome)

    def _end_child(self, why: Ending) -> None:
        self._ending = why
        if self._process is not None:
            self._process.kill()

    def _check_health(self) -> None:
        """Ask for the status; silence to it means the child hangs and is ended."""
        limit = (
            self._limits.first_word_s if self.state is State.STARTING else self._limits.silence_s
        )
        now = time.monotonic()
        if now - self._looked > 2 * self._limits.ping_s:
            # The window did not run itself, as while the computer slept: it could not hear.
            self._heard = now
        self._looked = now
        if now - self._heard > limit:
            self._end_child(Ending.HUNG)
        elif self.state is State.READY:
            self.send(GetStatus(id=""), Status)

    def _set_state(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)

    # ------------------------------------------------------------------ talk

    @property
    def pending(self) -> int:
        """How many requests still wait for their end."""
        return len(self._calls)

    def send(self, request: Request, result: type[T]) -> Call[T]:
        """Send a request (its id is given here); the call tells what comes back, typed `result`."""
        identity = str(next(self._ids))
        sent = msgspec.structs.replace(request, id=identity)
        call: Call[T] = Call(sent, result, self)
        hello = isinstance(sent, Hello)
        if self._process is None or (self.state is not State.READY and not hello):
            QTimer.singleShot(0, call, lambda: call.fail(Outcome(Ending.ENDED).error_info()))
            return call
        self._calls[identity] = call
        self._process.write(QByteArray(encode(sent)))
        return call

    def stop(self, call: Call[Any]) -> None:
        """Ask the service to stop a running call; the call itself then ends."""
        if not call.finished:
            self.send(Stop(id="", target=call.request.id), type(None))

    def _read(self) -> None:
        if self._process is not None:
            self._buffer += self._process.readAllStandardOutput().data()
            self._heard = time.monotonic()
            self._work_off()

    def _work_off(self) -> None:
        """Handle whole lines for a short while; come back for the rest when the window drew."""
        until = time.monotonic() + SLICE_S
        at = 0
        while (end := self._buffer.find(b"\n", at)) >= 0:
            line = bytes(self._buffer[at:end])
            at = end + 1
            self._handle(line)
            if self._ending is not None:
                break
            if time.monotonic() > until:
                QTimer.singleShot(0, self, self._work_off)
                break
        del self._buffer[:at]
        if len(self._buffer) > MAX_LINE and self._ending is None:
            self._spoilt()

    def _handle(self, line: bytes) -> None:
        try:
            event = decode_event(line)
            if isinstance(event, Changed):
                self.changed.emit(event)
                return
            if event.id == NIGHT and isinstance(event, Progress) and NIGHT not in self._calls:
                self._follow_night()
            if (call := self._calls.get(event.id)) is None:
                return
            call.take(event)
            if call.finished:
                self._calls.pop(event.id, None)
        except msgspec.DecodeError:
            self._spoilt()

    def _follow_night(self) -> None:
        """The service studies by itself: from now on that is a call like any other."""
        call: Call[StudyReport] = Call(Study(id=NIGHT), StudyReport, self)
        self._calls[NIGHT] = call
        self.unasked.emit(call)

    def _spoilt(self) -> None:
        """A line that is no event: nothing after it can be trusted, so the child is replaced."""
        self.garbage_lines += 1
        self._end_child(Ending.GARBAGE)

    def _fail_all(self, error: ErrorInfo) -> None:
        calls, self._calls = list(self._calls.values()), {}
        for call in calls:
            call.fail(error)
