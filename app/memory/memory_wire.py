"""The private messages between the memory's client and its child process, as MessagePack."""

from __future__ import annotations

from typing import IO

import msgspec

from app.protocol import ErrorInfo

LARGEST = 1 << 26
"""Bytes one message may have; more means that the stream is not ours."""

_HEAD = 4


class Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """What the client asks; `id` comes back in the one answer."""

    id: int


class Embed(Order, frozen=True, tag="embed"):
    """Sentence embeddings by the model files in `folder`, ahead of others if `urgent`.

    Answer: `Numbers`, one after the other the vectors, float32, each of length 1.
    """

    folder: str
    texts: tuple[str, ...]
    urgent: bool


class Open(Order, frozen=True, tag="open"):
    """Open the finished index in `folder`. Answer: `Count`, or -1 when it cannot be trusted."""

    folder: str


class Begin(Order, frozen=True, tag="begin"):
    """Make an empty, unfinished index in the new folder `folder`. Answer: `Count`."""

    folder: str


class Add(Order, frozen=True, tag="add"):
    """Add passages: `ids` int64, `vectors` float16 of length 1. Answer: `Count` after it."""

    ids: bytes
    vectors: bytes


class Remove(Order, frozen=True, tag="remove"):
    """Take passages out; unknown `ids` (int64) are no error. Answer: `Count` after it."""

    ids: bytes


class Save(Order, frozen=True, tag="save"):
    """Mark what the index holds now as finished. Answer: `Count`."""


class Search(Order, frozen=True, tag="search"):
    """The `k` nearest of `vector` (float32). Answer: `Found`."""

    vector: bytes
    k: int


class Close(Order, frozen=True, tag="close"):
    """Let go of the index's files, marked as finished if it is to be kept. Answer: `Count`."""

    keep: bool


AnyOrder = Embed | Open | Begin | Add | Remove | Save | Search | Close


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """What the child says to the order `id`."""

    id: int


class Numbers(Answer, frozen=True, tag="numbers"):
    """Float32 in this machine's byte order."""

    data: bytes


class Count(Answer, frozen=True, tag="count"):
    """How many passages the index holds."""

    held: int


class Found(Answer, frozen=True, tag="found"):
    """Passages, the nearest first: `ids` int64 and their `cosines` float32."""

    ids: bytes
    cosines: bytes


class Refused(Answer, frozen=True, tag="refused"):
    """The order could not be carried out."""

    error: ErrorInfo


AnyAnswer = Numbers | Count | Found | Refused

_orders: msgspec.msgpack.Decoder[AnyOrder] = msgspec.msgpack.Decoder(AnyOrder)
_answers: msgspec.msgpack.Decoder[AnyAnswer] = msgspec.msgpack.Decoder(AnyAnswer)
_encoder = msgspec.msgpack.Encoder()


def frame(message: Order | Answer) -> bytes:
    """A message behind its length (4 bytes, big-endian)."""
    body = _encoder.encode(message)
    return len(body).to_bytes(_HEAD, "big") + body


def next_body(source: IO[bytes]) -> bytes | None:
    """The next message's bytes; None when the stream has ended, also in the middle of one.

    Raises msgspec.DecodeError when a length cannot be one.
    """
    head = source.read(_HEAD)
    if len(head) < _HEAD:
        return None
    length = int.from_bytes(head, "big")
    if length > LARGEST:
        raise msgspec.DecodeError("not a message")
    body = source.read(length)
    return body if len(body) == length else None


def order_of(body: bytes) -> AnyOrder:
    """An order from its bytes. Raises msgspec.DecodeError."""
    return _orders.decode(body)


def answer_of(body: bytes) -> AnyAnswer:
    """An answer from its bytes. Raises msgspec.DecodeError."""
    return _answers.decode(body)
