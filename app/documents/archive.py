"""Archive: a zip container whose unpacked bytes are counted as they come."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from app.documents import refusals
from app.documents.limits import Limits

_PIECE = 1 << 16
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """A zip's members, read within limits; headers are never believed.

    Every method raises DocumentError: damage, a password, too many members, or more unpacked
    bytes, all reads of this archive taken together, than the limits allow.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.inflated_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise refusals.damaged("its list of parts is broken") from error
        if len(self._zip.infolist()) > limits.members:
            raise refusals.too_many_members(limits.members)
        self.names = frozenset(self._zip.namelist())

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member's bytes, some at a time."""
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & _ENCRYPTED:
                raise refusals.locked()
            if info.compress_type not in _METHODS:
                raise refusals.damaged("a part is packed in an unusual way")
            with self._zip.open(info) as member:
                while piece := member.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise refusals.too_large_unpacked(self._limits.inflated_bytes)
                    yield piece
        except KeyError as error:
            raise refusals.damaged("a part is missing") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise refusals.damaged("a part is broken") from error

    def read(self, name: str) -> bytes:
        """A member's bytes."""
        return b"".join(self.pieces(name))

    def mimetype(self) -> str:
        """What the member `mimetype` says, "" without one."""
        if "mimetype" not in self.names:
            return ""
        return self.read("mimetype")[:200].decode("ascii", "replace")


def is_zip(data: bytes) -> bool:
    """Whether bytes begin as a zip's do."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))
