"""X11: the idle time from an X server's screen saver extension, asked through libxcb."""

from __future__ import annotations

import ctypes
import ctypes.util
import select
import struct
import time
from typing import Any

PATIENCE_S = 0.3
"""A server that is slower counts as one that does not answer."""

EXTENSION = b"MIT-SCREEN-SAVER"
_QUERY_INFO = 1
_REPLY = struct.Struct("=16xI")
"""Of a ScreenSaverQueryInfo reply only ms-since-user-input."""


class _Extension(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("global_id", ctypes.c_int))


class _Request(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_size_t),
        ("extension", ctypes.POINTER(_Extension)),
        ("opcode", ctypes.c_uint8),
        ("is_void", ctypes.c_uint8),
    )


class _Piece(ctypes.Structure):
    """An iovec of sys/uio.h."""

    _fields_ = (("base", ctypes.c_char_p), ("size", ctypes.c_size_t))


class _Screens(ctypes.Structure):
    """xcb_screen_iterator_t; the root window's number comes first in a screen."""

    _fields_ = (
        ("data", ctypes.POINTER(ctypes.c_uint32)),
        ("rem", ctypes.c_int),
        ("index", ctypes.c_int),
    )


class X11Probe:
    """Keeps one connection to `display` (None: that of the environment). For one thread.

    Not through Xlib, which ends the whole process when the server goes. libxcb's own module for
    the extension is rarely installed, so the request is put together here.
    """

    name = "X11 screen saver extension"

    def __init__(self, display: str | None = None) -> None:
        self._display = display.encode() if display is not None else None
        self._library: Any = None
        self._connection: Any = None
        self._extension = _Extension(EXTENSION, 0)

    def seconds(self) -> float | None:
        """Since the last input; None without libxcb, a server, the extension, or an answer."""
        if self._library is None:
            self._library = _load()
        if self._library is None or not self._connected():
            return None
        told = self._ask()
        if told is None:
            self.close()
        return told

    def close(self) -> None:
        """Let the server go; the next question connects again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._library.xcb_disconnect(connection)

    def _connected(self) -> bool:
        if self._connection is None:
            self._connection = self._library.xcb_connect(self._display, None)
            self._extension = _Extension(EXTENSION, 0)  # its number belongs to the connection
        if self._library.xcb_connection_has_error(self._connection):
            self.close()
            return False
        known = self._library.xcb_get_extension_data(
            self._connection, ctypes.byref(self._extension)
        )
        # The second field of xcb_query_extension_reply_t that counts is `present`, at byte 8.
        return bool(known) and ctypes.string_at(known, 9)[8] == 1

    def _ask(self) -> float | None:
        library, connection = self._library, self._connection
        root = library.xcb_setup_roots_iterator(library.xcb_get_setup(connection)).data[0]
        request = struct.pack("=BBHI", 0, _QUERY_INFO, 0, root)
        # libxcb fills in major opcode and length, and uses two pieces in front of the first.
        pieces = (_Piece * 4)()
        pieces[2] = _Piece(request, len(request))
        head = _Request(2, ctypes.pointer(self._extension), _QUERY_INFO, 0)
        first = ctypes.byref(pieces, 2 * ctypes.sizeof(_Piece))
        number = library.xcb_send_request(connection, 1, first, ctypes.byref(head))
        if not number or library.xcb_flush(connection) <= 0:
            return None
        return self._answer(number)

    def _answer(self, number: int) -> float | None:
        library, connection = self._library, self._connection
        reply, error = ctypes.c_void_p(), ctypes.c_void_p()
        ready = select.poll()
        ready.register(library.xcb_get_file_descriptor(connection), select.POLLIN)
        deadline = time.monotonic() + PATIENCE_S
        while not library.xcb_poll_for_reply(
            connection, number, ctypes.byref(reply), ctypes.byref(error)
        ):
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            ready.poll(left * 1000)
        told = None
        if reply.value:
            data = ctypes.string_at(reply.value, 32)
            told = _REPLY.unpack(data[: _REPLY.size])[0] / 1000
        for given in (reply, error):
            if given.value:
                library.free(given)
        return told


def _load() -> Any:
    name = ctypes.util.find_library("xcb") or "libxcb.so.1"
    try:
        library: Any = ctypes.CDLL(name)
    except OSError:
        return None
    pointer, uint = ctypes.c_void_p, ctypes.c_uint
    library.xcb_connect.argtypes = (ctypes.c_char_p, pointer)
    library.xcb_connect.restype = pointer
    library.xcb_disconnect.argtypes = (pointer,)
    library.xcb_disconnect.restype = None
    library.xcb_connection_has_error.argtypes = (pointer,)
    library.xcb_get_file_descriptor.argtypes = (pointer,)
    library.xcb_get_extension_data.argtypes = (pointer, pointer)
    library.xcb_get_extension_data.restype = pointer
    library.xcb_get_setup.argtypes = (pointer,)
    library.xcb_get_setup.restype = pointer
    library.xcb_setup_roots_iterator.argtypes = (pointer,)
    library.xcb_setup_roots_iterator.restype = _Screens
    library.xcb_send_request.argtypes = (pointer, ctypes.c_int, pointer, pointer)
    library.xcb_send_request.restype = uint
    library.xcb_flush.argtypes = (pointer,)
    library.xcb_poll_for_reply.argtypes = (pointer, uint, pointer, pointer)
    library.free.argtypes = (pointer,)
    library.free.restype = None
    return library
