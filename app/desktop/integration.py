"""Integration: puts entries into a person's desktop, each whole, and takes them away again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.desktop.command import Command
from app.desktop.desktops import DESKTOPS, Desktop
from app.desktop.pieces import Piece, RegistryKey, RegistryValue, Undo, WholeFile, remove_empty
from app.desktop.places import Places
from app.desktop.record import Record, Written
from app.desktop.reports import DesktopReport, PieceReport, PieceState
from app.desktop.thunar import Entry, seed_of
from app.desktop.uca import UcaError
from app.errors import BadRequestError, DesktopError, NightschoolError
from app.paths import Home


class Integration:
    """The entries of one home in the desktop of one person: those of `desktops` alone.

    They are file managers and their menus unless others are given.
    """

    def __init__(
        self,
        home: Home,
        places: Places,
        command: Command,
        desktops: Sequence[Desktop] = DESKTOPS,
    ) -> None:
        self._record = Record(home)
        self._desktops = desktops
        self._places = places
        self._command = command

    @classmethod
    def of_this_user(cls, home: Home) -> Integration:
        """The entries that start this installation, in the menus of whoever runs this."""
        command = Command.of_this_installation(None if home == Home.usual() else home.root)
        return cls(home, Places.of_this_user(), command)

    def status(self) -> tuple[DesktopReport, ...]:
        """How things stand for every desktop of this platform; writes nothing."""
        return tuple(self._status(desktop) for desktop in self._possible())

    def change(self, desktop: str, *, install: bool) -> DesktopReport:
        """Install or remove the entry of one desktop. Raises as `install` and `remove` do."""
        named = self._named(desktop)
        if install:
            return self.install([desktop])[0]
        return next(iter(self.remove([desktop])), self._status(named))

    def install(self, only: Sequence[str] = ()) -> tuple[DesktopReport, ...]:
        """Write the entries for the desktops that are present, or for those in `only`.

        For each desktop all of it or nothing; one that fails does not keep the others from it.
        Raises DesktopError for another user's desktop and BadRequestError for an unknown one.
        """
        self.refuse_another()
        chosen = [one for one in self._possible() if one.present(self._places)]
        if only:
            chosen = [self._named(name) for name in dict.fromkeys(only)]
        return tuple(self._guarded(desktop) for desktop in chosen)

    def remove(self, only: Sequence[str] = ()) -> tuple[DesktopReport, ...]:
        """Take away what was written and is unchanged; what was changed is left and told of.

        All of it, or what was written for the desktops in `only`. Raises DesktopError.
        """
        self.refuse_another()
        recorded = {row.desktop for row in self._record.all()}
        recorded &= set(only) or recorded
        return tuple(
            self._remove(one) for one in reversed(self._possible()) if one.name in recorded
        )

    # ------------------------------------------------------------------ one desktop

    def _guarded(self, desktop: Desktop) -> DesktopReport:
        try:
            return self._install(desktop)
        except NightschoolError as error:
            return self._report(desktop, (), problem=error.message, next_step=error.next_step)
        except UcaError as error:
            return self._report(
                desktop,
                (),
                problem=f"Its list of custom actions cannot be changed. {error}",
                next_step="Open Thunar's “Configure custom actions…”, which writes the list anew.",
            )
        except OSError as error:
            return self._report(
                desktop,
                (),
                problem=f"Nothing was written: {error.strerror or error} ({error.filename}).",
                next_step="Check the owner and the permissions of this folder, then try again.",
            )

    def _install(self, desktop: Desktop) -> DesktopReport:
        before = self._record.of(desktop.name)
        ours = {(row.kind, row.name): row for row in before}
        pieces = desktop.pieces(self._places, self._command)
        pending = [piece for piece in pieces if not piece.intact()]
        for piece in pending:
            _refuse_foreign(piece, ours.get((piece.kind, piece.name)))
        rows = [_row(desktop, piece, ours.get((piece.kind, piece.name))) for piece in pieces]
        kept = [
            row for row in before if (row.kind, row.name) not in {(r.kind, r.name) for r in rows}
        ]
        # Recorded first: a process that is killed between leaves nothing that is not known.
        self._record.keep(desktop.name, [*kept, *rows])
        try:
            _put_all(pending)
        except (OSError, UcaError):
            self._record.keep(desktop.name, before)
            raise
        now = [_settled(row, piece.wanted()) for row, piece in zip(rows, pieces, strict=True)]
        self._record.keep(desktop.name, [*kept, *now])
        reports = [
            PieceReport(name=piece.name, state="written" if piece in pending else "unchanged")
            for piece in pieces
        ]
        return self._report(desktop, reports, installed=True, note=desktop.where)

    def _remove(self, desktop: Desktop) -> DesktopReport:
        reports: list[PieceReport] = []
        left: list[Written] = []
        rows = self._record.of(desktop.name)
        problem = ""
        for row in reversed(rows):
            try:
                state = self._take(row)
            except (OSError, UcaError) as error:
                state, problem = "changed", f"{row.name} could not be removed: {error}."
            if state == "changed":
                left.append(row)
            reports.append(PieceReport(name=row.name, state=state))
        # What was changed stays recorded, so that the next `remove` can look at it again.
        self._record.keep(desktop.name, reversed(left))
        if left and not problem:
            problem = "What was changed since it was written was left where it is."
        step = "Look at it, and delete it by hand if you no longer want it." if left else ""
        return self._report(desktop, reports, problem=problem, next_step=step)

    def _take(self, row: Written) -> PieceState:
        piece = self._piece(row)
        now = piece.now() if piece is not None else None
        if piece is None or now is None:
            remove_empty([Path(folder) for folder in row.folders])
            return "missing"
        if now not in row.digests:
            return "changed"
        piece.take(made=row.made)
        remove_empty([Path(folder) for folder in row.folders])
        return "removed"

    def _status(self, desktop: Desktop) -> DesktopReport:
        rows = self._record.of(desktop.name)
        reports = [PieceReport(name=row.name, state=self._state(row)) for row in rows]
        problem, step = "", "Install it once more."
        if any(one.state == "changed" for one in reports):
            problem = "Something of what was written was changed since."
            step = "Move or delete it if you do not want it, then install once more."
        elif any(one.state != "unchanged" for one in reports):
            problem = "Something of what was written is gone."
        elif rows and not self._current(desktop):
            problem = "It was written by another installation, or by an earlier version."
        well = bool(rows) and not problem
        return self._report(
            desktop,
            reports,
            installed=well,
            note=desktop.where if well else "",
            problem=problem,
            next_step=step if problem else "",
        )

    def _current(self, desktop: Desktop) -> bool:
        try:
            return all(piece.intact() for piece in desktop.pieces(self._places, self._command))
        except (OSError, UcaError):
            return False

    def _state(self, row: Written) -> PieceState:
        try:
            piece = self._piece(row)
            now = piece.now() if piece is not None else None
        except (OSError, UcaError):
            return "changed"
        if now is None:
            return "missing"
        return "unchanged" if now in row.digests else "changed"

    def _piece(self, row: Written) -> Piece | None:
        """A recorded piece, to be looked at and taken away."""
        if row.kind == "entry":
            return Entry(Path(row.name), seed=seed_of(self._places))
        if row.kind == "file":
            return WholeFile(Path(row.name))
        registry = self._places.registry
        if registry is None:
            return None
        if row.kind == "value":
            return RegistryValue.named(registry, row.name)
        return RegistryKey(registry, row.name)

    def _report(
        self,
        desktop: Desktop,
        pieces: Iterable[PieceReport],
        *,
        installed: bool = False,
        note: str = "",
        problem: str = "",
        next_step: str = "",
    ) -> DesktopReport:
        return DesktopReport(
            desktop=desktop.name,
            title=desktop.title,
            present=desktop.present(self._places),
            installed=installed,
            pieces=tuple(pieces),
            note=note,
            problem=problem,
            next_step=next_step,
        )

    # ------------------------------------------------------------------ what is refused

    def _possible(self) -> list[Desktop]:
        return [desktop for desktop in self._desktops if desktop.possible(self._places)]

    def _named(self, name: str) -> Desktop:
        for desktop in self._possible():
            if desktop.name == name:
                return desktop
        listed = ", ".join(desktop.name for desktop in self._possible())
        raise BadRequestError(
            "No such file manager",
            f"There is no “{name}” on this system that Nightschool could be added to.",
            f"Name some of: {listed}.",
        )

    def refuse_another(self) -> None:
        """Raises DesktopError when this runs as another user than the desktop's owner."""
        if self._places.another:
            raise DesktopError(
                "This is another user's desktop",
                "What is written here belongs to the person who uses it, but this runs as another"
                " user (sudo?), whose files would then lie in that person's folders.",
                "Run it again as yourself, without sudo.",
            )


def _refuse_foreign(piece: Piece, row: Written | None) -> None:
    now = piece.now()
    allowed = {piece.wanted(), *(row.digests if row is not None else ())}
    if now is not None and now not in allowed:
        raise DesktopError(
            "Something else is there already",
            f"“{piece.name}” was not written by Nightschool, or was changed since.",
            "Move or delete it, then install the entry again.",
        )


def _row(desktop: Desktop, piece: Piece, former: Written | None) -> Written:
    """What to record before writing: the new digest, and the former until it is replaced."""
    return Written(
        desktop=desktop.name,
        kind=piece.kind,
        name=piece.name,
        digests=tuple(dict.fromkeys((piece.wanted(), *(former.digests if former else ())))),
        folders=(*(former.folders if former else ()), *map(str, piece.folders())),
        made=piece.makes_file() or (former is not None and former.made),
    )


def _settled(row: Written, digest: str) -> Written:
    return Written(
        desktop=row.desktop,
        kind=row.kind,
        name=row.name,
        digests=(digest,),
        folders=row.folders,
        made=row.made,
    )


def _put_all(pieces: Sequence[Piece]) -> None:
    """Write all of them, or none. Raises OSError or UcaError."""
    undo: list[Undo] = []
    try:
        for piece in pieces:
            undo.append(piece.put())  # noqa: PERF401 (what was put counts when one fails)
    except (OSError, UcaError):
        for step in reversed(undo):
            step()
        raise
