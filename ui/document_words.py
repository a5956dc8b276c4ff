"""Document words: what a document or a folder is and where it stands, as a person reads it."""

from __future__ import annotations

from pathlib import Path

from app.protocol import DocumentRecord, FolderRecord
from ui.lesson_words import Standing
from ui.words import count, file_size

NAMES = {
    "text": "Text",
    "markdown": "Markdown",
    "rst": "reStructuredText",
    "code": "Code",
    "notebook": "Notebook",
    "eml": "Email",
}
"""Formats whose short name says little; the others are written in capitals."""

FOLDER_STATES = {
    "watching": ("Watched", "chip-learned"),
    "scanning": ("Looking through", "chip-new"),
    "paused": ("Paused", "chip"),
    "missing": ("Not there", "chip-bad"),
}
MISSING = "Its file is gone. What was read of it is still known."
FOLDER_MISSING = "The folder cannot be reached now. What was read of it is still known."


def short_path(path: str) -> str:
    """A path with the person's own home as `~`."""
    home = str(Path.home())
    return "~" + path[len(home) :] if path.startswith((f"{home}/", f"{home}\\")) else path


def kind_of(document: DocumentRecord) -> str:
    """The format, for a person; of a file that was never read, what its name says."""
    known = NAMES.get(document.type, document.type.upper())
    return known or Path(document.path).suffix[1:].upper() or "File"


def about(document: DocumentRecord) -> str:
    """One line: format, extent, and where it comes from."""
    parts = [kind_of(document)]
    if document.pages:
        parts.append(count(document.pages, "page"))
    parts.append(file_size(document.size))
    where = short_path(str(Path(document.path).parent)) if document.path else "Pasted"
    return "  ·  ".join([*parts, where])


def standing(document: DocumentRecord) -> Standing | None:
    """Where a document stands, when there is anything to say: one that is simply read has none."""
    if document.state == "waiting":
        return Standing("Waiting", "chip", "It will be read in a moment.")
    if document.state == "reading":
        so_far = f"{count(document.passages, 'passage')} so far" if document.passages else ""
        return Standing("Reading", "chip-new", so_far)
    if document.state == "failed":
        return Standing("Not read", "chip-bad", document.reason)
    if document.state == "missing":
        return Standing("File gone", "chip", document.reason or MISSING)
    return Standing("Read", "chip-learned", document.reason) if document.reason else None


def told_of(folder: FolderRecord) -> str:
    """How far a folder is, in figures that add up."""
    parts = [count(folder.found, "file"), f"{folder.read:,} read"]
    if folder.left:
        parts.append(f"{folder.left:,} left")
    return "  ·  ".join(parts)


def reason_of(folder: FolderRecord) -> str:
    """What to know of a folder, in a sentence, or nothing."""
    return folder.reason or (FOLDER_MISSING if folder.state == "missing" else "")


def at_page(title: str, page: int | None) -> str:
    """A title with its page."""
    return title if page is None else f"{title}, p. {page}"


def matches(document: DocumentRecord, words: str) -> bool:
    """Whether every one of the `words` stands in the title or the path."""
    everything = f"{document.title}\n{document.path}\n{document.type}".casefold()
    return all(word in everything for word in words.casefold().split())
