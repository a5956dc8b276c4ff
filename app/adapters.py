"""The adapter store: trained adapters as sealed files, each with its record in the ledger."""

from __future__ import annotations

import hashlib
import secrets
import threading
from pathlib import Path

from app.erase import files_under, shred, shred_all
from app.errors import AdapterError, BadRequestError
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER, AdapterDetails, AdapterManifest
from app.ledger_shards import SealedFile
from app.notebook import NAME as NOTEBOOK
from app.paths import TEMPORARY, Home
from app.protocol import ResetPreview, ResetScope
from app.sealed import seal, unseal

__all__ = ["AdapterManifest", "AdapterStore"]


class AdapterStore:
    """Versions on disk. The file comes before its record, and the record goes before its file:

    whatever is killed in between leaves at most a file nobody has the key of, and `sweep`
    removes it.
    """

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home = home
        self._ledger = ledger
        self._lock = threading.RLock()

    def path(self, version: int) -> Path:
        """Where a version's sealed file lies, or lay."""
        return self._home.adapters / f"v{version:04d}.adapter"

    def add(self, gguf: bytes, manifest: AdapterManifest) -> int:
        """Seal an adapter and record it, not yet active; gives its version.

        Raises StorageFullError, LedgerError, and AdapterError when one of its lessons was
        forgotten meanwhile; nothing is kept then.
        """
        with self._lock:
            version = self._ledger.next_adapter()
            path = self.path(version)
            sealed = SealedFile(
                name=path.name,
                key=secrets.token_bytes(32),
                sha256=hashlib.sha256(gguf).hexdigest(),
                size=len(gguf),
            )
            seal(path, gguf, sealed.key)
            recorded = False
            try:
                self._ledger.add_adapter(version, sealed, manifest)
                recorded = True
            finally:
                if not recorded:
                    shred(path)
            return version

    def activate(self, version: int) -> None:
        """Make a version the active one (0: none) after checking its file. Raises AdapterError."""
        with self._lock:
            if version != NO_ADAPTER:
                self.read(self._ledger.adapter_details(version))
            self._ledger.activate_adapter(version)

    def rollback(self, version: int | None = None) -> int:
        """Go back to `version` (0: none; None: the one before the active); gives what is active.

        Raises BadRequestError when nothing is active to go back from, AdapterError when the
        version is unknown or damaged.
        """
        with self._lock:
            if version is None:
                version = self._before(self._ledger.active_adapter())
            self.activate(version)
            return version

    def tidy(self) -> list[Path]:
        """Destroy the versions that are not kept (`app.keeping`), keys first.

        Gives where they lay, for the engine to let go of. What is kept stays as it was.
        """
        with self._lock:
            gone = [self.path(version) for version in self._ledger.destroy_old_versions()]
            self._remove_orphans()
            if gone:
                self._ledger.scrub()
            return gone

    def forget_lesson(self, lesson_id: str) -> list[int]:
        """Destroy a lesson and all versions and shards that hold it, keys first.

        Gives the versions' numbers. Raises BadRequestError for an unknown lesson.
        """
        with self._lock:
            gone = self._ledger.forget_lesson(lesson_id)
            self._remove_orphans()
            return list(gone)

    def destroy_all(self) -> None:
        """Destroy every version and everything half made, keys first."""
        with self._lock:
            self._ledger.remove_adapters()
            shred_all(self._home.adapters)

    def preview_reset(self, scope: ResetScope) -> ResetPreview:
        """What a reset would destroy; `lessons` are those there are, for they may be kept.

        `bytes_on_disk` counts the adapters, the ledger's copy and, when everything goes, the
        ledger.
        """
        counts = self._ledger.counts()
        adapters = [path for path in self._home.adapters.rglob("*") if path.is_file()]
        everything = scope == "everything"
        ledger = (
            [*self._home.root.glob(f"{self._home.ledger.name}*"), *files_under(self._home.backups)]
            if everything
            else self._ledger.copies.ledgers()
        )
        return ResetPreview(
            adapters=counts.adapters,
            checkpoints=sum(
                self._home.staging in path.parents or path.name == NOTEBOOK for path in adapters
            ),
            lessons=counts.lessons,
            conversations=counts.conversations if everything else 0,
            messages=counts.messages if everything else 0,
            bytes_on_disk=sum(path.stat().st_size for path in (*adapters, *ledger)),
        )

    def sweep(self) -> list[str]:
        """Tidy up after whatever ended the last session; gives a sentence for a person each.

        Removes leftovers, reports versions whose file is missing or damaged, and when the active
        one is among them goes back to its nearest sound forerunner.
        """
        if self._ledger.read_only:
            return []
        with self._lock:
            self._ledger.drop_unused_shards()
            removed = shred_all(self._home.staging) + self._remove_orphans()
            for leftover in self._home.root.glob(f"*{TEMPORARY}"):
                shred(leftover)
                removed += 1
            notes = [f"{removed} unfinished files were removed."] if removed else []
            return notes + self._sweep_damaged()

    def _sweep_damaged(self) -> list[str]:
        active = self._ledger.active_adapter()
        damaged = tuple(
            record.version
            for record in self._ledger.adapters()
            if not self._is_sound(record.version, thoroughly=record.active)
        )
        notes = [
            f"Version {version} of what was learned is missing or damaged."
            for version in sorted(damaged)
        ]
        if active in damaged:
            heir = active
            while heir in damaged or not self._is_sound(heir, thoroughly=True):
                damaged = (*damaged, heir)
                heir = self._ledger.ancestor(heir, without=damaged)
            self._ledger.activate_adapter(heir)
            notes.append(
                f"Version {heir} is in use instead." if heir else "No version is in use now."
            )
        return notes

    def _is_sound(self, version: int, *, thoroughly: bool) -> bool:
        """Whether a version's file can be used; the quick look sees a missing or short one."""
        if version == NO_ADAPTER:
            return True
        details = self._ledger.adapter_details(version)
        path = self._home.adapters / details.file
        try:
            if thoroughly:
                self.read(details)
            return path.stat().st_size >= details.size
        except (AdapterError, FileNotFoundError):
            return False

    def read(self, details: AdapterDetails) -> bytes:
        """A version's adapter, after comparing its hash. Raises AdapterError."""
        gguf = unseal(self._home.adapters / details.file, details.key)
        if hashlib.sha256(gguf).hexdigest() != details.sha256:
            raise AdapterError(
                "What was learned is damaged",
                f"The file of version {details.version} is not the one that was examined.",
                "Go back to an earlier version, or study again.",
            )
        return gguf

    def _before(self, active: int) -> int:
        if active == NO_ADAPTER:
            raise BadRequestError(
                "Nothing to go back from",
                "No version of what was learned is in use.",
                "Choose a version from the list.",
            )
        parent = self._ledger.adapter_details(active).parent
        return self._ledger.ancestor(parent, without=(active,))

    def _remove_orphans(self) -> int:
        known = self._ledger.sealed_files()
        orphans = [
            path
            for path in self._home.adapters.iterdir()
            if path.name not in known and (path.is_symlink() or not path.is_dir())
        ]
        for path in orphans:
            shred(path)
        return len(orphans)
