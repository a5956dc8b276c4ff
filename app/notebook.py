"""The notebook: a study's half-done work, and what the next one need not ask, sealed."""

from __future__ import annotations

import logging
import secrets
import threading

from app.erase import shred
from app.errors import AdapterError, StorageFullError
from app.ledger import Ledger
from app.paths import Home
from app.sealed import seal, unseal

logger = logging.getLogger("notebook")

NAME = "notebook.sealed"


class SealedNotebook:
    """`learner.notebook.Notebook` under a key in the ledger; without the key nobody can read it."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._path = home.adapters / NAME
        self._ledger = ledger
        self._lock = threading.Lock()

    def load(self) -> bytes | None:
        """What was saved last; nothing when it is missing or damaged, and the work is done anew."""
        with self._lock:
            key = self._ledger.notebook_key()
            if key is None:
                return None
            try:
                return unseal(self._path, key)
            except AdapterError as error:
                logger.warning("the notebook is not used: %s", error.code)
                return None

    def save(self, data: bytes) -> None:
        """Seal these bytes instead; on a full disk the session goes on without a notebook."""
        with self._lock:
            key = self._ledger.notebook_key()
            if key is None:
                key = secrets.token_bytes(32)
                self._ledger.set_notebook_key(NAME, key)
            try:
                seal(self._path, data, key)
            except StorageFullError:
                logger.warning("no room for the notebook")

    def clear(self) -> None:
        """Destroy the key, then the file."""
        with self._lock:
            self._ledger.drop_notebook()
            shred(self._path)
