"""Wire: what the reader and its worker say to each other, in frames of MessagePack."""

from __future__ import annotations

import struct
from typing import IO

import msgspec

from app.documents.extracted import Extracted
from app.documents.limits import Limits

_LENGTH = struct.Struct(">Q")


class Order(msgspec.Struct, frozen=True, tag=True):
    """Read this file within these limits."""

    path: str
    limits: Limits


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker is limited and waits for orders."""


class Got(msgspec.Struct, frozen=True, tag=True):
    """What the file holds."""

    extracted: Extracted


class Refused(msgspec.Struct, frozen=True, tag=True):
    """A DocumentError."""

    title: str
    message: str
    next_step: str


class Crashed(msgspec.Struct, frozen=True, tag=True):
    """The worker met an error it does not know and ends; `where` has no text of the file."""

    where: str


Answer = Ready | Got | Refused | Crashed


def write(pipe: IO[bytes], message: Order | Answer) -> None:
    """Send one message."""
    data = msgspec.msgpack.encode(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def read(pipe: IO[bytes], longest: int) -> bytes | None:
    """One message's bytes; None when the other end is gone, or says more than `longest` bytes."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > longest:
        return None
    data = pipe.read(length)
    return data if len(data) == length else None


def answer_of(data: bytes) -> Answer:
    """Raises msgspec.DecodeError."""
    answer: Answer = msgspec.msgpack.decode(data, type=Answer)
    return answer


def order_of(data: bytes) -> Order:
    """Raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(data, type=Order)
