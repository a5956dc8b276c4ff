"""Formats are told by names for watching, and by bytes for reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.documents.archive import Archive, is_zip
from app.documents.formats import Format, format_of, is_known
from app.documents.limits import Limits
from app.errors import DocumentError
from tests.app.documents import made_files


def _format(data: bytes, name: str) -> Format:
    return format_of(data, name, Archive(data, Limits()) if is_zip(data) else None)


@pytest.mark.parametrize(
    "name", ["a.pdf", "A.PDF", "b.docx", "c.py", "README", "Makefile", "d.tar.md", "e.ipynb"]
)
def test_names_that_promise_a_document(name: str) -> None:
    assert is_known(Path("/somewhere") / name)


@pytest.mark.parametrize("name", ["a.png", "b.exe", "c", ".env", "key.pem", "d.zip", "pdf"])
def test_names_that_do_not(name: str) -> None:
    assert not is_known(Path(name))


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (made_files.pdf("x"), "wrong.txt", "pdf"),
        (made_files.docx(""), "wrong.pdf", "docx"),
        (made_files.odt(""), "wrong", "odt"),
        (made_files.xlsx(""), "wrong.docx", "xlsx"),
        (made_files.pptx("<a/>"), "a.zip", "pptx"),
        (made_files.epub("<p>x"), "a.zip", "epub"),
        (b"plain words", "wrong.pdf", "text"),
        (b"plain words", "wrong.xlsx", "text"),
        (b"\n<!DOCTYPE html><p>x", "saved.txt", "html"),
        (b"<html><p>x", "report.docx", "html"),
        (b"Return-Path: <a@b>\nSubject: x\n\nhello", "message.txt", "eml"),
        (b"# How to write %PDF- files\n", "notes.md", "markdown"),
        (b'MAGIC = b"%PDF-"\n', "magic.py", "python"),
        (b"BMX is a sport", "sport.txt", "text"),
        ("Grüße".encode("utf-16"), "a.txt", "text"),
        ("Greetings".encode("utf-16-le"), "a.txt", "text"),
    ],
)
def test_bytes_outweigh_the_name(data: bytes, name: str, kind: str) -> None:
    assert _format(data, name).type == kind


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
        (b"\x7fELF\x02\x01" + bytes(50), "a program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "before 2007"),
        (b"{\\rtf1 hello}", "rich text"),
        (bytes(range(256)) * 4, "a binary file"),
        (made_files.packed({"a.txt": "x"}), "a zip archive"),
    ],
)
def test_what_is_not_read_says_what_it_is(data: bytes, sentence: str) -> None:
    with pytest.raises(DocumentError, match=sentence):
        _format(data, "wrong.pdf")


def test_an_office_file_with_a_password_says_so() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(DocumentError, match="needs a password"):
        _format(data, "a.docx")
