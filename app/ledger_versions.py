"""Version records: names and pins, which versions stay, and those that did not start."""

from __future__ import annotations

import msgspec

from app.errors import BadRequestError
from app.keeping import MOST, USUAL, Candidate, keeping
from app.ledger_adapters import AdapterDetails, AdapterRecords
from app.ledger_settings import Settings
from app.message import Message
from app.protocol import AdapterRecord, Kept

KEPT_SETTING = "versions kept"
SET_ASIDE_SETTING = "version set aside"

NOT_STARTED = "It did not start twice in a row, so it is not used."

NEW, TRIED, ANSWERED = 0, 1, 2
"""What is known of a version since it was put to use."""

_LONGEST_NAME = 60


class SetAside(Message, frozen=True):
    """A version that did not start, and the one that is in use instead (0 for none)."""

    version: int
    instead: int


class VersionRecords(AdapterRecords, Settings):
    """What a person and the first start make of the versions there are."""

    def adapters(self) -> list[AdapterRecord]:
        """All versions, newest first."""
        every = self._details("ORDER BY version DESC")
        why = self._keeping(every)
        return [_record(details, why[details.version]) for details in every]

    def change_adapter(
        self, version: int, *, name: str | None = None, pinned: bool | None = None
    ) -> AdapterRecord:
        """Name or pin a version; None changes nothing. Raises AdapterError, BadRequestError."""
        with self._db.transaction():
            details = self.adapter_details(version)
            called = details.name if name is None else " ".join(name.split())
            if len(called) > _LONGEST_NAME:
                raise BadRequestError(
                    "This name is too long",
                    f"It has {len(called)} characters; {_LONGEST_NAME} are the most.",
                    "Choose a shorter one.",
                )
            self._db.write(
                "UPDATE adapters SET name = ?, pinned = ? WHERE version = ?",
                (called, details.pinned if pinned is None else pinned, version),
            )
            return next(one for one in self.adapters() if one.version == version)

    # ------------------------------------------------------------------ which ones stay

    def versions_kept(self) -> int:
        """How many of the last versions are kept."""
        return int(self.setting(KEPT_SETTING) or USUAL)

    def keep_versions(self, last: int) -> None:
        """Keep this many from the next activation on. Raises BadRequestError."""
        if not 0 <= last <= MOST:
            raise BadRequestError(
                "This cannot be set",
                f"{last} is not a number of versions to keep.",
                f"Choose one from 0 to {MOST}.",
            )
        self.set_setting(KEPT_SETTING, str(last))

    def destroy_old_versions(self) -> tuple[int, ...]:
        """Delete the records, keys included, of versions that are not kept; gives their numbers.

        Shards go with the last version that is made of them.
        """
        why = self._keeping(self._details("ORDER BY version"))
        gone = tuple(sorted(version for version, reason in why.items() if not reason))
        # A copy would still have their keys; one that has not may stay.
        with self._db.forgetting() if gone else self._db.transaction():
            for version in gone:
                forerunner = self.ancestor(version, without=gone)
                self._db.write(
                    "UPDATE adapters SET parent = ? WHERE parent = ?", (forerunner, version)
                )
                self._db.write("DELETE FROM adapters WHERE version = ?", (version,))
            self.drop_unused_shards()
            return gone

    def _keeping(self, every: list[AdapterDetails]) -> dict[int, Kept]:
        candidates = [
            Candidate(
                version=details.version,
                parent=self.ancestor(details.parent, without=()),
                base_sha256=details.base_sha256,
                active=details.state == "active",
                pinned=details.pinned,
            )
            for details in every
        ]
        return keeping(candidates, self.versions_kept())

    # ------------------------------------------------------------------ its first start

    def activate_adapter(self, version: int) -> None:
        """As `AdapterRecords.activate_adapter`; its first start is still to come."""
        with self._db.transaction():
            super().activate_adapter(version)
            self._db.write(
                "UPDATE adapters SET started = ?, failed_starts = 0, trouble = ''"
                " WHERE version = ?",
                (NEW, version),
            )
            self._db.write("DELETE FROM settings WHERE name = ?", (SET_ASIDE_SETTING,))

    def start_of(self, version: int) -> int:
        """`NEW`, `TRIED` or `ANSWERED`; a version that is gone needs no trial."""
        rows = self._db.read("SELECT started FROM adapters WHERE version = ?", (version,))
        return int(rows[0][0]) if rows else ANSWERED

    def note_start(self, version: int, started: int) -> None:
        """It was tried, or has answered; a whole answer ends what failed before it."""
        self._db.write(
            "UPDATE adapters SET started = ?1, failed_starts = iif(?1 = ?3, 0, failed_starts)"
            " WHERE version = ?2 AND started < ?1",
            (started, version, ANSWERED),
        )

    def note_failed_start(self, version: int) -> int:
        """It did not start; gives how often that was so in a row, 0 when it is gone."""
        with self._db.transaction():
            self._db.write(
                "UPDATE adapters SET failed_starts = failed_starts + 1 WHERE version = ?",
                (version,),
            )
            rows = self._db.read("SELECT failed_starts FROM adapters WHERE version = ?", (version,))
            return int(rows[0][0]) if rows else 0

    def set_aside(self, version: int) -> int:
        """Put what was before a version that does not start to use; gives what that is."""
        with self._db.transaction():
            instead = self.ancestor(self.adapter_details(version).parent, without=(version,))
            self.activate_adapter(instead)
            self._db.write(
                "UPDATE adapters SET trouble = ? WHERE version = ?", (NOT_STARTED, version)
            )
            told = msgspec.json.encode(SetAside(version=version, instead=instead)).decode()
            self.set_setting(SET_ASIDE_SETTING, told)
            return instead

    def version_set_aside(self) -> SetAside | None:
        """What did not start and was not followed by another choice, or None."""
        text = self.setting(SET_ASIDE_SETTING)
        told = msgspec.json.decode(text, type=SetAside) if text else None
        return told if told and told.instead == self.active_adapter() else None


def _record(details: AdapterDetails, kept: Kept) -> AdapterRecord:
    return AdapterRecord(
        version=details.version,
        created=details.created,
        lesson_ids=details.lesson_ids,
        active=details.state == "active",
        base_model=details.base_name,
        sha256=details.sha256,
        size=details.size,
        drift=details.exam.drift if details.exam else None,
        name=details.name,
        pinned=details.pinned,
        kept=kept,
        trouble=details.trouble,
    )
