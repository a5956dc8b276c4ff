"""Mount: which file system a folder lies on, and what may be expected of it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

_REMOTE = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "afpfs", "afs", "ncpfs", "9p", "ceph", "lustre",
    "glusterfs", "beegfs", "gpfs", "davfs", "webdav", "ocfs2", "gfs2", "vboxsf", "vmhgfs", "prl_fs",
    "virtiofs", "drvfs", "autofs",
})  # fmt: skip
"""Others write there too, and the kernel tells nothing of what they do."""

_LOCAL_FUSE = frozenset({"fuseblk", "fuse.ntfs-3g", "fuse.exfat", "fuse.lowntfs-3g"})
_DEALT_ANEW = frozenset({"vfat", "msdos", "exfat", "fat32", "fuse.exfat"})
"""No inodes on the disk: the kernel makes them up at every mount."""


class Partition(Protocol):
    """What is needed of a row of psutil.disk_partitions()."""

    mountpoint: str
    fstype: str
    opts: str


@dataclass(frozen=True)
class Mount:
    """The file system of a folder.

    `events`: whether the system tells of every change. `steady_inodes`: whether a file keeps its
    inode from one start of the machine to the next, so that `compare` may trust it.
    """

    type: str
    events: bool
    steady_inodes: bool


def mount_of(folder: Path, partitions: Iterable[Partition] | None = None) -> Mount:
    """The file system `folder` lies on; an unknown one is trusted like a local disk."""
    real = Path(os.path.realpath(folder))
    rows = psutil.disk_partitions(all=True) if partitions is None else partitions
    above = [row for row in rows if real.is_relative_to(row.mountpoint)]
    if str(real).startswith("\\\\"):
        return Mount("unc", events=False, steady_inodes=False)
    if not above:
        return Mount("", events=True, steady_inodes=True)
    # The last of equally deep ones covers those mounted before it.
    row = max(enumerate(above), key=lambda item: (len(Path(item[1].mountpoint).parts), item[0]))[1]
    kind = row.fstype.casefold()
    remote = kind in _REMOTE or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)
    remote = remote or "remote" in row.opts.split(",")
    return Mount(kind, events=not remote, steady_inodes=not remote and kind not in _DEALT_ANEW)
