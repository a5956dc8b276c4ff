"""Refusals: the sentences for files that cannot be read, each with what to do next."""

from __future__ import annotations

from app.errors import DocumentError


def unreadable(error: OSError) -> DocumentError:
    """The system did not give the file."""
    return DocumentError(
        "The file cannot be read",
        f"The system says: {error.strerror or type(error).__name__}.",
        "Check that the file is there and that you may read it.",
    )


def no_file() -> DocumentError:
    """It is a folder, a pipe, a device."""
    return DocumentError(
        "This is no file",
        "It is a folder, a device or a pipe, which cannot be read as a document.",
        "Choose a file; a folder can be watched.",
    )


def empty() -> DocumentError:
    """There are no bytes, or no characters other than blanks."""
    return DocumentError(
        "The file is empty", "There is no text in it.", "Put text into it; it is then read again."
    )


def unknown(what: str) -> DocumentError:
    """`what` completes "It is …": the bytes are of no format that is read here."""
    return DocumentError(
        "This format is not read",
        f"It is {what}.",
        "Save it as PDF, DOCX, ODT or plain text and teach that file.",
    )


def locked() -> DocumentError:
    """It needs a password."""
    return DocumentError(
        "The file needs a password",
        "It is protected, so its text cannot be read.",
        "Save a copy without a password and teach that.",
    )


def damaged(what: str = "") -> DocumentError:
    """The bytes do not follow their own format; `what` completes "The file is damaged: …"."""
    return DocumentError(
        "The file is damaged",
        f"It could not be read to its end{f' ({what})' if what else ''}.",
        "Open it in the program that made it, save it again, and teach it once more.",
    )


def too_large(limit: int) -> DocumentError:
    """The file has more bytes than are read."""
    return DocumentError(
        "The file is too large",
        f"Files up to {_mb(limit)} are read.",
        "Split it into smaller files and teach those.",
    )


def too_large_unpacked(limit: int) -> DocumentError:
    """A zip container holds more than is unpacked."""
    return DocumentError(
        "The file is too large inside",
        f"Unpacked it would need more than {_mb(limit)}.",
        "If you trust it, split it into smaller files and teach those.",
    )


def too_many_members(limit: int) -> DocumentError:
    """A zip container has more members than are looked at."""
    return DocumentError(
        "The file has too many parts",
        f"More than {limit:,} files are packed into it.",
        "If you trust it, split it into smaller files and teach those.",
    )


def too_slow(seconds: float) -> DocumentError:
    """Reading was given up."""
    return DocumentError(
        "Reading took too long",
        f"It was given up after {seconds:.0f} seconds.",
        "Save it in a simpler form, for example as plain text, and teach that.",
    )


def too_much_memory(limit: int) -> DocumentError:
    """Reading was given up."""
    return DocumentError(
        "Reading needs too much memory",
        f"It was given up at {_mb(limit)}.",
        "Split it into smaller files and teach those.",
    )


def crashed(how: str) -> DocumentError:
    """The worker ended while it read this file; `how` completes "The reader … "."""
    return DocumentError(
        "The file could not be read",
        f"The reader failed on it ({how}); nothing else was touched.",
        "Open it in the program that made it, save it again, and teach it once more.",
    )


def no_worker(error: OSError) -> DocumentError:
    """The system starts no process now."""
    return DocumentError(
        "The reader could not be started",
        f"The system refused to start a process ({error.strerror or type(error).__name__}).",
        "Close other programs and teach the file again.",
    )


def _mb(count: int) -> str:
    return f"{max(1, count // (1024 * 1024)):,} MB"
