"""The worker: a child process of little rights that reads one file after another."""

from __future__ import annotations

import errno
import os
import signal
import stat
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from app.documents import refusals, wire
from app.documents.extracted import Extracted
from app.documents.extraction import extract
from app.documents.limits import Limits
from app.errors import DocumentError

_LONGEST_ORDER = 1 << 20
_OPEN_FILES = 64
_LOWEST_PRIORITY = 19
_GRACE_SECONDS = 5.0
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn")
_SPACE_OF_PYTHON = 256 * 1024 * 1024
"""Address space that Python and PDFium take without using it."""


def main() -> int:
    """Read the files that the parent names, until it is gone."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not reach the parent as a message.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.excepthook = _telling(out)
    _be_humble()
    wire.write(out, wire.Ready())
    while (data := wire.read(sys.stdin.buffer, _LONGEST_ORDER)) is not None:
        order = wire.order_of(data)
        _limit_memory(order.limits)
        _limit_time(order.limits.seconds + _GRACE_SECONDS)
        wire.write(out, _answer(order))
        _limit_time(0)
    return 0


def _answer(order: wire.Order) -> wire.Answer:
    try:
        path = Path(order.path)
        return wire.Got(read_file(path, order.limits))
    except DocumentError as error:
        return wire.Refused(error.title, error.message, error.next_step)


def read_file(path: Path, limits: Limits) -> Extracted:
    """Read one file here, in this process. Raises DocumentError."""
    return extract(_content(path, limits.file_bytes), path.name, limits)


def _content(path: Path, most: int) -> bytes:
    """A regular file's bytes; nothing else is waited for, whatever takes its place."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | _careful())
    except IsADirectoryError as error:
        raise refusals.no_file() from error
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a pipe without a writer
            raise refusals.no_file() from error
        raise _not_there(error) from error
    with os.fdopen(number, "rb") as file:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise refusals.no_file()
        if found.st_size > most:
            raise refusals.too_large(most)
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise refusals.unreadable(error) from error
    if len(data) > most:  # it grew
        raise refusals.too_large(most)
    return data


def _careful() -> int:
    return getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


def _not_there(error: OSError) -> DocumentError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return DocumentError(
            "The file is gone", "It was moved or deleted.", "Teach it again from where it is now."
        )
    return refusals.unreadable(error)


# ------------------------------------------------------------------------------- few rights


def _be_humble() -> None:
    """Lowest priority, no files written, few opened, no network, no programs, no core dumps."""
    if sys.platform != "win32":
        import resource

        os.nice(_LOWEST_PRIORITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    sys.addaudithook(_refuse)


def _refuse(event: str, _: tuple[object, ...]) -> None:
    """No reader needs these; a file that makes one ask for them is not to be read."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for the worker")


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
