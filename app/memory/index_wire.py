"""Index wire: what the service and the index's process say to each other."""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

_LENGTH = struct.Struct("<I")


class Call(msgspec.Struct, frozen=True, tag=True):
    """Base of every request; each is answered by one `Reply`, in order."""


class Open(Call, frozen=True):
    """Serve from a generation's folder; `create` makes a new one. Found: how many it holds."""

    folder: str
    create: bool = False


class Add(Call, frozen=True):
    """Take in vectors: ids (int64) and rows (float32, `width` each) as little-endian bytes."""

    ids: bytes
    vectors: bytes
    width: int


class Remove(Call, frozen=True):
    """Drop vectors by their ids (int64)."""

    ids: bytes


class Search(Call, frozen=True):
    """The `k` nearest of one vector (float32). Found: ids and cosines."""

    vector: bytes
    k: int


AnyCall = Open | Add | Remove | Search


class Reply(msgspec.Struct, frozen=True):
    """What came of a call; `error` is empty when it went well."""

    error: str = ""
    count: int = 0
    ids: tuple[int, ...] = ()
    cosines: tuple[float, ...] = ()


def send(out: BinaryIO, message: Call | Reply) -> None:
    """Write one message behind its length."""
    data = msgspec.msgpack.encode(message)
    out.write(_LENGTH.pack(len(data)) + data)
    out.flush()


def receive(source: BinaryIO) -> bytes | None:
    """One message's bytes, None at the end of the stream."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    data = source.read(_LENGTH.unpack(head)[0])
    return data if len(data) == _LENGTH.unpack(head)[0] else None
