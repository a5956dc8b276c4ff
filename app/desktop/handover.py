"""Handover: gives files to the window, which is started where none is open."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote
from urllib.request import url2pathname

from app.errors import BadRequestError
from app.paths import Home

_LOCAL = "file:///"
"""How an address of a file on this machine begins; what Nemo passes."""


def paths_of(arguments: Sequence[str]) -> list[Path]:
    """The files and folders meant, as absolute paths. Raises BadRequestError if one is not there.

    A relative path counts from the working directory; links are kept. `file:///` addresses of files
    on this machine are taken as well.
    """
    paths = [Path(os.path.abspath(_path(one))) for one in arguments]  # noqa: PTH100 (keeps links)
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        listed = ", ".join(f"“{path}”" for path in missing[:3])
        raise BadRequestError(
            "There is no such file",
            f"{listed} cannot be found, so nothing was taught.",
            "Check the name, or choose the file in the window.",
        )
    return list(dict.fromkeys(paths))


def to_window(paths: Sequence[Path], home: Home | None) -> int:
    """Start the window with `paths`; 0 also when one that is open took them. Waits for its end."""
    where = [] if home is None else ["--home", str(home.root)]
    command = [sys.executable, "-P", "-m", "ui", *where, "--teach", *map(str, paths)]
    return subprocess.run(command, check=False).returncode


def _path(argument: str) -> str:
    if not argument.startswith(_LOCAL):
        return argument
    raw = argument.removeprefix("file://")
    return url2pathname(raw) if sys.platform == "win32" else unquote(raw, errors="surrogateescape")
