"""Fake settings: the fake service's file managers, stored parts, forgotten lessons and checks."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app import protocol as p
from tests.ui.fake_library import RefusedError

SCRIPT = "/home/sam/.local/share/nautilus/scripts/Teach this to Nightschool"
ENTRY = "/home/sam/.config/autostart/nightschool.desktop"
LIST = "/home/sam/.config/Thunar/uca.xml"
CHANGED = "Something of what was written was changed since."
NO_FILE = ("document", "There is no such file", "It cannot be read.", "Choose another file.")


def desktops() -> list[p.DesktopReport]:
    """Nautilus without the entry, Thunar with one that somebody changed, and two not there."""
    return [
        p.DesktopReport(desktop="nautilus", title="Files (GNOME)", present=True, installed=False),
        p.DesktopReport(desktop="dolphin", title="Dolphin (KDE)", present=False, installed=False),
        p.DesktopReport(desktop="nemo", title="Nemo (Cinnamon)", present=False, installed=False),
        p.DesktopReport(
            desktop="thunar",
            title="Thunar (Xfce)",
            present=True,
            installed=False,
            pieces=(p.PieceReport(name=LIST, state="changed"),),
            problem=CHANGED,
            next_step="Move or delete it if you do not want it, then install once more.",
        ),
    ]


def stored(home: Path) -> p.Storage:
    """A home with a record, versions, vectors and logs."""
    rows: tuple[tuple[str, str, str, bool, int], ...] = (
        ("Your record", "Conversations, lessons, documents.", "ledger.db", True, 48_200_000),
        ("What was learned", "The versions.", "adapters", True, 31_400_000),
        (
            "Search index",
            "Vectors of the sentences in your documents, without their words. Not encrypted: such"
            " vectors give away something of what the sentences say. Only the permissions of the"
            " files (0600 on Linux and macOS) keep other users of this computer from reading them.",
            "index",
            False,
            12_600_000,
        ),
        ("Logs", "What was done and how long it took, never what was said.", "logs", False, 84_000),
    )
    parts = tuple(
        p.StoredPart(title=title, told=told, names=(name,), encrypted=sealed, files=2, size=size)
        for title, told, name, sealed, size in rows
    )
    return p.Storage(home=str(home), parts=parts, free=64_000_000_000)


def forgotten_finding(severity: Any, title: str, message: str, step: str = "") -> p.Finding:
    return p.Finding(severity=severity, title=title, message=message, next_step=step)


class Settings:
    """Requests of the settings page and of checks; a check can wait until it is stopped."""

    store: Any
    args: argparse.Namespace
    home: Path
    stopped: set[str]

    def emit(self, event: p.Event) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ settings

    def on_getstorage(self, _: p.GetStorage) -> p.Storage:
        return stored(self.home)

    def on_listdesktops(self, _: p.ListDesktops) -> list[p.DesktopReport]:
        self.store.desktops = self.store.desktops or desktops()
        reports: list[p.DesktopReport] = self.store.desktops
        return reports

    def on_changedesktop(self, request: p.ChangeDesktop) -> p.DesktopReport:
        at = next(i for i, x in enumerate(self.store.desktops) if x.desktop == request.desktop)
        old: p.DesktopReport = self.store.desktops[at]
        piece = p.PieceReport(name=SCRIPT, state="written" if request.install else "removed")
        made = msgspec.structs.replace(
            old,
            installed=request.install,
            pieces=(piece,),
            note="Right-click, then Scripts." if request.install else "",
            problem="",
            next_step="",
        )
        kept = (piece,) if request.install else ()
        self.store.desktops[at] = msgspec.structs.replace(made, pieces=kept)
        return made

    def on_getnight(self, _: p.GetNight) -> p.NightReport:
        wishes: p.Wishes = self.store.wishes
        reason = "You used the computer 2 minutes ago." if wishes.on else "Turned off."
        paused = wishes.paused_until is not None
        if paused and wishes.on:
            reason = "Paused until tomorrow."
        return p.NightReport(wishes=wishes, doing=None, reason=reason, paused=paused)

    def on_pausenight(self, request: p.PauseNight) -> p.NightReport:
        until = "2099-01-01T07:00" if request.until_tomorrow else None
        self.store.wishes = msgspec.structs.replace(self.store.wishes, paused_until=until)
        return self.on_getnight(p.GetNight(id=""))

    def on_getautostart(self, _: p.GetAutostart) -> p.DesktopReport:
        pieces = (p.PieceReport(name=ENTRY, state="unchanged"),) if self.store.autostart else ()
        return p.DesktopReport(
            desktop="autostart",
            title="Start when you log in",
            present=True,
            installed=self.store.autostart,
            pieces=pieces,
            note="From the next log-in on." if self.store.autostart else "",
        )

    def on_changeautostart(self, request: p.ChangeAutostart) -> p.DesktopReport:
        self.store.autostart = request.on
        return self.on_getautostart(p.GetAutostart(id=""))

    def on_setnight(self, request: p.SetNight) -> p.NightReport:
        hours = request.wishes.hours
        if hours is not None and hours[0] == hours[1]:
            told = "The hours begin and end at the same time."
            raise RefusedError("bad_request", "This cannot be set", told, "Choose another value.")
        self.store.wishes = request.wishes
        return self.on_getnight(p.GetNight(id=""))

    # ------------------------------------------------------------------ checks

    def on_listforgotten(self, _: p.ListForgotten) -> list[p.ForgottenLesson]:
        forgotten: list[p.ForgottenLesson] = self.store.forgotten
        return forgotten

    def looking(self, call: str) -> None:
        """Tell how far a check is; wait where it is to freeze."""
        for progress in steps(call):
            self.emit(progress)
            time.sleep(self.args.delay)
            while self.args.freeze_check == progress.phase and call not in self.stopped:
                time.sleep(0.02)
            if call in self.stopped:
                raise RefusedError("stopped", "Stopped", "Nothing was proven.", "Check again.")

    def on_verifydocument(self, request: p.VerifyDocument) -> list[p.Finding]:
        path = Path(request.path)
        if not path.is_file():
            raise RefusedError(*NO_FILE)
        self.looking(request.id)
        taught = [d for d in self.store.documents if d.path == str(path)]
        looked = forgotten_finding(
            "ok",
            "Looked through",
            "31 files of the home (92.3 MB), as they are on the disk, and 11,767 pages of the"
            " ledger, decrypted, and every row in it, for 40 pieces of the text.",
        )
        if taught:
            step = "Forget it there first."
            told = f"“{taught[0].title}” is among your documents."
            return [forgotten_finding("problem", "Taught", told, step), looked]
        none = f"None of 40 pieces of it stands anywhere in {self.home}."
        return [forgotten_finding("ok", "Nothing is left", none), looked]

    def on_verify(self, request: p.Verify) -> p.Verification:
        self.looking(request.id)
        gone = next(x for x in self.store.forgotten if x.id == request.lesson_id)
        decision = (
            "It is out of use and its keys are destroyed; the weights wait to be made anew."
            if gone.pending
            else "Nothing of it was found; the weights were not made again for comparison."
            if request.quick
            else "It is forgotten: nothing of it is left, and the weights are those that never knew"
            " it."
        )
        answers = p.ProbeAnswers(
            probe=request.probe, now="A bird.", base="A kind of bird.", version=2
        )
        return p.Verification(
            lesson_id=gone.id,
            forgotten=True,
            proven=not gone.pending,
            pending=gone.pending,
            decision=decision,
            findings=tuple(proof(pending=gone.pending, quick=request.quick)),
            answers=(answers,) if request.probe else (),
        )


def steps(call: str) -> Iterator[p.Progress]:
    """Looking through the home, then the weights made again."""
    rows: tuple[tuple[Any, int, float | None, str], ...] = (
        ("look", 10, None, "Looking through ledger.db"),
        ("look", 80, None, "Looking through adapters/v2.shard"),
        ("look", 100, None, "Looking at the weights in use"),
        ("train", 40, 95.0, "Shard 1 of 2: Teaching it again"),
    )
    for phase, step, left, detail in rows:
        yield p.Progress(
            id=call, phase=phase, step=step, steps=100, seconds_left=left, detail=detail
        )


def proof(*, pending: bool, quick: bool) -> Iterator[p.Finding]:
    """The findings of a verification."""
    yield forgotten_finding(
        "ok", "Ledger", "No lesson, version, shard, report or message names it; a tombstone does."
    )
    yield forgotten_finding(
        "ok", "Pages", "Nor is its name in what the ledger deleted, or in its log."
    )
    yield forgotten_finding(
        "ok",
        "Files",
        "31 files of the home (92.3 MB), as they are on the disk, and 11,767 pages of the ledger,"
        " decrypted, were looked through: its name is nowhere in the clear.",
    )
    if pending:
        told = "Lessons that shared its weights still wait to be taught without it."
        yield forgotten_finding("problem", "Weights", told, "Study, then verify again.")
    elif quick:
        told = "They were not made again for comparison: this check was a quick one."
        yield forgotten_finding("note", "Weights", told)
    else:
        told = f"Made again from its 4 lessons alone it is the same byte for byte ({'5e' * 32})."
        yield forgotten_finding("ok", "Shard 1 of 1", told)
    yield forgotten_finding(
        "note", "Not covered", "Old blocks of a solid-state disk and backups cannot be looked into."
    )
