"""A scan of real folders: links, loops, odd names, folders that may not be read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.documents.ignore import Ignore
from app.documents.scan import Found, Unreadable, scan
from tests.app.documents.folder import everything, found, names, put, unreadable


def test_every_wanted_file_with_its_stat(tmp_path: Path) -> None:
    put(tmp_path / "b.md", "four")
    put(tmp_path / "a" / "deep" / "c.md")
    put(tmp_path / "a" / "picture.raw")
    scanned = list(scan(tmp_path, lambda path: path.suffix == ".md", Ignore.of(tmp_path)))
    assert [one.path for one in scanned] == [tmp_path / "b.md", tmp_path / "a" / "deep" / "c.md"]
    (first, _) = scanned
    status = (tmp_path / "b.md").stat()
    assert first == Found(tmp_path / "b.md", 4, status.st_mtime_ns, status.st_ino, status.st_dev)


def test_links_are_not_followed_and_cannot_loop(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "secret.md")
    root = tmp_path / "root"
    put(root / "real" / "a.md")
    (root / "out").symlink_to(outside.parent)
    (root / "file").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "real" / "up").symlink_to("..")
    (root / "broken").symlink_to("nowhere")
    assert names(root) == ["real/a.md"]


def test_a_root_may_itself_be_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.md")
    (tmp_path / "link").symlink_to("real")
    assert [one.path for one in found(tmp_path / "link")] == [tmp_path / "link" / "a.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_what_is_no_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the address of a socket is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        put(tmp_path / "a.md")
        assert names(tmp_path) == ["a.md"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_names_that_are_no_text_are_told_of_in_text(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path)
    Path(os.fsdecode(raw + b"/caf\xe9.md")).write_text("words")
    Path(os.fsdecode(raw + b"/caf\xe8")).mkdir()
    Path(os.fsdecode(raw + b"/caf\xe8/inside.md")).write_text("words")
    put(tmp_path / "line\nbreak.md")
    assert names(tmp_path) == ["line\nbreak.md"]
    told = unreadable(tmp_path)
    assert [one.path for one in told] == [
        f"{tmp_path}/caf\\xe8", f"{tmp_path}/caf\\xe9.md"
    ]  # fmt: skip
    assert all("UTF-8" in one.reason for one in told)


UNPRIVILEGED = """
    import os, sys
    from pathlib import Path
    from app.documents.ignore import Ignore
    from app.documents.scan import Unreadable, scan
    if os.geteuid() == 0:
        os.setgid(65534); os.setuid(65534)
    root = Path(sys.argv[1])
    for one in scan(root, lambda path: True, Ignore.of(root)):
        print(type(one).__name__, one.path, getattr(one, "reason", ""), sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
def test_a_locked_folder_is_told_of_and_the_rest_is_read() -> None:
    # Outside of pytest's folders, which nobody else may enter; root may read everything.
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        root.chmod(0o755)
        put(root / "locked" / "a.md")
        put(root / "open" / "b.md")
        (root / "open").chmod(0o755)
        (root / "locked").chmod(0o000)
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(UNPRIVILEGED), made],
            capture_output=True,
            text=True,
            check=False,
        )
        (root / "locked").chmod(0o755)
    assert done.stdout.splitlines() == [
        f"Unreadable|{root / 'locked'}"
        "|You may not look into it; change its permissions to have it read.",
        f"Found|{root / 'open' / 'b.md'}|",
    ], done.stderr


def test_a_missing_root_is_one_sentence(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert everything(gone) == [Unreadable(str(gone), "It is not there.")]
    file = put(tmp_path / "file")
    assert everything(file) == [Unreadable(str(file), "It is not a folder.")]


def test_very_deep_folders_end_with_a_sentence_not_a_crash(tmp_path: Path) -> None:
    here = Path.cwd()
    try:
        os.chdir(tmp_path)
        for _ in range(60):
            Path("d" * 100).mkdir()
            os.chdir("d" * 100)
        put(Path("bottom.md"))
    finally:
        os.chdir(here)
    put(tmp_path / "top.md")
    assert names(tmp_path) == ["top.md"]
    assert len(unreadable(tmp_path)) == 1
