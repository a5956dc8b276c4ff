"""Command: what an entry of a menu runs, quoted as each file manager reads it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.errors import DesktopError

TITLE = "Teach this to Nightschool"


@dataclass(frozen=True)
class Command:
    """Program and arguments up to the paths, each a piece of text that nothing may take apart."""

    arguments: tuple[str, ...]

    def __post_init__(self) -> None:
        if any(not argument.isprintable() for argument in self.arguments):
            raise DesktopError(
                "This folder's name cannot be used",
                "Nightschool lies in a folder with a line break or another unprintable sign in its"
                " name, which no menu and no list of programs to start can hold.",
                "Move it to another folder, and install the entry again.",
            )

    @classmethod
    def of_this_installation(cls, home: Path | None) -> Command:
        """`nightschool teach --window -- PATH…` by absolute path; `home` where unusual."""
        where = () if home is None else ("--home", str(home))
        return cls((*_program(), *where, "teach", "--window", "--"))

    @classmethod
    def of_the_window(cls, home: Path | None) -> Command:
        """The window, out of sight, by absolute path; `home` where unusual."""
        where = () if home is None else ("--home", str(home))
        return cls((*_python(), "-P", "-m", "ui", *where, "--hidden"))

    def for_shell(self) -> str:
        """For a POSIX shell."""
        return shlex.join(self.arguments)

    def for_desktop_entry(self, field: str = "") -> str:
        """The value of an `Exec` key with the field code behind it.

        Desktop Entry Specification, "The Exec key": quoted in double quotes, with a backslash
        before `"`, backtick, `$` and the backslash; a literal `%` doubled; then the escapes of any
        value.
        """
        quoted = [f'"{_backslashed(argument)}"' for argument in self.arguments]
        return " ".join(quoted).replace("%", "%%").replace("\\", "\\\\") + f" {field}".rstrip()

    def alone_for_windows(self) -> str:
        """A command line without a file."""
        return subprocess.list2cmdline(self.arguments)

    def for_windows(self) -> str:
        """A registry verb's command for one file; Explorer starts it once for each.

        No Windows path holds a quotation mark, so `"%1"` is always one argument.
        """
        return f'{self.alone_for_windows()} "%1"'


def _backslashed(argument: str) -> str:
    for sign in '\\"`$':
        argument = argument.replace(sign, f"\\{sign}")
    return argument


def _python() -> tuple[str, ...]:
    # With any other, and with the installed nightschool.exe, Windows would open a console window.
    windowed = Path(sys.executable).with_name("pythonw.exe")
    return (str(windowed if windowed.exists() else sys.executable),)


def _program() -> tuple[str, ...]:
    if sys.platform == "win32":
        return (*_python(), "-P", "-m", "app.cli")
    script = Path(sys.prefix) / "bin" / "nightschool"
    if os.access(script, os.X_OK):
        return (str(script),)
    return (sys.executable, "-P", "-m", "app.cli")
