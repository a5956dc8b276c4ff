"""Sealed files: AES-256-GCM around bytes that must never lie in the clear on disk."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import AdapterError
from app.paths import write_atomic

MAGIC = b"NSEAL\x01\r\n"
"""First bytes of a sealed file; also authenticated, so a later format cannot be passed off."""

_NONCE = 12


def seal(path: Path, plain: bytes, key: bytes) -> None:
    """Write `plain` encrypted under the 32-byte `key`; `path` appears whole or not at all.

    A fresh random nonce is drawn for every file. Raises what `write_atomic` raises; nothing is
    left behind then.
    """
    nonce = secrets.token_bytes(_NONCE)
    sealed = MAGIC + nonce + AESGCM(key).encrypt(nonce, plain, MAGIC)
    write_atomic(path, sealed)


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
