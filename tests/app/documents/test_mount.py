"""What file systems promise: which tell of changes, which keep their inodes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.documents.mount import Mount, mount_of


@dataclass
class Row:
    mountpoint: str
    fstype: str
    opts: str = "rw"


ROWS = [
    Row("/", "ext4"),
    Row("/home", "btrfs"),
    Row("/mnt/share", "cifs"),
    Row("/mnt/share/local", "ext4"),
    Row("/media/stick", "vfat"),
    Row("/media/disk", "fuseblk"),
    Row("/run/user/1000/gvfs", "fuse.gvfsd-fuse"),
    Row("/over", "autofs"),
    Row("/over", "ext4"),
]


@pytest.mark.parametrize(
    ("folder", "events", "inodes"),
    [
        ("/home/ada/papers", True, True),
        ("/homework", True, True),
        ("/mnt/share/papers", False, False),
        ("/mnt/share/local/papers", True, True),
        ("/media/stick", True, False),
        ("/media/disk/papers", True, True),
        ("/run/user/1000/gvfs/smb", False, False),
        ("/over/papers", True, True),
    ],
)
def test_file_systems(folder: str, events: bool, inodes: bool) -> None:
    mount = mount_of(Path(folder), ROWS)
    assert (mount.events, mount.steady_inodes) == (events, inodes)


def test_a_windows_network_drive_and_an_unknown_place() -> None:
    assert not mount_of(Path("/"), [Row("/", "NTFS", "rw,remote")]).events
    assert mount_of(Path("/x"), []) == Mount("", events=True, steady_inodes=True)


def test_the_real_disk_under_the_tests(tmp_path: Path) -> None:
    assert mount_of(tmp_path).type
