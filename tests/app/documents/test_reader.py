"""The reader's worker: limited, reused, stopped at once, and replaced after trouble."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.documents.limits import Limits
from app.documents.reader import Reader
from app.errors import DocumentError, StoppedError
from tests.app.documents import made_files

NEVER = threading.Event()
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def reader() -> Iterator[Reader]:
    """A reader with ordinary limits."""
    made = Reader()
    yield made
    made.close()


@pytest.fixture
def slow_file(tmp_path: Path) -> Path:
    """A file that takes many seconds to read: a page of 30 MB in small elements."""
    path = tmp_path / "slow.html"
    path.write_bytes(b"<html>" + b"<b>x</b><br>" * 2_500_000)
    return path


def _workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.is_running() and "app.documents.worker" in child.cmdline()
    ]


def _file(folder: Path, text: str, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_one_child_reads_many_files_and_ends_with_the_reader(
    reader: Reader, tmp_path: Path
) -> None:
    assert not _workers()
    path = _file(tmp_path, "hello")
    assert reader.read(path, NEVER).text == "hello"
    (child,) = _workers()
    with pytest.raises(DocumentError):
        reader.read(tmp_path / "missing.txt", NEVER)
    assert reader.read(_file(tmp_path, "# x", "b.md"), NEVER).type == "markdown"
    assert _workers() == [child]
    reader.close()
    assert not _workers()


def test_stop_ends_the_child_at_once_and_the_next_file_is_read(
    reader: Reader, slow_file: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    threading.Timer(0.7, stop.set).start()
    with pytest.raises(StoppedError):
        reader.read(slow_file, stop)
    assert not _workers()
    assert reader.read(_file(tmp_path, "next"), NEVER).text == "next"


def test_a_file_that_takes_too_long_is_given_up(slow_file: Path) -> None:
    reader = Reader(Limits(seconds=0.5))
    with pytest.raises(DocumentError, match="took too long"):
        reader.read(slow_file, NEVER)
    assert not _workers()


def test_a_child_that_is_killed_is_a_sentence_and_the_next_file_is_read(
    reader: Reader, slow_file: Path, tmp_path: Path
) -> None:
    def kill() -> None:
        for child in _workers():
            child.kill()

    reader.read(_file(tmp_path, "first"), NEVER)
    threading.Timer(0.3, kill).start()
    with pytest.raises(DocumentError, match=r"ended by SIGKILL|ended with code"):
        reader.read(slow_file, NEVER)
    kill()
    assert reader.read(_file(tmp_path, "next"), NEVER).text == "next"


def test_a_child_that_died_between_files_does_not_fail_the_next(
    reader: Reader, tmp_path: Path
) -> None:
    path = _file(tmp_path, "hello")
    reader.read(path, NEVER)
    (child,) = _workers()
    child.kill()
    child.wait(5)
    assert reader.read(path, NEVER).text == "hello"


def test_memory_is_held(tmp_path: Path) -> None:
    # 24 MB of shared strings of four letters, as Python's strings three times as much.
    path = tmp_path / "hog.xlsx"
    path.write_bytes(made_files.xlsx("", "<si><t>abcd</t></si>" * 1_200_000))
    reader = Reader(Limits(memory_bytes=64 * 1024 * 1024))
    with pytest.raises(DocumentError, match="too much memory"):
        reader.read(path, NEVER)
    assert not _workers()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child's limits")
def test_the_child_has_few_rights(reader: Reader, tmp_path: Path) -> None:
    reader.read(_file(tmp_path, "hello"), NEVER)
    (child,) = _workers()
    assert child.nice() == 19
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_NOFILE)[0] <= 64
    assert 0 < child.rlimit(psutil.RLIMIT_AS)[0] <= 2 * Limits().memory_bytes
    assert not child.net_connections()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_worker_opens_no_connection_starts_no_program_and_changes_no_file(
    tmp_path: Path,
) -> None:
    program = """
import os, socket, subprocess, sys
from app.documents.worker import give_up_rights
give_up_rights()
def connect(): socket.create_connection(("127.0.0.1", 9))
def run(): subprocess.run(["true"])
def shell(): os.system("true")
def fork(): os.fork()
def write():
    with open(sys.argv[1], "w") as file: file.write("x")
def remove(): os.remove(sys.argv[1])
def rename(): os.rename(sys.argv[1], sys.argv[1] + "2")
for act in (connect, run, shell, fork, write, remove, rename):
    try:
        act()
    except OSError as error:
        print(act.__name__, type(error).__name__)
"""
    kept = _file(tmp_path, "kept")
    done = subprocess.run(
        [sys.executable, "-c", program, str(kept)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    acts = ("connect", "run", "shell", "fork", "write", "remove", "rename")
    assert done.stdout.splitlines() == [f"{act} PermissionError" for act in acts]
    assert kept.read_text(encoding="utf-8") == "kept"


def test_only_the_library_of_the_format_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.documents.worker import read_file;"
        "from app.documents.limits import Limits; read_file(Path(sys.argv[1]), Limits());"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(_file(tmp_path, "hello"))],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    heavy = {"pypdfium2", "markdown_it", "email", "numpy", "torch", "chromadb", "PySide6"}
    assert not heavy & set(done.stdout.split())


# --------------------------------------------------------------------- what is no ordinary file


def test_a_missing_file_says_so(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is gone"):
        reader.read(tmp_path / "missing.txt", NEVER)


def test_a_folder_is_no_file(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="no file" if sys.platform != "win32" else ""):
        reader.read(tmp_path, NEVER)


def test_a_file_that_is_too_large_is_not_opened_up(tmp_path: Path) -> None:
    reader = Reader(Limits(file_bytes=1000))
    with pytest.raises(DocumentError, match="too large"):
        reader.read(_file(tmp_path, "x" * 1001), NEVER)
    reader.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
def test_pipes_sockets_and_devices_are_not_waited_for(reader: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket.txt"))
    with server:
        for path in (tmp_path / "pipe.txt", tmp_path / "socket.txt", Path("/dev/zero")):
            with pytest.raises(DocumentError, match="no file"):
                reader.read(path, NEVER)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
def test_links_are_followed_to_files_only(reader: Reader, tmp_path: Path) -> None:
    _file(tmp_path, "hello", "real.txt")
    for name, target in (("good", "real.txt"), ("loop", "loop"), ("nowhere", "gone")):
        (tmp_path / f"{name}.txt").symlink_to(target)
    (tmp_path / "endless.txt").symlink_to("/dev/zero")
    assert reader.read(tmp_path / "good.txt", NEVER).text == "hello"
    for name in ("loop", "nowhere", "endless"):
        with pytest.raises(DocumentError):
            reader.read(tmp_path / f"{name}.txt", NEVER)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read all")
def test_a_file_without_permission_says_so(reader: Reader, tmp_path: Path) -> None:
    path = _file(tmp_path, "secret")
    path.chmod(0)
    with pytest.raises(DocumentError, match="cannot be read"):
        reader.read(path, NEVER)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX only")
def test_an_orphaned_worker_ends_by_itself(tmp_path: Path, slow_file: Path) -> None:
    program = (
        "import sys, threading; from pathlib import Path;"
        "from app.documents.reader import Reader; from app.documents.limits import Limits;"
        "Reader(Limits(seconds=0.5)).read(Path(sys.argv[1]), threading.Event())"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(slow_file)], cwd=ROOT)
    child = _first_child(psutil.Process(parent.pid))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def _first_child(parent: psutil.Process) -> psutil.Process:
    while not (children := parent.children()):
        time.sleep(0.02)
    return children[0]
