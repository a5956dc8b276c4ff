"""Starting at log-in: one entry for each system, that of this person alone, undone as it came."""

from __future__ import annotations

import json
import plistlib
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.desktop import autostart
from app.desktop.command import Command
from app.desktop.integration import Integration
from app.desktop.places import Places
from app.errors import DesktopError
from app.paths import Home
from tests.app.desktop.menus import NASTY_FOLDER, RECORDER, Registered, places, tree
from tests.app.desktop.test_menus_command import Desk

COMMAND = Command(("/opt/nightschool/bin/python", "-P", "-m", "ui", "--hidden"))
ENTRY = Path(".config") / "autostart" / "nightschool.desktop"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    made = tmp_path / "user"
    made.mkdir()
    return made


@pytest.fixture
def nightschool(home: Path) -> Home:
    made = Home(home)
    made.create()
    return made


def on(where: Places, nightschool: Home, command: Command = COMMAND) -> Integration:
    return autostart.of(nightschool, where, command)


def switch(start: Integration, *, to: bool) -> list[str]:
    """Turn it on or off; how each piece stands."""
    report = start.change(autostart.NAME, install=to)
    assert report.installed == to
    assert report.problem == ""
    return [piece.state for piece in report.pieces]


def test_it_is_off_until_it_is_turned_on_and_leaves_no_trace(user: Path, nightschool: Home) -> None:
    start = on(places(user), nightschool)
    before = tree(user)
    (report,) = start.status()
    assert (report.installed, report.pieces, report.problem) == (False, (), "")
    assert switch(start, to=False) == []
    assert switch(start, to=True) == ["written"]
    assert switch(start, to=True) == ["unchanged"]
    (report,) = start.status()
    assert [piece.name for piece in report.pieces] == [str(user / ENTRY)]
    assert (user / ENTRY).stat().st_mode & 0o777 == 0o600
    assert switch(start, to=False) == ["removed"]
    assert tree(user) == before
    assert not nightschool.desktop.exists()


@pytest.mark.skipif(shutil.which("gio") is None, reason="GLib's launcher is not installed")
def test_the_entry_starts_the_command_in_a_real_launcher(
    tmp_path: Path, user: Path, nightschool: Home
) -> None:
    # GLib looks for the program by its name as it is quoted, so “%%” is not found.
    program, called = tmp_path / "it's a python", tmp_path / "called"
    program.write_text(RECORDER.format(python=sys.executable, record=str(called)))
    program.chmod(0o700)
    arguments = ("-P", "-m", "ui", "--home", str(tmp_path / NASTY_FOLDER), "--hidden")
    switch(on(places(user), nightschool, Command((str(program), *arguments))), to=True)
    subprocess.run(["gio", "launch", str(user / ENTRY)], check=True)
    end = time.monotonic() + 20
    while not called.exists():
        assert time.monotonic() < end, "it was never called"
        time.sleep(0.01)
    assert tuple(called.read_bytes().decode().split("\0")) == arguments


def test_menus_and_the_start_are_kept_apart(user: Path, nightschool: Home) -> None:
    (user / ".local" / "share" / "nautilus").mkdir(parents=True)
    menus, start = Integration(nightschool, places(user), COMMAND), on(places(user), nightschool)
    menus.install()
    switch(start, to=True)
    assert [one.desktop for one in menus.remove()] == ["nautilus"]
    assert (user / ENTRY).exists()
    menus.install()
    assert switch(start, to=False) == ["removed"]
    assert any(one.installed for one in menus.status())


def test_what_the_person_changed_is_left(user: Path, nightschool: Home) -> None:
    start = on(places(user), nightschool)
    switch(start, to=True)
    changed = (user / ENTRY).read_text() + "Hidden=true\n"
    (user / ENTRY).write_text(changed)
    report = start.change(autostart.NAME, install=False)
    assert "left where it is" in report.problem
    assert report.next_step
    assert (user / ENTRY).read_text() == changed
    assert "changed since" in start.change(autostart.NAME, install=True).problem
    assert (user / ENTRY).read_text() == changed


def test_another_installation_is_told_of_and_replaced(user: Path, nightschool: Home) -> None:
    switch(on(places(user), nightschool), to=True)
    moved = on(places(user), nightschool, replace(COMMAND, arguments=("/opt/new/python", "-m")))
    (report,) = moved.status()
    assert "another installation" in report.problem
    assert switch(moved, to=True) == ["written"]
    assert "/opt/new/python" in (user / ENTRY).read_text()


def test_a_foreign_file_and_another_users_are_not_touched(user: Path, nightschool: Home) -> None:
    (user / ENTRY).parent.mkdir(parents=True)
    (user / ENTRY).write_text("theirs")
    refused = on(places(user), nightschool).change(autostart.NAME, install=True)
    assert "not written by Nightschool" in refused.problem
    assert (user / ENTRY).read_text() == "theirs"
    with pytest.raises(DesktopError):
        on(places(user, another=True), nightschool).change(autostart.NAME, install=True)


def test_the_agent_of_macos(user: Path, nightschool: Home) -> None:
    before = tree(user)
    start = on(places(user, "darwin"), nightschool)
    assert switch(start, to=True) == ["written"]
    path = user / "Library" / "LaunchAgents" / "nightschool.autostart.plist"
    agent = plistlib.loads(path.read_bytes())
    assert agent["Label"] == path.stem
    assert tuple(agent["ProgramArguments"]) == COMMAND.arguments
    assert agent["RunAtLoad"] is True
    assert "KeepAlive" not in agent, "quitting is for good"
    assert switch(start, to=False) == ["removed"]
    assert tree(user) == before


def test_the_value_of_windows_stands_among_others(user: Path, nightschool: Home) -> None:
    registry = Registered()
    theirs = {autostart.RUN: {"Other": r"%ProgramFiles%\other.exe"}}
    registry.keys = {key: dict(values) for key, values in theirs.items()}
    start = on(places(user, "win32", registry), nightschool)
    assert switch(start, to=True) == ["written"]
    value = registry.keys[autostart.RUN]["Nightschool"]
    assert shlex.split(value, posix=False) == list(COMMAND.arguments)
    registry.keys[autostart.RUN]["Nightschool"] = "mine"
    assert start.change(autostart.NAME, install=False).problem
    assert registry.keys[autostart.RUN]["Nightschool"] == "mine"
    registry.keys[autostart.RUN]["Nightschool"] = value
    assert switch(start, to=False) == ["removed"]
    assert registry.keys == theirs
    registry.broken = autostart.RUN
    assert "Access is denied" in start.change(autostart.NAME, install=True).problem
    assert not nightschool.desktop.exists()


def test_the_command_of_the_window(tmp_path: Path) -> None:
    command = Command.of_the_window(tmp_path)
    assert command.arguments[0] == sys.executable
    assert command.arguments[1:] == ("-P", "-m", "ui", "--home", str(tmp_path), "--hidden")
    assert "--home" not in Command.of_the_window(None).arguments


def test_on_status_and_off_in_a_terminal(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    entry = desk.user / "config" / "autostart" / "nightschool.desktop"
    assert desk.run("autostart", "status").stdout == "Start when you log in: off.\n"
    assert not desk.home.exists()
    done = desk.run("autostart", "on")
    assert done.returncode == 0, done.stderr
    assert "Start when you log in: on." in done.stdout
    assert str(entry) in done.stdout
    assert "outside Nightschool's own folder" in done.stdout
    assert f'"--home" "{desk.home}"' in entry.read_text()
    assert json.loads(desk.run("autostart", "status", "--json").stdout)["installed"]
    entry.write_text("mine")
    failed = desk.run("autostart", "off")
    assert failed.returncode == 1
    assert "left where it is" in failed.stdout
    entry.unlink()
    assert "missing" in desk.run("autostart", "off").stdout
