"""Document commands: teaching, finding, watching and forgetting documents in a terminal."""

from __future__ import annotations

import argparse

from app import protocol
from app.assistant import Assistant
from app.desktop import handover
from app.prompt import place
from app.stopping import interruptible
from app.terminal import Command, Terminal

NO_NOTES = "No notes yet. Make them now with --make, or by night with nightschool night --on."
NO_SUMMARY = "No summary came out that rests on the text."


def add(command: Command) -> None:
    """Add the commands to the command line's parser."""
    documents = command(
        "documents", _documents, "list the documents, read one through, or show its notes"
    )
    documents.add_argument("action", nargs="?", choices=["read", "notes"])
    documents.add_argument("number", nargs="?", type=int, metavar="NUMBER")
    documents.add_argument("question", nargs="?", default="Summarise this document.")
    documents.add_argument("--make", action="store_true", help="with notes: make them now, anew")
    search = command("search", _search, "find passages in the documents")
    search.add_argument("text")
    search.add_argument("--limit", type=int, default=10)
    search.add_argument("--type", dest="types", action="append", default=[], metavar="TYPE")
    search.add_argument("--since", default="", metavar="DATE", help="changed on or after this day")
    folders = command("folders", _folders, "list the watched folders, or change them")
    folders.add_argument("action", nargs="?", choices=["watch", "pause", "resume", "unwatch"])
    folders.add_argument("which", nargs="?", metavar="PATH|NUMBER")
    folders.add_argument("--forget", action="store_true", help="with unwatch: its documents, too")
    forget = command("forget-document", _forget, "forget documents everywhere")
    forget.add_argument("numbers", nargs="+", type=int, metavar="NUMBER")
    verify = command("verify-document", _verify, "look whether anything of a file is left")
    verify.add_argument("path")


def teach(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    """Take in files and wait until they are read."""
    library = assistant.library
    taken = library.teach([str(path) for path in handover.paths_of(options.paths)])
    with interruptible() as stop:
        library.wait(stop)
    known = {record.id: record for record in library.documents()}
    found = [known.get(record.id, record) for record in taken]
    terminal.result(found, "\n".join(map(_line, found)) or "There is no document in it.")
    return 1 if any(record.state == "failed" for record in found) else 0


def _documents(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    if options.action == "read":
        return _read(assistant, options, terminal)
    if options.action == "notes":
        return _notes(assistant, options, terminal)
    found = assistant.library.documents()
    terminal.result(
        found, "\n".join(map(_line, found)) or "No documents yet: nightschool teach PATH"
    )
    return 0


def _read(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    """Answer a question by reading every part of a document."""
    request = protocol.Ask(id="read", text=options.question, read_through=options.number or 0)
    with interruptible() as stop:
        answer = assistant.ask(request, terminal.event, stop)
    terminal.answer(answer)
    return 0


def _notes(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    """Show a document's notes; with --make, make them first."""
    number = options.number or 0
    if options.make:
        request = protocol.MakeNotes(id="notes", document_ids=(number,))
        with interruptible() as stop:
            assistant.make_notes(request, terminal.event, stop)
    found = assistant.library.notes(number)
    terminal.result(found, _noted(found) if found else NO_NOTES)
    return 0


def _search(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    request = protocol.Search(
        id="search",
        text=options.text,
        limit=options.limit,
        types=tuple(options.types),
        since=options.since,
    )
    found = assistant.library.search(request)
    terminal.result(found, "\n\n".join(map(_passage, found)) or "Nothing was found.")
    return 0


def _folders(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    library = assistant.library
    if options.action == "watch":
        library.watch_folder(options.which or ".")
        with interruptible() as stop:
            library.settle(stop)
    elif options.action in ("pause", "resume"):
        library.pause_folder(_number(options.which), options.action == "pause")
    elif options.action == "unwatch":
        library.unwatch_folder(_number(options.which), forget=options.forget)
    found = library.folders()
    terminal.result(found, "\n".join(map(_folder, found)) or "No folder is watched.")
    return 0


def _forget(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    assistant.library.forget(options.numbers)
    terminal.result(assistant.library.documents(), "Forgotten.")
    return 0


def _verify(assistant: Assistant, options: argparse.Namespace, terminal: Terminal) -> int:
    request = protocol.VerifyDocument(id="verify", path=options.path)
    with interruptible() as stop:
        found = assistant.at.verifier.document(request, terminal.event, stop)
    terminal.findings(found)
    return 1 if any(finding.severity == "problem" for finding in found) else 0


def _number(given: str | None) -> int:
    return int(given) if given and given.isdecimal() else 0


def _line(record: protocol.DocumentRecord) -> str:
    pages = f", {record.pages} pages" if record.pages else ""
    reason = f"\n      {record.reason}" if record.reason else ""
    return (
        f"{record.id:>4}  {record.state:<8}  {record.title} ({record.type or '?'}{pages},"
        f" {record.passages} passages){reason}"
    )


def _folder(record: protocol.FolderRecord) -> str:
    reason = f"\n      {record.reason}" if record.reason else ""
    return (
        f"{record.id:>4}  {record.state:<8}  {record.path}: {record.found} found,"
        f" {record.read} read, {record.failed} failed, {record.left} left{reason}"
    )


def _noted(notes: protocol.DocumentNotes) -> str:
    """A summary, questions with their answers, and what contradicts."""
    lines = [notes.summary or NO_SUMMARY]
    if notes.parts_read < notes.parts:
        lines.append(f"(of its first {notes.parts_read} of {notes.parts} parts)")
    for one in notes.questions:
        page = f" (page {one.page})" if one.page else ""
        lines += ["", f"{one.question}{page}", f"  {one.answer}"]
    for other in notes.contradictions:
        lines += ["", f"{other.question}", f"  Here: {other.answer}"]
        lines.append(f"  This may contradict {other.title}: “{other.other}”")
    made = f"Made by {notes.model} on {notes.made[:10]}; a model's words, not the document's."
    return "\n".join([*lines, "", made])


def _passage(passage: protocol.Passage) -> str:
    return f"{place(passage)}\n{passage.text.strip()}"
