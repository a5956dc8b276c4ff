"""The worker: a child process of little rights that reads one file after another."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from app.documents import refusals, wire
from app.documents.extracted import Extracted
from app.documents.extraction import extract
from app.documents.limits import Limits
from app.documents.ocr import Ocr
from app.documents.tesseract import Tesseract
from app.errors import DocumentError

_LONGEST_ORDER = 1 << 20
_OPEN_FILES = 64
_LOWEST_PRIORITY = 19
_GRACE_SECONDS = 5.0
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "shutil.",
    *(
        f"os.{act}"
        for act in (
            "system exec spawn posix_spawn fork startfile kill remove rename rmdir mkdir link"
            " symlink truncate chmod chown".split()
        )
    ),
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SPACE_OF_PYTHON = 256 * 1024 * 1024
"""Address space that Python and PDFium take without using it."""


def main() -> int:
    """Read the files that the parent names, until it is gone.

    The only argument, if any, is the path of Tesseract, as `tesseract.find` gives it.
    """
    tesseract = Tesseract(Path(sys.argv[1])) if len(sys.argv) > 1 else None
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not reach the parent as a message.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.excepthook = _telling(out)
    give_up_rights(tesseract)
    wire.write(out, wire.Ready())
    while (data := wire.read(sys.stdin.buffer, _LONGEST_ORDER)) is not None:
        order = wire.order_of(data)
        _limit_memory(order.limits)
        _limit_time(order.limits.seconds + _GRACE_SECONDS)
        wire.write(out, _answer(order, tesseract))
        _limit_time(0)
    return 0


def _answer(order: wire.Order, tesseract: Tesseract | None) -> wire.Answer:
    try:
        return wire.Got(read_file(Path(order.path), order.limits, tesseract))
    except DocumentError as error:
        return wire.Refused(error.title, error.message, error.next_step)


def read_file(path: Path, limits: Limits, tesseract: Tesseract | None = None) -> Extracted:
    """Read one file here, in this process. Raises DocumentError."""
    ocr = Ocr(tesseract, limits.seconds)  # its time runs from now on
    return extract(_content(path, limits.file_bytes), path.name, limits, ocr)


def _content(path: Path, most: int) -> bytes:
    """A regular file's bytes."""
    with os.fdopen(_opened(path), "rb") as file:
        if os.fstat(file.fileno()).st_size > most:
            raise refusals.too_large(most)
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise refusals.unreadable(error) from error
    if len(data) > most:  # it grew
        raise refusals.too_large(most)
    return data


def _opened(path: Path) -> int:
    """A descriptor of a regular file; nothing else is waited for, whatever has taken its place."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | _careful())
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise refusals.no_file() from error
        raise _not_there(error) from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise refusals.no_file()
    return number


def _careful() -> int:
    return getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


def _not_there(error: OSError) -> DocumentError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return DocumentError(
            "The file is gone", "It was moved or deleted.", "Teach it again from where it is now."
        )
    return refusals.unreadable(error)


# ------------------------------------------------------------------------------- few rights


def give_up_rights(tesseract: Tesseract | None = None) -> None:
    """Lowest priority, no files written, few opened, no network, no core dumps, no programs.

    But for Tesseract, if it is given: it inherits the limits.
    """
    if sys.platform != "win32":
        import resource

        os.nice(_LOWEST_PRIORITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    sys.addaudithook(partial(_refuse, tesseract))


def _refuse(tesseract: Tesseract | None, event: str, details: tuple[object, ...]) -> None:
    """No reader needs these; a file that makes one ask for them is not to be read."""
    if event.startswith(_FORBIDDEN):
        if tesseract is not None and tesseract.is_own_act(event, details):
            return
        raise PermissionError(f"{event} is not for the worker")
    if event != "open" or isinstance(details[0], int):  # a number is a pipe, opened before
        return
    if isinstance(details[2], int) and details[2] & _WRITING:
        raise PermissionError("the worker only reads")


def _limit_memory(limits: Limits) -> None:
    """The system's own limit; where there is none, the parent watches."""
    if sys.platform == "linux":
        import resource

        most = limits.memory_bytes + _SPACE_OF_PYTHON
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def _limit_time(seconds: float) -> None:
    """End this process after `seconds` should the parent not live to do so; 0 for never."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _telling(
    out: BinaryIO,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An excepthook that tells the parent the error's kind and place, never its text."""

    def hook(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
        last = traceback.extract_tb(trace)[-1:]
        place = f" in {Path(last[0].filename).name}:{last[0].lineno}" if last else ""
        wire.write(out, wire.Crashed(f"{kind.__name__}{place}"))

    return hook


if __name__ == "__main__":
    sys.exit(main())
