"""The check-up: every part looked at, each problem named with its remedy."""

from __future__ import annotations

import importlib.util
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from app.copies import Copies, told
from app.documents import tesseract
from app.documents.tesseract import Tesseract
from app.errors import NightschoolError
from app.ledger import Ledger
from app.mind import Mind
from app.models import STARTER
from app.paths import Home, starter_models
from app.protocol import ErrorInfo, Finding

LOW_DISK = 2 * 1024**3
LOW_MEMORY = 1024**3


def home_findings(home: Home) -> Iterator[Finding]:
    """The folder: writable, private, with room left."""
    free = shutil.disk_usage(home.root).free
    if free < LOW_DISK:
        yield Finding(
            severity="problem",
            title="Disk",
            message=f"Only {free / 1e9:.1f} GB are free where {home.root} lies.",
            next_step="Free some space; studying needs about 1 GB for a moment.",
        )
    else:
        yield Finding(severity="ok", title="Disk", message=f"{free / 1e9:.0f} GB are free.")
    exposed = [path for path in (home.root, *home.root.rglob("*")) if _readable_by_others(path)]
    if exposed:
        yield Finding(
            severity="problem",
            title="Privacy of files",
            message=f"{len(exposed)} files can be read by others, {exposed[0]} among them.",
            next_step=f"Run: chmod -R go-rwx {home.root}",
        )
    else:
        yield Finding(
            severity="ok",
            title="Privacy of files",
            message="Only you can read the folder. Your record and what was learned are encrypted;"
            " the vectors of sentences in the search index (index/) are not.",
        )


def installation_findings() -> Iterator[Finding]:
    """The machine and what was installed on it."""
    yield Finding(severity="ok", title="Python", message=sys.version.split()[0])
    starter = starter_models() / STARTER
    if starter.is_file():
        yield Finding(severity="ok", title="Starter model", message="It is installed.")
    else:
        yield Finding(
            severity="problem",
            title="Starter model",
            message=f"{starter} is missing.",
            next_step="Run `make setup` in Nightschool's folder to fetch it again.",
        )
    missing = [n for n in ("torch", "transformers", "peft") if not importlib.util.find_spec(n)]
    if missing:
        yield Finding(
            severity="problem",
            title="Learning",
            message=f"{', '.join(missing)} cannot be found, so nothing can be studied.",
            next_step="Install Nightschool again with `make run`.",
        )
    else:
        yield Finding(severity="ok", title="Learning", message="The trainer is installed.")
    yield from scan_findings(tesseract.find())
    free = psutil.virtual_memory().available
    yield Finding(
        severity="note" if free < LOW_MEMORY else "ok",
        title="Memory",
        message=f"{free / 1e9:.1f} GB are free.",
        next_step="Close other programs before studying." if free < LOW_MEMORY else "",
    )


def scan_findings(program: Path | None) -> Iterator[Finding]:
    """Tesseract, as `tesseract.find` gives it: nothing but scanned PDFs needs it."""
    languages = Tesseract(program).languages() if program is not None else []
    if program is None:
        yield Finding(
            severity="note",
            title="Scanned PDFs",
            message="Their words are not read, because Tesseract is not installed.",
            next_step="If you have scans, install Tesseract and teach them again.",
        )
    elif not languages:
        yield Finding(
            severity="note",
            title="Scanned PDFs",
            message=f"Their words are not read: {program} names no language.",
            next_step="Install a language for Tesseract, such as tesseract-ocr-eng.",
        )
    else:
        yield Finding(
            severity="ok",
            title="Scanned PDFs",
            message=f"Tesseract reads them, in these languages: {', '.join(languages)}.",
        )


def ledger_findings(ledger: Ledger, swept: tuple[str, ...]) -> Iterator[Finding]:
    """The ledger: sound, writable; and what was tidied up at the start."""
    problems = ledger.check()
    if problems:
        yield Finding(
            severity="problem",
            title="Ledger",
            message=f"It is damaged: {problems[0]}",
            next_step=_remedy(ledger.copies),
        )
    elif ledger.read_only:
        yield Finding(
            severity="problem",
            title="Ledger",
            message="It was written by a newer Nightschool and is open for reading only.",
            next_step="Install the newer version again.",
        )
    else:
        yield Finding(
            severity="ok",
            title="Ledger",
            message=f"Sound: {len(ledger.lessons())} lessons, {len(ledger.adapters())} versions.",
        )
    if (made := ledger.copies.made) is not None:
        yield Finding(severity="ok", title="Copy", message=f"The ledger was copied {told(made)}.")
    for note in swept:
        yield Finding(severity="note", title="Tidied up at the start", message=note)


def _remedy(copies: Copies) -> str:
    if (made := copies.made) is None:
        return "Restore it from a backup; what can still be read is left untouched."
    return (
        f"Close Nightschool, and put back the copy of {told(made)} with `nightschool backup"
        " restore`; the damaged ledger is kept beside it."
    )


def set_aside(ledger: Ledger) -> ErrorInfo | None:
    """What to tell of a version that did not start, while what was before it is in use."""
    told = ledger.version_set_aside()
    if told is None:
        return None
    instead = f"Version {told.instead} is" if told.instead else "No version is"
    return ErrorInfo(
        code="set_aside",
        title=f"Version {told.version} did not start",
        message="The model stopped working, or refused it, twice in a row with this version of"
        f" what was learned, so it is not used any more. {instead} in use instead.",
        next_step="Go on as usual; it can be tried again on the page Learned.",
    )


def version_findings(ledger: Ledger) -> Iterator[Finding]:
    """Versions of what was learned that could not be used."""
    for record in ledger.adapters():
        if record.trouble:
            yield Finding(
                severity="problem",
                title=f"Version {record.version}",
                message=record.trouble,
                next_step="Use another version, or study again; this one goes when it is old.",
            )


def model_findings(mind: Mind) -> Iterator[Finding]:
    """The model: loads, answers, and agrees with the active adapter."""
    try:
        base = mind.engine().base_model()
    except NightschoolError as error:
        yield Finding(
            severity="problem", title="Model", message=error.message, next_step=error.next_step
        )
        return
    yield Finding(
        severity="ok",
        title="Model",
        message=f"{base.name} ({base.architecture}), a window of {base.n_ctx:,} tokens.",
    )
    if mind.starter:
        yield Finding(
            severity="note",
            title="A tiny model",
            message="The starter model shows how Nightschool works, but knows little.",
            next_step=f"Put a larger GGUF model into {mind.models_folder} and choose it.",
        )
    if mind.active_but_unfit():
        yield Finding(
            severity="problem",
            title="What was learned",
            message="The active version was made for another model, so it is not used.",
            next_step="Study again: the lessons are taught to this model anew.",
        )


def guarded(name: str, findings: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """A part's findings; a part that cannot even be looked at is a finding itself."""
    try:
        return list(findings())
    except NightschoolError as error:
        return [
            Finding(
                severity="problem", title=name, message=error.message, next_step=error.next_step
            )
        ]
    except OSError as error:
        return [
            Finding(
                severity="problem",
                title=name,
                message=f"It could not be looked at: {error.strerror}.",
                next_step="Check that the folder is there and is yours.",
            )
        ]


def _readable_by_others(path: Path) -> bool:
    if sys.platform == "win32" or path.is_symlink():
        return False
    try:
        return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except FileNotFoundError:
        # Files of the ledger come and go while it is open.
        return False
