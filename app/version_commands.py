"""Version commands: listing, naming and pinning versions, and saying how many are kept."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from app import protocol
from app.assistant import Assistant
from app.terminal import Terminal

Command = Callable[[str, Any, str], argparse.ArgumentParser]
Run = Callable[[Assistant, argparse.Namespace, Terminal], int]


def add(command: Command) -> None:
    """Add the commands to the command line's parser."""
    command("adapters", _list, "list the versions of what was learned")
    versions = command("versions", _list, "list, name, pin and keep versions of what was learned")
    actions = versions.add_subparsers(metavar="ACTION")

    def action(name: str, run: Run, help_text: str) -> argparse.ArgumentParser:
        # The shared options would be parsed anew here, and hide what stood before the action.
        added = actions.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(run=run)
        return added

    name = action("name", _name, "give a version a name")
    name.add_argument("version", type=int)
    name.add_argument("name", nargs="?", default="", help="none takes the name away")
    for word, run, told in (
        ("pin", _pin, "keep a version whatever comes"),
        ("unpin", _unpin, "keep it no longer than others"),
    ):
        action(word, run, told).add_argument("version", type=int)
    keep = action("keep", _keep, "how many of the last versions are kept")
    keep.add_argument("last", nargs="?", type=int, metavar="NUMBER")


def _list(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    terminal.adapters(assistant.ledger.adapters())
    return 0


def _name(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    changed = _change(assistant, options.version, name=options.name)
    called = f"is called “{changed.name}”" if changed.name else "has no name"
    terminal.result(changed, f"Version {changed.version} {called}.")
    return 0


def _pin(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    changed = _change(assistant, options.version, pinned=True)
    terminal.result(changed, f"Version {changed.version} is kept until you unpin it.")
    return 0


def _unpin(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    changed = _change(assistant, options.version, pinned=False)
    told = "" if changed.kept else " It goes with the next study."
    terminal.result(changed, f"Version {changed.version} is no longer pinned.{told}")
    return 0


def _change(
    assistant: Assistant, version: int, *, name: str | None = None, pinned: bool | None = None
) -> protocol.AdapterRecord:
    return assistant.change_adapter(
        protocol.ChangeAdapter(id="versions", version=version, name=name, pinned=pinned)
    )


def _keep(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.last is not None:
        assistant.keep_versions(options.last)
    kept = assistant.status().versions_kept
    going = [str(one.version) for one in assistant.ledger.adapters() if not one.kept]
    told = f" With the next study these go: {', '.join(going)}." if going else ""
    terminal.result(
        {"last": kept, "going": going},
        f"Besides the version in use, the one before it and pinned ones, {kept} are kept.{told}",
    )
    return 0
