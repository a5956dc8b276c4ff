"""A rotating log of what happened and how long it took, never of what was said."""

from __future__ import annotations

import logging
import os
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

MAX_BYTES = 512 * 1024
KEEP = 3


class PrivateFileHandler(RotatingFileHandler):
    """A rotating file readable by its owner alone."""

    def _open(self):  # type: ignore[no-untyped-def]  # the stub's return type is version-dependent
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


class PlaceOnlyFormatter(logging.Formatter):
    """Writes an exception as its type and places, because its message may quote a person."""

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        kind, _, trace = ei
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return f"{kind.__name__ if kind else 'error'} at " + " < ".join(reversed(places))


def start(folder: Path, name: str) -> None:
    """Log to `folder/name.log`, warnings and above to standard error too.

    A folder that cannot be written leaves the log on standard error alone.
    """
    formatter = PlaceOnlyFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [console]
    try:
        handlers.append(PrivateFileHandler(folder / f"{name}.log", "a", MAX_BYTES, KEEP))
    except OSError as error:
        console.handle(
            logging.LogRecord(
                "log", logging.WARNING, "", 0, "no log file: %s", (error.strerror,), None
            )
        )
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    threading.excepthook = _log_thread_failure


def _log_thread_failure(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None:
        logging.getLogger("thread").error(
            "a thread ended", exc_info=(failure.exc_type, failure.exc_value, failure.exc_traceback)
        )
