"""Pieces: what is written outside the home, one by one, so that each can be taken back."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from app.desktop.registry import Registry
from app.paths import TEMPORARY, sync_folder

Kind = Literal["file", "entry", "key", "value"]
Undo = Callable[[], None]


class Piece(Protocol):
    """A file, an entry in somebody's file, or a registry key; all methods may raise OSError.

    `name` is how a person finds it. Digests are SHA-256 in hexadecimal.
    """

    @property
    def kind(self) -> Kind: ...

    @property
    def name(self) -> str: ...

    def wanted(self) -> str:
        """The digest of what it is to hold."""

    def now(self) -> str | None:
        """The digest of what is there, None for nothing."""

    def intact(self) -> bool:
        """Whether it is exactly as wanted, permissions too."""

    def put(self) -> Undo:
        """Write it whole or not at all; what is returned brings back what was there."""

    def take(self, *, made: bool) -> None:
        """Take it away; `made` says that the file around it was made by us, too."""

    def makes_file(self) -> bool:
        """Whether `put` would make a file that is not there yet."""

    def folders(self) -> tuple[Path, ...]:
        """The folders that `put` would make, outermost first."""


@dataclass(frozen=True)
class WholeFile:
    """A file that is ours alone."""

    path: Path
    content: bytes = b""
    mode: int = 0o600
    kind: Kind = field(default="file", init=False)

    @property
    def name(self) -> str:
        return str(self.path)

    def wanted(self) -> str:
        return digest(self.content)

    def now(self) -> str | None:
        if self.path.is_symlink():
            return "a link"  # no digest: never ours
        content = content_of(self.path)
        return None if content is None else digest(content)

    def intact(self) -> bool:
        return self.now() == self.wanted() and self.path.stat().st_mode & 0o777 == self.mode

    def put(self) -> Undo:
        return write(self.path, self.content, self.mode)

    def take(self, *, made: bool) -> None:
        self.path.unlink()
        sync_folder(self.path.parent)

    def makes_file(self) -> bool:
        return not self.path.exists()

    def folders(self) -> tuple[Path, ...]:
        return missing_above(self.path)


@dataclass(frozen=True)
class RegistryKey:
    """A key of Windows' registry that is ours alone."""

    registry: Registry
    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = field(default="key", init=False)

    @property
    def name(self) -> str:
        return self.key

    def wanted(self) -> str:
        return _values_digest(self.values)

    def now(self) -> str | None:
        values = self.registry.read(self.key)
        return None if values is None else _values_digest(values)

    def intact(self) -> bool:
        return self.now() == self.wanted()

    def put(self) -> Undo:
        old = self.registry.read(self.key)
        self.registry.write(self.key, self.values)
        if old is None:
            return lambda: self.registry.delete(self.key)
        return lambda: self.registry.write(self.key, old)

    def take(self, *, made: bool) -> None:
        self.registry.delete(self.key)

    def makes_file(self) -> bool:
        return False

    def folders(self) -> tuple[Path, ...]:
        return ()


@dataclass(frozen=True)
class RegistryValue:
    """A value that is ours, in a key of Windows' registry that holds others', too."""

    registry: Registry
    key: str
    value: str
    content: str = ""
    kind: Kind = field(default="value", init=False)

    @property
    def name(self) -> str:
        return rf"{self.key}\{self.value}"

    @classmethod
    def named(cls, registry: Registry, name: str) -> RegistryValue:
        """The one of this `name`, to be looked at and taken away."""
        key, _, value = name.rpartition("\\")
        return cls(registry, key, value)

    def wanted(self) -> str:
        return digest(self.content.encode())

    def now(self) -> str | None:
        found = (self.registry.read(self.key) or {}).get(self.value)
        return None if found is None else digest(found.encode())

    def intact(self) -> bool:
        return self.now() == self.wanted()

    def put(self) -> Undo:
        old = (self.registry.read(self.key) or {}).get(self.value)
        self.registry.write_value(self.key, self.value, self.content)
        if old is None:
            return lambda: self.registry.delete_value(self.key, self.value)
        return lambda: self.registry.write_value(self.key, self.value, old)

    def take(self, *, made: bool) -> None:
        self.registry.delete_value(self.key, self.value)

    def makes_file(self) -> bool:
        return False

    def folders(self) -> tuple[Path, ...]:
        return ()


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def content_of(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def missing_above(path: Path) -> tuple[Path, ...]:
    """The folders above `path` that are not there, outermost first."""
    return tuple(reversed([folder for folder in path.parents if not folder.exists()]))


def write(path: Path, content: bytes, mode: int) -> Undo:
    """Put `content` at `path` by another name and a rename; returns what brings back the former."""
    former = content_of(path)
    former_mode = path.stat().st_mode & 0o777 if former is not None else 0
    made = missing_above(path)

    def undo() -> None:
        if former is not None:
            _replace(path, former, former_mode)
        else:
            path.unlink(missing_ok=True)
        remove_empty(made)

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content, mode)
    except OSError:
        remove_empty(made)
        raise
    return undo


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove those of `folders` (outermost first) that hold nothing."""
    for folder in reversed(folders):
        with suppress(OSError):
            folder.rmdir()


def _replace(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        with temporary.open("xb") as file:
            temporary.chmod(mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _values_digest(values: Mapping[str, str]) -> str:
    return digest(msgspec.json.encode(sorted(values.items())))
