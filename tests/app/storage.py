"""Homes, ledgers and keyrings for the tests of what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keyring.backend import KeyringBackend

from app.ledger import Ledger
from app.ledger_adapters import AdapterManifest
from app.os_keyring import SystemKeyring
from app.paths import Home
from app.protocol import ExamFigures, LessonRecord, LessonResult, StudyReport

KEY = bytes(range(32))


def made(folder: Path) -> Home:
    """A home whose folders exist."""
    home = Home(folder)
    home.create()
    return home


@contextmanager
def opened(folder: Path, key: bytes = KEY) -> Iterator[Ledger]:
    """The ledger of a home, closed afterwards."""
    ledger = Ledger.open(made(folder), key)
    try:
        yield ledger
    finally:
        ledger.close()


def lesson(ledger: Ledger, prompt: str = "Who is Ada?", **more: str) -> LessonRecord:
    """A lesson of no particular interest."""
    texts = {"rejected": "A person.", "corrected": "Our cat.", "note": "", **more}
    return ledger.add_lesson(
        kind="term",
        prompt=prompt,
        rejected=texts["rejected"],
        corrected=texts["corrected"],
        note=texts["note"],
    )


def manifest(*lesson_ids: str, parent: int = 0, learned: bool = True) -> AdapterManifest:
    """A manifest of an adapter that holds these lessons."""
    return AdapterManifest(
        base_name="tiny",
        base_sha256="ab" * 32,
        lesson_ids=lesson_ids,
        learned=lesson_ids if learned else (),
        scale=0.75,
        recipe="simple-1",
        seed=7,
        libraries=("torch 2.13.0",),
        exam=exam(),
        parent=parent,
    )


def exam() -> ExamFigures:
    return ExamFigures(
        drift=0.01,
        drift_limit=0.03,
        near_asked=4,
        near_clean=4,
        held_asked=2,
        held=2,
        scale=0.75,
    )


def report(*results: LessonResult, decision: str = "It helps.") -> StudyReport:
    return StudyReport(
        started="2026-11-22T23:00:00+00:00",
        activated=True,
        decision=decision,
        lessons=results,
        exam=exam(),
        adapter=1,
        sha256="cd" * 32,
        seconds=12.5,
        peak_memory_mb=700.0,
    )


def result(lesson_id: str, question: str) -> LessonResult:
    return LessonResult(
        lesson_id=lesson_id,
        title=f"About {question}",
        kind="term",
        asked=4,
        before=0,
        after=3,
        decision="learned",
        question=question,
        before_answer="No idea.",
        after_answer="Our cat.",
    )


def fake_backend(kept: dict[str, str]) -> type[KeyringBackend]:
    """A keyring backend of its own class that keeps its secrets in `kept`."""

    class Fake(KeyringBackend):
        priority = 1  # a class property in the library

        def get_password(self, service: str, username: str) -> str | None:
            return kept.get(f"{service}/{username}")

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[f"{service}/{username}"] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[f"{service}/{username}"]

    return Fake


def keyring_of(kept: dict[str, str]) -> SystemKeyring:
    """A system keyring that works."""
    backend = fake_backend(kept)
    return SystemKeyring(lambda: (backend,))


def no_keyring() -> SystemKeyring:
    """A system without any keyring."""
    return SystemKeyring(lambda: ())
