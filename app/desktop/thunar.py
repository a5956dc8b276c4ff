"""Thunar: a custom action in the list that Xfce's file manager keeps of its owner's actions."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from app.desktop import uca
from app.desktop.command import TITLE, Command
from app.desktop.pieces import (
    Kind,
    Piece,
    Undo,
    WholeFile,
    content_of,
    digest,
    missing_above,
    write,
)
from app.desktop.places import Places

_LIST = Path("Thunar") / "uca.xml"


def present(places: Places) -> bool:
    """Whether this person has Thunar."""
    return places.program("thunar") or (places.config / "Thunar").is_dir()


def pieces(places: Places, command: Command) -> list[Piece]:
    """The action, and before the first change of a list a copy of it."""
    path = Path(os.path.realpath(places.config / _LIST))  # the link of a dotfiles folder stays
    entry = Entry(path, shell_command(command), seed_of(places))
    content = content_of(path)
    if content is None or entry.now() is not None:
        return [entry]
    copy = path.with_name(f"{path.name}.before-nightschool-{digest(content)[:8]}")
    return [WholeFile(copy, content), entry]


def shell_command(command: Command) -> str:
    """Thunar hands this to `/bin/sh -c`, with each path quoted in the place of %F."""
    return command.for_shell().replace("%", "%%") + " %F"


def seed_of(places: Places) -> bytes:
    """What a new list begins with: the system's, which Thunar reads where there is no other."""
    for folder in places.config_dirs:
        content = content_of(folder / _LIST)
        if content is not None:
            return content
    return uca.EMPTY


@dataclass(frozen=True)
class Entry:
    """Our action in the list at `path`; its digest is of its name and command alone.

    Thunar writes the list anew whenever its owner changes something in it, in its own form.
    """

    path: Path
    command: str = ""
    seed: bytes = uca.EMPTY
    kind: Kind = field(default="entry", init=False)

    @property
    def name(self) -> str:
        return str(self.path)

    def wanted(self) -> str:
        return _digest(TITLE, self.command)

    def now(self) -> str | None:
        content = content_of(self.path)
        action = None if content is None else uca.our_action(content)
        return None if action is None else _digest(action.name, action.command)

    def intact(self) -> bool:
        return self.now() == self.wanted()

    def put(self) -> Undo:
        content = content_of(self.path)
        mode = 0o600 if content is None else self.path.stat().st_mode & 0o777
        former = self.seed if content is None else content
        return write(self.path, uca.with_action(former, TITLE, self.command), mode)

    def take(self, *, made: bool) -> None:
        content = self.path.read_bytes()
        left = uca.without_action(content)
        if made and left in (uca.EMPTY, self.seed):
            self.path.unlink()
        else:
            write(self.path, left, self.path.stat().st_mode & 0o777)

    def makes_file(self) -> bool:
        return not self.path.exists()

    def folders(self) -> tuple[Path, ...]:
        return missing_above(self.path)


def _digest(name: str, command: str) -> str:
    return digest(f"{name}\n{command}".encode())
