"""Menus as tests have them: a temporary desktop, nasty names, a program that records."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from app.desktop.command import Command
from app.desktop.places import Places
from app.desktop.registry import Registry

NASTY = (
    "plain.md", "two words.md", "it's.md", 'quo"te.md', "-dash.md", "--help", "100%f %F %U %%.md",
    "$(touch pwned).md", "`touch pwned`.md", "$HOME.md", "back\\slash\\.md", "a;touch pwned;.md",
    "a&b|c>d.md", "star*.md", "[a]?.md", " lead.md", "trail ", "tab\t.md", "#hash?x=1.md", "~tilde",
    "новый 😀.md", "file:", "é%41.md",
)  # fmt: skip
WITH_A_BREAK = "two\nlines.md"
NASTY_FOLDER = 'it\'s 100%f "$HOME" `x` \\ ;é'
"""A folder that Nightschool might have been installed into."""

RECORDER = """\
#!{python}
import os, sys
part = {record!r} + ".part"
with open(part, "wb") as file:
    file.write(b"\\0".join(os.fsencode(one) for one in sys.argv[1:]))
os.replace(part, {record!r})
"""


class Program:
    """A stand-in for `nightschool` in a folder with a nasty name; keeps what it was called with."""

    def __init__(self, folder: Path, name: str = NASTY_FOLDER) -> None:
        place = folder / name
        place.mkdir(parents=True)
        self.path = place / "nightschool"
        self._record = folder / "called"
        self.path.write_text(RECORDER.format(python=sys.executable, record=str(self._record)))
        self.path.chmod(0o700)
        self.command = Command((str(self.path), "teach", "--window", "--"))

    def called_with(self) -> list[str]:
        """The arguments behind `--` of the one call, once it was made."""
        end = time.monotonic() + 20
        while not self._record.exists():
            assert time.monotonic() < end, "it was never called"
            time.sleep(0.01)
        arguments = [part.decode() for part in self._record.read_bytes().split(b"\0")]
        assert arguments[:3] == ["teach", "--window", "--"]
        return arguments[3:]

    @property
    def called(self) -> bool:
        return self._record.exists()


class Registered:
    """Windows' registry in memory; `broken` keys cannot be written."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, str]] = {}
        self.broken = ""

    def read(self, key: str) -> dict[str, str] | None:
        return self.keys.get(key)

    def write(self, key: str, values: Mapping[str, str]) -> None:
        if key == self.broken:
            raise PermissionError(13, "Access is denied", key)
        self.keys[key] = dict(values)

    def delete(self, key: str) -> None:
        assert not any(other.startswith(f"{key}\\") for other in self.keys), "it holds others"
        del self.keys[key]

    def write_value(self, key: str, name: str, value: str) -> None:
        if key == self.broken:
            raise PermissionError(13, "Access is denied", key)
        self.keys.setdefault(key, {})[name] = value

    def delete_value(self, key: str, name: str) -> None:
        del self.keys[key][name]


def places(
    folder: Path, platform: str = "linux", registry: Registry | None = None, another: bool = False
) -> Places:
    """A person's folders below `folder`; no program is on the PATH."""
    return Places(
        platform=platform,
        user=folder,
        data=folder / ".local" / "share",
        config=folder / ".config",
        config_dirs=(folder / "etc" / "xdg",),
        search=str(folder / "bin"),
        registry=registry,
        another=another,
    )


def nasty_files(folder: Path) -> list[Path]:
    """A file for each nasty name."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in NASTY]
    for path in paths:
        path.write_text("words")
    return paths


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below a folder: permissions and content, by name."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode & 0o777,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }
