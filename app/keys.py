"""Keys: the root key from the system's keyring or a passphrase, and the subkeys made of it."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.errors import KeyringError

from app.errors import BadRequestError, KeyMissingError, LockedError, WrongPassphraseError
from app.paths import Home, write_atomic
from app.protocol import Finding

SERVICE = "nightschool"
KEY_BYTES = 32
KEYRING_SECONDS = 20.0
"""A keyring that shows no answer, often a prompt nobody sees, is given up after this long."""

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1
_SCRYPT_MEMORY = 256 * 1024 * 1024

# Only stores that keep secrets encrypted; never keyring's plain-text or null backends, whatever
# PYTHON_KEYRING_BACKEND or a configuration file says.
_ALLOWED = (
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
)

Subkey = Literal["ledger", "adapters", "backups"]
KeyState = Literal["open", "passphrase", "new_passphrase", "missing"]


class Backend(Protocol):
    """What is used of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True)
class RootKey:
    """32 random bytes from which every other key is derived; never shown, never logged."""

    secret: bytes

    def __repr__(self) -> str:
        return "RootKey(…)"

    def subkey(self, purpose: Subkey) -> bytes:
        """The 32-byte key of one purpose (HKDF-SHA256, RFC 5869)."""
        info = f"nightschool {purpose} v1".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self.secret)


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """keys.json: where the root key comes from and how to recognise it; nothing secret."""

    source: Literal["keyring", "passphrase"]
    account: str
    salt: str
    n: int = _SCRYPT_N
    r: int = _SCRYPT_R
    p: int = _SCRYPT_P
    check: str


def system_backend() -> Backend | None:
    """The system's keyring among the allowed ones, or None where there is none."""
    for module_name, class_name in _ALLOWED:
        try:
            backend_class = getattr(importlib.import_module(module_name), class_name)
            # `priority` raises RuntimeError where the backend cannot work on this system.
            if backend_class.priority > 0:
                backend = backend_class()
                if module_name.endswith("Windows"):
                    backend.persist = "local machine"
                found: Backend = backend
                return found
        except (ImportError, RuntimeError, KeyringError):
            continue
    return None


class KeyStore:
    """The keys of one home. `find_backend` is the seam to the system's keyring."""

    def __init__(
        self, home: Home, find_backend: Callable[[], Backend | None] = system_backend
    ) -> None:
        self._home = home
        self._find_backend = find_backend

    def state(self) -> KeyState:
        """What is needed to open the ledger; asks nobody anything.

        `open`: the keyring holds the key, or will hold a new one for a new ledger.
        """
        record = self._record()
        if record is not None:
            return "open" if record.source == "keyring" else "passphrase"
        if self._home.ledger.exists():
            return "missing"
        return "open" if self._find_backend() is not None else "new_passphrase"

    def root_key(self, passphrase: str | None) -> RootKey:
        """The root key. Raises LockedError, WrongPassphraseError, KeyMissingError.

        A home without a ledger and without keys gets a new key in the keyring; never does a home
        whose ledger exists.
        """
        record = self._record()
        if record is None:
            if self._home.ledger.exists():
                raise _missing("Its key file, keys.json, is not there.")
            return self.create(passphrase)
        if record.source == "keyring":
            secret = self._from_keyring(record)
        elif passphrase is None:
            raise LockedError(
                "Nightschool is locked", "A passphrase protects its ledger.", "Enter it."
            )
        else:
            secret = _stretch(passphrase, record)
        if not hmac.compare_digest(_check(secret), record.check):
            if record.source == "keyring":
                raise _missing("The keyring holds another key than the one it was made with.")
            raise WrongPassphraseError(
                "Wrong passphrase",
                "This passphrase does not open the ledger; nothing was changed.",
                "Try again; mind capital letters and the keyboard's language.",
            )
        return RootKey(secret)

    def create(self, passphrase: str | None) -> RootKey:
        """Make the keys of a new home: in the keyring, or from `passphrase` when one is given.

        Raises KeyMissingError when a ledger already exists, LockedError when there is neither
        keyring nor passphrase.
        """
        if self._home.ledger.exists() or self._record() is not None:
            raise _missing("A new key would not open it.")
        account, salt = secrets.token_hex(8), secrets.token_hex(16)
        if passphrase is not None:
            if not passphrase:
                raise BadRequestError(
                    "No passphrase", "The passphrase is empty.", "Choose a few words."
                )
            record = _Record(source="passphrase", account=account, salt=salt, check="")
            secret = _stretch(passphrase, record)
        else:
            record = _Record(source="keyring", account=account, salt=salt, check="")
            secret = secrets.token_bytes(KEY_BYTES)
            self._to_keyring(account, secret)
        record = msgspec.structs.replace(record, check=_check(secret))
        write_atomic(self._home.keys, msgspec.json.encode(record))
        return RootKey(secret)

    def destroy(self) -> None:
        """Destroy the keys, so that nothing encrypted under them can be read again."""
        record = self._record()
        backend = self._find_backend()
        if record is not None and record.source == "keyring" and backend is not None:
            _patiently(lambda: backend.delete_password(SERVICE, record.account))
        self._home.keys.unlink(missing_ok=True)

    def findings(self) -> Iterator[Finding]:
        """What the check-up says about the keys."""
        record = self._record()
        state = self.state()
        if state == "missing":
            error = _missing("Its key file, keys.json, is not there.")
            yield Finding(
                severity="problem", title="Keys", message=error.message, next_step=error.next_step
            )
        elif record is not None and record.source == "keyring":
            yield Finding(severity="ok", title="Keys", message="The system's keyring keeps them.")
        elif record is not None:
            yield Finding(
                severity="note",
                title="Keys",
                message="A passphrase protects the ledger, since there is no keyring.",
                next_step="Remember it well: nobody can recover it.",
            )
        else:
            yield Finding(severity="note", title="Keys", message="There is no ledger yet.")

    def _record(self) -> _Record | None:
        try:
            return msgspec.json.decode(self._home.keys.read_bytes(), type=_Record)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise _missing("Its key file, keys.json, cannot be read.") from error

    def _from_keyring(self, record: _Record) -> bytes:
        backend = self._find_backend()
        if backend is None:
            raise _missing("The system's keyring, which holds its key, is not available now.")
        stored = _patiently(lambda: backend.get_password(SERVICE, record.account))
        if stored is None:
            raise _missing("The system's keyring no longer holds its key.")
        try:
            return bytes.fromhex(stored)
        except ValueError as error:
            raise _missing("What the keyring holds is not a key.") from error

    def _to_keyring(self, account: str, secret: bytes) -> None:
        backend = self._find_backend()
        if backend is None:
            raise LockedError(
                "There is no keyring",
                "This system offers no keyring to keep the key in.",
                "Choose a passphrase instead.",
            )
        _patiently(lambda: backend.set_password(SERVICE, account, secret.hex()))


def _stretch(passphrase: str, record: _Record) -> bytes:
    """The key a passphrase stands for (scrypt, RFC 7914)."""
    return hashlib.scrypt(
        passphrase.encode("utf-8", "surrogatepass"),
        salt=bytes.fromhex(record.salt),
        n=record.n,
        r=record.r,
        p=record.p,
        maxmem=_SCRYPT_MEMORY,
        dklen=KEY_BYTES,
    )


def _check(secret: bytes) -> str:
    """A value that recognises the key without telling anything about it."""
    info = b"nightschool key check v1"
    return HKDF(algorithm=SHA256(), length=16, salt=None, info=info).derive(secret).hex()


def _patiently(call: Callable[[], str | None]) -> str | None:
    """The keyring's answer. Raises LockedError when it is locked, broken or silent."""
    answers: list[str | None] = []
    errors: list[KeyringError] = []

    def run() -> None:
        try:
            answers.append(call())
        except KeyringError as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(KEYRING_SECONDS)
    if not answers:
        reason = f"It said: {type(errors[0]).__name__}." if errors else "It did not answer."
        raise LockedError(
            "The keyring does not open",
            f"The system's keyring could not be used. {reason}",
            "Unlock it, then start Nightschool again.",
        )
    return answers[0]


def _missing(what: str) -> KeyMissingError:
    return KeyMissingError(
        "The key of your ledger is missing",
        f"{what} Nightschool never makes a new key beside an existing ledger.",
        "Restore keys.json or the keyring's entry from a backup, or choose another home with"
        " --home.",
    )
