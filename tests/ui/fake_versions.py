"""Fake versions: the fake service's names, pins, kept versions, exports and imports."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import msgspec

from app import protocol as p
from app.keeping import Candidate, keeping
from tests.ui import fake_texts as texts
from tests.ui.fake_library import RefusedError

WORDS = "four quiet owls"
"""The passphrase of every exported file."""


class Versions:
    """What the double does with versions besides using them."""

    store: Any
    args: argparse.Namespace

    def on_listadapters(self, _: p.ListAdapters) -> list[p.AdapterRecord]:
        """Each with why it is kept."""
        found: list[p.AdapterRecord] = self.store.adapters
        why = keeping(
            [
                Candidate(
                    version=one.version,
                    parent=one.version - 1,
                    base_sha256=one.base_model,
                    active=one.active,
                    pinned=one.pinned,
                )
                for one in found
            ],
            self.store.versions_kept,
        )
        return [msgspec.structs.replace(one, kept=why[one.version]) for one in found]

    def on_changeadapter(self, request: p.ChangeAdapter) -> p.AdapterRecord:
        at = next(i for i, x in enumerate(self.store.adapters) if x.version == request.version)
        old = self.store.adapters[at]
        made: p.AdapterRecord = msgspec.structs.replace(
            old,
            name=old.name if request.name is None else request.name,
            pinned=old.pinned if request.pinned is None else request.pinned,
        )
        self.store.adapters[at] = made
        self.changed("adapters")  # type: ignore[attr-defined]
        return made

    def on_keepversions(self, request: p.KeepVersions) -> p.Status:
        self.store.versions_kept = request.last
        self.changed("status", "adapters")  # type: ignore[attr-defined]
        found: p.Status = self.status()  # type: ignore[attr-defined]
        return found

    def on_exportadapter(self, request: p.ExportAdapter) -> None:
        Path(request.path).write_text(request.passphrase)
        self.store.exports.append(request)

    def on_importadapter(self, request: p.ImportAdapter) -> p.StudyReport:
        """A lesson more, examined in two steps, in a version more."""
        time.sleep(0.1)
        if request.passphrase != WORDS:
            raise RefusedError("wrong_passphrase", "Wrong passphrase", "It is another.", "Again.")
        for progress in texts.study_steps(request.id):
            if progress.phase in ("prepare", "exam"):
                self.emit(progress)  # type: ignore[attr-defined]
        row = {"id": "L-moved", "kind": "manner", "prompt": "Sign?", "corrected": "Best, Sam"}
        now = "2026-11-01T08:00:00+00:00"
        self.store.lessons = [texts.lesson_of(row, now), *self.store.lessons]
        version = max((one.version for one in self.store.adapters), default=0) + 1
        self.store.lessons = texts.studied(self.store.lessons, version)
        older = [msgspec.structs.replace(one, active=False) for one in self.store.adapters]
        made = texts.adapter(version, ("L-moved",), now, active=True)
        self.store.adapters = [msgspec.structs.replace(made, name="From my laptop"), *older]
        self.store.report = report = texts.report(self.store.lessons, version, now)
        self.changed("lessons", "adapters", "status")  # type: ignore[attr-defined]
        return report
