"""Version commands: listing, naming and pinning versions, and saying how many are kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from app import protocol
from app.assistant import Assistant
from app.errors import BadRequestError
from app.terminal import Terminal

Command = Callable[[str, Any, str], argparse.ArgumentParser]
Run = Callable[[Assistant, argparse.Namespace, Terminal], int]


def add(command: Command) -> None:
    """Add the commands to the command line's parser."""
    command("adapters", _list, "list the versions of what was learned")
    versions = command("versions", _versions, "list, name, pin and keep versions")
    versions.add_argument("action", nargs="?", choices=list(_ACTIONS))
    versions.add_argument(
        "which", nargs="?", metavar="NUMBER", help="a version; with keep: how many of the last"
    )
    versions.add_argument("name", nargs="?", default="", help="with name; none takes it away")


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


_ACTIONS: dict[str, Run] = {"name": _name, "pin": _pin, "unpin": _unpin, "keep": _keep}


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
