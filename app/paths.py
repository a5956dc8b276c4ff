"""Paths: where everything of one person lives on disk, and how files get there."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.errors import LedgerError, NightschoolError, StorageFullError

TEMPORARY = ".tmp"
"""Suffix of a file that is still being written; whatever carries it may be removed."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Home:
    """One person's folder; nothing of Nightschool's data is ever written outside it."""

    root: Path

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.db"

    @property
    def keys(self) -> Path:
        return self.root / "keys.json"

    @property
    def adapters(self) -> Path:
        return self.root / "adapters"

    @property
    def staging(self) -> Path:
        return self.adapters / "staging"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def index(self) -> Path:
        return self.root / "index"

    @property
    def backups(self) -> Path:
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def window(self) -> Path:
        return self.root / "window.ini"

    @property
    def desktop(self) -> Path:
        return self.root / "desktop.json"

    @classmethod
    def usual(cls) -> Home:
        """The platform's place for it, where nothing else is said."""
        return cls(platformdirs.user_data_path("nightschool", False))

    @classmethod
    def resolve(cls, option: str | None) -> Home:
        """The home a command means: its `--home`, else NIGHTSCHOOL_HOME, else the platform's."""
        chosen = option or os.environ.get("NIGHTSCHOOL_HOME")
        root = Path(chosen) if chosen else cls.usual().root
        return cls(Path(os.path.abspath(root.expanduser())))  # noqa: PTH100 (keeps symlinks)

    def create(self) -> None:
        """Make the folders, for this user only, and this process's new files with them.

        Raises StorageFullError or LedgerError when the home cannot be written.
        """
        os.umask(0o077)
        with disk_errors(self.root):
            self.root.parent.mkdir(parents=True, exist_ok=True)
            for folder in (
                self.root,
                self.adapters,
                self.staging,
                self.models,
                self.logs,
                self.index,
                self.backups,
            ):
                folder.mkdir(mode=0o700, exist_ok=True)
                if folder != self.root:
                    folder.chmod(0o700)
            probe = self.root / f"probe-{secrets.token_hex(4)}{TEMPORARY}"
            try:
                probe.write_bytes(b"\0" * 4096)
            finally:
                probe.unlink(missing_ok=True)


def starter_models() -> Path:
    """The folder of the models that came with the installation."""
    override = os.environ.get("NIGHTSCHOOL_STARTER_MODELS")
    return Path(override) if override else Path(sys.prefix) / "share" / "nightschool" / "models"


def write_atomic(path: Path, data: bytes) -> None:
    """Put `data` at `path` whole or not at all, mode 0600, on the disk when this returns.

    Raises StorageFullError or LedgerError; the old file, if any, is then untouched.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    with disk_errors(path):
        try:
            with open(temporary, "xb", opener=_private) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names created or removed in `folder` survive a power cut, where the system can."""
    if sys.platform == "win32":  # Windows opens no directories, and journals their entries
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn any OSError inside into the typed error a person can act on."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def disk_error(error: OSError, path: Path) -> NightschoolError:
    """The typed error for a failed write below `path`."""
    if error.errno in _FULL:
        return full_error(path)
    reason = error.strerror or type(error).__name__
    return LedgerError(
        "Cannot write to the home folder",
        f"“{path}” could not be written: {reason}.",
        "Check the folder's owner and permissions, or choose another with --home.",
    )


def full_error(path: Path) -> StorageFullError:
    """The error for a full disk under `path`."""
    return StorageFullError(
        "The disk is full",
        f"There is no room left on the disk that holds “{path}”; nothing was changed.",
        "Free some space and try again.",
    )


def free_bytes(path: Path) -> int:
    """Free space on the disk holding `path`, or the largest number where it cannot be told."""
    with suppress(OSError):
        return shutil.disk_usage(path if path.exists() else path.parent).free
    return sys.maxsize


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
