"""Erasing: files overwritten before they are removed, and the search that proves absence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from app.paths import disk_errors, sync_folder

_CHUNK = 1 << 20
_PAGE, _RESERVED, _IV, _SALT = 4096, 80, 16, 16
_WAL_HEADER, _FRAME_HEADER = 32, 24

Hit = tuple[Path, int]
Heed = Callable[[Path, int], None]
"""Is told of each piece that is looked through: its file, and how many bytes it has."""


def shred(path: Path) -> None:
    """Overwrite a file with random bytes and remove it; a file that is not there is fine.

    On journalling, copy-on-write and flash storage old blocks may outlive the overwriting, which
    is why everything private is also encrypted and its key destroyed first.
    """
    with disk_errors(path):
        # A file that cannot be overwritten (a full copy-on-write disk) must still go away.
        with suppress(OSError):
            _overwrite(path)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)


def shred_all(folder: Path) -> int:
    """Shred every file under a folder, which stays; gives how many there were."""
    count = 0
    for path in _files(folder):
        shred(path)
        count += 1
    return count


def files_under(root: Path) -> list[Path]:
    """Every file and link under `root` (a folder or a file), what a search looks through."""
    return list(_files(root))


def size_of(path: Path) -> int:
    """Bytes of a file, or of a link itself; 0 once it is gone, as the ledger's log may be."""
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def find_bytes(root: Path, needles: Sequence[bytes], heed: Heed | None = None) -> list[Hit]:
    """Every place under `root` (a folder or a file) where one of `needles` is written."""
    return [
        (path, offset) for path in _files(root) for offset in _places(_heeded(path, heed), needles)
    ]


def find_in_ledger(
    ledger: Path, key: bytes, needles: Sequence[bytes], heed: Heed | None = None
) -> list[Hit]:
    """Every place where a needle stands in the ledger's decrypted pages, those in its log too.

    Sees what no query shows: freed pages and the slack of used ones. A text longer than about
    1,000 bytes is cut by page boundaries, so needles should be short. `key` is the raw key.
    """
    hits = []
    for path, pages in (
        (ledger, _database_pages(ledger)),
        (ledger.with_name(f"{ledger.name}-wal"), _log_pages(ledger)),
    ):
        for offset, page, first in pages:
            if heed is not None:
                heed(path, len(page))
            plain = _decrypt(page, key, first)
            hits += [(path, offset + place) for place in _places(iter((plain,)), needles)]
    return hits


def _overwrite(path: Path) -> None:
    if path.is_symlink() or not path.is_file():
        return
    with path.open("r+b") as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(os.urandom(min(left, _CHUNK)))
        file.flush()
        os.fsync(file.fileno())


def _files(root: Path) -> Iterator[Path]:
    if root.is_file() or root.is_symlink():
        yield root
    elif root.is_dir():
        yield from sorted(p for p in root.rglob("*") if p.is_symlink() or p.is_file())


def _chunks(path: Path) -> Iterator[bytes]:
    if path.is_symlink():
        return
    # A file may vanish between listing and reading (the ledger's log does).
    with suppress(FileNotFoundError), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _heeded(path: Path, heed: Heed | None) -> Iterator[bytes]:
    """The chunks of a file; one without a byte is told of as well."""
    if heed is not None:
        heed(path, 0)
    for chunk in _chunks(path):
        if heed is not None:
            heed(path, len(chunk))
        yield chunk


def _places(chunks: Iterator[bytes], needles: Sequence[bytes]) -> Iterator[int]:
    """Offsets of all occurrences, also of those across two chunks."""
    keep = max((len(needle) for needle in needles), default=1) - 1
    tail, start = b"", 0
    for chunk in chunks:
        window = tail + chunk
        for needle in needles:
            # Not again what lay wholly in the tail: the last round has found it.
            place = window.find(needle, max(0, len(tail) - len(needle) + 1))
            while needle and place >= 0:
                yield start + place
                place = window.find(needle, place + 1)
        start += len(window) - min(keep, len(window))
        tail = window[len(window) - min(keep, len(window)) :]


def _database_pages(ledger: Path) -> Iterator[tuple[int, bytes, bool]]:
    if not ledger.is_file():
        return
    with ledger.open("rb") as file:
        offset = 0
        while len(page := file.read(_PAGE)) == _PAGE:
            yield offset, page, offset == 0
            offset += _PAGE


def _log_pages(ledger: Path) -> Iterator[tuple[int, bytes, bool]]:
    """Every frame of the write-ahead log, also those that a checkpoint has made stale."""
    log = ledger.with_name(f"{ledger.name}-wal")
    if not log.is_file():
        return
    with log.open("rb") as file:
        file.seek(_WAL_HEADER)
        offset = _WAL_HEADER
        while len(frame := file.read(_FRAME_HEADER + _PAGE)) == _FRAME_HEADER + _PAGE:
            number = int.from_bytes(frame[:4], "big")
            yield offset + _FRAME_HEADER, frame[_FRAME_HEADER:], number == 1
            offset += _FRAME_HEADER + _PAGE


def _decrypt(page: bytes, key: bytes, first: bool) -> bytes:
    """One SQLCipher 4 page: AES-256-CBC, its IV behind the content, a salt before page one.

    https://www.zetetic.net/sqlcipher/design/
    """
    content = page[_SALT if first else 0 : _PAGE - _RESERVED]
    iv = page[_PAGE - _RESERVED : _PAGE - _RESERVED + _IV]
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    return decryptor.update(content) + decryptor.finalize()
