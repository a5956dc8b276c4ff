"""Installing and removing: all or nothing, again without harm, and never what is not ours."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.desktop import uca
from app.desktop.command import TITLE, Command
from app.desktop.integration import Integration
from app.desktop.places import Places
from app.desktop.reports import DesktopReport
from app.errors import BadRequestError, DesktopError
from app.paths import Home
from tests.app.desktop.menus import Registered, places, tree

COMMAND = Command(("/opt/nightschool/bin/nightschool", "teach", "--window", "--"))
LINUX = ("nautilus", "dolphin", "nemo", "thunar")
THEIRS = b"""<?xml version='1.0'?>
<!-- mine -->
<actions>
  <action><name>A</name></action>
</actions>"""


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The folder of a person who has no file manager yet."""
    (tmp_path / "user" / ".local" / "share").mkdir(parents=True)
    (tmp_path / "user" / ".config").mkdir()
    return tmp_path / "user"


@pytest.fixture
def nightschool(home: Path) -> Home:
    made = Home(home)
    made.create()
    return made


def on(where: Places, nightschool: Home, command: Command = COMMAND) -> Integration:
    return Integration(nightschool, where, command)


def states(reports: tuple[DesktopReport, ...]) -> dict[str, list[str]]:
    return {one.desktop: [piece.state for piece in one.pieces] for one in reports}


def list_of(user: Path) -> Path:
    return user / ".config" / "Thunar" / "uca.xml"


def with_thunar(user: Path, content: bytes = THEIRS) -> Path:
    list_of(user).parent.mkdir()
    list_of(user).write_bytes(content)
    list_of(user).chmod(0o640)
    return list_of(user)


def test_only_where_there_is_a_file_manager(user: Path, nightschool: Home) -> None:
    integration = on(places(user), nightschool)
    assert integration.install() == ()
    assert integration.remove() == ()
    (user / ".local" / "share" / "nautilus").mkdir()
    (user / ".config" / "dolphinrc").touch()
    (user / "bin").mkdir()
    (user / "bin" / "thunar").write_text("#!/bin/sh\n")
    (user / "bin" / "thunar").chmod(0o700)
    reports = integration.install()
    assert states(reports) == {
        "nautilus": ["written"], "dolphin": ["written"], "thunar": ["written"],
    }  # fmt: skip
    assert all(one.installed and one.present for one in reports)


def test_everything_comes_and_goes_without_a_trace(user: Path, nightschool: Home) -> None:
    integration = on(places(user), nightschool)
    before = tree(user)
    reports = integration.install(LINUX)
    written = [Path(piece.name) for one in reports for piece in one.pieces]
    assert len(written) == 4
    made = {name for name in tree(user) if (user / name).is_file()}
    assert made == {str(path.relative_to(user)) for path in written}
    assert set(states(integration.remove())) == set(LINUX)
    assert tree(user) == before
    assert not nightschool.desktop.exists()


def test_modes_are_as_each_needs_them(user: Path, nightschool: Home) -> None:
    on(places(user), nightschool).install(LINUX)
    modes = {Path(name).name: mode for name, (mode, content) in tree(user).items() if content}
    assert modes == {
        TITLE: 0o700, "nightschool-teach.desktop": 0o700, "nightschool-teach.nemo_action": 0o600,
        "uca.xml": 0o600,
    }  # fmt: skip
    assert nightschool.desktop.stat().st_mode & 0o777 == 0o600


def test_installing_again_changes_nothing_and_mends_what_is_missing(
    user: Path, nightschool: Home
) -> None:
    integration = on(places(user), nightschool)
    integration.install(LINUX)
    before = tree(user)
    again = integration.install(LINUX)
    assert tree(user) == before
    assert all(state == ["unchanged"] for state in states(again).values())
    script = user / ".local" / "share" / "nautilus" / "scripts" / TITLE
    script.unlink()
    status = {one.desktop: one for one in integration.status()}
    assert not status["nautilus"].installed
    assert "gone" in status["nautilus"].problem
    assert status["dolphin"].installed
    script.parent.mkdir(exist_ok=True)
    integration.install(["nautilus"])
    script.chmod(0o600)
    assert states(integration.install(["nautilus"])) == {"nautilus": ["written"]}
    assert tree(user) == before


def test_another_installation_takes_the_place_of_the_former(user: Path, nightschool: Home) -> None:
    on(places(user), nightschool).install(LINUX)
    moved = on(places(user), nightschool, Command(("/opt/new/nightschool", "teach", "--")))
    assert all("another installation" in one.problem for one in moved.status())
    assert all(state == ["written"] for state in states(moved.install(LINUX)).values())
    assert b"/opt/nightschool/" not in b"".join(content for _, content in tree(user).values())
    assert all(one.installed for one in moved.status())
    moved.remove()
    assert not [name for name, (_, content) in tree(user).items() if content]


def test_what_somebody_changed_is_left_and_told_of(user: Path, nightschool: Home) -> None:
    integration = on(places(user), nightschool)
    integration.install(["nautilus", "nemo"])
    script = user / ".local" / "share" / "nautilus" / "scripts" / TITLE
    script.write_text("#!/bin/sh\necho mine\n")
    reports = {one.desktop: one for one in integration.remove()}
    assert states(tuple(reports.values())) == {"nautilus": ["changed"], "nemo": ["removed"]}
    assert "by hand" in reports["nautilus"].next_step
    assert script.exists()
    assert states(integration.remove()) == {"nautilus": ["changed"]}
    refused = integration.install(["nautilus"])[0]
    assert "changed since" in refused.problem
    script.unlink()
    assert states(integration.remove()) == {"nautilus": ["missing"]}
    assert integration.remove() == ()
    assert not script.parent.exists()


def test_a_foreign_file_or_link_is_never_written_over(user: Path, nightschool: Home) -> None:
    scripts = user / ".local" / "share" / "nautilus" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / TITLE).write_text("theirs")
    integration = on(places(user), nightschool)
    report, other = integration.install(["nautilus", "nemo"])
    assert "not written by Nightschool" in report.problem
    assert report.next_step
    assert other.installed
    (scripts / TITLE).unlink()
    (user / "elsewhere").write_text("theirs")
    (scripts / TITLE).symlink_to(user / "elsewhere")
    assert integration.install(["nautilus"])[0].problem
    integration.remove()
    assert (user / "elsewhere").read_text() == "theirs"
    assert (scripts / TITLE).is_symlink()


def test_a_folder_that_cannot_be_written_is_a_sentence(user: Path, nightschool: Home) -> None:
    (user / ".local" / "share" / "nemo").write_text("a file in the way")
    before = tree(user)
    report, other = on(places(user), nightschool).install(["nemo", "dolphin"])
    assert "Nothing was written" in report.problem
    assert other.installed
    on(places(user), nightschool).remove()
    assert tree(user) == before


def test_a_killed_installation_leaves_nothing_unknown(user: Path, nightschool: Home) -> None:
    integration = on(places(user), nightschool)
    integration.install(LINUX)
    record = nightschool.desktop.read_bytes()
    integration.remove()
    nightschool.desktop.write_bytes(record)  # as if killed before the first file
    assert {state for one in states(integration.status()).values() for state in one} == {"missing"}
    assert all(state == ["written"] for state in states(integration.install(LINUX)).values())
    nightschool.desktop.unlink()  # as if the record had been lost: the same bytes are ours
    assert all(state == ["unchanged"] for state in states(integration.install(LINUX)).values())
    integration.remove()
    # Who made Thunar's list is not known any more, so it stays, empty.
    left = {name: content for name, (_, content) in tree(user).items() if content}
    assert left == {".config/Thunar/uca.xml": uca.EMPTY}


def test_a_damaged_record_is_a_sentence(user: Path, nightschool: Home) -> None:
    nightschool.desktop.write_text("[{")
    with pytest.raises(DesktopError, match="by hand"):
        on(places(user), nightschool).remove()


def test_another_user_is_refused_before_anything_is_written(user: Path, home: Path) -> None:
    integration = on(places(user, another=True), Home(home))
    before = tree(user)
    for act in (integration.install, integration.remove):
        with pytest.raises(DesktopError, match="without sudo"):
            act()
    assert tree(user) == before
    assert not home.exists()


def test_who_counts_as_another_user(tmp_path: Path) -> None:
    mine = {"HOME": str(tmp_path), "XDG_DATA_HOME": "relative", "XDG_CONFIG_HOME": "/c"}
    found = Places.of_this_user(mine)
    assert (found.data, found.config) == (tmp_path / ".local" / "share", Path("/c"))
    assert not found.another
    if os.geteuid() == 0:
        assert Places.of_this_user({**mine, "SUDO_UID": "1000"}).another
        os.chown(tmp_path, 65534, -1)
        assert Places.of_this_user(mine).another
        os.chown(tmp_path, 0, -1)


def test_an_unknown_desktop_or_one_of_another_system(user: Path, nightschool: Home) -> None:
    for name in ("finder", "explorer", "vim"):
        with pytest.raises(BadRequestError, match="nautilus, dolphin, nemo, thunar"):
            on(places(user), nightschool).install(["nemo", name])
    assert not nightschool.desktop.exists()


# ------------------------------------------------------------------ Thunar's shared list


def test_thunars_list_is_copied_first_and_kept_to_the_byte(user: Path, nightschool: Home) -> None:
    path = with_thunar(user)
    before = tree(user)
    integration = on(places(user), nightschool)
    (report,) = integration.install(["thunar"])
    copy, entry = report.pieces
    assert Path(copy.name).read_bytes() == THEIRS
    assert Path(entry.name) == path
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_bytes().startswith(THEIRS.removesuffix(b"</actions>"))
    assert states(integration.install(["thunar"])) == {"thunar": ["unchanged"]}
    assert states(integration.remove()) == {"thunar": ["removed", "removed"]}
    assert tree(user) == before


def test_what_was_added_to_the_list_meanwhile_stays(user: Path, nightschool: Home) -> None:
    path = with_thunar(user)
    integration = on(places(user), nightschool)
    integration.install(["thunar"])
    added = b"<action><name>B</name></action>\n</actions>"
    path.write_bytes(path.read_bytes().replace(b"</actions>", added))
    integration.remove()
    assert path.read_bytes() == THEIRS.replace(b"</actions>", added)


def test_a_list_that_thunar_wrote_anew_still_holds_ours(user: Path, nightschool: Home) -> None:
    path = with_thunar(user)
    integration = on(places(user), nightschool)
    integration.install(["thunar"])
    anew = path.read_bytes().replace(
        b"\t<name>", b"\t<icon></icon>\n\t<submenu></submenu>\n\t<name>"
    )
    path.write_bytes(anew)
    assert all(one.installed for one in integration.status() if one.desktop == "thunar")
    integration.remove()
    assert path.read_bytes() == THEIRS


def test_an_action_whose_command_was_changed_is_left(user: Path, nightschool: Home) -> None:
    path = with_thunar(user)
    integration = on(places(user), nightschool)
    integration.install(["thunar"])
    path.write_bytes(path.read_bytes().replace(b"--window", b"--window --mine"))
    (report,) = integration.remove()
    assert [piece.state for piece in report.pieces] == ["changed", "removed"]
    assert b"--mine" in path.read_bytes()


@pytest.mark.parametrize("content", [b"<actions>", b"", "<actions/>".encode("utf-16")])
def test_a_damaged_list_is_not_touched(user: Path, nightschool: Home, content: bytes) -> None:
    with_thunar(user, content)
    before = tree(user)
    report, other = on(places(user), nightschool).install(["thunar", "nemo"])
    assert "cannot be changed" in report.problem
    assert other.installed
    on(places(user), nightschool).remove()
    assert tree(user) == before


def test_a_list_that_breaks_after_installing_is_left(user: Path, nightschool: Home) -> None:
    path = with_thunar(user)
    integration = on(places(user), nightschool)
    integration.install(["thunar"])
    path.write_bytes(b"<actions>")
    (report,) = integration.remove()
    assert [piece.state for piece in report.pieces] == ["changed", "removed"]
    assert "could not be removed" in report.problem


def test_the_link_of_a_dotfiles_folder_stays_a_link(user: Path, nightschool: Home) -> None:
    path = with_thunar(user)
    path.rename(user / "dotfiles.xml")
    path.symlink_to(user / "dotfiles.xml")
    integration = on(places(user), nightschool)
    integration.install(["thunar"])
    assert path.is_symlink()
    assert uca.our_action(path.read_bytes()) is not None
    integration.remove()
    assert path.is_symlink()
    assert (user / "dotfiles.xml").read_bytes() == THEIRS


def test_a_new_list_begins_with_the_systems(user: Path, nightschool: Home) -> None:
    system = user / "etc" / "xdg" / "Thunar" / "uca.xml"
    system.parent.mkdir(parents=True)
    system.write_bytes(THEIRS)
    before = tree(user)
    integration = on(places(user), nightschool)
    integration.install(["thunar"])
    assert b"<name>A</name>" in list_of(user).read_bytes()
    integration.remove()
    assert tree(user) == before


# ------------------------------------------------------------------ macOS and Windows


def test_finders_workflow_comes_and_goes(user: Path, nightschool: Home) -> None:
    before = tree(user)
    integration = on(places(user, "darwin"), nightschool)
    (report,) = integration.install()
    assert [Path(piece.name).name for piece in report.pieces] == ["document.wflow", "Info.plist"]
    integration.remove()
    assert tree(user) == before


def test_explorers_keys_come_and_go(user: Path, nightschool: Home) -> None:
    registry = Registered()
    theirs = {r"Software\Classes\*\shell\Other": {"": "Other"}}
    registry.keys.update(theirs)
    integration = on(places(user, "win32", registry), nightschool)
    (report,) = integration.install()
    assert len(report.pieces) == 4
    assert len(registry.keys) == 5
    assert states(integration.install()) == {"explorer": ["unchanged"] * 4}
    integration.remove()
    assert registry.keys == theirs


def test_explorers_keys_are_all_written_or_none(user: Path, nightschool: Home) -> None:
    registry = Registered()
    registry.broken = r"Software\Classes\Directory\shell\Nightschool.Teach\command"
    integration = on(places(user, "win32", registry), nightschool)
    (report,) = integration.install()
    assert "Access is denied" in report.problem
    assert registry.keys == {}
    assert not nightschool.desktop.exists()
    registry.broken = ""
    integration.install()
    former = dict(registry.keys)
    registry.broken = r"Software\Classes\Directory\shell\Nightschool.Teach\command"
    moved = replace(COMMAND, arguments=("C:\\new.exe", "--"))
    on(places(user, "win32", registry), nightschool, moved).install()
    assert registry.keys == former
    assert all(one.installed for one in integration.status())
