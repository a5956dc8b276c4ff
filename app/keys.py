"""Keys: the one secret everything is encrypted under, from the keyring or a passphrase."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.erase import shred
from app.errors import (
    BadRequestError,
    KeyFileError,
    KeyMissingError,
    KeyringError,
    LockedError,
    WrongPassphraseError,
)
from app.os_keyring import SystemKeyring
from app.paths import Home, disk_errors, write_atomic
from app.protocol import Finding

Purpose = Literal["ledger", "adapters", "backups", "exports"]
State = Literal["open", "passphrase", "new_passphrase", "missing"]

KEY_BYTES = 32
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
"""128 MB and about a second a guess (OWASP's password storage cheat sheet, scrypt)."""


@dataclass(frozen=True)
class RootKey:
    """32 random or derived bytes; only subkeys of it encrypt anything."""

    secret: bytes = field(repr=False)

    def subkey(self, purpose: Purpose) -> bytes:
        """The 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
        return self._derive(purpose)

    def is_checked_by(self, check_value: str) -> bool:
        """Whether this is the key that `check_value` was made of."""
        return hmac.compare_digest(self.check_value().encode(), check_value.encode())

    def check_value(self) -> str:
        """A value that tells this key from another without helping to guess it."""
        return self._derive("check").hex()

    def _derive(self, label: str) -> bytes:
        info = b"nightschool/1/" + label.encode("ascii")
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.secret)


class Scrypt(msgspec.Struct, frozen=True):
    """How a passphrase becomes the root key (RFC 7914)."""

    salt: str
    n: int = SCRYPT_N
    r: int = SCRYPT_R
    p: int = SCRYPT_P


class KeyFile(msgspec.Struct, frozen=True):
    """keys.json: where the root key comes from and how to know it; nothing secret."""

    source: Literal["keyring", "passphrase"]
    id: str
    check: str
    scrypt: Scrypt | None = None
    format: int = 1


class KeyStore:
    """One home's root key. Never makes a new key beside a ledger that exists."""

    def __init__(self, home: Home, keyring: SystemKeyring | None = None) -> None:
        self._home = home
        self._keyring = keyring or SystemKeyring()

    def state(self) -> State:
        """What `root_key` would need; asks neither the person nor the keyring for anything.

        `open`: the keyring should have the key, or may keep a new one. `missing`: it cannot be
        had, and `root_key` raises the explanation.
        """
        try:
            file = self._read()
        except KeyMissingError:
            return "missing"
        if file is None and self._ledger_exists():
            return "missing"
        if file is not None and file.source == "passphrase":
            return "passphrase"
        if self._keyring.available():
            return "open"
        return "missing" if self._ledger_exists() else "new_passphrase"

    def root_key(self, passphrase: str | None) -> RootKey:
        """The root key; a home without ledger and keys gets a new one.

        Raises LockedError (a passphrase is needed), WrongPassphraseError, KeyMissingError (its
        subclass KeyringError when the keyring is locked or hangs and may still have it).
        """
        file = self._read()
        if file is None:
            if self._ledger_exists():
                raise _no_key_file(self._home)
            return self.create(passphrase)
        if file.source == "keyring":
            return self._from_keyring(file)
        if passphrase is None:
            raise _locked()
        return _from_passphrase(file, passphrase)

    def create(self, passphrase: str | None) -> RootKey:
        """Make a new root key, kept by the keyring or derived from a passphrase.

        Raises BadRequestError for an empty passphrase or when a ledger is there already,
        LockedError when there is no keyring and no passphrase, KeyringError.
        """
        if self._ledger_exists():
            raise BadRequestError(
                "There is a ledger already",
                f"“{self._home.root}” holds a ledger, and a new key would not open it.",
                "Open it with its passphrase, or choose another folder with --home.",
            )
        if passphrase is None:
            return self._new_in_keyring()
        return self._new_from_passphrase(passphrase)

    def require_file(self) -> None:
        """Raises KeyFileError where keys.json is missing or damaged."""
        if self._read() is None:
            raise _no_key_file(self._home)

    def destroy(self) -> None:
        """Destroy the key: whatever was encrypted under it can never be read again."""
        try:
            file = self._read()
        except KeyMissingError:
            file = None
        # The keyring first: while it refuses, keys.json still names what has to go.
        if file is not None and file.source == "keyring":
            self._keyring.delete(file.id)
        shred(self._home.keys)

    def findings(self) -> Iterator[Finding]:
        """Where the key is, for the check-up; reads the keyring but changes nothing.

        Raises KeyMissingError with the explanation when the key cannot be had.
        """
        file = self._read()
        if file is None and self._ledger_exists():
            raise _no_key_file(self._home)
        if file is None:
            message = "No key has been made yet."
        elif file.source == "passphrase":
            message = "The ledger is protected by your passphrase, which is kept nowhere."
        else:
            self._from_keyring(file)
            message = "The key is in the system's keyring."
        yield Finding(severity="ok", title="Keys", message=message)

    def _new_in_keyring(self) -> RootKey:
        if not self._keyring.available():
            raise LockedError(
                "A passphrase is needed",
                "This system has no keyring that could hold Nightschool's key.",
                "Choose a passphrase in the window, or set NIGHTSCHOOL_PASSPHRASE.",
            )
        root = RootKey(secrets.token_bytes(KEY_BYTES))
        file = KeyFile("keyring", secrets.token_hex(8), root.check_value())
        # The keyring first: keys.json must never name a key that was not kept.
        self._keyring.set(file.id, root.secret.hex())
        self._write(file)
        return root

    def _new_from_passphrase(self, passphrase: str) -> RootKey:
        if not passphrase.strip():
            raise BadRequestError(
                "The passphrase is empty",
                "An empty passphrase protects nothing.",
                "Choose a passphrase of a few words.",
            )
        scrypt = Scrypt(secrets.token_hex(16))
        root = stretch(passphrase, scrypt)
        self._write(KeyFile("passphrase", secrets.token_hex(8), root.check_value(), scrypt))
        return root

    def _from_keyring(self, file: KeyFile) -> RootKey:
        secret = self._keyring.get(file.id)
        if secret is None:
            if self._ledger_exists():
                raise KeyMissingError(
                    "The ledger's key is gone",
                    "The system's keyring answers, but no longer has the key of this ledger.",
                    "Restore the keyring from a backup of your system; or begin anew in another"
                    " folder with --home.",
                )
            return self._new_in_keyring()
        try:
            root = RootKey(bytes.fromhex(secret))
        except ValueError as error:
            raise _another_key() from error
        if not root.is_checked_by(file.check):
            raise _another_key()
        return root

    def _ledger_exists(self) -> bool:
        ledger = self._home.ledger
        # A copy counts: with a new key nobody could put it back.
        copy = self._home.backups / ledger.name
        files = (ledger, ledger.with_name(f"{ledger.name}-wal"), copy)
        return any(path.is_file() and path.stat().st_size > 0 for path in files)

    def _read(self) -> KeyFile | None:
        with disk_errors(self._home.keys):
            if not self._home.keys.exists():
                return None
            text = self._home.keys.read_bytes()
        try:
            file = msgspec.json.decode(text, type=KeyFile)
            if file.source == "passphrase" and not is_sane(file.scrypt):
                raise ValueError
        except ValueError as error:  # msgspec's errors are ValueErrors too
            if not self._ledger_exists():
                return None
            raise KeyFileError(
                "The key file is damaged",
                f"“{self._home.keys}” cannot be understood, and the ledger does not open without.",
                "Restore that file from a backup.",
            ) from error
        return file

    def _write(self, file: KeyFile) -> None:
        write_atomic(self._home.keys, msgspec.json.format(msgspec.json.encode(file)) + b"\n")


def is_sane(scrypt: Scrypt | None) -> bool:
    """Whether parameters are neither a mistake nor an attempt to take all memory."""
    return (
        scrypt is not None
        and scrypt.n in {2**power for power in range(14, 21)}
        and 1 <= scrypt.r <= 16
        and 1 <= scrypt.p <= 16
        and len(bytes.fromhex(scrypt.salt)) >= 16
    )


def stretch(passphrase: str, scrypt: Scrypt) -> RootKey:
    """The key that a passphrase gives; takes a second and 128 MB on purpose."""
    # The same passphrase typed on another system may arrive in another Unicode form.
    text = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return RootKey(
        hashlib.scrypt(
            text,
            salt=bytes.fromhex(scrypt.salt),
            n=scrypt.n,
            r=scrypt.r,
            p=scrypt.p,
            maxmem=256 * scrypt.n * scrypt.r * scrypt.p,
            dklen=KEY_BYTES,
        )
    )


def _from_passphrase(file: KeyFile, passphrase: str) -> RootKey:
    if file.scrypt is None:
        raise _another_key()
    root = stretch(passphrase, file.scrypt)
    if not root.is_checked_by(file.check):
        raise WrongPassphraseError(
            "Wrong passphrase",
            "This is not the passphrase the ledger was made with.",
            "Try again; mind capitals and the keyboard's language.",
        )
    return root


def _locked() -> LockedError:
    return LockedError(
        "Nightschool is locked",
        "Its ledger is protected by a passphrase.",
        "Enter the passphrase, or set NIGHTSCHOOL_PASSPHRASE.",
    )


def _no_key_file(home: Home) -> KeyFileError:
    return KeyFileError(
        "The ledger's key is missing",
        f"“{home.root}” holds a ledger but no keys.json, which says where its key is.",
        "Restore keys.json from a backup; or begin anew in another folder with --home.",
    )


def _another_key() -> KeyringError:
    return KeyringError(
        "Another key was found",
        "The system's keyring holds a key, but not the one this ledger was made with.",
        "Restore the keyring and keys.json from the same backup.",
    )
