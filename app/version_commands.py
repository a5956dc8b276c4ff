"""Version commands: listing, naming, pinning, keeping, exporting and importing versions."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from app import protocol
from app.assistant import Assistant
from app.errors import BadRequestError, LockedError
from app.stopping import interruptible
from app.terminal import Command, Terminal

PASSPHRASE = "NIGHTSCHOOL_EXPORT_PASSPHRASE"  # noqa: S105 - the variable's name, not its value
Run = Callable[[Assistant, argparse.Namespace, Terminal], int]


def add(command: Command) -> None:
    """Add the commands to the command line's parser."""
    command("adapters", _list, "list the versions of what was learned")
    versions = command("versions", _versions, "list, name, pin, keep, export or import versions")
    versions.epilog = "An exported file keeps its lessons, also those that you forget later."
    versions.add_argument("action", nargs="?", choices=list(_ACTIONS))
    versions.add_argument(
        "which",
        nargs="?",
        metavar="NUMBER|FILE",
        help="a version; with keep: how many of the last; with import: an exported file",
    )
    versions.add_argument(
        "name", nargs="?", default="", metavar="NAME|FILE", help="with name, none takes it away"
    )
    versions.add_argument("--replace", action="store_true", help="with export: also an old file")
    versions.add_argument("--budget", type=float, default=30.0, metavar="MINUTES")


def _versions(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    return _ACTIONS.get(options.action, _list)(assistant, options, terminal)


def _list(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    terminal.adapters(assistant.ledger.adapters())
    return 0


def _name(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    changed = _change(assistant, _number(options), name=options.name)
    called = f"is called “{changed.name}”" if changed.name else "has no name"
    terminal.result(changed, f"Version {changed.version} {called}.")
    return 0


def _pin(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    changed = _change(assistant, _number(options), pinned=True)
    terminal.result(changed, f"Version {changed.version} is kept until you unpin it.")
    return 0


def _unpin(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    changed = _change(assistant, _number(options), pinned=False)
    told = "" if changed.kept else " It goes with the next study."
    terminal.result(changed, f"Version {changed.version} is no longer pinned.{told}")
    return 0


def _keep(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.which is not None:
        assistant.keep_versions(_number(options))
    kept = assistant.status().versions_kept
    going = [one.version for one in assistant.ledger.adapters() if not one.kept]
    told = f" With the next study these go: {', '.join(map(str, going))}." if going else ""
    terminal.result(
        {"last": kept, "going": going},
        f"Besides the version in use, the one before it and pinned ones, {kept} are kept.{told}",
    )
    return 0


def _export(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    version, path = _number(options), Path(_file(options.name)).expanduser()
    if path.exists() and not options.replace:
        raise BadRequestError(
            "There is such a file already",
            f"“{path}” would be replaced.",
            "Choose another name, or add --replace.",
        )
    given = _passphrase(new=True)
    assistant.at.moving.export(
        protocol.ExportAdapter(id="export", version=version, path=str(path), passphrase=given)
    )
    terminal.result(
        {"version": version, "file": str(path)},
        f"Version {version} and its lessons are in “{path}”, encrypted with your passphrase."
        " What you forget later is still in that file.",
    )
    return 0


def _import(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    request = protocol.ImportAdapter(
        id="import",
        path=_file(options.which),
        passphrase=_passphrase(new=False),
        budget_minutes=options.budget,
    )
    with interruptible() as stop:
        terminal.report(assistant.at.moving.bring(request, terminal.event, stop))
    return 0


_ACTIONS: dict[str, Run] = {
    "name": _name,
    "pin": _pin,
    "unpin": _unpin,
    "keep": _keep,
    "export": _export,
    "import": _import,
}


def _file(name: str | None) -> str:
    if not name:
        raise BadRequestError(
            "A file is missing",
            "It is not said which file is meant.",
            "Write `nightschool versions export NUMBER FILE`, or `versions import FILE`.",
        )
    return name


def _passphrase(*, new: bool) -> str:
    """The file's passphrase, from the environment or asked for. Raises LockedError."""
    given = os.environ.get(PASSPHRASE)
    if given is None and sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the file: ")
        if new and given != getpass.getpass("Once more: "):
            raise BadRequestError("They differ", "Nothing was written.", "Try again.")
    if given is None:
        raise LockedError(
            "A passphrase is needed",
            "It protects the exported file.",
            f"Run this in a terminal, or set {PASSPHRASE}.",
        )
    return given


def _number(options: argparse.Namespace) -> int:
    """The number that was given. Raises BadRequestError."""
    try:
        return int(options.which)
    except (TypeError, ValueError) as error:
        raise BadRequestError(
            "A number is missing",
            f"`versions {options.action}` needs one.",
            "Look into `nightschool versions` for the numbers of versions.",
        ) from error


def _change(
    assistant: Assistant, version: int, *, name: str | None = None, pinned: bool | None = None
) -> protocol.AdapterRecord:
    return assistant.change_adapter(
        protocol.ChangeAdapter(id="versions", version=version, name=name, pinned=pinned)
    )
