"""What is never taken from a folder, whatever its owner's list says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.documents.ignore import OWN_LIST, Ignore, refusal
from tests.app.documents.folder import names, put


@pytest.mark.parametrize(
    "name",
    [
        "~$letter.docx", ".#notes.md", "notes.md~", ".notes.md.swp", "film.part", "x.crdownload",
        "x.tmp", "server.pem", "Server.KEY", "id_rsa", "id_rsa.pub", ".env", ".env.local",
        "prod.env", "passwords.kdbx", ".netrc", "me.p12", "me.pfx", "credentials.json",
        "Credentials", "home.ovpn", ".hidden.txt", "secrets.yaml",
    ],
)  # fmt: skip
def test_files_that_are_never_taken(tmp_path: Path, name: str) -> None:
    put(tmp_path / OWN_LIST, f"!{name}\n!*\n")
    put(tmp_path / name)
    put(tmp_path / "notes.md")
    assert names(tmp_path) == ["notes.md"]


@pytest.mark.parametrize(
    "name",
    [
        ".git", ".hg", ".svn", "node_modules", "build", "dist", "target", "__pycache__", ".venv",
        ".tox", ".ssh", ".gnupg", ".cache",
    ],
)  # fmt: skip
def test_folders_that_are_never_entered(tmp_path: Path, name: str) -> None:
    put(tmp_path / "deep" / name / "inside" / "notes.md")
    assert names(tmp_path) == []


def test_ordinary_names_are_taken(tmp_path: Path) -> None:
    ordinary = [
        "Build/house.pdf",
        "key.txt",
        "keys.md",
        "budget.xlsx",
        "environment.md",
        "part.txt",
    ]
    for name in ordinary:
        put(tmp_path / name)
    assert sorted(names(tmp_path)) == sorted(ordinary)


def test_the_folders_own_list_is_read_as_git_would(tmp_path: Path) -> None:
    put(tmp_path / OWN_LIST, "# mine\n*.log\n!keep.log\n/private/\nold/**/draft.md\n!build/\n")
    for name in (
        "a.log", "keep.log", "private/x.md", "sub/private/x.md", "old/1/draft.md", "build/plan.md",
    ):  # fmt: skip
        put(tmp_path / name)
    assert sorted(names(tmp_path)) == ["build/plan.md", "keep.log", "sub/private/x.md"]


def test_a_line_without_sense_is_named_and_the_others_hold(tmp_path: Path) -> None:
    put(tmp_path / OWN_LIST, "[z-a]\n!\n*.log\n")
    put(tmp_path / "a.log")
    put(tmp_path / "a.md")
    assert names(tmp_path) == ["a.md"]
    problems = Ignore.of(tmp_path).problems
    assert [problem.split(" of ")[0] for problem in problems] == ["Line 1", "Line 2"]


def test_a_list_that_is_no_list_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("*")
    (tmp_path / OWN_LIST).symlink_to(tmp_path / "elsewhere")
    put(tmp_path / "a.md")
    assert "a.md" in names(tmp_path)
    (tmp_path / OWN_LIST).unlink()
    (tmp_path / OWN_LIST).write_bytes(b"*\n" * 200_000)
    assert "larger" in Ignore.of(tmp_path).problems[0]
    assert "a.md" in names(tmp_path)


def test_nightschools_own_home_is_left_out_under_each_of_its_names(tmp_path: Path) -> None:
    put(tmp_path / "data" / "ledger.txt")
    put(tmp_path / "a.md")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    rules = Ignore.of(tmp_path, (tmp_path / "link",))
    assert rules.folder(tmp_path / "data")
    assert rules.anywhere(tmp_path / "data" / "ledger.txt", folder=False)
    assert not rules.anywhere(tmp_path / "a.md", folder=False)


def test_paths_at_any_depth(tmp_path: Path) -> None:
    rules = Ignore.of(tmp_path)
    assert rules.anywhere(tmp_path / "a" / ".git" / "objects" / "x", folder=False)
    assert rules.anywhere(tmp_path / "a" / "node_modules", folder=True)
    assert not rules.anywhere(tmp_path / "a" / "x.md", folder=False)
    assert not rules.anywhere(tmp_path, folder=True)
    assert not rules.anywhere(tmp_path / OWN_LIST, folder=False)
    assert rules.anywhere(tmp_path.parent / "x.md", folder=False)


def test_some_folders_cannot_be_watched_at_all(tmp_path: Path) -> None:
    assert "whole disk" in refusal(Path(tmp_path.anchor))
    assert "keys" in refusal(tmp_path / ".ssh" / "more")
    assert "own folder" in refusal(tmp_path / "home" / "logs", (tmp_path / "home",))
    assert "UTF-8" in refusal(Path(os.fsdecode(b"/tmp/caf\xe9")))
    assert refusal(tmp_path, (tmp_path / "home",)) == ""
