"""Looking: what a search for traces goes through, told while it goes on and stopped when asked."""

from __future__ import annotations

import threading
from pathlib import Path

from app.erase import files_under, size_of
from app.errors import StoppedError
from app.paths import Home
from app.telling import Send, teller

STEPS = 100


class Looking:
    """Counts files, bytes and decrypted pages; sends `Progress` in hundredths of what lies there.

    `file` and `page` are what `app.erase` tells of each piece; both raise StoppedError.
    """

    def __init__(self, home: Home, request_id: str, send: Send, stop: threading.Event) -> None:
        self._root = home.root
        self._tell = teller(send, request_id, "look")
        self._stop = stop
        self._whole = max(1, sum(map(size_of, files_under(home.root))))
        self._at = -1
        self._seen: set[Path] = set()
        self._bytes = 0
        self._pages = 0

    def file(self, path: Path, size: int) -> None:
        """A piece of a file was read, as it is on the disk."""
        self._go_on()
        self._seen.add(path)
        self._bytes += size
        at = min(STEPS, self._bytes * STEPS // self._whole)
        if at != self._at:
            self._at = at
            self._tell(at, STEPS, f"Looking through {path.relative_to(self._root)}")

    def page(self, path: Path, size: int) -> None:
        """A page of the ledger was decrypted."""
        self._go_on()
        self._pages += 1
        if self._pages % 5_000 == 0:
            self._tell(STEPS, STEPS, f"Looking into the ledger, page {self._pages:,}")

    def over(self, detail: str) -> None:
        """Everything was looked through; `detail` says what comes next."""
        self._tell(STEPS, STEPS, detail)

    def told(self) -> str:
        """What was looked through, as the middle of a sentence."""
        files = "1 file" if len(self._seen) == 1 else f"{len(self._seen):,} files"
        return (
            f"{files} of the home ({_amount(self._bytes)}), as they are on the disk, and"
            f" {self._pages:,} pages of the ledger, decrypted"
        )

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise StoppedError(
                "Stopped",
                "The check was stopped before its end, so nothing was proven.",
                "Check again when there is time.",
            )


def _amount(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} bytes"
