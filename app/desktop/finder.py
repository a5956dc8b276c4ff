"""Finder: a Quick Action of macOS, a workflow that runs one shell command."""

from __future__ import annotations

import plistlib
from typing import Any

from app.desktop.command import TITLE, Command
from app.desktop.pieces import Piece, WholeFile
from app.desktop.places import Places

_ACTION = "A3B0E5B2-5C2E-4B52-9E55-0F1C6F0E7A01"
_INPUT = "A3B0E5B2-5C2E-4B52-9E55-0F1C6F0E7A02"
_OUTPUT = "A3B0E5B2-5C2E-4B52-9E55-0F1C6F0E7A03"


def present(places: Places) -> bool:
    """Whether this is macOS."""
    return places.platform == "darwin"


def pieces(places: Places, command: Command) -> list[Piece]:
    """The workflow's two files."""
    contents = places.user / "Library" / "Services" / f"{TITLE}.workflow" / "Contents"
    return [
        WholeFile(contents / "document.wflow", plistlib.dumps(_document(shell_command(command)))),
        WholeFile(contents / "Info.plist", plistlib.dumps(_info())),
    ]


def shell_command(command: Command) -> str:
    """What the workflow runs; in the background, or its cogwheel turns until the window closes."""
    return f'{command.for_shell()} "$@" </dev/null >/dev/null 2>&1 &'


def _info() -> dict[str, Any]:
    service = {
        "NSMenuItem": {"default": TITLE},
        "NSMessage": "runWorkflowAsService",
        "NSRequiredContext": {"NSApplicationIdentifier": "com.apple.finder"},
        "NSSendFileTypes": ["public.item"],
    }
    return {"NSServices": [service]}


def _document(shell_text: str) -> dict[str, Any]:
    """Automator's form, as far as it is needed to run a shell with the files as arguments."""
    strings = {"Container": "List", "Types": ["com.apple.cocoa.string"]}
    action = {
        "AMAccepts": {**strings, "Optional": True},
        "AMActionVersion": "2.0.3",
        "AMApplication": ["Automator"],
        "AMProvides": strings,
        "ActionBundlePath": "/System/Library/Automator/Run Shell Script.action",
        "ActionName": "Run Shell Script",
        "ActionParameters": {
            "COMMAND_STRING": shell_text,
            "CheckedForUserDefaultShell": True,
            "inputMethod": 1,  # as arguments
            "shell": "/bin/sh",
            "source": "",
        },
        "BundleIdentifier": "com.apple.RunShellScript",
        "CFBundleVersion": "2.0.3",
        "CanShowSelectedItemsWhenRun": False,
        "CanShowWhenRun": True,
        "Category": ["AMCategoryUtilities"],
        "Class Name": "RunShellScriptAction",
        "InputUUID": _INPUT,
        "OutputUUID": _OUTPUT,
        "UUID": _ACTION,
        "arguments": {},
        "isViewVisible": True,
    }
    return {
        "AMApplicationBuild": "492",
        "AMApplicationVersion": "2.10",
        "AMDocumentVersion": "2",
        "actions": [{"action": action, "isViewVisible": True}],
        "connectors": {},
        "workflowMetaData": {
            "serviceApplicationBundleID": "com.apple.finder",
            "serviceApplicationPath": "/System/Library/CoreServices/Finder.app",
            "serviceInputTypeIdentifier": "com.apple.Automator.fileSystemObject",
            "serviceOutputTypeIdentifier": "com.apple.Automator.nothing",
            "serviceProcessesInput": False,
            "workflowTypeIdentifier": "com.apple.Automator.servicesMenu",
        },
    }
