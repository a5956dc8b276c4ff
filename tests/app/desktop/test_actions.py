"""Each entry really run, as its file manager would, with names made to break it."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from app.desktop import dolphin, explorer, finder, nautilus, nemo, thunar, uca
from app.desktop.command import Command
from app.desktop.handover import paths_of
from app.desktop.pieces import Piece, RegistryKey, WholeFile
from app.errors import DesktopError
from tests.app.desktop.menus import (
    NASTY_FOLDER,
    WITH_A_BREAK,
    Program,
    Registered,
    nasty_files,
    places,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shells")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "installed")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return nasty_files(tmp_path / "papers $(x)")


def text_of(piece: Piece) -> str:
    assert isinstance(piece, WholeFile)
    return piece.content.decode()


def value(text: str, key: str) -> str:
    """A key's value in a desktop entry or key file, with the escapes of values taken back."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"{key}=")]
    raw = line.removeprefix(f"{key}=")
    return raw.replace("\\\\", "\0").replace("\\s", " ").replace("\0", "\\")


def split_by_glib(line: str) -> list[str]:
    """The real g_shell_parse_argv(), by which Nemo takes a command line apart."""
    library = ctypes.util.find_library("glib-2.0")
    if library is None:
        return shlex.split(line)
    glib = ctypes.CDLL(library)
    count, words = ctypes.c_int(), ctypes.POINTER(ctypes.c_char_p)()
    assert glib.g_shell_parse_argv(line.encode(), ctypes.byref(count), ctypes.byref(words), None)
    return [os.fsdecode(words[number] or b"") for number in range(count.value)]


# ------------------------------------------------------------------ Nautilus


def run_nautilus(
    tmp_path: Path, program: Program, files: list[Path], arguments: list[str] | None = None
) -> None:
    (piece,) = nautilus.pieces(places(tmp_path), program.command)
    piece.put()
    folder = files[0].parent if files else tmp_path
    listed = "".join(f"{path}\n" for path in files)
    done = subprocess.run(
        [piece.name, *([path.name for path in files] if arguments is None else arguments)],
        cwd=folder,
        env={**os.environ, "NAUTILUS_SCRIPT_SELECTED_FILE_PATHS": listed},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_nautilus(tmp_path: Path, program: Program, files: list[Path]) -> None:
    run_nautilus(tmp_path, program, files)
    assert program.called_with() == list(map(str, files))
    assert not list(tmp_path.rglob("pwned"))


def test_nautilus_with_a_line_break_in_a_name(
    tmp_path: Path, program: Program, files: list[Path]
) -> None:
    broken = files[0].with_name(WITH_A_BREAK)
    broken.write_text("words")
    files = [files[4], broken]
    run_nautilus(tmp_path, program, files)
    assert program.called_with() == list(map(str, files))


def test_a_path_hidden_in_a_name_is_not_taught(tmp_path: Path, program: Program) -> None:
    # By its lines, the one chosen path names two other files, and both are there.
    victim = tmp_path / "victim.md"
    victim.write_text("private")
    (tmp_path / "a").write_text("words")
    trap = tmp_path / "a\n"
    folder = trap.joinpath(*tmp_path.parts[1:])
    folder.mkdir(parents=True)
    chosen = folder / "victim.md"
    chosen.write_text("words")
    run_nautilus(tmp_path, program, [chosen])
    assert program.called_with() == [str(chosen)]


def test_nautilus_where_only_paths_are_given(
    tmp_path: Path, program: Program, files: list[Path]
) -> None:
    run_nautilus(tmp_path, program, files, arguments=[])
    assert program.called_with() == list(map(str, files))


def test_nautilus_with_nothing_chosen(tmp_path: Path, program: Program) -> None:
    run_nautilus(tmp_path, program, [])
    assert not program.called


# ------------------------------------------------------------------ Dolphin


def test_dolphins_exec_line_by_the_specification(
    tmp_path: Path, program: Program, files: list[Path]
) -> None:
    (piece,) = dolphin.pieces(places(tmp_path), program.command)
    words = split_by_glib(value(text_of(piece), "Exec"))
    assert words.pop() == "%F"
    words = [word.replace("%%", "%") for word in words]
    subprocess.run([*words, *map(str, files)], check=True)
    assert program.called_with() == list(map(str, files))


@pytest.mark.skipif(shutil.which("gio") is None, reason="GLib's launcher is not installed")
def test_dolphins_exec_line_in_a_real_launcher(tmp_path: Path, files: list[Path]) -> None:
    # GLib looks for the program by its name as it stands, with `%%` for `%`; so without one.
    program = Program(tmp_path / "installed", NASTY_FOLDER.replace("%", ""))
    (piece,) = dolphin.pieces(places(tmp_path), program.command)
    (line,) = [one for one in text_of(piece).splitlines() if one.startswith("Exec=")]
    entry = tmp_path / "test.desktop"
    entry.write_text(f"[Desktop Entry]\nType=Application\nName=Teach\n{line}\n")
    files[0].with_name(WITH_A_BREAK).write_text("words")
    chosen = [*files, files[0].with_name(WITH_A_BREAK)]
    subprocess.run(["gio", "launch", str(entry), *map(str, chosen)], check=True)
    assert program.called_with() == list(map(str, chosen))


# ------------------------------------------------------------------ Nemo


def as_glib_writes(path: Path) -> str:
    """g_filename_to_uri(): what it leaves as it is may well mean something to a shell."""
    return "file://" + quote(os.fsencode(path), safe="/!$&'()*+,:=@~-._")


def test_nemo(tmp_path: Path, program: Program, files: list[Path]) -> None:
    (piece,) = nemo.pieces(places(tmp_path), program.command)
    text = text_of(piece)
    assert value(text, "Quote") == "double"
    files[0].with_name(WITH_A_BREAK).write_text("words")
    chosen = [*files, files[0].with_name(WITH_A_BREAK)]
    command = value(text, "Exec").removesuffix("%U").replace("%%", "%")
    subprocess.run(
        split_by_glib(command + " ".join(f'"{as_glib_writes(path)}"' for path in chosen)),
        check=True,
    )
    assert paths_of(program.called_with()) == chosen


# ------------------------------------------------------------------ Thunar


def test_thunar(tmp_path: Path, program: Program, files: list[Path]) -> None:
    (piece,) = thunar.pieces(places(tmp_path), program.command)
    piece.put()
    action = uca.our_action(Path(piece.name).read_bytes())
    assert action is not None
    files[0].with_name(WITH_A_BREAK).write_text("words")
    chosen = [*files, files[0].with_name(WITH_A_BREAK)]
    command = action.command.replace("%%", "\0").replace("%F", shlex.join(map(str, chosen)))
    subprocess.run(["/bin/sh", "-c", command.replace("\0", "%")], cwd=tmp_path, check=True)
    assert program.called_with() == list(map(str, chosen))
    assert not list(tmp_path.rglob("pwned"))


# ------------------------------------------------------------------ macOS and Windows


def test_finders_shell_command(tmp_path: Path, program: Program, files: list[Path]) -> None:
    document, info = finder.pieces(places(tmp_path, "darwin"), program.command)
    assert isinstance(document, WholeFile)
    assert isinstance(info, WholeFile)
    (action,) = plistlib.loads(document.content)["actions"]
    parameters = action["action"]["ActionParameters"]
    assert parameters["inputMethod"] == 1
    shell = [parameters["shell"], "-c", parameters["COMMAND_STRING"], "-"]
    subprocess.run([*shell, *map(str, files)], check=True)
    assert program.called_with() == list(map(str, files))
    (service,) = plistlib.loads(info.content)["NSServices"]
    assert service["NSMessage"] == "runWorkflowAsService"


def split_as_windows_does(line: str) -> list[str]:
    """CommandLineToArgvW's rules, as far as quotation marks and backslashes go."""
    words, word, quoted, slashes, begun = [], "", False, 0, False
    for sign in f"{line} ":
        if sign == "\\":
            slashes += 1
            continue
        if sign == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted, begun = not quoted, True
        elif sign == " " and not quoted:
            word += "\\" * slashes
            if word or begun:
                words.append(word)
            word, begun = "", False
        else:
            word += "\\" * slashes + sign
        slashes = 0
    return words


@pytest.mark.parametrize(
    "path",
    [r"C:\Users\Ada\two words.md", r"C:\a & b\100%f (1).md", r"D:\it's -- $x.md", r"C:\é\-x"],
)
def test_explorers_command_line(tmp_path: Path, path: str) -> None:
    program = (
        r"C:\Program Files\Python\pythonw.exe",
        "-P",
        "-m",
        "app.cli",
        "teach",
        "--window",
        "--",
    )
    pieces = explorer.pieces(places(tmp_path, "win32", Registered()), Command(program))
    commands = [
        piece.values[""]
        for piece in pieces
        if isinstance(piece, RegistryKey) and piece.key.endswith("command")
    ]
    assert len(commands) == 2
    for command in commands:
        assert split_as_windows_does(command.replace("%1", path)) == [*program, path]


def test_a_folder_that_no_menu_can_hold_is_refused() -> None:
    with pytest.raises(DesktopError, match="line break"):
        Command(("/opt/two\nlines/nightschool",))


def test_the_command_of_this_installation(tmp_path: Path) -> None:
    command = Command.of_this_installation(tmp_path)
    assert Path(command.arguments[0]).is_absolute()
    assert os.access(command.arguments[0], os.X_OK)
    assert command.arguments[-5:] == ("--home", str(tmp_path), "teach", "--window", "--")
    assert "--home" not in Command.of_this_installation(None).arguments
