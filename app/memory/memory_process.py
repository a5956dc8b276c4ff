"""The memory's child process: carries out orders on vectors, each kind on a thread of its own."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import numpy as np
import psutil

from app.errors import BadRequestError, NightschoolError
from app.memory import memory_wire as wire
from app.protocol import ErrorInfo
from learner.lifeline import leave_with_parent

if TYPE_CHECKING:
    from app.memory.sentence_model import SentenceModel
    from app.memory.vector_store import VectorStore

_NICENESS = 5
_BROKEN = 70


class MemoryProcess:
    """Answers each order once; questions of a person do not wait behind bulk work."""

    def __init__(self, source: BinaryIO, answers: int) -> None:
        """`answers` is a file descriptor that nothing else writes to."""
        self._source = source
        self._answers = answers
        self._writing = threading.Lock()
        self._loading = threading.Lock()
        self._model: SentenceModel | None = None
        self._store: VectorStore | None = None
        self._lanes = {
            name: ThreadPoolExecutor(1, name) for name in ("bulk", "urgent", "index", "search")
        }

    def run(self) -> None:
        """Serve until the source ends; what the index holds by then is marked as finished."""
        while (body := wire.next_body(self._source)) is not None:
            order = wire.order_of(body)
            done = self._lanes[_lane(order)].submit(self._answer, order)
            done.add_done_callback(_die_if_broken)
        self._lanes["index"].submit(self._close).result()
        os._exit(0)  # bulk work that nobody waits for any more is not waited for either

    def _answer(self, order: wire.AnyOrder) -> None:
        answer: wire.Answer
        try:
            answer = self._carried_out(order)
        except NightschoolError as error:
            answer = wire.Refused(id=order.id, error=ErrorInfo.of(error))
        self._send(answer)

    def _carried_out(self, order: wire.AnyOrder) -> wire.Answer:
        match order:
            case wire.Embed():
                vectors = self._sentence_model(Path(order.folder)).embed(order.texts, order.urgent)
                return wire.Numbers(id=order.id, data=vectors.tobytes())
            case wire.Search():
                vector = np.frombuffer(order.vector, np.float32)
                ids, cosines = self._vector_store().search(vector, order.k)
                return wire.Found(id=order.id, ids=ids.tobytes(), cosines=cosines.tobytes())
            case _:
                return wire.Count(id=order.id, held=self._changed(order))

    def _changed(self, order: wire.AnyOrder) -> int:
        store = self._vector_store()
        match order:
            case wire.Open():
                return store.open(Path(order.folder))
            case wire.Begin():
                return store.begin(Path(order.folder))
            case wire.Add():
                ids = np.frombuffer(order.ids, np.int64)
                vectors = np.frombuffer(order.vectors, np.float16).reshape(len(ids), -1)
                return store.add(ids, vectors)
            case wire.Remove():
                return store.remove(np.frombuffer(order.ids, np.int64))
            case wire.Save():
                return store.save()
            case wire.Close():
                return store.close(order.keep)
            case _:
                raise BadRequestError("Unknown order", "The memory cannot do this.", "Report it.")

    def _sentence_model(self, folder: Path) -> SentenceModel:
        # Imported here: a process that only searches by vectors needs no ONNX Runtime.
        from app.memory.sentence_model import SentenceModel

        with self._loading:
            if self._model is None or self._model.folder != folder:
                self._model = SentenceModel(folder)
            return self._model

    def _vector_store(self) -> VectorStore:
        # Imported here: Chroma takes 1.6 s, which the first question's vector need not wait for.
        from app.memory.vector_store import VectorStore

        with self._loading:
            if self._store is None:
                self._store = VectorStore()
            return self._store

    def _close(self) -> None:
        if self._store is not None:
            self._store.close(True)

    def _send(self, answer: wire.Answer) -> None:
        data = memoryview(wire.frame(answer))
        with self._writing:
            while data:
                try:
                    data = data[os.write(self._answers, data) :]
                except BrokenPipeError:
                    os._exit(0)  # nobody is left to work for


def _lane(order: wire.AnyOrder) -> str:
    match order:
        case wire.Embed():
            return "urgent" if order.urgent else "bulk"
        case wire.Search():
            return "search"
        case _:
            return "index"


def _die_if_broken(done: Future[None]) -> None:
    """End the process over what nobody expected, so that the client hears of it at once."""
    error = done.exception()
    if error is not None:
        traceback.print_exception(error, file=sys.stderr)
        os._exit(_BROKEN)


def main() -> None:
    """Serve the orders on standard input until it closes."""
    leave_with_parent()
    os.umask(0o077)
    _be_nice()
    # Whatever a library prints must not end up between the answers.
    answers = os.dup(1)
    os.dup2(2, 1)
    source = os.fdopen(os.dup(0), "rb")
    try:
        MemoryProcess(source, answers).run()
    except msgspec.DecodeError:
        sys.exit(_BROKEN)


def _be_nice() -> None:
    """Give way to the window."""
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(_NICENESS)


if __name__ == "__main__":
    main()
