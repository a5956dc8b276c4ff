"""Version files: a version with its lessons, encrypted with a passphrase, to be taken elsewhere."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import (
    AdapterError,
    BadRequestError,
    LedgerError,
    WrongPassphraseError,
)
from app.keys import Scrypt, is_sane, stretch
from app.paths import write_atomic
from learner.errors import LearnerError
from learner.lesson import Lesson, check
from learner.shards import TrainedShard

MAGIC = b"NSVERSION"
FORMAT = 1
"""The byte after `MAGIC`; raised when files change so that older programs cannot read them."""

_SALT, _NONCE, _SUM = 16, 12, 32
_HEAD = len(MAGIC) + 1 + 3 + _SALT + _NONCE
_MOST_BYTES = 2**31 - 1
"""What AES-GCM takes at once; versions are a thousand times smaller."""


class PackedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it travels: the shards it is the sum of, and the lessons they were taught.

    `lessons` are oldest first and have the names they had where they come from; `sha256` is of the
    sum, as it was served there.
    """

    created: str
    name: str
    base_name: str
    base_sha256: str
    sha256: str
    lessons: tuple[Lesson, ...]
    shards: tuple[TrainedShard, ...]


def pack(path: Path, version: PackedVersion, passphrase: str) -> None:
    """Write a version's file, mode 0600, whole or not at all; an old one is replaced.

    Format: magic, format, scrypt's log2 n, r and p, salt, nonce (all authenticated), then the
    AES-256-GCM text of MessagePack, then a SHA-256 of everything before it, which tells a damaged
    file from a wrong passphrase. Raises BadRequestError, StorageFullError, AdapterError.
    """
    if not passphrase.strip():
        raise BadRequestError(
            "The passphrase is empty",
            "An empty passphrase protects nothing.",
            "Choose a passphrase of a few words.",
        )
    scrypt = Scrypt(secrets.token_hex(_SALT))
    cost = bytes((scrypt.n.bit_length() - 1, scrypt.r, scrypt.p))
    nonce = secrets.token_bytes(_NONCE)
    head = MAGIC + bytes([FORMAT]) + cost + bytes.fromhex(scrypt.salt) + nonce
    key = stretch(passphrase, scrypt).subkey("exports")
    data = head + AESGCM(key).encrypt(nonce, msgspec.msgpack.encode(version), head)
    try:
        write_atomic(path, data + hashlib.sha256(data).digest())
    except LedgerError as error:
        raise AdapterError(
            "The file could not be written",
            f"“{path}” could not be written.",
            "Choose a folder that is there and is yours.",
        ) from error


def unpack(path: Path, passphrase: str) -> PackedVersion:
    """What `pack` wrote. Raises WrongPassphraseError, and AdapterError for any other file."""
    head, body = _parts(path)
    n, r, p = head[len(MAGIC) + 1 : len(MAGIC) + 4]
    salt, nonce = head[-_SALT - _NONCE : -_NONCE], head[-_NONCE:]
    scrypt = Scrypt(salt.hex(), 2 ** min(n, 63), r, p)
    if not is_sane(scrypt):
        raise _damaged(path)
    try:
        plain = AESGCM(stretch(passphrase, scrypt).subkey("exports")).decrypt(nonce, body, head)
    except InvalidTag as error:
        raise WrongPassphraseError(
            "Wrong passphrase",
            "This is not the passphrase that the file was written with.",
            "Try again; mind capitals and the keyboard's language.",
        ) from error
    return _checked(path, plain)


def _parts(path: Path) -> tuple[bytes, bytes]:
    """Head and body of an undamaged file. Raises AdapterError."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
    except OSError as error:
        raise AdapterError(
            "The file could not be read",
            f"“{path}” could not be read ({error.strerror}).",
            "Choose the file that was exported.",
        ) from error
    if not data.startswith(MAGIC):
        raise AdapterError(
            "This is no version of what was learned",
            f"“{path.name}” was not exported by Nightschool.",
            "Choose a file that was.",
        )
    if data[len(MAGIC) : len(MAGIC) + 1] > bytes([FORMAT]):
        raise AdapterError(
            "The file is of a newer Nightschool",
            f"“{path.name}” has a form that this Nightschool does not know.",
            "Install the newer Nightschool here, then import it again.",
        )
    whole = len(data) > _HEAD + _SUM
    if not whole or hashlib.sha256(data[:-_SUM]).digest() != data[-_SUM:]:
        raise _damaged(path)
    return data[:_HEAD], data[_HEAD:-_SUM]


def _checked(path: Path, plain: bytes) -> PackedVersion:
    """What was decrypted, if it is sound in itself. Raises AdapterError."""
    try:
        version = msgspec.msgpack.decode(plain, type=PackedVersion)
        check(version.lessons)
    except (msgspec.DecodeError, LearnerError) as error:
        raise _damaged(path) from error
    known = {lesson.id for lesson in version.lessons}
    for shard in version.shards:
        named = known.issuperset(shard.lesson_ids) and shard.lesson_ids
        if not named or hashlib.sha256(shard.adapter_gguf).hexdigest() != shard.sha256:
            raise _damaged(path)
    return version


def _damaged(path: Path) -> AdapterError:
    return AdapterError(
        "The file is damaged",
        f"“{path.name}” was changed or cut short since it was exported.",
        "Copy it again from where it was exported, or export the version once more.",
    )
