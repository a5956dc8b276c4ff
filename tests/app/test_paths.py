"""Homes and files: where they are, who may read them, and that none is ever half written."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from app.errors import LedgerError
from app.paths import Home, starter_models, write_atomic
from tests.app.storage import made

posix = pytest.mark.skipif(sys.platform == "win32", reason="permission bits are POSIX")


def test_a_home_is_chosen_by_option_then_environment_then_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSCHOOL_HOME", str(tmp_path / "environment"))
    assert Home.resolve(str(tmp_path / "option")).root == tmp_path / "option"
    assert Home.resolve(None).root == tmp_path / "environment"
    monkeypatch.delenv("NIGHTSCHOOL_HOME")
    assert Home.resolve(None).root.name == "nightschool"


def test_a_relative_home_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.resolve("here").root == tmp_path / "here"


def test_starter_models_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTSCHOOL_STARTER_MODELS", raising=False)
    assert starter_models() == Path(sys.prefix) / "share" / "nightschool" / "models"
    monkeypatch.setenv("NIGHTSCHOOL_STARTER_MODELS", "/elsewhere")
    assert starter_models() == Path("/elsewhere")


@posix
def test_only_its_owner_may_look_into_a_home(home: Path) -> None:
    made(home)
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    assert len(folders) == 7
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_making_a_home_again_changes_nothing(home: Path) -> None:
    made(home)
    (home / "models" / "some.gguf").write_bytes(b"x")
    made(home)
    assert (home / "models" / "some.gguf").read_bytes() == b"x"


def test_a_home_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LedgerError) as caught:
        made(tmp_path / "file" / "home")
    assert str(tmp_path / "file") in caught.value.message
    assert "--home" in caught.value.next_step


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_atomic(path, b"old")
    write_atomic(path, b"new" * 1000)
    assert path.read_bytes() == b"new" * 1000
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["keys.json"]
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "inside").write_text("so that it cannot be replaced")
    with pytest.raises(LedgerError):
        write_atomic(target, b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
