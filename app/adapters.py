"""Adapters: the sealed, versioned store of what was learned in the weights."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

from app.erase import remove
from app.errors import AdapterError
from app.ledger import Ledger
from app.ledger_adapters import NO_ADAPTER, AdapterManifest, SealedFile
from app.paths import Home, disk_errors
from app.protocol import ResetPreview
from app.sealed import seal
from learner.engine import AdapterRef

__all__ = ["AdapterManifest", "AdapterStore"]

SUFFIX = ".sealed"


class AdapterStore:
    """Sealed files and their records; a file counts only once its record is in the ledger."""

    def __init__(self, home: Home, ledger: Ledger) -> None:
        self._home = home
        self._ledger = ledger

    def add(self, gguf: bytes, manifest: AdapterManifest) -> int:
        """Keep a trained adapter; gives its version. Not active yet.

        The file is whole on the disk before its record is written, so a kill in between leaves
        a file without a record, which `sweep` removes. Raises AdapterError, StorageFullError.
        """
        version = self._ledger.next_adapter()
        key = secrets.token_bytes(32)
        name = f"v{version}-{secrets.token_hex(4)}{SUFFIX}"
        path = self._home.adapters / name
        with disk_errors(path):
            seal(path, gguf, key)
        sealed = SealedFile(name, key, hashlib.sha256(gguf).hexdigest(), len(gguf))
        try:
            self._ledger.add_adapter(version, sealed, manifest)
        except BaseException:
            remove(path)
            raise
        return version

    def path(self, version: int) -> Path:
        """Where a version's sealed file lies."""
        return self._home.adapters / self._ledger.adapter_details(version).file

    def ref(self, version: int) -> AdapterRef:
        """A version as the engine loads it."""
        details = self._ledger.adapter_details(version)
        return AdapterRef(
            path=str(self._home.adapters / details.file), key=details.key, scale=details.scale
        )

    def activate(self, version: int) -> None:
        """Use `version` (0: none) from the next reply on. Raises AdapterError."""
        if version != NO_ADAPTER and not self.path(version).is_file():
            raise AdapterError(
                "This version is gone",
                f"The file of version {version} is not there any more.",
                "Choose another version, or study again.",
            )
        self._ledger.activate_adapter(version)

    def rollback(self, to_version: int | None) -> int:
        """Go to `to_version`, or to the one before the active; gives the version now active."""
        active = self._ledger.active_adapter()
        if to_version is None:
            if active == NO_ADAPTER:
                raise AdapterError(
                    "Nothing to roll back",
                    "No version of what was learned is active.",
                    "Study first, or choose a version from the list.",
                )
            parent = self._ledger.adapter_details(active).parent
            to_version = self._ledger.ancestor(parent, without=())
        self.activate(to_version)
        return to_version

    def forget_lesson(self, lesson_id: str) -> list[Path]:
        """Destroy every version that holds a lesson, keys first; gives the files that went."""
        return self._destroy(lesson_id)

    def destroy_all(self) -> list[Path]:
        """Destroy every version and whatever else lies in the folder; gives the files that went."""
        gone = self._destroy(None)
        for path in self._strays(set()):
            remove(path)
        return gone

    def _destroy(self, lesson_id: str | None) -> list[Path]:
        files = {r.version: self.path(r.version) for r in self._ledger.adapters()}
        gone = [files[version] for version in self._ledger.remove_adapters(lesson_id)]
        for path in gone:
            remove(path)
        return gone

    def sweep(self) -> list[str]:
        """Tidy up after a kill; gives what was found, in sentences.

        Files without a record go. An active version whose file is missing gives way to its
        nearest forerunner that is whole.
        """
        notes = []
        details = [self._ledger.adapter_details(r.version) for r in self._ledger.adapters()]
        strays = self._strays({each.file for each in details})
        for path in strays:
            remove(path)
        if strays:
            notes.append(f"{len(strays)} unfinished files of an interrupted study were removed.")
        missing = tuple(d.version for d in details if not (self._home.adapters / d.file).is_file())
        active = self._ledger.active_adapter()
        if active in missing and not self._ledger.read_only:
            heir = self._ledger.ancestor(active, without=missing)
            self._ledger.activate_adapter(heir)
            now_in_use = f"version {heir}" if heir else "the untouched model"
            notes.append(f"The file of version {active} is missing; {now_in_use} is in use.")
        return notes

    def _strays(self, known: set[str]) -> list[Path]:
        inside = [*self._home.adapters.glob("*"), *self._home.staging.glob("*")]
        return [path for path in inside if path.is_file() and path.name not in known]

    def preview_reset(self) -> ResetPreview:
        """What a reset would destroy, counted now."""
        counts = self._ledger.counts()
        checkpoints = [path for path in self._home.staging.glob("*") if path.is_file()]
        files = [*self._home.adapters.glob(f"*{SUFFIX}"), *checkpoints]
        return ResetPreview(
            adapters=counts.adapters,
            checkpoints=len(checkpoints),
            lessons=counts.lessons,
            conversations=counts.conversations,
            messages=counts.messages,
            bytes_on_disk=sum(path.stat().st_size for path in files),
        )
