"""Folders: those that are watched, in the ledger."""

from __future__ import annotations

import msgspec

from app.errors import BadRequestError
from app.ledger_database import Row, Table, now

_FOLDER = "SELECT id, path, paused FROM folders"


class Folder(msgspec.Struct, frozen=True):
    """A watched folder."""

    id: int
    path: str
    paused: bool


class FolderCounts(msgspec.Struct, frozen=True):
    """How far a folder's documents are: read, failed, and left to be read."""

    read: int
    failed: int
    left: int


class Folders(Table):
    """Watched folders; every method raises BadRequestError for an id that does not exist."""

    def add_folder(self, path: str) -> Folder:
        """Watch a folder; one that is watched already stays as it is."""
        with self._db.transaction():
            self._db.write(
                "INSERT INTO folders (path, added) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
                (path, now()),
            )
            return _folder(self._db.read(f"{_FOLDER} WHERE path = ?", (path,))[0])

    def folder(self, folder_id: int) -> Folder:
        """One folder."""
        rows = self._db.read(f"{_FOLDER} WHERE id = ?", (folder_id,))
        if not rows:
            raise BadRequestError(
                "No such folder",
                "This folder is not watched, or not any more.",
                "Look into the list of folders again.",
            )
        return _folder(rows[0])

    def folders(self) -> list[Folder]:
        """All watched folders in the order they were added."""
        return [_folder(row) for row in self._db.read(f"{_FOLDER} ORDER BY id")]

    def pause_folder(self, folder_id: int, paused: bool) -> Folder:
        """Stop following a folder, or go on."""
        with self._db.transaction():
            self.folder(folder_id)
            self._db.write("UPDATE folders SET paused = ? WHERE id = ?", (paused, folder_id))
            return self.folder(folder_id)

    def remove_folder(self, folder_id: int) -> None:
        """Watch a folder no more; its documents stay, as if each had been taught by hand."""
        with self._db.transaction():
            self.folder(folder_id)
            self._db.write("DELETE FROM folders WHERE id = ?", (folder_id,))

    def folder_counts(self, folder_id: int) -> FolderCounts:
        """How far a folder's documents are; those whose file is gone do not count."""
        rows = self._db.read(
            "SELECT state, count(*) FROM documents WHERE folder_id = ? GROUP BY state",
            (folder_id,),
        )
        counts = {str(state): int(count) for state, count in rows}
        return FolderCounts(
            read=counts.get("ready", 0),
            failed=counts.get("failed", 0),
            left=counts.get("waiting", 0),
        )


def _folder(row: Row) -> Folder:
    id_, path, paused = row
    return Folder(int(id_), str(path), bool(paused))
