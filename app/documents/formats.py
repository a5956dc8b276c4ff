"""Formats: which files can be read, told by their names, and what a file is, by its bytes."""

from __future__ import annotations

import enum
import re
from pathlib import PurePath
from typing import NamedTuple

from app.documents import refusals
from app.documents.archive import Archive


class Family(enum.Enum):
    """Files that one reader reads."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    PPTX = "pptx"
    XLSX = "xlsx"
    EPUB = "epub"
    CSV = "csv"
    HTML = "html"
    MAIL = "eml"
    NOTEBOOK = "ipynb"
    MARKDOWN = "markdown"
    RST = "rst"
    CODE = "code"
    TEXT = "text"


class Format(NamedTuple):
    """What a file is: who reads it, and its short name ("pdf", "text", "python"…)."""

    family: Family
    type: str


_SUFFIXES: dict[str, Family] = {
    **dict.fromkeys((".pdf",), Family.PDF),
    **dict.fromkeys((".docx", ".docm", ".dotx"), Family.DOCX),
    **dict.fromkeys((".odt", ".ott"), Family.ODT),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), Family.PPTX),
    **dict.fromkeys((".xlsx", ".xlsm"), Family.XLSX),
    **dict.fromkeys((".epub",), Family.EPUB),
    **dict.fromkeys((".csv", ".tsv"), Family.CSV),
    **dict.fromkeys((".html", ".htm", ".xhtml"), Family.HTML),
    **dict.fromkeys((".eml",), Family.MAIL),
    **dict.fromkeys((".ipynb",), Family.NOTEBOOK),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd"), Family.MARKDOWN),
    **dict.fromkeys((".rst", ".rest"), Family.RST),
    **dict.fromkeys((".txt", ".text", ".log", ".org", ".adoc", ".tex"), Family.TEXT),
    **dict.fromkeys((".srt", ".vtt", ".bib"), Family.TEXT),
}

_LANGUAGES: dict[str, str] = {
    **dict.fromkeys((".py", ".pyi", ".pyw"), "python"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".tsx", ".mts"), "typescript"),
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), "c++"),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".fish"), "shell"),
    **dict.fromkeys((".kt", ".kts"), "kotlin"),
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    **dict.fromkeys((".ex", ".exs"), "elixir"),
    **dict.fromkeys((".ml", ".mli"), "ocaml"),
    **dict.fromkeys((".css", ".scss", ".less"), "css"),
    ".java": "java",
    ".rs": "rust",
    ".go": "go",
    ".rb": "ruby",
    ".php": "php",
    ".cs": "c#",
    ".swift": "swift",
    ".scala": "scala",
    ".pl": "perl",
    ".lua": "lua",
    ".r": "r",
    ".jl": "julia",
    ".hs": "haskell",
    ".erl": "erlang",
    ".clj": "clojure",
    ".dart": "dart",
    ".zig": "zig",
    ".sql": "sql",
    ".ps1": "powershell",
    ".bat": "batch",
    ".json": "json",
    ".toml": "toml",
    ".ini": "ini",
    ".cfg": "ini",
    ".xml": "xml",
    ".proto": "protobuf",
    ".cmake": "cmake",
    ".nix": "nix",
    ".vue": "vue",
    ".svelte": "svelte",
}

_NAMES: dict[str, Format] = {
    "readme": Format(Family.TEXT, "text"),
    "license": Format(Family.TEXT, "text"),
    "copying": Format(Family.TEXT, "text"),
    "changelog": Format(Family.TEXT, "text"),
    "authors": Format(Family.TEXT, "text"),
    "notice": Format(Family.TEXT, "text"),
    "makefile": Format(Family.CODE, "make"),
    "dockerfile": Format(Family.CODE, "docker"),
}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"ID3", "a sound"),
    (b"OggS", "a sound"),
    (b"fLaC", "a sound"),
    (b"\x1a\x45\xdf\xa3", "a film"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"BZh", "a compressed archive"),
    (b"\xfd7zXZ\0", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"SQLite format 3\0", "a database"),
    (b"GGUF", "a model"),
    (b"{\\rtf", "rich text (RTF)"),
    (b"%!PS", "a PostScript file"),
)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0\0\xfe\xff")
_HEAD = 4096
_HTML = re.compile(rb"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I)
_MAIL = re.compile(
    rb"\A(?:From [^\n]+\n)?(?:Return-Path|Delivered-To|Received|MIME-Version|Message-ID):", re.I
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def is_known(path: PurePath) -> bool:
    """Whether the name promises a file that can be read; the file is not looked at."""
    suffix = path.suffix.lower()
    return suffix in _SUFFIXES or suffix in _LANGUAGES or path.name.lower() in _NAMES


def suffixes() -> tuple[str, ...]:
    """Every suffix that is known, in order."""
    return tuple(sorted({*_SUFFIXES, *_LANGUAGES}))


def format_of(data: bytes, name: str, archive: Archive | None) -> Format:
    """What a file is, by its bytes first, then by its name.

    `archive` is the opened container if the bytes are a zip's. Raises DocumentError for what is
    not read, with the reason.
    """
    named = _named(name)
    if _is_pdf(data, named):
        return Format(Family.PDF, "pdf")
    if archive is not None:
        return _packed(archive)
    if data.startswith(_OLE):
        if _ENCRYPTED_OFFICE in data:
            raise refusals.locked()
        raise refusals.unknown("an Office file of before 2007")
    if data.startswith(_BOMS):
        return _textual(data[:_HEAD], named)
    for magic, what in _MAGIC:
        if data.startswith(magic) and (len(magic) > 2 or is_binary(data)):
            raise refusals.unknown(what)
    if is_binary(data):
        raise refusals.unknown("a binary file of a kind that is not known here")
    return _textual(data[:_HEAD], named)


def _is_pdf(data: bytes, named: Format) -> bool:
    """Some programs write a few bytes before the mark; a text about PDF is none for that."""
    if data[:_HEAD].lstrip().startswith(b"%PDF-"):
        return True
    return b"%PDF-" in data[:1024] and (named.family is Family.PDF or is_binary(data))


def is_binary(data: bytes) -> bool:
    """Whether bytes without a byte order mark can be no text."""
    head = data[: 16 * _HEAD]
    if b"\0" in head:
        return not _is_wide(head)
    return len(_CONTROLS.findall(head)) * 20 > len(head)


def _is_wide(head: bytes) -> bool:
    """UTF-16 without its mark: in Latin scripts every other byte is mostly zero."""
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return half >= 4 and (min(even, odd) == 0 and max(even, odd) * 2 > half)


def _packed(archive: Archive) -> Format:
    names = archive.names
    kind = archive.mimetype()
    if "application/vnd.oasis.opendocument.text" in kind:
        return Format(Family.ODT, "odt")
    if "epub" in kind or "META-INF/container.xml" in names:
        return Format(Family.EPUB, "epub")
    for folder, family in (("word/", Family.DOCX), ("ppt/", Family.PPTX), ("xl/", Family.XLSX)):
        if "[Content_Types].xml" in names and any(name.startswith(folder) for name in names):
            return Format(family, family.value)
    raise refusals.unknown("a zip archive")


def _named(name: str) -> Format:
    path = PurePath(name)
    suffix = path.suffix.lower()
    if suffix in _LANGUAGES:
        return Format(Family.CODE, _LANGUAGES[suffix])
    family = _SUFFIXES.get(suffix)
    if family is not None:
        return Format(family, family.value)
    return _NAMES.get(path.name.lower(), Format(Family.TEXT, "text"))


def _textual(head: bytes, named: Format) -> Format:
    """A text's format: a name that promises a binary one is not believed."""
    if _HTML.match(head) and named.family in (Family.TEXT, *_BINARY):
        return Format(Family.HTML, "html")
    if _MAIL.match(head) and named.family in (Family.TEXT, *_BINARY):
        return Format(Family.MAIL, "eml")
    return Format(Family.TEXT, "text") if named.family in _BINARY else named


_BINARY = (Family.PDF, Family.DOCX, Family.ODT, Family.PPTX, Family.XLSX, Family.EPUB)
