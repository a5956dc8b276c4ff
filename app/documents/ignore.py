"""Ignore: what is never taken from a watched folder, and what its owner excludes by a list."""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pathspec import GitIgnoreSpec

OWN_LIST = ".nightschoolignore"
"""A file in the root of a watched folder, in the syntax of .gitignore."""

_LONGEST_LIST = 256 * 1024

_BUILT = (
    "node_modules", "bower_components", "build", "dist", "target", "__pycache__", "venv",
    "site-packages", "*.egg-info", "CMakeFiles", "DerivedData",
)  # fmt: skip
"""Folders that programs fill; compared with their capitals, and `!build/` in the list allows one.

Somebody's folder "Build" may well hold the plans of a house.
"""

_UNFINISHED = (
    "~$*", "*~", "#*#", "*.swp", "*.swo", "*.swx", "*.part", "*.partial", "*.crdownload",
    "*.download", "*.tmp", "*.temp", "*.lock", "*.lck", "thumbs.db", "desktop.ini",
)  # fmt: skip
"""What editors, browsers and file managers leave while they work."""

_SECRET = (
    "*.pem", "*.key", "*.kdbx", "*.kdb", "*.p12", "*.pfx", "*.p8", "*.jks", "*.keystore", "*.ppk",
    "*.ovpn", "*.gpg", "*.pgp", "*.age", "*.wallet", "id_rsa*", "id_dsa*", "id_ecdsa*",
    "id_ed25519*", "credentials*", "secrets.json", "secrets.toml", "secrets.y*ml", "*.env",
    "client_secret*.json", "wallet.dat", "logins.json", "key3.db", "key4.db", "*.rdp",
    "*.keytab", "*.psafe3", "*.opvault",
)  # fmt: skip
"""Keys and passwords; no list can take them in."""

_SECRET_FOLDERS = frozenset(
    {".ssh", ".gnupg", ".pki", ".password-store", ".aws", ".azure", ".kube"}
)


@dataclass(frozen=True)
class Ignore:
    """The rules of one watched folder: ours, and those of its `.nightschoolignore`.

    `problems` are sentences about lines of that list which make no sense; they are left out.
    """

    root: Path
    apart: tuple[Path, ...] = ()
    own: GitIgnoreSpec | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path, apart: tuple[Path, ...] = ()) -> Ignore:
        """The rules for `root` as its list is now; nothing in `apart` (our own home) is taken."""
        places = tuple(Path(os.path.abspath(place)) for place in apart)  # noqa: PTH100
        places += tuple(Path(os.path.realpath(place)) for place in places)
        root = Path(os.path.abspath(root))  # noqa: PTH100 (keeps symlinks)
        lines, problems = _lines(root / OWN_LIST)
        spec, wrong = _spec(lines)
        return cls(root, tuple(dict.fromkeys(places)), spec, (*problems, *wrong))

    def folder(self, path: Path) -> bool:
        """Whether the folder `path`, itself below the root in taken folders, is left out."""
        return self._left_out(path, folder=True)

    def file(self, path: Path) -> bool:
        """Whether the file `path`, in a folder that is taken, is left out."""
        return self._left_out(path, folder=False)

    def anywhere(self, path: Path, *, folder: bool) -> bool:
        """Whether `path`, at any depth, is left out itself or lies in a folder that is.

        The root itself and its list are not: a change of either matters. Paths elsewhere are.
        """
        try:
            parts = path.relative_to(self.root).parts
        except ValueError:
            return True
        if not parts or parts == (OWN_LIST,):
            return False
        place = self.root
        for part in parts[:-1]:
            place = place / part
            if self.folder(place):
                return True
        return self._left_out(path, folder=folder)

    def _left_out(self, path: Path, *, folder: bool) -> bool:
        name = path.name
        if name.startswith(".") or self._never.match(name.casefold()) or path in self._apart:
            return True
        if self.own is not None:
            relative = path.relative_to(self.root).as_posix() + ("/" if folder else "")
            said = self.own.check_file(relative).include
            if said is not None:
                return said
        return folder and self._built.match(name) is not None

    @cached_property
    def _apart(self) -> frozenset[Path]:
        return frozenset(self.apart)

    @cached_property
    def _never(self) -> re.Pattern[str]:
        return _pattern(_UNFINISHED + _SECRET)

    @cached_property
    def _built(self) -> re.Pattern[str]:
        return _pattern(_BUILT)


def refusal(root: Path, apart: tuple[Path, ...] = ()) -> str:
    """Why `root` cannot be a watched folder at all, in a sentence; empty where it can."""
    real = Path(os.path.realpath(root))
    if any("\ud800" <= sign <= "\udfff" for sign in str(root)):
        return "Its name is not valid UTF-8; rename it to have it watched."
    if real.parent == real:
        return "The whole disk cannot be watched; choose a folder on it."
    if _SECRET_FOLDERS & set(real.parts):
        return f"“{real.name}” holds keys and passwords, which are never read."
    if any(real.is_relative_to(os.path.realpath(place)) for place in apart):
        return "Nightschool's own folder is never read."
    return ""


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, names)))


def _lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    try:
        if not path.is_file() or path.is_symlink():
            return [], ()
        with path.open("rb") as file:
            text = file.read(_LONGEST_LIST + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [], (f"{OWN_LIST} could not be read: {reason}.",)
    if len(text) > _LONGEST_LIST:
        return [], (f"{OWN_LIST} is larger than {_LONGEST_LIST // 1024} KB and was left aside.",)
    return text.decode("utf-8-sig", "replace").splitlines(), ()


def _spec(lines: list[str]) -> tuple[GitIgnoreSpec | None, tuple[str, ...]]:
    good: list[str] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):
            problems.append(f"Line {number} of {OWN_LIST} makes no sense: {line[:80]}")
        else:
            good.append(line)
    return (GitIgnoreSpec.from_lines(good) if good else None), tuple(problems)
