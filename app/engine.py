"""The engine: a child process that owns llama.cpp and answers orders line by line."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import psutil

from app import engine_wire as wire
from app.engine_context import AbortedError
from app.engine_model import Model
from app.engine_sampler import Sampling
from app.engine_ticket import Priority, Ticket
from app.errors import BadRequestError, NightschoolError
from app.protocol import ErrorInfo
from learner.lifeline import leave_with_parent

_BEAT_SECONDS = 0.5
_NICENESS = 5  # the window wakes at once while both cores compute; alone, nothing is slower
_GRACE_SECONDS = 2.0

_STUDY_REST_SECONDS = 2.0
"""After so long without an order the memory to study on is given back: 100 to 250 MB, which a
person who has come back may want; setting it up again takes less than 0.1 s."""

_PRIORITIES = {wire.Chat: Priority.CHAT, wire.Forget: Priority.CHAT}
_QUICK = (wire.Load, wire.Render, wire.Tokenise)


class Engine:
    """Takes orders on a reader thread and carries them out, the urgent ones first, on `run`'s."""

    def __init__(self, orders: BinaryIO, answers: int) -> None:
        self._orders = orders
        self._answers = answers
        self._waiting: queue.PriorityQueue[tuple[int, int, Ticket, wire.AnyOrder | None]] = (
            queue.PriorityQueue()
        )
        self._tickets: dict[int, Ticket] = {}
        self._guard = threading.Lock()
        self._studied: Ticket | None = None
        self._closing = False
        self._model: Model | None = None
        self._beaten = 0.0

    def run(self) -> None:
        """Work until the orders end."""
        threading.Thread(target=self._read, name="orders", daemon=True).start()
        while not self._closing:
            model = self._model
            held = model is not None and model.studies
            try:
                _, _, ticket, order = self._waiting.get(
                    timeout=_STUDY_REST_SECONDS if held else None
                )
            except queue.Empty:
                if model is not None:
                    model.rest_from_study()
                continue
            if order is not None:
                self._carry_out(ticket, order)
        if self._model is not None:
            self._model.close()

    # ------------------------------------------------------------------- the reader's thread

    def _read(self) -> None:
        for line in self._orders:
            try:
                order = wire.order_of(line)
            except msgspec.DecodeError:
                sys.stderr.write("engine: a line that is no order was ignored\n")
                continue
            if isinstance(order, wire.Halt):
                self._halt(order.target)
            else:
                self._enqueue(order)
        self._closing = True
        self._halt(wire.EVERYTHING)
        ticket = Ticket(0, Priority.QUICK, self._send)
        self._waiting.put((Priority.QUICK, 0, ticket, None))
        time.sleep(_GRACE_SECONDS)
        os._exit(0)  # llama.cpp is in a batch that cannot be interrupted; nobody waits for it

    def _enqueue(self, order: wire.AnyOrder) -> None:
        default = Priority.QUICK if isinstance(order, _QUICK) else Priority.STUDY
        priority = _PRIORITIES.get(type(order), default)
        ticket = Ticket(order.id, priority, self._send)
        with self._guard:
            self._tickets[order.id] = ticket
        self._waiting.put((priority, order.id, ticket, order))

    def _halt(self, target: int) -> None:
        with self._guard:
            stopped = [
                ticket for id_, ticket in self._tickets.items() if target in (wire.EVERYTHING, id_)
            ]
            for ticket in stopped:
                ticket.stop()
                if ticket is self._studied and self._model is not None:
                    self._model.study_switch.throw()
        if self._model is not None and any(each.priority == Priority.CHAT for each in stopped):
            self._model.switch.throw()

    # ---------------------------------------------------------------------- the model's thread

    def _carry_out(self, ticket: Ticket, order: wire.AnyOrder) -> None:
        """One order from start to answer; more urgent ones are carried out in between."""
        steps = self._steps(ticket, order)
        answer: wire.Answer
        try:
            while True:
                next(steps)
                self._beat(ticket)
                self._serve_before(ticket.priority)
        except StopIteration as finished:
            answer = wire.done(ticket.id, finished.value)
        except NightschoolError as error:
            answer = wire.Refused(id=ticket.id, error=ErrorInfo.of(error))
        finally:
            steps.close()
        with self._guard:
            self._tickets.pop(ticket.id, None)
        self._send(answer)

    def _serve_before(self, priority: Priority) -> None:
        while True:
            with self._waiting.mutex:
                urgent = bool(self._waiting.queue) and self._waiting.queue[0][0] < priority
            if not urgent:
                return
            _, _, ticket, order = self._waiting.get()
            if order is None:  # the end: the caller's loop sees `_closing` once its order is done
                self._waiting.put((Priority.STUDY + 1, 0, ticket, None))
                return
            self._carry_out(ticket, order)

    def _steps(self, ticket: Ticket, order: wire.AnyOrder) -> Generator[None, None, Any]:
        """The order's work, in steps that take about a second at most. Returns its result."""
        if isinstance(order, wire.Load):
            self._model = Model(Path(order.model), order.n_ctx, lambda: self._beat(ticket))
            return self._model.describe()
        model = self._loaded()
        match order:
            case wire.Render():
                return model.vocabulary.chat_tokens(order.turns)
            case wire.Tokenise():
                return model.vocabulary.text_tokens(order.text)
            case wire.Forget():
                return model.forget(order.path)
            case wire.Chat():
                model.switch.reset()
                return (
                    yield from model.chatter.reply(
                        order, ticket, lambda: model.use_for_chat(order.adapter)
                    )
                )
            case _:
                return (yield from self._study(model, ticket, order))

    def _study(
        self, model: Model, ticket: Ticket, order: wire.AnyOrder
    ) -> Generator[None, None, Any]:
        with self._guard:  # from here on it can be stopped in the middle of a batch
            self._studied = ticket
            model.study_switch.reset()
        try:
            return (yield from self._student_work(model, ticket, order))
        except AbortedError:
            ticket.check()  # raises: nothing else throws the switch
            raise
        finally:
            with self._guard:
                self._studied = None

    def _student_work(
        self, model: Model, ticket: Ticket, order: wire.AnyOrder
    ) -> Generator[None, None, Any]:
        ticket.check()
        student = model.student()
        work: Generator[None, None, Any]
        match order:
            case wire.Complete():
                sampling = Sampling(order.temperature, order.seed)
                work = student.complete(order.prompts, order.max_tokens, sampling, ticket)
            case wire.Score():
                work = student.score(order.pairs, order.top, ticket)
            case wire.Logits():
                work = student.logits(order.tokens, ticket)
            case _:
                raise BadRequestError("Unknown order", "The engine cannot do this.", "Report it.")
        while True:
            # Set before every step: an order carried out in between may have freed the adapter.
            model.use_for_study(order.adapter)
            try:
                next(work)
            except StopIteration as finished:
                return finished.value
            yield

    def _loaded(self) -> Model:
        if self._model is None:
            raise BadRequestError("No model", "No model has been loaded.", "Load one first.")
        return self._model

    def _beat(self, ticket: Ticket) -> None:
        now = time.monotonic()
        if now - self._beaten >= _BEAT_SECONDS:
            self._beaten = now
            self._send(wire.Beat(id=ticket.id))

    def _send(self, answer: wire.Answer) -> None:
        data = memoryview(wire.line(answer))
        while data:
            try:
                data = data[os.write(self._answers, data) :]
            except BrokenPipeError:
                os._exit(0)  # nobody is left to work for


def main() -> None:
    """Serve the orders on standard input until it closes."""
    leave_with_parent()
    _be_nice()
    # Whatever a library prints must not end up between the answers.
    answers = os.dup(1)
    os.dup2(2, 1)
    Engine(sys.stdin.buffer, answers).run()


def _be_nice() -> None:
    """Give way to the window."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(_NICENESS)


if __name__ == "__main__":
    main()
