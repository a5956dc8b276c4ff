"""The command line: every use case of the window, for a terminal or a script."""

from __future__ import annotations

import argparse
import getpass
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from app import (
    backup_commands,
    document_commands,
    history_commands,
    lesson_commands,
    log,
    night_commands,
    proposal_commands,
    protocol,
    version_commands,
)
from app.assistant import Assistant
from app.desktop import autostart_command, desktop_menus, handover
from app.errors import LockedError, NightschoolError
from app.paths import Home
from app.stopping import interruptible
from app.terminal import Terminal

PASSPHRASE = "NIGHTSCHOOL_PASSPHRASE"  # noqa: S105 - the variable's name, not its value


def main(argv: list[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 refused or failed with a sentence, 2 wrong usage."""
    unless_told = argparse.Namespace(home=None, json=False, command=None)
    options = _parser().parse_args(argv, unless_told)
    terminal = Terminal(as_json=options.json)
    if options.command is None:
        return _open_window(options.home)
    try:
        return _run(options, terminal)
    except NightschoolError as error:
        terminal.error(protocol.ErrorInfo.of(error))
        return 1
    except KeyboardInterrupt:
        terminal.say("Stopped.")
        return 1


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    home = Home.resolve(options.home)
    if options.command in ("desktop", "autostart") or getattr(options, "window", False):
        # None needs what was taught, so nothing is unlocked and a window may be open.
        apart = {"desktop": _desktop, "autostart": _autostart}.get(options.command, _hand_over)
        return apart(home, options, terminal)
    home.create()
    log.start(home.logs, "terminal")
    assistant = Assistant(home, lambda what: None)
    if options.command == "doctor":
        # The check-up must work exactly when the rest does not.
        return _doctor(assistant, terminal)
    if backup_commands.restores(options):
        return backup_commands.restore(assistant, terminal, lambda: _passphrase(create=False))
    assistant.start()
    try:
        _unlock(assistant)
        run: Callable[[Assistant, argparse.Namespace, Terminal], int] = options.run
        return run(assistant, options, terminal)
    finally:
        assistant.close()


def _unlock(assistant: Assistant) -> None:
    status = assistant.status()
    if status.key == "missing":
        assistant.unlock("", create=False)
    if status.key in ("open", "missing"):
        return
    create = status.key == "new_passphrase"
    assistant.unlock(_passphrase(create=create), create=create)


def _passphrase(*, create: bool) -> str:
    """From the environment, or asked for. Raises LockedError."""
    given = os.environ.get(PASSPHRASE)
    if given is None and sys.stdin.isatty():
        given = _asked_passphrase(create)
    if given is None:
        raise LockedError(
            "A passphrase is needed",
            "There is no keyring on this system, so a passphrase protects what you taught.",
            f"Run this in a terminal, or set {PASSPHRASE}.",
        )
    return given


def _asked_passphrase(create: bool) -> str:
    if not create:
        return getpass.getpass("Passphrase: ")
    while True:
        first = getpass.getpass("Choose a passphrase (there is no keyring here): ")
        if first and first == getpass.getpass("Once more: "):
            return first
        sys.stderr.write("They differ, or are empty; once more.\n")


def _open_window(home: str | None) -> int:
    command = [sys.executable, "-P", "-m", "ui", *(["--home", home] if home else [])]
    return subprocess.run(command, check=False).returncode


def _ask(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    request = protocol.Ask(
        id="ask",
        text=options.text,
        without_learning=options.without_learning,
        no_context_lessons=options.no_context_lessons,
    )
    with interruptible() as stop:
        answer = assistant.ask(request, terminal.event, stop)
    terminal.answer(answer)
    if (told := assistant.status().set_aside) is not None:
        terminal.aside(told)
    return 0


def _chat(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    terminal.say(
        "Ask anything. After an answer, “/correct BETTER ANSWER” teaches, “/study” studies,"
        " “/quit” leaves."
    )
    conversation: int | None = None
    last: protocol.Answer | None = None
    while (line := terminal.prompt()) not in (None, "/quit"):
        if not line or not line.strip():
            continue
        try:
            if line.startswith("/correct "):
                last_id = last.message_id if last else None
                request = protocol.Correct(id="c", answer=line[9:], message_id=last_id)
                terminal.say(f"Noted as {assistant.correct(request).id}.")
            elif line == "/study":
                _study(assistant, options, terminal)
            else:
                ask = protocol.Ask(id="chat", text=line, conversation_id=conversation)
                with interruptible() as stop:
                    last = assistant.ask(ask, terminal.event, stop)
                conversation = last.conversation_id
                terminal.answer(last)
        except NightschoolError as error:
            terminal.error(protocol.ErrorInfo.of(error))
    return 0


def _correct(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    lesson = assistant.correct(
        protocol.Correct(
            id="correct",
            prompt=options.prompt,
            answer=options.answer,
            rejected=options.rejected,
            note=options.note,
            kind=options.kind,
        )
    )
    terminal.result(lesson, f"Noted as {lesson.id} ({lesson.kind}).")
    return 0


def _study(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    budget = getattr(options, "budget", 30.0)
    with interruptible() as stop:
        report = assistant.study(
            protocol.Study(id="study", budget_minutes=budget), terminal.event, stop
        )
    terminal.report(report)
    return 0


def _rollback(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    status = assistant.rollback(options.version)
    terminal.result(
        status,
        f"Version {status.adapter} is active." if status.adapter else "Nothing learned is active.",
    )
    return 0


def _forget(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    status = assistant.forget(options.lesson)
    terminal.result(status, f"{options.lesson} is forgotten.")
    return 0


def _verify(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    request = protocol.Verify(
        id="verify", lesson_id=options.lesson, probe=options.probe, quick=options.quick
    )
    with interruptible() as stop:
        found = assistant.verify(request, terminal.event, stop)
    terminal.verification(found)
    return 0 if found.proven else 1


def _reset(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    scope: protocol.ResetScope = "everything" if options.everything else "learned"
    if not options.yes:
        terminal.preview(assistant.preview_reset(scope), scope, lessons_too=options.lessons_too)
        return 1
    status = assistant.reset(scope, keep_lessons=not options.lessons_too)
    terminal.result(status, "Done: what was learned is gone." if scope == "learned" else "Done.")
    return 0


def _models(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.use:
        assistant.use_model(options.use)
    terminal.models(assistant.models())
    return 0


def _doctor(assistant: Assistant, terminal: Terminal) -> int:
    try:
        assistant.start()
        _unlock(assistant)
    except NightschoolError as error:
        assistant.note_problem(error)
    try:
        findings = assistant.doctor()
    finally:
        assistant.close()
    terminal.findings(findings)
    return 1 if any(finding.severity == "problem" for finding in findings) else 0


def _hand_over(home: Home, options: argparse.Namespace, terminal: Terminal) -> int:
    paths = handover.paths_of(options.paths)
    return handover.to_window(paths, home if options.home else None)


def _desktop(home: Home, options: argparse.Namespace, terminal: Terminal) -> int:
    return desktop_menus.run(options.action, options.only, home, terminal)


def _autostart(home: Home, options: argparse.Namespace, terminal: Terminal) -> int:
    return autostart_command.run(options.action, home, terminal)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    # SUPPRESS lets the options stand before or after the command without one hiding the other;
    # set_defaults would undo it, for the parsers share these two actions.
    shared.add_argument("--home", default=argparse.SUPPRESS, help="folder that holds everything")
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        prog="nightschool",
        parents=[shared],
        description="Without a command, the window opens.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, run: Any, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[shared], help=help_text, description=help_text)
        added.set_defaults(run=run)
        return added

    ask = command("ask", _ask, "ask a question")
    ask.add_argument("text")
    ask.add_argument("--without-learning", action="store_true", help="answer as the base model")
    ask.add_argument("--no-context-lessons", action="store_true", help="weights only, no lessons")
    command("chat", _chat, "talk in the terminal")
    correct = command("correct", _correct, "teach one correction")
    correct.add_argument("--prompt", required=True)
    correct.add_argument("--answer", required=True)
    correct.add_argument("--note", default="")
    correct.add_argument("--rejected", default="")
    correct.add_argument("--kind", choices=["manner", "term", "procedure", "fact"])
    lesson_commands.add(command)
    proposal_commands.add(command)
    study = command("study", _study, "study now")
    study.add_argument("--budget", type=float, default=30.0, metavar="MINUTES")
    rollback = command("rollback", _rollback, "go back to an earlier version")
    rollback.add_argument("version", nargs="?", type=int, help="0 for none")
    forget = command("forget", _forget, "forget one lesson everywhere")
    forget.add_argument("lesson")
    verify = command("verify", _verify, "prove that a lesson is forgotten, or say what holds it")
    verify.add_argument("lesson")
    verify.add_argument("--probe", default="", metavar="QUESTION", help="ask this, too")
    verify.add_argument("--quick", action="store_true", help="do not make the weights again")
    reset = command("reset", _reset, "destroy what was learned, or everything")
    scope = reset.add_mutually_exclusive_group(required=True)
    scope.add_argument("--learned", action="store_true")
    scope.add_argument("--everything", action="store_true")
    reset.add_argument("--lessons-too", action="store_true", help="destroy the lessons as well")
    reset.add_argument("--yes", action="store_true")
    models = command("models", _models, "list the models, or choose one")
    models.add_argument("action", nargs="?", choices=["use"])
    models.add_argument("use", nargs="?", metavar="NAME")
    teach = command("teach", document_commands.teach, "teach files, or what is in folders")
    teach.add_argument("--window", action="store_true", help="in the window")
    teach.add_argument("paths", nargs="+", metavar="PATH")
    desktop = command("desktop", _desktop, "“Teach this” in the file manager's right-click menu")
    desktop.add_argument("action", choices=["install", "remove", "status"])
    desktop.add_argument("--only", default="", metavar="NAME,…", help="install for these alone")
    starts = command("autostart", _autostart, "start out of sight when you log in")
    starts.add_argument("action", choices=["on", "off", "status"])
    document_commands.add(command)
    night_commands.add(command)
    version_commands.add(command)
    backup_commands.add(command)
    history_commands.add(command)
    command("doctor", lambda *_: 0, "name each problem with its remedy")
    return parser


if __name__ == "__main__":
    sys.exit(main())
