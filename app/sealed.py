"""Sealed files: AES-256-GCM around bytes that must never lie in the clear on disk."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import AdapterError, StorageFullError

MAGIC = b"NSEAL\x01\r\n"
"""First bytes of a sealed file; also authenticated, so a later format cannot be passed off."""

_NONCE = 12


def seal(path: Path, plain: bytes, key: bytes) -> None:
    """Write `plain` encrypted under the 32-byte `key`; `path` appears whole or not at all.

    A fresh random nonce is drawn for every file. Raises StorageFullError when there is no room
    (nothing is left behind) and OSError for anything else the file system refuses.
    """
    nonce = secrets.token_bytes(_NONCE)
    sealed = MAGIC + nonce + AESGCM(key).encrypt(nonce, plain, MAGIC)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _write_through(temporary, sealed)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError(
                "The disk is full",
                f"{path.name} could not be written; what was there before is unchanged.",
                "Free some space and try again.",
            ) from error
        raise


def unseal(path: Path, key: bytes) -> bytes:
    """The bytes given to `seal`. Raises AdapterError: missing, damaged, or another key."""
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise AdapterError(
            "What was learned is missing",
            f"The sealed file {path.name} could not be read ({error.strerror}).",
            "Go back to an earlier version, or study again.",
        ) from error
    body = len(MAGIC) + _NONCE
    if not sealed.startswith(MAGIC) or len(sealed) < body:
        raise _damaged(path)
    try:
        return AESGCM(key).decrypt(sealed[len(MAGIC) : body], sealed[body:], MAGIC)
    except (InvalidTag, ValueError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> AdapterError:
    return AdapterError(
        "What was learned is damaged",
        f"The sealed file {path.name} was changed, cut short, or sealed under another key.",
        "Go back to an earlier version, or study again.",
    )


def _write_through(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; Windows cannot open a folder and does not need it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_BINARY = getattr(os, "O_BINARY", 0)
