"""`nightschool desktop` and `nightschool teach` as a person or a file manager starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.desktop.handover import paths_of
from app.errors import BadRequestError
from tests.app.desktop.menus import nasty_files

WINDOW = """
import json, os, sys
with open(os.environ["CALLED"], "w") as file:
    json.dump(sys.argv[1:], file)
sys.exit(int(os.environ["CODE"]))
"""


class Desk:
    """A person's desktop with Nautilus on the PATH, and a stand-in for the window."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "nightschool home"
        self.user = folder / "user"
        self.called = folder / "called.json"
        programs = self.user / "bin"
        programs.mkdir(parents=True)
        (programs / "nautilus").write_text("#!/bin/sh\n")
        (programs / "nautilus").chmod(0o700)
        window = folder / "window" / "ui"
        window.mkdir(parents=True)
        (window / "__init__.py").touch()
        (window / "__main__.py").write_text(WINDOW)
        self.environment = {
            **os.environ,
            "HOME": str(self.user),
            "PATH": str(programs),
            "XDG_DATA_HOME": str(self.user / "data"),
            "XDG_CONFIG_HOME": str(self.user / "config"),
            "PYTHONPATH": os.pathsep.join([str(folder / "window"), str(Path.cwd())]),
            "CALLED": str(self.called),
            "CODE": "0",
        }
        self.environment.pop("SUDO_UID", None)

    def run(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "app.cli", "--home", str(self.home), *arguments],
            env=self.environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def window_arguments(self) -> Any:
        return json.loads(self.called.read_text())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_install_status_and_remove(desk: Desk) -> None:
    installed = desk.run("desktop", "install")
    assert installed.returncode == 0, installed.stderr
    script = desk.user / "data" / "nautilus" / "scripts" / "Teach this to Nightschool"
    assert str(script) in installed.stdout
    assert "outside Nightschool's own folder" in installed.stdout
    assert str(desk.home) in script.read_text()
    status = json.loads(desk.run("desktop", "status", "--json").stdout)
    assert [one["desktop"] for one in status if one["installed"]] == ["nautilus"]
    removed = desk.run("desktop", "remove")
    assert (removed.returncode, script.exists()) == (0, False)
    assert "removed" in removed.stdout
    assert "nothing to remove" in desk.run("desktop", "remove").stdout
    # Nothing was unlocked for it, for there is no ledger yet.
    assert not (desk.home / "ledger.db").exists()


def test_failures_are_sentences_and_codes(desk: Desk) -> None:
    assert desk.run("desktop", "dance").returncode == 2
    unknown = desk.run("desktop", "install", "--only", "vim")
    assert (unknown.returncode, "Name some of" in unknown.stderr) == (1, True)
    (desk.user / "bin" / "nautilus").unlink()
    none = desk.run("desktop", "install")
    assert (none.returncode, "--only" in none.stdout) == (1, True)
    named = desk.run("desktop", "install", "--only", "nemo,thunar")
    assert named.returncode == 0
    assert "Nemo" in named.stdout
    desk.environment["HOME"] = "/" if os.geteuid() else str(desk.user)
    desk.environment["SUDO_UID"] = "1000"
    refused = desk.run("desktop", "remove")
    assert (refused.returncode, "without sudo" in refused.stderr) == (1, True)


def test_files_are_handed_to_the_window(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    files = nasty_files(folder)
    done = desk.run("teach", "--window", "--", *(path.name for path in files), folder=folder)
    assert done.returncode == 0, done.stderr
    expected = ["--home", str(desk.home), "--teach", *map(str, files)]
    assert desk.window_arguments() == expected
    desk.environment["CODE"] = "3"
    assert desk.run("teach", "--window", str(folder)).returncode == 3
    assert desk.window_arguments()[-2:] == ["--teach", str(folder)]
    assert not desk.home.exists()


def test_a_missing_file_hands_over_nothing(desk: Desk, tmp_path: Path) -> None:
    done = desk.run("teach", "--window", str(tmp_path), "nowhere.md")
    assert (done.returncode, "cannot be found" in done.stderr) == (1, True)
    assert not desk.called.exists()
    alone = desk.run("teach", str(tmp_path))
    assert (alone.returncode, "passphrase" in alone.stderr) == (1, True), "without a window: here"
    assert not desk.called.exists()


def test_addresses_and_links_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "é 100%.md"
    file.write_text("words")
    (tmp_path / "link").symlink_to(file)
    assert paths_of([file.as_uri(), str(file), str(tmp_path / "link")]) == [file, tmp_path / "link"]
    for elsewhere in ("file://server/share/x", "https://example.org/x"):
        with pytest.raises(BadRequestError):
            paths_of([elsewhere])
