"""Limits: how much memory, time, output and unpacking the reading of one file may cost."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a file may cost at most.

    `file_bytes` is the size on disk; `memory_bytes` all that the worker may have; `seconds` the
    time from the clock; `inflated_bytes` what comes out of a zip container, counted as it comes;
    `members` the files in a zip container. Beyond these the file is refused. Beyond `pages` and
    `characters` the rest is left out, and the document says so.
    """

    file_bytes: int = 256 * 1024 * 1024
    memory_bytes: int = 1024 * 1024 * 1024
    seconds: float = 120.0
    inflated_bytes: int = 256 * 1024 * 1024
    members: int = 10_000
    pages: int = 5_000
    characters: int = 10_000_000
