"""Message: the base of everything that is sent over the protocol."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything on the wire: values only, unknown fields ignored."""
