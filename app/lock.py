"""Lock: one Nightschool a home, held by the system so that a killed process leaves none."""

from __future__ import annotations

import os
import sys
from types import TracebackType

from app.errors import BusyError, NightschoolError
from app.paths import Home, disk_errors

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FAR = 1 << 30
"""Windows locks bytes against reading too, so one far behind the process id is taken."""


class InstanceLock:
    """The right to write one home; ends with `release`, the `with` block, or the process."""

    def __init__(self, home: Home) -> None:
        self._path = home.lock
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises BusyError naming the process that holds it."""
        if self._descriptor is not None:
            return
        with disk_errors(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(descriptor)
        except OSError as error:
            holder = _read(descriptor)
            os.close(descriptor)
            raise _busy(holder.decode("ascii", "replace").strip()) from error
        self._descriptor = descriptor
        try:
            with disk_errors(self._path):
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        except NightschoolError:  # a full disk: who could not take it must not keep it
            self.release()
            raise

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would race with the next owner."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> InstanceLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _take(descriptor: int) -> None:
    if sys.platform == "win32":
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 32)


def _busy(holder: str) -> BusyError:
    who = f"process {holder}" if holder.isdigit() else "another process"
    return BusyError(
        "Nightschool is already running",
        f"This home folder is in use by {who}.",
        "Use that window, or close it first; with --home you can work in another folder.",
    )
