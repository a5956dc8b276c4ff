"""Tesseract: the one program that a worker may start; it reads the words of a picture."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LIST_SECONDS = 10.0
_MOST_LANGUAGES = 4
"""Each costs time and memory on every page, and some systems install a hundred."""

_NO_LANGUAGES = ("osd", "equ", "snum")
_UPRIGHTING, _AS_IT_LIES = "1", "3"
"""Page segmentation modes; the first also reads what lies upside down, and needs "osd"."""

_BY_LOCALE = dict(
    pair.split(":")
    for pair in (
        "ar:ara cs:ces da:dan de:deu el:ell en:eng es:spa fi:fin fr:fra he:heb hi:hin hu:hun"
        " it:ita ja:jpn ko:kor nb:nor nl:nld no:nor pl:pol pt:por ro:ron ru:rus sv:swe tr:tur"
        " uk:ukr vi:vie zh:chi_sim"
    ).split()
)
_PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "SYSTEMROOT")
_ALONE = 0x10000000 | 0x40000000  # CLONE_NEWUSER | CLONE_NEWNET
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def find() -> Path | None:
    """The installed program, links resolved; None where there is none."""
    for place in (shutil.which("tesseract"), *_usual_places()):
        if place is None or not Path(place).is_absolute():
            continue
        program = Path(place).resolve()
        # A link to something else (snap's launcher) would open the door to all it can start.
        if program.name.lower().startswith("tesseract") and os.access(program, os.X_OK):
            return program
    return None


def _usual_places() -> list[str]:
    """Where installers put it without telling PATH, or a window that was not begun by a shell."""
    if sys.platform == "win32":
        roots = (os.environ.get("PROGRAMFILES"), os.environ.get("LOCALAPPDATA"))
        tails = (r"Tesseract-OCR\tesseract.exe", r"Programs\Tesseract-OCR\tesseract.exe")
        return [rf"{root}\{tail}" for root, tail in zip(roots, tails, strict=True) if root]
    if sys.platform == "darwin":
        return ["/opt/homebrew/bin/tesseract", "/usr/local/bin/tesseract"]
    return []


@dataclass(frozen=True)
class Picture:
    """A page in shades of grey: a PGM file's bytes, and its dots an inch."""

    pgm: bytes
    dpi: int


class Tesseract:
    """Runs the program: one thread, through pipes, no network where the system can take it away.

    It inherits what the calling process is limited to; on Linux it ends with that process.
    """

    def __init__(self, program: Path) -> None:
        """`program` is what `find` gives; nothing is started yet."""
        self._program = program
        self._running: int | None = None
        self._installed: list[str] | None = None

    def languages(self) -> list[str]:
        """Codes of the installed languages ("deu", "eng"); empty when it does not say."""
        return [name for name in self._parts() if name not in _NO_LANGUAGES]

    def words(self, picture: Picture, seconds: float) -> str | None:
        """The words in a picture; None when it failed or took longer than `seconds`."""
        deadline = time.monotonic() + seconds
        chosen = _chosen(self.languages())
        if not chosen:
            return None
        layout = _UPRIGHTING if "osd" in self._parts() else _AS_IT_LIES
        order = ["stdin", "stdout", "-l", "+".join(chosen), "--psm", layout]
        order += ["--dpi", str(picture.dpi)]
        told = self._run(order, picture.pgm, deadline - time.monotonic())
        return None if told is None else told.decode("utf-8", "replace")

    def _parts(self) -> list[str]:
        """Everything that it says is installed for it."""
        if self._installed is None:
            told = self._run(["--list-langs"], b"", _LIST_SECONDS) or b""
            names = [line.strip() for line in told.decode("utf-8", "replace").splitlines()]
            self._installed = sorted(name for name in names if name.isidentifier())
        return self._installed

    def is_own_act(self, event: str, details: tuple[object, ...]) -> bool:
        """Whether an audited act starts this program, or ends the one that was started."""
        if event == "subprocess.Popen":
            name = details[0]
            return isinstance(name, str) and Path(name).resolve() == self._program
        return event == "os.kill" and self._running is not None and details[0] == self._running

    def _run(self, order: list[str], given: bytes, seconds: float) -> bytes | None:
        """What it prints; None when it fails or is too slow."""
        try:
            child = subprocess.Popen(
                [str(self._program), *order],
                executable=str(self._program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(),
                preexec_fn=_limiting(seconds),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            return None
        self._running = child.pid
        try:
            with child:
                printed = _printed(child, given, seconds)
        finally:
            self._running = None
        return printed if child.returncode == 0 else None


def _printed(child: subprocess.Popen[bytes], given: bytes, seconds: float) -> bytes | None:
    """What a program prints for what it is given; it is ended after `seconds`, then None."""
    try:
        return child.communicate(given, timeout=max(0.0, seconds))[0]
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            child.kill()


def _chosen(installed: list[str]) -> list[str]:
    """The languages to read with: all that are installed; of many, the system's and English."""
    if len(installed) <= _MOST_LANGUAGES:
        return installed
    ours = _BY_LOCALE.get((os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2], "eng")
    chosen = [name for name in dict.fromkeys((ours, "eng")) if name in installed]
    return chosen or installed[:_MOST_LANGUAGES]


def _environment() -> dict[str, str]:
    """Little of ours: it is a stranger, and a passphrase may be in there."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}


def _limiting(seconds: float) -> Callable[[], None] | None:
    """What the new process does before it becomes Tesseract; None where that is not safe."""
    if sys.platform == "win32" or threading.active_count() > 1:
        return None  # between fork and exec, a lock of another thread would never open
    import resource

    parent, most = os.getpid(), int(max(0.0, seconds)) + 2
    system = ctypes.CDLL(None) if sys.platform == "linux" else None

    def limit() -> None:
        # Should nobody live to end it, the system does.
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        if system is not None:
            # A network of its own, with nothing in it; not every system allows that. It comes
            # first because new rights clear the signal.
            system.unshare(_ALONE)
            system.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return limit
